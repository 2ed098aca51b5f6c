// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/memory_history.h"

#include <QCoreApplication>

namespace lectern::ui {
namespace {

constexpr std::size_t kMostSamples = 600;

QString tr(const char* text) {
    return QCoreApplication::translate("memory", text);
}

}  // namespace

const std::array<MemoryKind, kMemoryKinds> kMemoryKind = {{
    {QT_TRANSLATE_NOOP("memory", "Model weights"), kQuietColor, &MemoryLedger::weights},
    {QT_TRANSLATE_NOOP("memory", "Key codes"), 0, &MemoryLedger::key_codes},
    {QT_TRANSLATE_NOOP("memory", "Value codes"), 2, &MemoryLedger::value_codes},
    {QT_TRANSLATE_NOOP("memory", "Outliers"), 1, &MemoryLedger::corrections},
    {QT_TRANSLATE_NOOP("memory", "Tokens in fp16"), 3, &MemoryLedger::raw},
    {QT_TRANSLATE_NOOP("memory", "Tables"), 4, &MemoryLedger::tables},
}};

void MemoryHistory::add(double seconds, const MemoryLedger& ledger) {
    if (m_samples.empty()) m_samples.push_back({0, ledger});
    m_samples.push_back({seconds, ledger});
    if (m_samples.size() <= kMostSamples) return;
    std::vector<Sample> kept;
    for (std::size_t i = 0; i < m_samples.size(); i += 2) kept.push_back(m_samples[i]);
    if (m_samples.size() % 2 == 0) kept.push_back(m_samples.back());
    m_samples = std::move(kept);
}

std::vector<double> MemoryHistory::of(std::uint64_t MemoryLedger::*bytes) const {
    std::vector<double> numbers;
    for (const Sample& sample : m_samples) numbers.push_back(double(sample.ledger.*bytes));
    return numbers;
}

Plot MemoryHistory::plot(bool weights) const {
    Plot plot{
        .title = tr("Memory over time"), .x_name = tr("Seconds"), .y_name = tr("In memory"), .x = {}, .series = {}};
    plot.empty = tr("Nothing is read yet.");
    plot.unit = PlotUnit::Bytes;
    plot.stacked = true;
    plot.bar = 0;
    for (const Sample& sample : m_samples) plot.x.push_back(sample.seconds);
    for (std::size_t kind = weights ? 0 : 1; kind < kMemoryKinds; ++kind)
        plot.series.push_back(
            {tr(kMemoryKind[kind].name), PlotShape::Area, kMemoryKind[kind].color, of(kMemoryKind[kind].bytes)});
    std::vector<double> fp16 = of(&MemoryLedger::fp16_bytes);
    for (std::size_t i = 0; weights && i < fp16.size(); ++i) fp16[i] += double(m_samples[i].ledger.weights);
    plot.series.push_back({tr("With an fp16 cache"), PlotShape::Dashes, kMutedColor, std::move(fp16)});
    plot.series.push_back({tr("On disk"), PlotShape::Dashes, kDiskColor, of(&MemoryLedger::file_bytes)});
    return plot;
}

}  // namespace lectern::ui
