// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/memory_panel.h"

#include <QGridLayout>
#include <QLocale>
#include <QPainter>

#include "ui/fidelity_card.h"
#include "ui/format.h"
#include "ui/memory_chart.h"
#include "ui/theme.h"
#include "ui/widgets.h"

namespace lectern::ui {
namespace {

/// The colour of one kind of bytes in the chart; -1 draws the dashed fp16 line.
class Swatch final : public QWidget {
public:
    Swatch(int kind, QWidget* parent) : QWidget(parent), m_kind(kind) { setFixedSize(12, 12); }

protected:
    void paintEvent(QPaintEvent*) override {
        const ThemeColors& colors = themeColors();
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        if (m_kind < 0) {
            painter.setPen(QPen(colors.muted, 1.5, Qt::DashLine));
            painter.drawLine(0, height() / 2, width(), height() / 2);
            return;
        }
        painter.setPen(Qt::NoPen);
        painter.setBrush(colors.series[std::size_t(m_kind)]);
        painter.drawRoundedRect(rect(), 3, 3);
    }

private:
    int m_kind;
};

}  // namespace

MemoryPanel::MemoryPanel(QWidget* parent) : QScrollArea(parent) {
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setAccessibleName(tr("Memory"));
    auto* page = new QWidget(this);
    auto* column = makeColumn(page, 12, 4);
    column->setContentsMargins(12, 2, 12, 8);
    auto* row = makeRow(10);
    m_ratio = new TextLabel(TextRole::Display, {}, page);
    m_ratio->setObjectName("ratio");
    m_caption = new TextLabel(TextRole::Muted, {}, page);
    m_caption->setWordWrap(true);
    row->addWidget(m_ratio);
    row->addWidget(m_caption, 1);
    column->addLayout(row);
    m_comparison = new TextLabel(TextRole::Body, {}, page);
    m_comparison->setWordWrap(true);
    column->addWidget(m_comparison);
    m_chart = new MemoryChart(page);
    m_chart->setMinimumHeight(120);
    m_chart->setMaximumHeight(220);
    column->addWidget(m_chart, 1);
    column->addWidget(makeNumbers());
    column->addSpacing(10);
    m_fidelity = new FidelityCard(page);
    column->addWidget(m_fidelity);
    connect(m_fidelity, &FidelityCard::check, this, &MemoryPanel::checkFidelity);
    connect(m_fidelity, &FidelityCard::calibrate, this, &MemoryPanel::calibrate);
    column->addStretch();
    setWidget(page);
    showNumbers({});
}

QWidget* MemoryPanel::makeNumbers() {
    static constexpr std::array<const char*, kRows> kNames = {
        QT_TR_NOOP("Key codes"),      QT_TR_NOOP("Value codes"),  QT_TR_NOOP("Outliers"),
        QT_TR_NOOP("Tokens in fp16"), QT_TR_NOOP("Tables"),       QT_TR_NOOP("All at fp16"),
        QT_TR_NOOP("Model weights"),  QT_TR_NOOP("Work buffers"), QT_TR_NOOP("Highest so far"),
        QT_TR_NOOP("On disk")};
    auto* box = new QWidget(this);
    auto* grid = new QGridLayout(box);
    grid->setContentsMargins(0, 4, 0, 0);
    grid->setHorizontalSpacing(8);
    grid->setVerticalSpacing(3);
    grid->setColumnStretch(1, 1);
    for (int row = 0; row < int(kRows); ++row) {
        if (row < 6) grid->addWidget(new Swatch(row < 5 ? row : -1, box), row, 0);
        const QString name = tr(kNames[std::size_t(row)]);
        grid->addWidget(new TextLabel(TextRole::Muted, name, box), row, 1);
        auto* number = new TextLabel(TextRole::Body, {}, box);
        number->setAlignment(Qt::AlignRight);
        number->setAccessibleName(name);
        m_numbers[std::size_t(row)] = number;
        grid->addWidget(number, row, 2);
    }
    return box;
}

void MemoryPanel::setSession(const std::optional<SessionSnapshot>& session) {
    const auto file = session ? session->file : std::filesystem::path();
    if (file != m_file) m_chart->clear();
    m_file = file;
    m_fidelity->setSession(session);
    if (session)
        showLedger(session->memory);
    else
        showNumbers({});
}

void MemoryPanel::setActivity(Activity activity) {
    m_fidelity->setActivity(activity);
}

void MemoryPanel::showShare(double share) {
    m_fidelity->showShare(share);
}

void MemoryPanel::showLedger(const MemoryLedger& ledger) {
    showNumbers(ledger);
    if (ledger.kvBytes() > 0) m_chart->add(ledger);
}

std::size_t MemoryPanel::samples() const {
    return m_chart->samples();
}

QString MemoryPanel::ratioText() const {
    return m_ratio->text();
}

void MemoryPanel::showNumbers(const MemoryLedger& ledger) {
    const bool any = ledger.kvBytes() > 0;
    m_ratio->setText(any ? tr("%1×").arg(QLocale().toString(ledger.ratio(), 'f', 1)) : QString("–"));
    m_caption->setText(ledger.ratio() >= 1 ? tr("smaller than\nan fp16 cache") : tr("the size of\nan fp16 cache"));
    m_comparison->setText(any ? tr("%1 instead of %2").arg(bytesText(ledger.kvBytes()), bytesText(ledger.fp16_bytes))
                              : tr("Nothing is read yet."));
    m_comparison->setToolTip(tr("%1 tokens").arg(countText(ledger.tokens)));
    const std::array<std::uint64_t, kRows> bytes = {
        ledger.key_codes,  ledger.value_codes, ledger.corrections, ledger.raw,  ledger.tables,
        ledger.fp16_bytes, ledger.weights,     ledger.activations, ledger.peak, ledger.file_bytes};
    for (std::size_t i = 0; i < kRows; ++i) m_numbers[i]->setText(bytesText(bytes[i]));
}

}  // namespace lectern::ui
