// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/calibrate/calibrator.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/calibrate/channel_tails.h"
#include "engine/calibrate/language_model_gradients.h"
#include "engine/calibrate/weighted_kmeans.h"
#include "engine/kv/q_norm.h"

namespace lectern {

namespace {

constexpr int kBins = 4096;           ///< over normalised units -1 … 1
constexpr double kForwardPart = 0.3;  ///< of the time, for the first pass

/// One kind of one layer at one share of outliers: what its codebooks are fitted to.
using Histogram = std::vector<BinSums>;

void addTo(Histogram& histogram, float u, double weight) {
    const int bin = std::clamp(int((u + 1.0F) * (float(kBins) / 2)), 0, kBins - 1);
    histogram[std::size_t(bin)].add(double(u), weight);
}

/// Q-Norm of the book as fitted, for the time it is asked for.
void normalise(const Histogram& histogram, CalibratedBook& book) {
    LayerCodec codec;
    codec.setBook(book.centroids);
    QNormFit fit(codec);
    for (const BinSums& bin : histogram)
        if (bin.count > 0) fit.add(bin.count, bin.x, bin.xx);
    const QNormScale q = fit.scale();
    book.scale = q.scale;
    book.shift = q.shift;
}

CalibratedBook fitBook(const Histogram& histogram, int bits, double outliers) {
    CalibratedBook book;
    book.centroids = weightedKMeans(histogram, 1 << bits);
    if (book.centroids.empty()) book.centroids = dataFreeBook(Codebook::NormalFloat, bits, outliers);
    for (float& centroid : book.centroids) centroid = std::clamp(centroid, -1.0F, 1.0F);
    normalise(histogram, book);
    return book;
}

class Calibrator {
public:
    Calibrator(const std::shared_ptr<const Model>& model, ThreadPool& pool, const kernels::KernelTable& kernels,
               const CalibrationSettings& settings, std::vector<std::vector<std::int32_t>> sequences)
        : m_model(*model),
          m_pool(pool),
          m_settings(settings),
          m_sequences(std::move(sequences)),
          m_channels(std::size_t(m_model.config.kv_heads * m_model.config.head_dim)),
          m_gradients(model, pool, kernels) {}

    Status thresholds(const std::function<void(double)>& progress, std::stop_token stop);
    Status histograms(const std::function<void(double)>& progress, std::stop_token stop);
    Calibration result();

private:
    /// Of one layer at one share of outliers.
    struct Fit {
        std::vector<float> offset, range;  ///< [channels]
        Histogram keys, values;
    };

    std::size_t layers() const { return std::size_t(m_model.config.layers); }
    Fit& fit(std::size_t share, int layer) { return m_fits[share * layers() + std::size_t(layer)]; }
    double weight(float gradient, float range) const {
        const double g = double(gradient), r = double(range);
        switch (m_settings.sensitivity) {
            case Sensitivity::Fisher:
                return g * g * r * r;
            case Sensitivity::GradientSquare:
                return g * g;
            case Sensitivity::None:
                return 1;
        }
        return 1;
    }
    void addKey(const float* k, const float* dk, int slots, Fit& fit, std::vector<float>& scratch) const;
    void addValue(const float* v, const float* dv, int slots, Fit& fit, std::vector<float>& scratch) const;

