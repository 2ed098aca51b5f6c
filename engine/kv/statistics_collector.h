// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/kv/codec.h"
#include "engine/kv/kv_block.h"
#include "engine/kv/statistics.h"

namespace lectern {

/// Sums a share over runs of tokens; runs are joined in pairs when there are too many.
class ShareSum {
public:
    void add(std::uint64_t token, double sum, double weight);
    ShareSeries series() const;  ///< a run without any weight repeats the one before it
    void pack(std::string& out) const;
    bool unpack(std::string_view& in);
    std::size_t bytes() const { return m_parts.capacity() * sizeof m_parts[0]; }

private:
    std::uint64_t m_run = 512;                   ///< holds a sampled group for sure
    std::vector<std::array<double, 2>> m_parts;  ///< [runs]: sum, weight
};

/// Tokens as they were before they were packed: rows, or a raw block of which only what is measured is read.
struct TokensGiven {
    const float* rows = nullptr;     ///< [tokens][channels] f32
    const std::byte* raw = nullptr;  ///< where there are no rows: the raw block of the same page
};

/// Gathers the statistics of keys or values of one layer as tokens are quantized. What it says does not depend on how
/// the tokens were cut into calls. Costs well under 2% of reading (tests/bench/statistics_bench.cpp). One thread at a
/// time; value type.
class StatisticsCollector {
public:
    /// Tokens first … first+tokens-1 of `block` were packed from x just now.
    ///   unpack   of the kernels in use;  scratch  grows to [32][channels] and stays
    void add(const KvBlock& block, const LayerCodec& codec, kernels::UnpackFn* unpack, const TokensGiven& x, int first,
             int tokens, std::vector<float>& scratch);
    /// `codec`: what the tokens were quantized with; null: thresholds and codebook are left out.
    KvStatistics summary(const LayerCodec* codec) const;

    std::size_t bytes() const;  ///< allocated

    void pack(std::string& out) const;
    /// False where lengths or numbers make no sense for `channels` channels.
    bool unpack(std::string_view& in, std::size_t channels);

private:
    void countOutliers(const KvBlock& block, const LayerCodec& codec, const TokensGiven& x, int first, int tokens);
    void measure(const KvBlock& block, const LayerCodec& codec, const float* x, const float* back, int first,
                 int tokens, std::uint64_t token);

    std::uint64_t m_tokens = 0, m_sampled = 0;
    std::uint64_t m_outliers = 0, m_outside = 0;  ///< of all elements; of the sampled ones
    double m_signal = 0, m_noise = 0;             ///< sums of squares over sampled elements
    ShareSum m_outliers_over_time, m_drift_over_time;
    std::vector<std::uint64_t> m_by_outliers, m_histogram, m_codes;
    std::vector<double> m_magnitude;  ///< [channels] sums over sampled tokens
};

using LayerCollectors = std::array<StatisticsCollector, 2>;  ///< by KvKind

/// The record of a session file; FORMAT.md has its bytes.
std::string packStatistics(const std::vector<LayerCollectors>& layers, int channels);

struct UnpackedStatistics {
    std::vector<LayerCollectors> layers;
    int channels = 0;
};
/// Nothing where the bytes are not such a record: statistics are shown, never computed with.
std::optional<UnpackedStatistics> unpackStatistics(std::string_view bytes);

/// `quantizer`: of the same cache, or null.
std::vector<LayerStatistics> summaries(const std::vector<LayerCollectors>& layers, const Quantizer* quantizer);

}  // namespace lectern
