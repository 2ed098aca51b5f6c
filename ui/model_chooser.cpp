// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/model_chooser.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QStandardItemModel>

#include "ui/format.h"

namespace lectern::ui {
namespace {

const QString kAsk = QStringLiteral("?");  // not a path: data of the entry that asks

}  // namespace

QString describeModel(const ModelInfo& model) {
    if (!model.problem.empty()) return text(model.problem);
    QStringList parts;
    if (model.parameters > 0) parts << ModelChooser::tr("%1 parameters").arg(shortCountText(model.parameters));
    if (model.weights_bytes > 0)
        parts << (model.weight_types.empty()
                      ? bytesText(model.weights_bytes)
                      : ModelChooser::tr("%1 as %2").arg(bytesText(model.weights_bytes), text(model.weight_types)));
    if (model.trained_context > 0)
        parts << ModelChooser::tr("trained on %1 tokens").arg(countText(std::uint64_t(model.trained_context)));
    if (model.text_alone) parts << ModelChooser::tr("reads text alone, no images");
    for (const ContextFit& fit : model.fits)
        if (fit.kv == "nuq4")
            parts << ModelChooser::tr("%1 fit this machine at 4 bits").arg(shortCountText(fit.tokens));
    return parts.join(" · ");
}

ModelChooser::ModelChooser(QWidget* parent) : QComboBox(parent) {
    setAccessibleName(tr("Model"));
    setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    setMinimumContentsLength(22);
    connect(this, &QComboBox::activated, this, &ModelChooser::choose);
    setModels({});
}

void ModelChooser::setModels(const std::vector<ModelInfo>& models) {
    const QString kept = count() > 0 ? model() : QString();
    clear();
    for (const ModelInfo& info : models) {
        const QString name = info.built_in ? tr("Built-in: %1").arg(text(info.name)) : text(info.name);
        addItem(name, info.built_in ? QString() : fromPath(info.path));
        setItemData(count() - 1, describeModel(info), Qt::ToolTipRole);
        auto* items = qobject_cast<QStandardItemModel*>(QComboBox::model());
        if (!info.problem.empty() && items != nullptr) items->item(count() - 1)->setEnabled(false);
    }
    addItem(tr("Choose a model file…"), kAsk);
    selectModel(kept);
}

void ModelChooser::selectModel(const QString& path) {
    int index = findData(path);
    if (index < 0 && !path.isEmpty()) {
        index = count() - 1;
        insertItem(index, QFileInfo(path).fileName(), path);
    }
    setCurrentIndex(qMax(0, index));
    m_last = currentIndex();
}

QString ModelChooser::model() const {
    const QString path = currentData().toString();
    return path == kAsk ? QString() : path;
}

void ModelChooser::choose(int index) {
    if (itemData(index).toString() == kAsk) {
        setCurrentIndex(m_last);
        askForFile();
    } else if (index != m_last) {
        m_last = index;
        emit modelChosen(model());
    }
}

void ModelChooser::askForFile() {
    auto* dialog =
        new QFileDialog(this, tr("Choose a model"), {}, tr("Models (*.gguf *.safetensors config.json);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& file) {
        const QFileInfo info(file);
        selectModel(info.suffix() == "gguf" ? file : info.path());  // a safetensors model is its folder
        emit modelChosen(model());
    });
    dialog->open();
}

}  // namespace lectern::ui
