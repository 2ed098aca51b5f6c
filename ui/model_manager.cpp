// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/model_manager.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QHeaderView>
#include <QMenu>
#include <QMessageBox>
#include <QProgressBar>
#include <QTreeWidget>
#include <algorithm>
#include <array>

#include "ui/format.h"
#include "ui/model_chooser.h"
#include "ui/widgets.h"

namespace lectern::ui {
namespace {

constexpr std::array kBits = {"nuq4", "nuq3", "nuq2", "fp16"};
constexpr int kFirstFit = 3;  ///< column
constexpr int kIndexRole = Qt::UserRole;

QString pathOf(const ModelInfo& model) {
    return fromPath(model.path);
}

}  // namespace

ModelManager::ModelManager(QWidget* parent) : QDialog(parent) {
    setObjectName("modelManager");
    setWindowTitle(tr("Models"));
    auto* column = makeColumn(this, 16, 10);
    m_where = new TextLabel(TextRole::Muted, {}, this);
    m_where->setObjectName("modelPlaces");
    m_where->setWordWrap(true);
    column->addWidget(m_where);
    column->addWidget(makeList(), 1);
    auto* row = makeRow(10);
    m_details = new TextLabel(TextRole::Body, {}, this);
    m_details->setObjectName("modelDetails");
    m_details->setWordWrap(true);
    m_details->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_details->setAccessibleName(tr("The model that is selected"));
    m_fingerprint = makeLinkButton(tr("Work out its fingerprint"), this);
    m_fingerprint->setObjectName("findFingerprint");
    m_fingerprint->setToolTip(tr("Reads all of the model's bytes once. Sessions know their model by it."));
    connect(m_fingerprint, &QPushButton::clicked, this, [this] {
        if (const ModelInfo* model = current()) emit fingerprintWanted(pathOf(*model));
    });
    row->addWidget(m_details, 1);
    row->addWidget(m_fingerprint, 0, Qt::AlignBottom);
    column->addLayout(row);
    column->addWidget(makeSources());
    m_said = new TextLabel(TextRole::Body, {}, this);
    m_said->setObjectName("modelNews");
    m_said->setWordWrap(true);
    m_said->hide();
    column->addWidget(m_said);
    column->addLayout(makeButtons());
    resize(820, 560);
    sync();
}

QWidget* ModelManager::makeList() {
    m_list = makeTree(this);
    m_list->setObjectName("modelList");
    m_list->setAccessibleName(tr("Models"));
    m_list->setHeaderLabels(
        {tr("Model"), tr("Size"), tr("Weights"), tr("Fits at 4 bits"), tr("3 bits"), tr("2 bits"), tr("16 bits")});
    m_list->headerItem()->setToolTip(kFirstFit, tr("Tokens of context that fit the free memory beside the model."));
    m_list->header()->setStretchLastSection(false);
    for (int column = 0; column < m_list->columnCount(); ++column) {
        m_list->header()->setSectionResizeMode(column,
                                               column == 0 ? QHeaderView::Stretch : QHeaderView::ResizeToContents);
        if (column >= kFirstFit || column == 1)
            m_list->headerItem()->setTextAlignment(column, Qt::AlignRight | Qt::AlignVCenter);
    }
    m_list->setMinimumHeight(180);
    connect(m_list, &QTreeWidget::currentItemChanged, this, &ModelManager::showDetails);
    connect(m_list, &QTreeWidget::itemActivated, this, [this] { m_use->click(); });
    return m_list;
}

QLayout* ModelManager::makeButtons() {
    auto* row = makeRow(8);
    m_add = new QPushButton(tr("Add a model"), this);
    m_add->setObjectName("addModel");
    auto* menu = new QMenu(m_add);
    menu->addAction(tr("A GGUF file…"), this, &ModelManager::chooseFile);
    menu->addAction(tr("A Hugging Face folder…"), this, &ModelManager::chooseFolder);
    m_add->setMenu(menu);
    m_remove = new QPushButton(tr("Remove…"), this);
    m_remove->setObjectName("removeModel");
    connect(m_remove, &QPushButton::clicked, this, &ModelManager::askRemove);
    m_progress = new QProgressBar(this);
    m_progress->setObjectName("modelProgress");
    m_progress->setAccessibleName(tr("Copied"));
    m_progress->setTextVisible(false);
    m_progress->setRange(0, 1000);
    m_cancel = new QPushButton(tr("Cancel"), this);
    m_cancel->setObjectName("cancelModel");
    connect(m_cancel, &QPushButton::clicked, this, &ModelManager::cancelled);
    m_use = makePrimaryButton(tr("Use for new sessions"), this);
    m_use->setObjectName("useModel");
    connect(m_use, &QPushButton::clicked, this, [this] {
        if (const ModelInfo* model = current()) emit chosen(model->built_in ? QString() : pathOf(*model));
    });
    auto* close = new QPushButton(tr("Close"), this);
    connect(close, &QPushButton::clicked, this, &QDialog::accept);
    for (QWidget* widget : std::initializer_list<QWidget*>{m_add, m_remove, m_progress, m_cancel})
        row->addWidget(widget);
    row->addStretch(1);
    row->addWidget(close);
    row->addWidget(m_use);
    return row;
}

/// No program fetches models here: the person does, and sees what is fetched.
QWidget* ModelManager::makeSources() {
    auto* words = new TextLabel(TextRole::Small, {}, this);
    words->setObjectName("modelSources");
    words->setTextFormat(Qt::RichText);
    words->setWordWrap(true);
    words->setOpenExternalLinks(true);
    words->setTextInteractionFlags(Qt::TextBrowserInteraction);
    words->setAccessibleName(tr("Where to get models"));
    const auto link = [](const char* address, const QString& name) {
        return QString("<a href=\"%1\">%2</a>").arg(address, name);
    };
    words->setText(
        tr("Where to get models: %1 has them as one file, ready to use; most people want an “Instruct” model of 3 to 8 "
           "billion parameters in Q4_K_M (2 to 5 GB). %2 has the originals as folders. LLaMA, Mistral, Qwen and Phi-3 "
           "models work here. Read the licence of a model before you use it.")
            .arg(link("https://huggingface.co/models?library=gguf&pipeline_tag=text-generation",
                      tr("Hugging Face, GGUF")),
                 link("https://huggingface.co/models?library=safetensors&pipeline_tag=text-generation",
                      tr("Hugging Face, safetensors"))));
    return words;
}

void ModelManager::setModels(const std::vector<ModelInfo>& models, const ModelPlaces& places) {
    const ModelInfo* before = current();
    const std::filesystem::path selected = before != nullptr ? before->path : std::filesystem::path();
    m_models = models;
    m_places = places;
    m_where->setText(
        places.own.empty()
            ? tr("Models lie in the folders that the settings name.")
            : tr("Imported models go to %1. Further folders are named in the settings.").arg(pathText(places.own)));
    m_list->clear();
    for (const ModelInfo& model : m_models) addModel(model);
    m_list->expandAll();
    QTreeWidgetItem* chosen = nullptr;
    for (int folder = 0; folder < m_list->topLevelItemCount(); ++folder) {
        QTreeWidgetItem* item = m_list->topLevelItem(folder);
        for (int row = 0; row < item->childCount(); ++row)
            if (m_models[std::size_t(item->child(row)->data(0, kIndexRole).toInt())].path == selected || !chosen)
                chosen = item->child(row);
    }
    m_list->setCurrentItem(chosen);
    showDetails();
}

QTreeWidgetItem* ModelManager::folderItem(const QString& title) {
    for (int row = 0; row < m_list->topLevelItemCount(); ++row)
        if (m_list->topLevelItem(row)->text(0) == title) return m_list->topLevelItem(row);
    auto* item = new QTreeWidgetItem(m_list, {title});
    item->setFlags(Qt::ItemIsEnabled);
    item->setFirstColumnSpanned(true);
    return item;
}

void ModelManager::addModel(const ModelInfo& model) {
    const QString path = pathOf(model);
    const QString folder = model.built_in                     ? tr("Comes with Lectern")
                           : m_places.in_place.contains(path) ? tr("Used where they are")
                                                              : pathText(model.path.parent_path());
    auto* item = new QTreeWidgetItem(folderItem(folder));
    item->setData(0, kIndexRole, int(&model - m_models.data()));
    item->setText(0, text(model.name));
    item->setToolTip(0, path);
    if (!model.problem.empty()) {
        item->setText(1, tr("cannot be used"));
        item->setToolTip(1, text(model.problem));
        return;
    }
    item->setText(1, bytesText(model.weights_bytes));
    item->setText(2, text(model.weight_types));
    for (std::size_t i = 0; i < kBits.size(); ++i)
        for (const ContextFit& fit : model.fits)
            if (fit.kv == kBits[i]) item->setText(kFirstFit + int(i), shortCountText(fit.tokens));
    for (const int column : {1, kFirstFit, kFirstFit + 1, kFirstFit + 2, kFirstFit + 3})
        item->setTextAlignment(column, Qt::AlignRight | Qt::AlignVCenter);
}

const ModelInfo* ModelManager::current() const {
    const QTreeWidgetItem* item = m_list->currentItem();
    if (item == nullptr || item->parent() == nullptr) return nullptr;
    const auto index = std::size_t(item->data(0, kIndexRole).toInt());
    return index < m_models.size() ? &m_models[index] : nullptr;
}

/// A folder somewhere else that looks like a model's and is none that works: it may be anything.
bool ModelManager::isForeignFolder(const ModelInfo& model) const {
    return !model.problem.empty() && model.path.parent_path() != m_places.own &&
           !m_places.in_place.contains(pathOf(model)) && QFileInfo(pathOf(model)).isDir();
}

void ModelManager::showDetails() {
    const ModelInfo* model = current();
    QStringList lines;
    if (model != nullptr) {
        lines << text(model->name) << (model->problem.empty() ? describeModel(*model) : text(model->problem));
        if (!model->fingerprint.empty()) lines << tr("Fingerprint %1").arg(text(model->fingerprint));
        lines << pathText(model->path);
    }
    m_details->setText(lines.join('\n'));
    m_fingerprint->setVisible(model != nullptr && model->problem.empty() && model->fingerprint.empty());
    sync();
}

void ModelManager::sync() {
    const ModelInfo* model = current();
    m_add->setEnabled(!m_busy);
    m_fingerprint->setEnabled(!m_busy);
    m_use->setEnabled(!m_busy && model != nullptr && model->problem.empty());
    m_remove->setEnabled(!m_busy && model != nullptr && !model->built_in && pathOf(*model) != m_places.in_use &&
                         !isForeignFolder(*model));
    m_remove->setToolTip(model == nullptr || model->built_in ? QString()
                         : pathOf(*model) == m_places.in_use ? tr("The open session uses it.")
                                                             : QString());
    m_progress->setVisible(m_copying);
    m_cancel->setVisible(m_copying);
}

void ModelManager::setBusy(bool busy, bool copying) {
    if (!busy) m_progress->setValue(0);
    m_busy = busy;
    m_copying = copying;
    sync();
}

void ModelManager::showShare(double share) {
    m_progress->setValue(int(1000 * share));
}

void ModelManager::done(int result) {
    if (m_copying) return say(tr("The model is still being copied: wait for it, or cancel it."));
    QDialog::done(result);
}

void ModelManager::say(const QString& sentence) {
    m_said->setText(sentence);
    m_said->setVisible(!sentence.isEmpty());
}

void ModelManager::chooseFile() {
    auto* dialog = new QFileDialog(this, tr("Choose a model"), {}, tr("Models (*.gguf);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, &ModelManager::askHow);
    dialog->open();
}

void ModelManager::chooseFolder() {
    auto* dialog = new QFileDialog(this, tr("Choose a model's folder"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    connect(dialog, &QFileDialog::fileSelected, this, &ModelManager::askHow);
    dialog->open();
}

void ModelManager::askHow(const QString& model) {
    say({});
    auto* box =
        new QMessageBox(QMessageBox::Question, tr("Add a model"),
                        tr("Add “%1” to the models?").arg(QFileInfo(model).fileName()), QMessageBox::Cancel, this);
    box->setObjectName("addModelDialog");
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setInformativeText(
        tr("A copy in the model folder stays when the original goes. Used where it is, it takes no further disk, and "
           "is missing once it is moved or deleted."));
    auto* copy = box->addButton(tr("Copy it"), QMessageBox::AcceptRole);
    copy->setObjectName("copyModel");
    copy->setEnabled(!m_places.own.empty());
    auto* use = box->addButton(tr("Use it where it is"), QMessageBox::AcceptRole);
    use->setObjectName("useInPlace");
    connect(copy, &QPushButton::clicked, this, [this, model] { emit copyWanted(model); });
    connect(use, &QPushButton::clicked, this, [this, model] { emit inPlaceWanted(model); });
    box->open();
}

void ModelManager::askRemove() {
    const ModelInfo* model = current();
    if (model == nullptr) return;
    say({});
    const QString path = pathOf(*model), name = text(model->name);
    if (m_places.in_place.contains(path)) {
        say(tr("“%1” is off the list; its files stay where they are.").arg(name));
        return emit forgetWanted(path);
    }
    auto* box = new QMessageBox(QMessageBox::Question, tr("Remove a model"), tr("Move “%1” to the trash?").arg(name),
                                QMessageBox::Cancel, this);
    box->setObjectName("removeModelDialog");
    box->setAttribute(Qt::WA_DeleteOnClose);
    const QString outside = m_places.own.empty() || model->path.parent_path() != m_places.own
                                ? '\n' + tr("It does not lie in the folder for imported models.")
                                : QString();
    const QString what = QFileInfo(path).isDir()
                             ? tr("The whole folder %1 goes, with everything in it.").arg(pathText(model->path))
                         : model->weights_bytes == 0
                             ? tr("These are all files of %1, its calibration with them.").arg(pathText(model->path))
                             : tr("These are all files of %1 (%2), its calibration with them.")
                                   .arg(pathText(model->path), bytesText(model->weights_bytes));
    box->setInformativeText(what + ' ' + tr("Sessions made with it cannot be asked any more until it is back.") +
                            outside);
    auto* remove = box->addButton(tr("Move to the trash"), QMessageBox::AcceptRole);
    remove->setObjectName("reallyRemoveModel");
    connect(remove, &QPushButton::clicked, this, [this, path] { emit removeWanted(path); });
    box->open();
}

}  // namespace lectern::ui
