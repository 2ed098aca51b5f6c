// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings_dialog.h"

#include <QAbstractSpinBox>
#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDoubleSpinBox>
#include <QEvent>
#include <QFileDialog>
#include <QFontDatabase>
#include <QFormLayout>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QScreen>
#include <QScrollArea>
#include <QTabWidget>

#include "ui/format.h"
#include "ui/widgets.h"

namespace lectern::ui {
namespace {

constexpr double kGigabyte = 1e9, kMostMemory = 100'000;  ///< bytes; gigabytes
constexpr QSize kSize(560, 690);

QFormLayout* makeForm(QWidget* page) {
    auto* form = new QFormLayout(page);
    form->setContentsMargins(16, 16, 16, 16);
    form->setHorizontalSpacing(16);
    form->setVerticalSpacing(10);
    return form;
}

QSpinBox* makeSpin(int low, int high, const QString& name, const QString& at_low = {}) {
    auto* spin = new QSpinBox;
    spin->setRange(low, high);
    spin->setSpecialValueText(at_low);
    spin->setAccessibleName(name);
    return spin;
}

QDoubleSpinBox* makeSpin(double low, double high, double step, const QString& name, const QString& at_low = {}) {
    auto* spin = new QDoubleSpinBox;
    spin->setRange(low, high);
    spin->setSingleStep(step);
    spin->setSpecialValueText(at_low);
    spin->setAccessibleName(name);
    return spin;
}

/// Of fields in a page that scrolls: the wheel scrolls it, and changes a number only where that is being edited.
class WheelToPage final : public QObject {
public:
    using QObject::QObject;
    bool eventFilter(QObject* watched, QEvent* event) override {
        const auto* field = qobject_cast<QWidget*>(watched);
        if (event->type() != QEvent::Wheel || field == nullptr || field->hasFocus()) return false;
        event->ignore();
        return true;
    }
};

/// A page that may be longer than the screen is high.
QWidget* scrolled(QWidget* page, const QString& name) {
    auto* area = new QScrollArea;
    area->setAccessibleName(name);
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area->setFocusPolicy(Qt::NoFocus);
    area->setWidget(page);
    page->setAutoFillBackground(false);
    auto* wheel = new WheelToPage(area);
    for (auto* field : page->findChildren<QAbstractSpinBox*>()) {
        field->setFocusPolicy(Qt::StrongFocus);
        field->installEventFilter(wheel);
    }
    return area;
}

}  // namespace

SettingsDialog::SettingsDialog(const Preferences& preferences, const EngineFacts& facts, QWidget* parent)
    : QDialog(parent), m_start(preferences) {
    setWindowTitle(tr("Settings"));
    auto* column = makeColumn(this, 14, 12);
    auto* tabs = new QTabWidget(this);
    tabs->setAccessibleName(tr("Settings"));
    tabs->addTab(makeLook(), tr("Appearance"));
    tabs->addTab(makeEngine(facts), tr("Engine"));
    tabs->addTab(makeReading(), tr("Reading"));
    tabs->addTab(scrolled(makeAnswers(), tr("Answers")), tr("Answers"));
    tabs->addTab(makeSessions(), tr("Sessions"));
    column->addWidget(tabs, 1);
    auto* buttons =
        new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel | QDialogButtonBox::RestoreDefaults, this);
    column->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(buttons->button(QDialogButtonBox::RestoreDefaults), &QPushButton::clicked, this,
            [this] { fill(Preferences()); });
    fill(preferences);
    resize(kSize.boundedTo(screen()->availableSize() - QSize(40, 60)));
}

