// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/kv/statistics_collector.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/half.h"

namespace lectern {

using kernels::kPageTokens;

namespace {

constexpr std::uint64_t kGroup = 16;        ///< tokens measured together
constexpr std::uint64_t kSampleEvery = 17;  ///< groups; prime, so that every place of a page comes up
constexpr std::size_t kMostRuns = 128;
constexpr std::uint32_t kMagic = 0x3154534c;  // "LST1"
constexpr std::size_t kMostSlots = 1023;      // kv_layout.h
constexpr std::size_t kLeastBytes = 2 * 88;   // of a layer

template <typename T>
void put(std::string& out, const T& value) {
    out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <typename T>
void putAll(std::string& out, const std::vector<T>& values) {
    put(out, std::uint32_t(values.size()));
    out.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

template <typename T>
bool take(std::string_view& in, T& value) {
    if (in.size() < sizeof value) return false;
    std::memcpy(&value, in.data(), sizeof value);
    in.remove_prefix(sizeof value);
    return true;
}

/// Takes at most `most` values off the front of `in`.
template <typename T>
bool takeAll(std::string_view& in, std::size_t most, std::vector<T>& values) {
    std::uint32_t count = 0;
    if (!take(in, count) || count > most || in.size() < count * sizeof(T)) return false;
    values.resize(count);
    if (count != 0) std::memcpy(values.data(), in.data(), count * sizeof(T));
    in.remove_prefix(count * sizeof(T));
    return true;
}

bool sane(double x) {
    return std::isfinite(x) && x >= 0;
}

/// Where a normalised value is counted.
std::size_t binOf(float u) {
    const double place = (double(u) + kHistogramEdge) * (kHistogramBins / (2 * kHistogramEdge));
    return std::size_t(std::clamp(place, 0.0, double(kHistogramBins - 1)));
}

kernels::ValueScale scaleOf(const KvBlock& block, int token) {
    kernels::ValueScale scale;
    std::memcpy(&scale, block.data() + block.layout().scalesAt() + sizeof scale * std::size_t(token), sizeof scale);
    return scale;
}

/// Channel c of the t-th token, which stands at `place` of its page.
float element(const TokensGiven& x, std::size_t channels, int t, int place, std::size_t c) {
    if (x.rows != nullptr) return x.rows[std::size_t(t) * channels + c];
    std::uint16_t half = 0;
    std::memcpy(&half, x.raw + (c * std::size_t(kPageTokens) + std::size_t(place)) * sizeof half, sizeof half);
    return kernels::halfToFloat(half);
}

}  // namespace

void ShareSum::add(std::uint64_t token, double sum, double weight) {
    while (token / m_run >= kMostRuns) {
        for (std::size_t i = 0; 2 * i < m_parts.size(); ++i) {
            auto joined = m_parts[2 * i];
            if (2 * i + 1 < m_parts.size()) joined[0] += m_parts[2 * i + 1][0], joined[1] += m_parts[2 * i + 1][1];
            m_parts[i] = joined;
        }
        m_parts.resize((m_parts.size() + 1) / 2);
        m_run *= 2;
    }
    const auto run = std::size_t(token / m_run);
    if (m_parts.size() <= run) m_parts.resize(run + 1);
    m_parts[run][0] += sum;
    m_parts[run][1] += weight;
}

ShareSeries ShareSum::series() const {
    ShareSeries series{m_run, {}};
    for (const auto& [sum, weight] : m_parts) {
        const double last = series.points.empty() ? 0 : series.points.back();
        series.points.push_back(weight > 0 ? sum / weight : last);
    }
    return series;
}

void ShareSum::pack(std::string& out) const {
    put(out, m_run);
    putAll(out, m_parts);
}

bool ShareSum::unpack(std::string_view& in) {
    return take(in, m_run) && m_run >= kGroup * kSampleEvery && m_run < (std::uint64_t(1) << 40) &&
           takeAll(in, kMostRuns, m_parts) &&
           std::all_of(m_parts.begin(), m_parts.end(), [](const auto& part) { return sane(part[0]) && sane(part[1]); });
}

void StatisticsCollector::add(const KvBlock& block, const LayerCodec& codec, kernels::UnpackFn* unpack,
                              const TokensGiven& x, int first, int tokens, std::vector<float>& scratch) {
    const auto channels = std::size_t(block.layout().shape.channels());
    m_magnitude.resize(channels);
    m_histogram.resize(kHistogramBins);
    m_codes.resize(codec.book.size());
    m_by_outliers.resize(std::size_t(block.layout().slots) + 1);
    scratch.resize(std::max(scratch.size(), 2 * kGroup * channels));
    float *const back = scratch.data(), *const as_it_was = back + kGroup * channels;
    countOutliers(block, codec, x, first, tokens);
    for (int done = 0; done < tokens;) {
        const std::uint64_t token = m_tokens + std::uint64_t(done);
        const int run = int(std::min<std::uint64_t>(std::uint64_t(tokens - done), kGroup - token % kGroup));
        if (token / kGroup % kSampleEvery == 0) {
            unpack(block.layout(), codec.params(), block.data(), first + done, run, back);
            const float* rows = as_it_was;
            if (x.rows != nullptr)
                rows = x.rows + std::size_t(done) * channels;
            else

                unpack(rawLayout(block.layout().kind, block.layout().shape), {}, x.raw, first + done, run, as_it_was);
            measure(block, codec, rows, back, first + done, run, token);
            m_sampled += std::uint64_t(run);
        }
        done += run;
    }
    m_tokens += std::uint64_t(tokens);
}

/// Corrected elements that lie outside the thresholds; of values, which have none, all that are corrected.
void StatisticsCollector::countOutliers(const KvBlock& block, const LayerCodec& codec, const TokensGiven& x, int first,
                                        int tokens) {
    const auto& layout = block.layout();
    const auto head_dim = std::size_t(layout.shape.head_dim), channels = std::size_t(layout.shape.channels());
    std::array<std::uint32_t, kPageTokens> count{};
    int head = 0;
    for (int i = 0; i < block.entriesBefore(layout.shape.kv_heads); ++i) {
        while (i >= block.entriesBefore(head + 1)) ++head;
        kernels::SparseEntry entry;
        std::memcpy(&entry, block.data() + layout.entriesAt() + sizeof entry * std::size_t(i), sizeof entry);
        const int t = (entry.place & 63) - first;
        if (t < 0 || t >= tokens) continue;
        const std::size_t c = std::size_t(head) * head_dim + std::size_t(entry.place >> 6);
        const bool outside = layout.kind == KvKind::Value ||
                             std::abs(element(x, channels, t, first + t, c) - codec.offset[c]) > codec.range[c];
        count[std::size_t(first + t)] += outside ? 1 : 0;
    }
    for (int t = 0; t < tokens; ++t) {
        const std::uint32_t outliers = count[std::size_t(first + t)];
        m_outliers += outliers;
        ++m_by_outliers[outliers];
        m_outliers_over_time.add(m_tokens + std::uint64_t(t), outliers, double(m_magnitude.size()));
    }
}

/// x, back: [tokens][channels], the vectors as they were and as the cache gives them back; `token`: the first one's
/// number in the order of quantizing.
void StatisticsCollector::measure(const KvBlock& block, const LayerCodec& codec, const float* x, const float* back,
                                  int first, int tokens, std::uint64_t token) {
    const std::size_t channels = m_magnitude.size();
    const bool keys = block.layout().kind == KvKind::Key;
    for (int t = 0; t < tokens; ++t, x += channels, back += channels) {
        const auto scale = keys ? kernels::ValueScale() : scaleOf(block, first + t);
        const float token_offset = kernels::halfToFloat(scale.offset), token_range = kernels::halfToFloat(scale.range);
        std::uint64_t outside = 0;
        for (std::size_t c = 0; c < channels; ++c) {
            const double value = double(x[c]), error = value - double(back[c]);
            m_signal += value * value;
            m_noise += error * error;
            m_magnitude[c] += std::abs(value);
            const float distance = x[c] - (keys ? codec.offset[c] : token_offset);
            const float range = keys ? codec.range[c] : token_range;
            outside += keys && std::abs(distance) > range ? 1 : 0;
            const float u = distance == 0 ? 0 : range == 0 ? std::copysign(2.0F, distance) : distance / range;
            ++m_histogram[binOf(u)];
            ++m_codes[std::size_t(std::lower_bound(codec.midpoints.begin(), codec.midpoints.end(), u) -
                                  codec.midpoints.begin())];
        }
        m_outside += outside;
        if (keys) m_drift_over_time.add(token + std::uint64_t(t), double(outside), double(channels));
    }
}

KvStatistics StatisticsCollector::summary(const LayerCodec* codec) const {
    KvStatistics s;
    s.tokens = m_tokens;
    s.sampled = m_sampled;
    const auto channels = double(m_magnitude.size());
    if (m_tokens > 0) s.outlier_share = double(m_outliers) / (double(m_tokens) * channels);
    if (m_noise > 0 && m_signal > 0) s.snr_db = 10 * std::log10(m_signal / m_noise);
    if (m_sampled > 0) s.drift = double(m_outside) / (double(m_sampled) * channels);
    s.outliers_over_time = m_outliers_over_time.series();
    s.drift_over_time = m_drift_over_time.series();
    s.tokens_by_outliers = m_by_outliers;
    s.histogram = m_histogram;
    s.codes_used = m_codes;
    for (const double sum : m_magnitude) s.magnitude.push_back(m_sampled > 0 ? float(sum / double(m_sampled)) : 0);
    if (codec == nullptr) return s;
    s.codebook = codec->book;
    for (std::size_t c = 0; c < codec->offset.size(); ++c) {
        s.low.push_back(codec->offset[c] - codec->range[c]);
        s.high.push_back(codec->offset[c] + codec->range[c]);
    }
    return s;
}

std::size_t StatisticsCollector::bytes() const {
    const std::size_t numbers =
        m_by_outliers.capacity() + m_histogram.capacity() + m_codes.capacity() + m_magnitude.capacity();
    return 8 * numbers + m_outliers_over_time.bytes() + m_drift_over_time.bytes();
}

void StatisticsCollector::pack(std::string& out) const {
    for (const std::uint64_t count : {m_tokens, m_sampled, m_outliers, m_outside}) put(out, count);
    put(out, m_signal);
    put(out, m_noise);
    m_outliers_over_time.pack(out);
    m_drift_over_time.pack(out);
    putAll(out, m_by_outliers);
    putAll(out, m_histogram);
    putAll(out, m_codes);
    putAll(out, m_magnitude);
}

bool StatisticsCollector::unpack(std::string_view& in, std::size_t channels) {
    const bool whole = take(in, m_tokens) && take(in, m_sampled) && take(in, m_outliers) && take(in, m_outside) &&
                       take(in, m_signal) && take(in, m_noise) && m_outliers_over_time.unpack(in) &&
                       m_drift_over_time.unpack(in) && takeAll(in, kMostSlots + 1, m_by_outliers) &&
                       takeAll(in, kHistogramBins, m_histogram) && takeAll(in, kernels::kMaxBook, m_codes) &&
                       takeAll(in, channels, m_magnitude);
    const bool empty = m_tokens == 0 && m_histogram.empty() && m_magnitude.empty();
    return whole && m_sampled <= m_tokens && sane(m_signal) && sane(m_noise) &&
           std::all_of(m_magnitude.begin(), m_magnitude.end(), sane) &&
           (empty || (m_histogram.size() == std::size_t(kHistogramBins) && m_magnitude.size() == channels));
}

std::string packStatistics(const std::vector<LayerCollectors>& layers, int channels) {
    std::string out;
    put(out, kMagic);
    put(out, std::uint32_t(layers.size()));
    put(out, std::uint32_t(channels));
    for (const auto& layer : layers)
        for (const auto& kind : layer) kind.pack(out);
    return out;
}

std::optional<UnpackedStatistics> unpackStatistics(std::string_view bytes) {
    std::uint32_t magic = 0, layers = 0, channels = 0;
    if (!take(bytes, magic) || magic != kMagic || !take(bytes, layers) || !take(bytes, channels)) return std::nullopt;
    if (layers > bytes.size() / kLeastBytes || channels > bytes.size()) return std::nullopt;
    UnpackedStatistics statistics{std::vector<LayerCollectors>(layers), int(channels)};
    for (auto& layer : statistics.layers) {
        for (auto& kind : layer)
            if (!kind.unpack(bytes, channels)) return std::nullopt;
    }
    if (!bytes.empty()) return std::nullopt;
    return statistics;
}

std::vector<LayerStatistics> summaries(const std::vector<LayerCollectors>& layers, const Quantizer* quantizer) {
    std::vector<LayerStatistics> all;
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        const bool known = quantizer != nullptr && layer < quantizer->keys.size();
        all.push_back({layers[layer][0].summary(known ? &quantizer->keys[layer] : nullptr),
                       layers[layer][1].summary(known ? &quantizer->values[layer] : nullptr)});
    }
    return all;
}

}  // namespace lectern
