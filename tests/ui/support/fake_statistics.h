// SPDX-License-Identifier: GPL-3.0-or-later
// The numbers of a fake engine: each follows from settings and tokens.
#pragma once

#include "engine/kv/fidelity.h"
#include "engine/kv/ledger.h"
#include "engine/kv/statistics.h"

namespace lectern::test {

inline constexpr int kFakeLayers = 12, kFakeHeads = 4, kFakeHeadDim = 64;
inline constexpr std::uint64_t kFakeFp16PerToken = 4 * kFakeLayers * kFakeHeads * kFakeHeadDim;  ///< bytes, K and V
inline constexpr std::uint64_t kFakeWeights = 5'240'000;                                         ///< bytes

/// What an engine would have measured on `tokens` tokens: the same numbers for the same settings and tokens, different
/// ones for each layer, keys with thresholds, values without. None for what the settings keep in fp16.
std::vector<LayerStatistics> fakeStatistics(const KvSettings& settings, std::uint64_t tokens);

/// Bytes of a cache of so many tokens, after a formula.
MemoryLedger fakeLedger(const KvSettings& settings, std::uint64_t tokens);
/// Numbers that get worse with fewer bits, without outliers and without sinks.
Comparison fakeComparison(const std::vector<KvSettings>& settings, std::uint64_t tokens);

}  // namespace lectern::test
