// SPDX-License-Identifier: GPL-3.0-or-later
// The engine's statistics as plots. Pure functions: every number comes from the value given.
#pragma once

#include <vector>

#include "engine/kv/statistics.h"
#include "engine/message.h"
#include "ui/heat_map.h"
#include "ui/plot.h"

namespace lectern::ui {

/// What the heat map can show.
enum class LayerMeasure { Outliers, Error, Drift, CodeBits, Attention };
inline constexpr int kLayerMeasures = 5;

QString measureName(LayerMeasure measure);
QString measureNote(LayerMeasure measure);  ///< what it says, in a sentence
/// Layers whose keys or values are kept in fp16, and values where only keys have the number, get none. `attention`: of
/// attentionByLayer().
HeatMapData heatMapOf(const std::vector<LayerStatistics>& layers, const std::vector<double>& attention,
                      LayerMeasure measure);
/// [layers] share of each layer's attention that documents drew, the mean of all questions that measured it; empty:
/// none did. A question that conversations share counts once.
std::vector<double> attentionByLayer(const std::vector<BranchInfo>& branches);

/// Entropy of the codes in use, bits; 2^it codes would do the same if all came up equally often.
double codeBits(const KvStatistics& statistics);

/// Mean magnitude of each channel before rotation, and the thresholds of keys. `head_dim` channels belong to a head.
Plot channelPlot(const KvStatistics& statistics, int head_dim);
/// Share of sampled values by normalised size, with the codebook and, for keys, the thresholds at ±1.
Plot histogramPlot(const KvStatistics& statistics);
Plot codesPlot(const KvStatistics& statistics);             ///< share of each code
Plot outliersPerTokenPlot(const KvStatistics& statistics);  ///< share of tokens by how many outliers they store
Plot outliersOverTimePlot(const KvStatistics& statistics);
Plot driftOverTimePlot(const KvStatistics& statistics);

}  // namespace lectern::ui