QWidget* SettingsDialog::makeLook() {
    auto* page = new QWidget(this);
    auto* form = makeForm(page);
    m_theme = new QComboBox(page);
    m_theme->addItems({tr("As the system"), tr("Light"), tr("Dark"), tr("High contrast")});
    m_theme->setAccessibleName(tr("Theme"));
    m_family = new QComboBox(page);
    m_family->setObjectName("fontFamily");
    m_family->setAccessibleName(tr("Font"));
    m_family->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_family->addItem(tr("As the system"), QString());
    for (const QString& family : QFontDatabase::families())
        if (!QFontDatabase::isPrivateFamily(family)) m_family->addItem(family, family);
    m_font = makeSpin(7, 24, tr("Font size"), tr("Default"));
    m_font->setSuffix(tr(" pt"));
    m_language = new QComboBox(page);
    m_language->setAccessibleName(tr("Language"));
    m_language->addItem(tr("As the system"), QString());
    for (const auto& [name, code] : {std::pair("English", "en"), {"Deutsch", "de"}, {"简体中文", "zh_CN"}})
        m_language->addItem(name, QString(code));
    m_language->setToolTip(tr("From the next start on. Some of what the engine has to say stays English."));
    form->addRow(tr("Language"), m_language);
    form->addRow(tr("Theme"), m_theme);
    form->addRow(tr("Font"), m_family);
    form->addRow(tr("Font size"), m_font);
    m_reopen = new QCheckBox(tr("Open the session of the last time"), page);
    form->addRow(tr("At the start"), m_reopen);
    return page;
}

QWidget* SettingsDialog::makeEngine(const EngineFacts& facts) {
    auto* page = new QWidget(this);
    auto* form = makeForm(page);
    m_device = new QComboBox(page);
    m_device->setAccessibleName(tr("Device"));
    m_device->addItem(tr("Best available"), "auto");
    for (const DeviceInfo& device : facts.devices) {
        m_device->addItem(text(device.id + ": " + device.name), text(device.id));
        if (!device.problem.empty())
            m_device->setItemData(m_device->count() - 1, text(device.problem), Qt::ToolTipRole);
    }
    m_threads = makeSpin(0, 1024, tr("Threads"), tr("All cores"));
    m_memory = makeSpin(0.0, kMostMemory, 1.0, tr("Memory limit"), tr("What is free"));
    m_memory->setSuffix(tr(" GB"));
    m_memory->setToolTip(
        tr("For the model's weights and the context together. What would need more is refused before "
           "the work starts."));
    m_folders = new QListWidget(page);
    m_folders->setAccessibleName(tr("Model folders"));
    auto* box = new QWidget(page);
    auto* column = makeColumn(box, 0, 6);
    m_folders->setMaximumHeight(6 * m_folders->fontMetrics().lineSpacing());
    column->addWidget(m_folders);
    auto* row = makeRow();
    auto* add = new QPushButton(tr("Add a folder…"), page);
    auto* remove = new QPushButton(tr("Remove"), page);
    row->addWidget(add);
    row->addWidget(remove);
    row->addStretch();
    column->addLayout(row);
    column->addWidget(
        new TextLabel(TextRole::Small, tr("Changes here restart the engine and reopen the session."), page));
    column->addStretch(1);
    connect(add, &QPushButton::clicked, this, &SettingsDialog::addFolder);
    connect(remove, &QPushButton::clicked, this, [this] { delete m_folders->currentItem(); });
    form->addRow(tr("Device"), m_device);
    form->addRow(tr("Threads"), m_threads);
    form->addRow(tr("Memory limit"), m_memory);
    form->addRow(tr("Model folders"), box);
    return page;
}

QWidget* SettingsDialog::makeReading() {
    auto* page = new QWidget(this);
    auto* form = makeForm(page);
    m_kv = new QComboBox(page);
    m_kv->setAccessibleName(tr("Cache setting"));
    m_kv->addItem(tr("4 bits"), "nuq4");
    m_kv->addItem(tr("3 bits"), "nuq3");
    m_kv->addItem(tr("2 bits"), "nuq2");
    m_kv->addItem(tr("16 bits, uncompressed"), "fp16");
    m_outliers = makeSpin(0.0, 5.0, 0.5, tr("Outliers kept exactly"));
    m_outliers->setSuffix(" %");
    m_outliers->setDecimals(1);
    m_sinks = makeSpin(0, 64, tr("First tokens in fp16"));
    m_window = makeSpin(0, 1024, tr("Newest tokens in fp16"));
    form->addRow(new TextLabel(TextRole::Muted, tr("For new sessions; the plan can change it each time."), page));
    form->addRow(tr("Context kept in"), m_kv);
    form->addRow(tr("Outliers kept exactly"), m_outliers);
    form->addRow(tr("First tokens in fp16"), m_sinks);
    form->addRow(tr("Newest tokens in fp16"), m_window);
    return page;
}

