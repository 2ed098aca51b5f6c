// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <vector>

#include "engine/kv/ledger.h"
#include "ui/plot.h"

namespace lectern::ui {

/// What memory holds, in the order in which the plot stacks it; colours are of categoryColor().
struct MemoryKind {
    const char* name;  ///< translated in context "memory"
    int color;
    std::uint64_t MemoryLedger::*bytes;
};
inline constexpr std::size_t kMemoryKinds = 6;
extern const std::array<MemoryKind, kMemoryKinds> kMemoryKind;  ///< weights first
inline constexpr int kDiskColor = 6;                            ///< of the line of the file's size

/// Ledgers of one session over time: at most 600, older ones thinned out. Value type.
class MemoryHistory {
public:
    void clear() { m_samples.clear(); }
    /// `seconds` since the session came; the first sample also stands for the beginning.
    void add(double seconds, const MemoryLedger& ledger);
    std::size_t size() const { return m_samples.size(); }
    /// Stacked bytes, what fp16 would have taken instead, and the file's size. `weights`: with the model's.
    Plot plot(bool weights) const;

private:
    struct Sample {
        double seconds = 0;
        MemoryLedger ledger;
    };
    std::vector<double> of(std::uint64_t MemoryLedger::*bytes) const;
    std::vector<Sample> m_samples;
};

}  // namespace lectern::ui
