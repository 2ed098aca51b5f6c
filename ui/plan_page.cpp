// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plan_page.h"

#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QScrollArea>
#include <QStyle>
#include <QTimer>
#include <QTreeWidget>
#include <algorithm>

#include "ui/document_words.h"
#include "ui/format.h"
#include "ui/model_chooser.h"
#include "ui/setting_scale.h"
#include "ui/theme.h"
#include "ui/themed_icon.h"
#include "ui/widgets.h"

namespace lectern::ui {
namespace {

constexpr int kEstimateAfterMs = 400;  ///< the slider has come to rest
constexpr int kMostWidth = 1100, kIconSize = 18;

/// `body` in the middle of a wide window.
QWidget* centred(QWidget* body, QWidget* parent) {
    auto* page = new QWidget(parent);
    auto* row = new QHBoxLayout(page);
    row->setContentsMargins(32, 8, 32, 8);
    body->setMaximumWidth(kMostWidth);
    row->addStretch(1);
    row->addWidget(body, 100);
    row->addStretch(1);
    return page;
}

}  // namespace

PlanPage::PlanPage(const QualityRecords& known, QWidget* parent) : QWidget(parent), m_known(known) {
    setObjectName("planPage");
    setAccessibleName(tr("Plan"));
    auto* column = makeColumn(this, 0, 0);
    auto* scroll = new QScrollArea(this);
    scroll->setAccessibleName(tr("Plan"));
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setWidget(centred(makeBody(), scroll));
    column->addWidget(scroll, 1);
    column->addWidget(centred(makeButtons(), this));  // in sight however long the rest is
    m_estimate_soon = new QTimer(this);
    m_estimate_soon->setSingleShot(true);
    m_estimate_soon->setInterval(kEstimateAfterMs);
    connect(m_estimate_soon, &QTimer::timeout, this, &PlanPage::askForEstimate);
}

QWidget* PlanPage::makeBody() {
    auto* body = new QWidget(this);
    auto* column = makeColumn(body, 0, 6);
    m_title = new TextLabel(TextRole::Title, {}, body);
    m_subtitle = new TextLabel(TextRole::Muted, {}, body);
    m_subtitle->setWordWrap(true);
    column->addWidget(m_title);
    column->addWidget(m_subtitle);
    auto* halves = makeRow(20);
    halves->addWidget(makeDocuments(), 5);
    m_numbers = makeFacts();
    halves->addWidget(m_numbers, 4);
    column->addLayout(halves, 1);
    column->addWidget(makeSettings());
    return body;
}

QWidget* PlanPage::makeDocuments() {
    m_documents = makeTree(this);
    m_documents->setObjectName("planDocuments");
    m_documents->setAccessibleName(tr("Documents to read"));
    m_documents->setHeaderLabels({tr("Document"), tr("Pages"), tr("Tokens")});
    for (const int column : {1, 2})
        m_documents->headerItem()->setTextAlignment(column, Qt::AlignRight | Qt::AlignVCenter);
    m_documents->setRootIsDecorated(false);
    m_documents->setIconSize({kIconSize, kIconSize});
    m_documents->setMinimumHeight(100);
    m_documents->header()->setStretchLastSection(false);
    m_documents->header()->setSectionResizeMode(0, QHeaderView::Stretch);
    m_documents->header()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
    m_documents->header()->setSectionResizeMode(2, QHeaderView::ResizeToContents);
    m_documents->setTextElideMode(Qt::ElideRight);
    return m_documents;
}

QWidget* PlanPage::makeFacts() {
    auto* card = makeCard(this);
    auto* form = new QFormLayout(card);
    form->setContentsMargins(16, 6, 16, 6);
    form->setHorizontalSpacing(14);
    form->setVerticalSpacing(2);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    const auto add = [&](const QString& name) {
        auto* value = new TextLabel(TextRole::Body, {}, card);
        value->setWordWrap(true);
        auto* label = new TextLabel(TextRole::Muted, name, card);
        label->setAlignment(Qt::AlignLeft | Qt::AlignTop);  // beside the first line of several
        form->addRow(label, value);
        return value;
    };
    m_models = new ModelChooser(card);
    m_models->setObjectName("planModel");
    form->addRow(new TextLabel(TextRole::Muted, tr("Model"), card), m_models);
    connect(m_models, &ModelChooser::modelChosen, this, &PlanPage::replan);
    m_tokens = add(tr("Tokens"));
    m_memory = add(tr("Memory"));
    m_memory->setObjectName("planMemory");
    m_disk = add(tr("Disk"));
    m_disk->setObjectName("planDisk");
    m_time = add(tr("Time"));
    m_time->setObjectName("planTime");
    m_quality = add(tr("Expected quality"));
    m_quality->setObjectName("planQuality");
    m_trained = add(tr("Trained on"));
    auto* calibration = makeRow(6);
    m_calibration = new TextLabel(TextRole::Body, {}, card);
    m_calibrate = makeLinkButton(tr("Calibrate…"), card);
    m_calibrate->setObjectName("planCalibrate");
    connect(m_calibrate, &QPushButton::clicked, this, &PlanPage::calibrate);
    calibration->addWidget(m_calibration, 1);
    calibration->addWidget(m_calibrate);
    form->addRow(new TextLabel(TextRole::Muted, tr("Calibration"), card), calibration);
    auto* row = makeRow(6);
    m_file_label = new ElidedLabel({}, card);
    m_change_file = makeLinkButton(tr("Change…"), card);
    connect(m_change_file, &QPushButton::clicked, this, &PlanPage::changeFile);
    row->addWidget(m_file_label, 1);
    row->addWidget(m_change_file);
    form->addRow(new TextLabel(TextRole::Muted, tr("Saved as"), card), row);
    return card;
}

QWidget* PlanPage::makeSettings() {
    m_settings = new QWidget(this);
    auto* column = makeColumn(m_settings, 0, 8);
    auto* head = makeRow(10);
    head->addWidget(new TextLabel(TextRole::Heading, tr("How the context is kept"), m_settings), 1);
    m_measure = makeLinkButton(tr("Measure the loss on these documents"), m_settings);
    m_measure->setObjectName("planMeasure");
    connect(m_measure, &QPushButton::clicked, this, &PlanPage::measureQuality);
    head->addWidget(m_measure);
    column->addLayout(head);
    m_scale = new SettingScale(m_settings);
    connect(m_scale, &SettingScale::changed, this, &PlanPage::updateChoice);
    column->addWidget(m_scale);
    column->addWidget(makeAdvanced());
    return m_settings;
}

QWidget* PlanPage::makeAdvanced() {
    m_advanced = new QWidget(this);
    auto* row = new QHBoxLayout(m_advanced);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    m_outliers = new QDoubleSpinBox(m_advanced);
    m_outliers->setRange(0, 5);
    m_outliers->setSingleStep(0.5);
    m_outliers->setDecimals(1);
    m_outliers->setSuffix(" %");
    m_sinks = new QSpinBox(m_advanced);
    m_sinks->setObjectName("planSinks");
    m_sinks->setRange(0, kMaxSinks);
    m_window = new QSpinBox(m_advanced);
    m_window->setRange(0, 1024);
    const auto add = [&](const QString& name, QWidget* field, const QString& tip) {
        auto* label = new TextLabel(TextRole::Muted, name, m_advanced);
        field->setAccessibleName(name);
        field->setToolTip(tip);
        label->setToolTip(tip);
        label->setBuddy(field);
        row->addWidget(label);
        row->addWidget(field);
        row->addSpacing(14);
    };
    const auto changed = [this] {
        showQuality({});
        updateChoice();
    };
    connect(m_outliers, &QDoubleSpinBox::valueChanged, this, changed);
    for (QSpinBox* box : {m_sinks, m_window}) connect(box, &QSpinBox::valueChanged, this, changed);
    add(tr("Outliers kept exactly"), m_outliers,
        tr("Share of each vector that is kept in full precision beside the codes."));
    add(tr("First tokens in fp16"), m_sinks, tr("Attention sinks: the first tokens of the context stay uncompressed."));
    add(tr("Newest tokens in fp16"), m_window, tr("The recent window stays uncompressed."));
    row->addStretch();
    return m_advanced;
}

QWidget* PlanPage::makeButtons() {
    auto* bar = new QWidget(this);
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    m_more = new QPushButton(tr("Add documents…"), this);
    m_more->setIcon(themedIcon("add"));
    m_recognize = new QPushButton(tr("Recognize text"), this);
    m_recognize->setObjectName("planRecognize");
    m_recognize->setToolTip(tr("Reads the pages that are pictures with OCR"));
    m_recognize->hide();
    auto* cancel = new QPushButton(tr("Cancel"), this);
    cancel->setObjectName("planCancel");
    m_read = makePrimaryButton(tr("Read"), this);
    m_read->setObjectName("planRead");
    m_read->setDefault(true);
    connect(m_more, &QPushButton::clicked, this, &PlanPage::addMore);
    connect(m_recognize, &QPushButton::clicked, this, [this] { emit recognize(pictures()); });
    connect(cancel, &QPushButton::clicked, this, &PlanPage::cancelled);
    connect(m_read, &QPushButton::clicked, this, &PlanPage::read);
    row->addWidget(m_more);
    row->addWidget(m_recognize);
    row->addStretch();
    row->addWidget(cancel);
    row->addWidget(m_read);
    return bar;
}

void PlanPage::setModels(const std::vector<ModelInfo>& models) {
    m_models->setModels(models);
}

void PlanPage::setReady(bool ready) {
    m_read->setEnabled(ready);
    m_settings->setEnabled(ready);
    m_models->setEnabled(ready);
    m_more->setEnabled(ready);
    m_recognize->setEnabled(ready);
    m_change_file->setEnabled(ready);
    m_calibrate->setEnabled(ready);
    m_measure->setEnabled(ready);
}

void PlanPage::showParsing(const QString& what) {
    showWorking(tr("Looking at the documents…"), what);
}

void PlanPage::showWorking(const QString& title, const QString& what) {
    m_title->setText(title);
    m_subtitle->setText(what);
    m_read->setText(tr("Read"));
    setReady(false);
}

void PlanPage::showPlan(const PlanFacts& shown) {
    const PlanFacts facts = shown;  // they may be the page's own
    m_facts.reset();                // the choices change one by one until they are those of the plan
    m_estimates.clear();
    m_asked.reset();
    m_models->selectModel(facts.model.built_in ? QString() : fromPath(facts.model.path));
    const KvSettings& kv = facts.request.kv;
    KvSettings base = kv;
    base.outliers = KvSettings().outliers;
    m_scale->choose(kv.raw() ? "fp16" : base.name());
    m_outliers->setValue(kv.outliers * 100);
    m_sinks->setValue(kv.sinks);
    m_window->setValue(kv.window);
    m_facts = facts;
    setFile(fromPath(facts.request.file));
    setReady(true);
    fillDocuments();
    m_models->setEnabled(facts.fresh);
    m_change_file->setVisible(facts.fresh);
    showQuality({});
    updateChoice();
    m_read->setFocus();
}

void PlanPage::addRow(const DocumentEntry& entry) {
    const ThemeColors& colors = themeColors();
    const DocumentInfo& document = entry.info;
    const bool failed = document.state == DocumentState::Failed;
    const bool scan = document.problem_parts.problem == DocumentProblem::NeedsOcr;
    const int blank = entry.pagesWithoutText();
    auto* item = new QTreeWidgetItem(m_documents);
    item->setText(0, scan     ? tr("“%1” needs OCR: its pages are pictures.").arg(text(document.name))
                     : failed ? problemText(entry)
                              : text(document.name));
    item->setToolTip(0, failed ? problemText(entry) : fromPath(document.source));
    const QString icon = failed || blank > 0 ? "warning" : document.kind == "pdf" ? "pdf" : "text";
    const QColor color = failed && !scan ? colors.bad : scan || blank > 0 ? colors.warning : colors.muted;
    item->setIcon(0, QIcon(iconPixmap(icon, color, kIconSize, devicePixelRatioF())));
    item->setFirstColumnSpanned(failed);
    if (failed) return;
    if (blank > 0)
        item->setToolTip(0, tr("%1 of its pages have no text to read (pictures only, or damaged).").arg(blank));
    item->setText(1, countText(entry.pages.size()));
    item->setText(2, countText(entry.tokens()));
    item->setTextAlignment(1, Qt::AlignRight | Qt::AlignVCenter);
    item->setTextAlignment(2, Qt::AlignRight | Qt::AlignVCenter);
}

/// How many there are, and what becomes of those that cannot be read.
QString PlanPage::summary(int good, int scans, int failed) const {
    QStringList sentences;
    if (good > 0)
        sentences << (good == 1 ? tr("One document goes into one context.")
                                : tr("%1 documents go into one context.").arg(good));
    else if (scans == 0)
        sentences << tr("None of the documents can be read; each says why.");
    if (scans > 0)
        sentences << (scans == 1
                          ? tr("One is pictures of pages: recognize its text, or it is left out.")
                          : tr("%1 are pictures of pages: recognize their text, or they are left out.").arg(scans));
    if (failed > 0 && good + scans > 0) sentences << tr("%1 could not be opened and will be left out.").arg(failed);
    return sentences.join(' ');
}

void PlanPage::fillDocuments() {
    m_documents->clear();
    int good = 0, scans = 0;
    for (const DocumentEntry& entry : m_facts->documents) {
        addRow(entry);
        if (entry.info.state != DocumentState::Failed) ++good;
        if (entry.info.problem_parts.problem == DocumentProblem::NeedsOcr) ++scans;
    }
    m_title->setText(good == 0 ? tr("Nothing to read") : tr("Ready to read"));
    m_subtitle->setText(summary(good, scans, int(m_facts->documents.size()) - good - scans));
    m_read->setText(good == 0 ? tr("Read") : good == 1 ? tr("Read 1 document") : tr("Read %1 documents").arg(good));
    m_read->setEnabled(good > 0);
    m_numbers->setVisible(good > 0);
    m_settings->setVisible(good > 0 && m_facts->fresh);
    m_recognize->setVisible(!pictures().isEmpty());
    m_recognize->setProperty("primary", good == 0);
    m_recognize->style()->polish(m_recognize);
}

QStringList PlanPage::pictures() const {
    QStringList sources;
    if (!m_facts) return sources;
    for (const DocumentEntry& entry : m_facts->documents)
        if (entry.needsOcr()) sources << fromPath(entry.info.source);
    return sources;
}

/// The planned settings with the bits of `setting` and what is chosen beside them; empty: the planned bits.
KvSettings PlanPage::with(const std::string& setting) const {
    KvSettings kv = m_facts ? m_facts->request.kv : KvSettings();
    if (const auto parsed = parseKvSettings(setting)) {
        kv.key_bits = parsed->key_bits;
        kv.value_bits = parsed->value_bits;
        kv.codebook = parsed->codebook;
    }
    if (!kv.raw()) kv.outliers = m_outliers->value() / 100;
    kv.sinks = m_sinks->value();
    kv.window = m_window->value();
    return kv;
}

KvSettings PlanPage::kvSettings() const {
    return m_facts->fresh ? with(m_scale->chosen()) : m_facts->request.kv;
}

PlanRequest PlanPage::request() const {
    PlanRequest request = m_facts->request;
    if (!m_facts->fresh) return request;
    request.kv = kvSettings();
    request.file = toPath(m_file);
    if (toPath(m_models->model()) != (m_facts->model.built_in ? std::filesystem::path() : m_facts->model.path))
        request.model = toPath(m_models->model()).string();
    return request;
}

void PlanPage::setFile(const QString& file) {
    m_file = file;
    m_file_label->setFullText(pathText(toPath(file)));
}

}  // namespace lectern::ui
