// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/kv/kv_settings.h"
#include "engine/kv/statistics.h"

namespace lectern::test {

inline constexpr int kFakeLayers = 12, kFakeHeads = 4, kFakeHeadDim = 64;

/// What an engine would have measured on `tokens` tokens: the same numbers for the same settings and tokens, different
/// ones for each layer, keys with thresholds, values without. None for what the settings keep in fp16.
std::vector<LayerStatistics> fakeStatistics(const KvSettings& settings, std::uint64_t tokens);

}  // namespace lectern::test
