// SPDX-License-Identifier: GPL-3.0-or-later
// What quantization does to a model's cache, in numbers. Value types.
#pragma once

#include <cstdint>
#include <vector>

namespace lectern {

/// The bins of every histogram: equal ones over normalised units; what lies outside is counted in the first and last.
inline constexpr int kHistogramBins = 80;
inline constexpr double kHistogramEdge = 1.25;  ///< bins cover ±this; dense values lie in ±1

/// A share over time: the mean of each run of `run` tokens, in the order they were quantized.
struct ShareSeries {
    std::uint64_t run = 0;       ///< tokens of one point; it doubles whenever there would be too many points
    std::vector<double> points;  ///< at most 128
};

/// Keys or values of one layer, collected while documents are read. "Sampled": measured on every 17th group of 16
/// tokens against the unquantized vector; the other numbers count every token. Source: KVQuant (arXiv:2401.18079),
/// section 3, for thresholds, codebook and outliers.
struct KvStatistics {
    std::uint64_t bytes = 0;    ///< allocated for the documents' tokens, quantized or not; 0 without a cache
    std::uint64_t tokens = 0;   ///< quantized so far
    std::uint64_t sampled = 0;  ///< of them
    double outlier_share = 0;   ///< outliers stored / elements
    double snr_db = 0;          ///< sampled: signal to quantization noise, outliers corrected; 0 until measured
    double drift = 0;  ///< sampled: share of elements outside the key thresholds, before the cap. About the share of
                       ///< outliers asked for where the text is like the calibration's. Values have no thresholds: 0
    ShareSeries outliers_over_time, drift_over_time;
    std::vector<std::uint64_t> tokens_by_outliers;  ///< [most outliers of a token + 1]: tokens that store so many
    std::vector<std::uint64_t> histogram;           ///< [kHistogramBins] sampled elements, normalised
    std::vector<std::uint64_t> codes_used;          ///< [1 << bits] sampled elements by their dense code
    std::vector<float> codebook;                    ///< [1 << bits] what each code stands for, normalised
    std::vector<float> magnitude;                   ///< [channels] mean absolute value, sampled, before RoPE
    std::vector<float> low, high;                   ///< [channels] thresholds of keys; empty for values
};

struct LayerStatistics {
    KvStatistics keys, values;
};

}  // namespace lectern