    const Model& m_model;
    ThreadPool& m_pool;
    const CalibrationSettings& m_settings;
    std::vector<std::vector<std::int32_t>> m_sequences;
    std::size_t m_channels;
    LanguageModelGradients m_gradients;
    std::vector<Fit> m_fits;  ///< [share][layer]
    std::uint64_t m_tokens = 0;
};

Status Calibrator::thresholds(const std::function<void(double)>& progress, std::stop_token stop) {
    std::size_t count = 0;
    for (const auto& ids : m_sequences) count += ids.size() - std::size_t(m_settings.sinks), m_tokens += ids.size();
    const double widest = *std::max_element(m_settings.outliers.begin(), m_settings.outliers.end());
    std::vector<ChannelTails> tails(layers() * m_channels, ChannelTails(count, widest / 2));
    for (std::size_t done = 0; done < m_sequences.size(); ++done) {
        auto read = m_gradients.forward(
            m_sequences[done],
            [&](const KvGradients& g) {
                m_pool.run(int(m_channels), [&](int channel, int) {
                    auto& tail = tails[std::size_t(g.layer) * m_channels + std::size_t(channel)];
                    for (int t = m_settings.sinks; t < g.tokens; ++t)
                        tail.add(g.k[std::size_t(t) * m_channels + std::size_t(channel)]);
                });
            },
            stop);
        if (!read) return read;
        if (progress) progress(kForwardPart * double(done + 1) / double(m_sequences.size()));
    }
    for (const double share : m_settings.outliers) {
        for (std::size_t layer = 0; layer < layers(); ++layer) {
            Fit& fit = m_fits.emplace_back();
            for (std::size_t c = 0; c < m_channels; ++c) {
                auto& tail = tails[layer * m_channels + c];
                const float low = tail.low(share / 2), high = tail.high(share / 2);
                fit.offset.push_back(0.5F * (high + low));
                fit.range.push_back(0.5F * (high - low));
            }
            fit.keys.resize(kBins);
            fit.values.resize(kBins);
        }
    }
    return {};
}

/// One key: outliers are what lies outside the thresholds, at most `slots`, the largest first; the rest is coded.
void Calibrator::addKey(const float* k, const float* dk, int slots, Fit& fit, std::vector<float>& scratch) const {
    scratch.clear();
    for (std::size_t c = 0; c < m_channels; ++c) {
        if (fit.range[c] <= 0) continue;
        const float u = (k[c] - fit.offset[c]) / fit.range[c];
        if (std::abs(u) > 1)
            scratch.push_back(std::abs(u));
        else
            addTo(fit.keys, u, weight(dk[c], fit.range[c]));
    }
    if (scratch.size() <= std::size_t(slots)) return;
    // Past the cap the smaller ones are clamped to the ends of the codebook, which are fitted with them in sight.
    std::nth_element(scratch.begin(), scratch.begin() + slots, scratch.end(), std::greater<>());
    const float bound = scratch[std::size_t(slots)];
    for (std::size_t c = 0; c < m_channels; ++c) {
        if (fit.range[c] <= 0) continue;
        const float u = (k[c] - fit.offset[c]) / fit.range[c];
        if (std::abs(u) > 1 && std::abs(u) <= bound)
            addTo(fit.keys, std::copysign(1.0F, u), weight(dk[c], fit.range[c]));
    }
}

/// One value: the slots/2 smallest and largest are outliers; offset and range are those of the rest, in fp16.
void Calibrator::addValue(const float* v, const float* dv, int slots, Fit& fit, std::vector<float>& scratch) const {
    const auto dense = denseRange(v, int(m_channels), slots, scratch);
    if (!dense) return;
    for (std::size_t c = 0; c < m_channels; ++c) {
        if (v[c] < dense->low || v[c] > dense->high) continue;
        addTo(fit.values, std::clamp((v[c] - dense->offset) / dense->range, -1.0F, 1.0F), weight(dv[c], dense->range));
    }
}

Status Calibrator::histograms(const std::function<void(double)>& progress, std::stop_token stop) {
    const int shares = int(m_settings.outliers.size());
    std::vector<std::vector<float>> scratch(std::size_t(m_pool.threads()));
    const auto collect = [&](const KvGradients& g) {
        m_pool.run(2 * shares, [&](int index, int worker) {
            const auto share = std::size_t(index / 2);
            KvSettings settings;
            settings.outliers = m_settings.outliers[share];
            const int slots = sparseSlots(settings, settings.key_bits, int(m_channels));
            for (int t = m_settings.sinks; t < g.tokens; ++t) {
                const std::size_t row = std::size_t(t) * m_channels;
                auto& mine = scratch[std::size_t(worker)];
                if (index % 2 == 0)
                    addKey(g.k + row, g.dk + row, slots, fit(share, g.layer), mine);
                else
                    addValue(g.v + row, g.dv + row, slots, fit(share, g.layer), mine);
            }
        });
    };
    for (std::size_t done = 0; done < m_sequences.size(); ++done) {
        auto loss = m_gradients.run(m_sequences[done], collect, stop);
        if (!loss) return loss.error();
        if (progress) progress(kForwardPart + (1 - kForwardPart) * double(done + 1) / double(m_sequences.size()));
    }
    return {};
}

Calibration Calibrator::result() {
    Calibration calibration;
    calibration.model = m_model.fingerprint();
    calibration.shape = {m_model.config.kv_heads, m_model.config.head_dim};
    calibration.sinks = m_settings.sinks;
    calibration.tokens = m_tokens;
    for (const double share : m_settings.outliers)
        calibration.shares.push_back({share, std::vector<CalibratedLayer>(layers())});
    m_pool.run(int(m_fits.size()), [&](int index, int) {
        Fit& fit = m_fits[std::size_t(index)];
        const auto share = std::size_t(index) / layers();
        CalibratedLayer& layer = calibration.shares[share].layers[std::size_t(index) % layers()];
        layer.offset = std::move(fit.offset);
        layer.range = std::move(fit.range);
        for (int bits = 2; bits <= 4; ++bits) {
            layer.keys[std::size_t(bits) - 2] = fitBook(fit.keys, bits, m_settings.outliers[share]);
            layer.values[std::size_t(bits) - 2] = fitBook(fit.values, bits, m_settings.outliers[share]);
        }
    });
    return calibration;
}

Status check(const CalibrationSettings& settings) {
    const auto& shares = settings.outliers;
    const bool sane = !shares.empty() && shares.size() <= 16 && std::is_sorted(shares.begin(), shares.end()) &&
                      std::adjacent_find(shares.begin(), shares.end()) == shares.end() && shares.front() >= 0 &&
                      shares.back() <= 0.05;
    if (!sane)
        return Error{ErrorCode::Usage, "Shares of outliers are up to 16 different ones between 0 and 0.05, ascending."};
    if (settings.sinks < 0 || settings.sinks > kMaxSinks)
        return Error{ErrorCode::Usage, "The number of sink tokens must lie between 0 and 64."};
    if (settings.sequences < 1 || settings.sequence_tokens < 128)
        return Error{ErrorCode::Usage, "A calibration needs at least one sequence of at least 128 tokens."};
    return {};
}

/// Sequences of equal length at even distances, as many as there are or asked for.
std::vector<std::vector<std::int32_t>> cutSequences(std::span<const std::int32_t> ids, std::int32_t bos,
                                                    const CalibrationSettings& settings) {
    const std::size_t opening = bos >= 0 ? 1 : 0;
    const std::size_t body = std::min(ids.size(), std::size_t(settings.sequence_tokens) - opening);
    const std::size_t count = std::min(std::size_t(settings.sequences), ids.size() / body);
    std::vector<std::vector<std::int32_t>> sequences;
    for (std::size_t i = 0; i < count; ++i) {
        const auto piece = ids.subspan(count == 1 ? 0 : i * ((ids.size() - body) / (count - 1)), body);
        auto& sequence = sequences.emplace_back(opening, bos);
        sequence.insert(sequence.end(), piece.begin(), piece.end());
    }
    return sequences;
}

}  // namespace

Result<Calibration> calibrate(const std::shared_ptr<const Model>& model, ThreadPool& pool,
                              const kernels::KernelTable& kernels, std::span<const std::int32_t> ids, std::int32_t bos,
                              const CalibrationSettings& settings, const std::function<void(double)>& progress,
                              std::stop_token stop) {
    if (auto sane = check(settings); !sane) return sane.error();
    if (ids.size() < kLeastCalibrationTokens)
        return Error{ErrorCode::BadInput,
                     "The text has " + std::to_string(ids.size()) + " tokens; a calibration needs " +
                         std::to_string(kLeastCalibrationTokens) + " at least: give a longer one."};
    Calibrator calibrator(model, pool, kernels, settings, cutSequences(ids, bos, settings));
    if (auto read = calibrator.thresholds(progress, stop); !read) return read.error();
    if (auto read = calibrator.histograms(progress, stop); !read) return read.error();
    return calibrator.result();
}

}  // namespace lectern