QWidget* SettingsDialog::makeAnswers() {
    auto* page = new QWidget(this);
    auto* form = makeForm(page);
    m_max_tokens = makeSpin(1, 100'000, tr("Longest answer"));
    m_max_tokens->setSuffix(tr(" tokens"));
    m_temperature = makeSpin(0.0, 2.0, 0.1, tr("Temperature"), tr("0 (always the likeliest)"));
    m_top_k = makeSpin(0, 1000, tr("Top-k"), tr("Off"));
    m_typical = makeSpin(0.05, 1.0, 0.05, tr("Typical-p"));
    m_min_p = makeSpin(0.0, 1.0, 0.01, tr("Min-p"), tr("Off"));
    m_top_p = makeSpin(0.05, 1.0, 0.05, tr("Top-p"));
    m_repetition = makeSpin(1.0, 2.0, 0.05, tr("Repetition penalty"), tr("Off"));
    m_presence = makeSpin(0.0, 2.0, 0.1, tr("Presence penalty"), tr("Off"));
    m_frequency = makeSpin(0.0, 2.0, 0.1, tr("Frequency penalty"), tr("Off"));
    makePhrases(page);
    m_stop_strings = new QPlainTextEdit(page);
    m_stop_strings->setProperty("input", true);
    m_stop_strings->setAccessibleName(tr("Stop strings"));
    m_stop_strings->setToolTip(tr("One on each line: an answer ends before the first of them."));
    m_stop_strings->setTabChangesFocus(true);
    m_stop_strings->setFixedHeight(3 * m_stop_strings->fontMetrics().lineSpacing());
    m_random_seed = new QCheckBox(tr("A new one for each answer"), page);
    m_seed = makeSpin(0, 2'000'000'000, tr("Seed"));
    connect(m_random_seed, &QCheckBox::toggled, m_seed, &QWidget::setDisabled);
    form->addRow(tr("Longest answer"), m_max_tokens);
    form->addRow(tr("Temperature"), m_temperature);
    form->addRow(tr("Top-k"), m_top_k);
    form->addRow(tr("Typical-p"), m_typical);
    form->addRow(tr("Min-p"), m_min_p);
    form->addRow(tr("Top-p"), m_top_p);
    form->addRow(tr("Repetition penalty"), m_repetition);
    form->addRow(tr("Presence penalty"), m_presence);
    form->addRow(tr("Frequency penalty"), m_frequency);
    form->addRow(tr("Penalty for repeated phrases (DRY)"), m_dry);
    form->addRow(tr("DRY base"), m_dry_base);
    form->addRow(tr("DRY allowed length"), m_dry_length);
    form->addRow(tr("Stop strings"), m_stop_strings);
    form->addRow(tr("Seed"), m_random_seed);
    form->addRow(QString(), m_seed);
    return page;
}

/// What saying a whole phrase again costs; without a penalty the rest of it means nothing.
void SettingsDialog::makePhrases(QWidget* page) {
    m_dry = makeSpin(0.0, 5.0, 0.1, tr("Penalty for repeated phrases (DRY)"), tr("Off"));
    m_dry_base = makeSpin(1.0, 100.0, 0.05, tr("DRY base"));
    m_dry_base->setToolTip(tr("How many times the penalty grows with each token that the phrase is longer."));
    m_dry_length = makeSpin(0, 4096, tr("DRY allowed length"));
    m_dry_length->setToolTip(tr("Tokens that may repeat before there is a penalty."));
    for (QWidget* more : {static_cast<QWidget*>(m_dry_base), static_cast<QWidget*>(m_dry_length)}) {
        more->setParent(page);
        more->setEnabled(false);
        connect(m_dry, &QDoubleSpinBox::valueChanged, more, [more](double penalty) { more->setEnabled(penalty > 0); });
    }
}

QWidget* SettingsDialog::makeSessions() {
    auto* page = new QWidget(this);
    auto* form = makeForm(page);
    m_quota = makeSpin(0, 1'000'000, tr("Disk for recent sessions"), tr("Any amount"));
    m_quota->setObjectName("quota");
    m_quota->setSuffix(tr(" GB"));
    auto* note = new TextLabel(TextRole::Small,
                               tr("Where they take more, you are asked whether the caches of those that were not used "
                                  "for longest may go. Texts and conversations always stay."),
                               page);
    note->setWordWrap(true);
    form->addRow(tr("Disk for recent sessions"), m_quota);
    form->addRow(note);
    return page;
}

void SettingsDialog::fill(const Preferences& p) {
    m_theme->setCurrentIndex(int(p.theme));
    m_language->setCurrentIndex(qMax(0, m_language->findData(p.language)));
    if (m_family->findData(p.font_family) < 0) m_family->addItem(p.font_family, p.font_family);
    m_family->setCurrentIndex(m_family->findData(p.font_family));
    m_font->setValue(p.font_points);
    m_reopen->setChecked(p.reopen);
    m_memory->setValue(double(p.memory_limit) / kGigabyte);
    m_folders->clear();
    m_folders->addItems(p.model_folders);
    m_device->setCurrentIndex(qMax(0, m_device->findData(p.device)));
    m_threads->setValue(p.threads);
    KvSettings base = p.kv;
    base.outliers = 0.01;
    m_kv->setCurrentIndex(qMax(0, m_kv->findData(text(base.name()))));
    m_outliers->setValue(p.kv.outliers * 100);
    m_sinks->setValue(p.kv.sinks);
    m_window->setValue(p.kv.window);
    m_max_tokens->setValue(p.max_tokens);
    m_temperature->setValue(p.sampler.temperature);
    m_top_k->setValue(p.sampler.top_k);
    m_typical->setValue(p.sampler.typical_p);
    m_min_p->setValue(p.sampler.min_p);
    m_top_p->setValue(p.sampler.top_p);
    m_repetition->setValue(p.sampler.repetition_penalty);
    m_presence->setValue(p.sampler.presence_penalty);
    m_frequency->setValue(p.sampler.frequency_penalty);
    m_dry->setValue(p.sampler.dry_multiplier);
    m_dry_base->setValue(p.sampler.dry_base);
    m_dry_length->setValue(p.sampler.dry_allowed_length);
    m_stop_strings->setPlainText(p.stop_strings.join("\n"));
    m_random_seed->setChecked(p.random_seed);
    m_seed->setValue(int(p.sampler.seed));
    m_seed->setDisabled(p.random_seed);
    m_quota->setValue(p.quota_gb);
}

Preferences SettingsDialog::preferences() const {
    Preferences p = m_start;
    p.theme = ThemeChoice(m_theme->currentIndex());
    p.font_family = m_family->currentData().toString();
    p.font_points = m_font->value() == m_font->minimum() ? 0 : m_font->value();
    p.language = m_language->currentData().toString();
    p.reopen = m_reopen->isChecked();
    p.memory_limit = std::uint64_t(m_memory->value() * kGigabyte);
    p.model_folders.clear();
    for (int row = 0; row < m_folders->count(); ++row) p.model_folders << m_folders->item(row)->text();
    p.device = m_device->currentData().toString();
    p.threads = m_threads->value();
    if (const auto kv = parseKvSettings(m_kv->currentData().toString().toStdString())) p.kv = *kv;
    if (!p.kv.raw()) p.kv.outliers = m_outliers->value() / 100;
    p.kv.sinks = m_sinks->value();
    p.kv.window = m_window->value();
    p.max_tokens = m_max_tokens->value();
    p.sampler.temperature = m_temperature->value();
    p.sampler.top_k = m_top_k->value();
    p.sampler.typical_p = m_typical->value();
    p.sampler.min_p = m_min_p->value();
    p.sampler.top_p = m_top_p->value();
    p.sampler.repetition_penalty = m_repetition->value();
    p.sampler.presence_penalty = m_presence->value();
    p.sampler.frequency_penalty = m_frequency->value();
    p.sampler.dry_multiplier = m_dry->value();
    p.sampler.dry_base = m_dry_base->value();
    p.sampler.dry_allowed_length = m_dry_length->value();
    p.sampler.seed = std::uint64_t(m_seed->value());
    p.stop_strings = m_stop_strings->toPlainText().split("\n", Qt::SkipEmptyParts);
    p.random_seed = m_random_seed->isChecked();
    p.quota_gb = m_quota->value();
    return p;
}

void SettingsDialog::addFolder() {
    auto* dialog = new QFileDialog(this, tr("Choose a folder with models"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    connect(dialog, &QFileDialog::fileSelected, m_folders,
            [this](const QString& folder) { m_folders->addItem(folder); });
    dialog->open();
}

}  // namespace lectern::ui
