// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/calibration_dialog.h"

#include <QDialogButtonBox>
#include <QFileDialog>
#include <QListWidget>
#include <QRadioButton>
#include <algorithm>

#include "ui/format.h"
#include "ui/widgets.h"

namespace lectern::ui {

namespace {

constexpr int kWidth = 520;

}  // namespace

CalibrationDialog::CalibrationDialog(const QString& model, bool own_text, QWidget* parent) : QDialog(parent) {
    setObjectName("calibrationDialog");
    setWindowTitle(tr("Calibrate the model"));
    auto* column = makeColumn(this, 18, 12);
    auto* title = new TextLabel(TextRole::Heading, tr("Calibrate %1").arg(model), this);
    title->setWordWrap(true);
    auto* what = new TextLabel(
        TextRole::Muted,
        tr("The model reads a text, forwards and backwards, to learn where its memory can be coarse and where it must "
           "be exact. The result is saved beside the model and used by sessions begun afterwards. It takes from half a "
           "minute for a small model to hours for a large one, and can be cancelled."),
        this);
    what->setWordWrap(true);
    m_ours = new QRadioButton(tr("Lectern's own text: reports, contracts, stories, code, several languages"), this);
    m_yours = new QRadioButton(tr("Texts of mine, like what will be read:"), this);
    m_yours->setObjectName("ownTexts");
    m_files = new QListWidget(this);
    m_files->setAccessibleName(tr("Texts to calibrate on"));
    m_files->setFixedHeight(5 * fontMetrics().height());
    auto* choose = new QPushButton(tr("Choose texts…"), this);
    auto* row = makeRow();
    row->addWidget(choose);
    row->addStretch();
    for (QWidget* widget : std::initializer_list<QWidget*>{title, what, m_ours, m_yours}) column->addWidget(widget);
    auto* choice = makeColumn(nullptr, 0, 8);
    choice->setContentsMargins(24, 0, 0, 0);  // under its button
    choice->addWidget(m_files);
    choice->addLayout(row);
    column->addLayout(choice);
    column->addSpacing(6);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    m_start = makePrimaryButton(tr("Calibrate"), this);
    m_start->setObjectName("startCalibration");
    buttons->addButton(m_start, QDialogButtonBox::AcceptRole);
    column->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(choose, &QPushButton::clicked, this, &CalibrationDialog::chooseTexts);
    connect(m_ours, &QRadioButton::toggled, this, &CalibrationDialog::sync);
    m_ours->setEnabled(own_text);
    if (!own_text) m_ours->setToolTip(tr("It is not part of this installation."));
    (own_text ? m_ours : m_yours)->setChecked(true);
    sync();
    for (QWidget* child : findChildren<QWidget*>()) child->ensurePolished();  // sizes are those of the style sheet
    const int width = std::max(kWidth, layout()->minimumSize().width());
    resize(width, layout()->totalHeightForWidth(width));
}

void CalibrationDialog::chooseTexts() {
    auto* dialog =
        new QFileDialog(this, tr("Choose texts to calibrate on"), {}, tr("Plain text (*.txt *.md);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFiles);
    connect(dialog, &QFileDialog::filesSelected, this, &CalibrationDialog::addTexts);
    dialog->open();
}

void CalibrationDialog::addTexts(const QStringList& files) {
    for (const QString& file : files)
        if (m_files->findItems(file, Qt::MatchExactly).isEmpty()) m_files->addItem(file);
    m_yours->setChecked(true);
    sync();
}

void CalibrationDialog::sync() {
    m_files->setEnabled(m_yours->isChecked());
    m_start->setEnabled(m_ours->isChecked() || m_files->count() > 0);
}

std::vector<std::filesystem::path> CalibrationDialog::texts() const {
    std::vector<std::filesystem::path> files;
    for (int i = 0; m_yours->isChecked() && i < m_files->count(); ++i)
        files.push_back(toPath(m_files->item(i)->text()));
    return files;
}

}  // namespace lectern::ui
