// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/memory_chart.h"

#include <QAreaSeries>
#include <QChart>
#include <QEvent>
#include <QGraphicsLayout>
#include <QLineSeries>
#include <QTimer>
#include <QValueAxis>
#include <algorithm>
#include <cmath>

#include "ui/theme.h"

namespace lectern::ui {
namespace {

constexpr std::size_t kMostSamples = 600;

/// The unit in which the axis speaks, and its name.
std::pair<double, const char*> unitFor(double bytes) {
    if (bytes >= 1e9) return {1e9, "GB"};
    if (bytes >= 1e6) return {1e6, "MB"};
    return {1e3, "KB"};
}

/// The smallest of 1, 2, 4, 6, 8 × 10^n not below a value: half of it is a round number too.
double niceCeiling(double value) {
    const double power = std::pow(10, std::floor(std::log10(value)));
    for (const double step : {1.0, 2.0, 4.0, 6.0, 8.0})
        if (step * power >= value) return step * power;
    return 10 * power;
}

}  // namespace

MemoryChart::MemoryChart(QWidget* parent)
    : QChartView(new QChart, parent), m_time(new QValueAxis), m_bytes(new QValueAxis) {
    setAccessibleName(tr("Memory over time"));
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::NoFocus);
    setRenderHint(QPainter::Antialiasing);
    chart()->legend()->hide();
    chart()->setMargins({0, 4, 4, 0});
    chart()->layout()->setContentsMargins(0, 0, 0, 0);
    chart()->setBackgroundRoundness(0);
    chart()->addAxis(m_time, Qt::AlignBottom);
    chart()->addAxis(m_bytes, Qt::AlignLeft);
    for (QLineSeries*& line : m_lines) line = new QLineSeries(this);
    for (std::size_t kind = 0; kind < kKinds; ++kind) {
        m_areas[kind] = new QAreaSeries(m_lines[kind + 1], m_lines[kind]);
        chart()->addSeries(m_areas[kind]);
        m_areas[kind]->attachAxis(m_time);
        m_areas[kind]->attachAxis(m_bytes);
    }
    m_fp16 = new QLineSeries;
    chart()->addSeries(m_fp16);
    m_fp16->attachAxis(m_time);
    m_fp16->attachAxis(m_bytes);
    m_time->setTickCount(3);
    m_bytes->setTickCount(3);
    m_time->setLabelFormat("%.0f s");
    m_redraw = new QTimer(this);
    m_redraw->setSingleShot(true);
    m_redraw->setInterval(200);
    connect(m_redraw, &QTimer::timeout, this, &MemoryChart::redraw);
    recolor();
    clear();
}

void MemoryChart::clear() {
    m_samples.clear();
    m_clock.start();
    redraw();
}

void MemoryChart::add(const MemoryLedger& ledger) {
    const std::array<std::uint64_t, kKinds> kinds = {ledger.key_codes, ledger.value_codes, ledger.corrections,
                                                     ledger.raw, ledger.tables};
    Sample sample;
    sample.seconds = double(m_clock.elapsed()) / 1000;
    double sum = 0;
    for (std::size_t kind = 0; kind < kKinds; ++kind) sample.stacked[kind] = sum += double(kinds[kind]);
    sample.fp16 = double(ledger.fp16_bytes);
    if (m_samples.empty() && sample.seconds > 0.2) {
        Sample start = sample;  // the state the session was opened with
        start.seconds = 0;
        m_samples.push_back(start);
    }
    m_samples.push_back(sample);
    if (m_samples.size() > kMostSamples) thinOut();
    if (!m_redraw->isActive()) m_redraw->start();
}

void MemoryChart::thinOut() {
    std::vector<Sample> kept;
    for (std::size_t i = 0; i < m_samples.size(); i += 2) kept.push_back(m_samples[i]);
    if (m_samples.size() % 2 == 0) kept.push_back(m_samples.back());
    m_samples = std::move(kept);
}

void MemoryChart::redraw() {
    double highest = 1;
    for (const Sample& sample : m_samples) highest = std::max({highest, sample.fp16, sample.stacked.back()});
    const auto [unit, name] = unitFor(highest);
    std::array<QList<QPointF>, kKinds + 1> points;
    QList<QPointF> fp16;
    for (const Sample& sample : m_samples) {
        points[0] << QPointF(sample.seconds, 0);
        for (std::size_t kind = 0; kind < kKinds; ++kind)
            points[kind + 1] << QPointF(sample.seconds, sample.stacked[kind] / unit);
        fp16 << QPointF(sample.seconds, sample.fp16 / unit);
    }
    for (std::size_t i = 0; i <= kKinds; ++i) m_lines[i]->replace(points[i]);
    m_fp16->replace(fp16);
    const double end = m_samples.empty() ? 1 : std::max(1.0, m_samples.back().seconds);
    m_time->setRange(0, end);
    const double top = niceCeiling(highest / unit * 1.05);
    m_bytes->setRange(0, top);
    m_bytes->setLabelFormat(QString(top < 2 ? "%.1f " : "%.0f ") + name);
}

void MemoryChart::recolor() {
    const ThemeColors& colors = themeColors();
    chart()->setBackgroundBrush(Qt::NoBrush);
    chart()->setBackgroundPen(Qt::NoPen);
    setBackgroundBrush(Qt::NoBrush);
    QFont small = font();
    small.setPointSizeF(small.pointSizeF() * 0.85);
    for (QValueAxis* axis : {m_time, m_bytes}) {
        axis->setLabelsColor(colors.muted);
        axis->setLabelsFont(small);
        axis->setGridLineColor(colors.border);
        axis->setLinePenColor(colors.border);
    }
    m_time->setGridLineVisible(false);
    for (std::size_t kind = 0; kind < kKinds; ++kind) {
        m_areas[kind]->setColor(colors.series[kind]);
        m_areas[kind]->setPen(Qt::NoPen);
    }
    m_fp16->setPen(QPen(colors.muted, 1.5, Qt::DashLine));
}

void MemoryChart::changeEvent(QEvent* event) {
    QChartView::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) recolor();
}

}  // namespace lectern::ui
