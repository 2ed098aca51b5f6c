// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/perplexity.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/base/log_sum_exp.h"
#include "engine/infer/research_codec.h"

namespace lectern {

namespace {

constexpr int kStep = 128;  ///< tokens whose logits are held at once, per setting

/// Sums of one setting.
struct Tally {
    double negative_log = 0, fp16_negative_log = 0, kl_sum = 0, bytes = 0, cache_tokens = 0;
    std::vector<float> kl;
    std::uint64_t tokens = 0, agreed = 0;
};

struct Lane {
    KvSettings settings;
    std::shared_ptr<const Quantizer> quantizer;
    std::shared_ptr<ResearchCodec> research;  ///< of a research form, else null
    Tally tally;
};

KvSettings fp16Of(KvSettings settings) {
    settings.key_bits = settings.value_bits = 16;
    settings.layers.clear();
    settings.research = {};
    return settings;
}

/// log p of every token, in place.
void logSoftmax(std::span<float> logits) {
    const auto shift = float(logSumExp(logits));
    for (float& x : logits) x -= shift;
}

std::size_t argmax(std::span<const float> x) {
    return std::size_t(std::max_element(x.begin(), x.end()) - x.begin());
}

/// `p`, `q`: log-probabilities of the fp16 cache and of the setting.
void count(Tally& tally, std::span<const float> p, std::span<const float> q, TokenId next) {
    double kl = 0;
    for (std::size_t i = 0; i < p.size(); ++i) kl += std::exp(double(p[i])) * (double(p[i]) - double(q[i]));
    tally.negative_log -= double(q[std::size_t(next)]);
    tally.fp16_negative_log -= double(p[std::size_t(next)]);
    tally.kl_sum += kl;
    tally.kl.push_back(float(kl));
    tally.agreed += argmax(p) == argmax(q) ? 1 : 0;
    ++tally.tokens;
}

/// Bits of a page over the values it holds.
double bitsPerValue(const Lane& lane, const ModelConfig& c) {
    if (lane.research) return lane.research->bitsPerValue();
    const KvShape shape{c.kv_heads, c.head_dim};
    const double values = 2.0 * kernels::kPageTokens * shape.channels() * c.layers;
    return double(pageBytes(lane.settings, c.layers, shape)) * 8 / values;
}

PerplexityRow rowOf(Lane& lane, const ModelConfig& config) {
    Tally& t = lane.tally;
    PerplexityRow row;
    row.kv = lane.settings.name();
    row.tokens = t.tokens;
    const double n = double(t.tokens);
    row.perplexity = std::exp(t.negative_log / n);
    row.kl_mean = t.kl_sum / n;
    const auto at = std::size_t(0.99 * (n - 1));
    std::nth_element(t.kl.begin(), t.kl.begin() + std::ptrdiff_t(at), t.kl.end());
    row.kl_p99 = double(t.kl[at]);
    row.top1_agreement = double(t.agreed) / n;
    row.bits_per_value = bitsPerValue(lane, config);
    row.bytes_per_token = lane.research ? row.bits_per_value / 8 * 2 * config.kv_heads * config.head_dim * config.layers
                                        : t.bytes / t.cache_tokens;
    row.fp16_perplexity = std::exp(t.fp16_negative_log / n);
    return row;
}

class Measurement {
public:
    Measurement(LoadedModel& model, std::vector<std::shared_ptr<const Quantizer>> quantizers, ThreadPool& pool,
                const PerplexityRequest& request)
        : m_model(model),
          m_pool(pool),
          m_skip(std::size_t(request.skip)),
          m_vocab(std::size_t(model.model->config.vocab)) {
        for (std::size_t i = 0; i < request.settings.size(); ++i)
            m_lanes.push_back({request.settings[i], std::move(quantizers[i]), nullptr, {}});
        m_reference.resize(kStep * m_vocab);
        m_logits.resize(kStep * m_vocab);
    }

    /// Thresholds of every lane that has none yet, from the first tokens of the text.
    Status fit(std::span<const TokenId> ids) {
        for (auto& lane : m_lanes) {
            const auto tokens =
                std::min<std::size_t>(ids.size(), std::size_t(KvCache::kFitTokens + lane.settings.sinks));
            if (lane.settings.research.any()) {
                if (auto fitted = fitResearch(lane, ids.first(tokens)); !fitted) return fitted;
                continue;
            }
            if (lane.settings.raw() || lane.quantizer) continue;
            KvCache cache = m_model.transformer->makeCache(lane.settings);
            if (auto read = m_model.transformer->prefill(cache, ids.first(tokens), nullptr, {}); !read) return read;
            cache.finish(m_pool);
            lane.quantizer = cache.quantizer();
            if (!lane.quantizer)
                return Error{ErrorCode::BadInput, "The text is too short to measure a quantized cache on."};
        }
        return {};
    }

    /// `progress` gets the share of `ids` that is done.
    Status chunk(std::span<const TokenId> ids, const std::function<void(double)>& progress, std::stop_token stop) {
        Transformer& transformer = *m_model.transformer;
        KvCache reference = transformer.makeCache(fp16Of({}));
        std::vector<KvCache> caches;
        for (const auto& lane : m_lanes) {
            caches.push_back(makeCache(lane));
        }
        for (std::size_t at = 0; at + 1 < ids.size();) {
            if (stop.stop_requested()) return Error{ErrorCode::Interrupted, "The measurement was stopped."};
            const auto step = ids.subspan(at, std::min(stepTokens(), ids.size() - at));
            if (auto run = transformer.forward(reference, step, Logits::All, m_reference.data()); !run) return run;
            const auto next = ids.subspan(at + 1, std::min(step.size(), ids.size() - at - 1));
            for (std::size_t t = 0; t < next.size(); ++t) logSoftmax(row(m_reference, t));
            for (std::size_t l = 0; l < m_lanes.size(); ++l) {
                if (auto run = transformer.forward(caches[l], step, Logits::All, m_logits.data()); !run) return run;
                for (std::size_t t = 0; t < next.size(); ++t) {
                    if (at + t < m_skip) continue;
                    logSoftmax(row(m_logits, t));
                    count(m_lanes[l].tally, row(m_reference, t), row(m_logits, t), next[t]);
                }
            }
            at += step.size();
            progress(double(at) / double(ids.size()));
        }
        for (std::size_t l = 0; l < m_lanes.size(); ++l) {
            m_lanes[l].tally.bytes += double(caches[l].ledger().kvBytes());
            m_lanes[l].tally.cache_tokens += double(caches[l].tokens());
        }
        return {};
    }

    std::vector<PerplexityRow> rows() {
        std::vector<PerplexityRow> rows;
        for (auto& lane : m_lanes) rows.push_back(rowOf(lane, m_model.model->config));
        return rows;
    }

private:
    KvCache makeCache(const Lane& lane) const {
        KvCache cache = m_model.transformer->makeCache(lane.research ? fp16Of(lane.settings) : lane.settings);
        if (lane.research)
            cache.setFilter([codec = lane.research](int layer, std::uint64_t first, float* k, float* v, int tokens) {
                codec->apply(layer, first, k, v, tokens);
            });
        else
            cache.setQuantizer(lane.quantizer);
        return cache;
    }

    Status fitResearch(Lane& lane, std::span<const TokenId> ids) {
        const ModelConfig& c = m_model.model->config;
        const auto channels = std::size_t(c.kv_heads * c.head_dim);
        std::vector<std::array<std::vector<float>, 2>> seen(std::size_t(c.layers));  // keys and values
        KvCache cache = m_model.transformer->makeCache(fp16Of(lane.settings));
        cache.setFilter([&](int layer, std::uint64_t, const float* k, const float* v, int tokens) {
            auto& [keys, values] = seen[std::size_t(layer)];
            keys.insert(keys.end(), k, k + std::size_t(tokens) * channels);
            values.insert(values.end(), v, v + std::size_t(tokens) * channels);
        });
        if (auto read = m_model.transformer->prefill(cache, ids, nullptr, {}); !read) return read;
        lane.research = std::make_shared<ResearchCodec>(c, lane.settings, kernels::bestKernels());
        if (int(ids.size()) <= lane.settings.sinks)
            return Error{ErrorCode::BadInput, "The text is too short to measure a quantized cache on."};
        for (int layer = 0; layer < c.layers; ++layer)
            lane.research->fit(layer, seen[std::size_t(layer)][0], seen[std::size_t(layer)][1], int(ids.size()));
        return {};
    }

    std::span<float> row(std::vector<float>& logits, std::size_t t) { return {logits.data() + t * m_vocab, m_vocab}; }

    /// Tokens of one step see each other as the cache holds them only where there is no window; with one, steps stay
    /// small, so that little more than the window is seen in fp16.
    std::size_t stepTokens() const {
        const bool window =
            std::any_of(m_lanes.begin(), m_lanes.end(), [](const Lane& lane) { return lane.settings.window > 0; });
        return window ? 16 : kStep;
    }

    LoadedModel& m_model;
    ThreadPool& m_pool;
    std::size_t m_skip;
    std::size_t m_vocab;
    std::vector<Lane> m_lanes;
    std::vector<float> m_reference, m_logits;
};

}  // namespace

Result<std::vector<PerplexityRow>> measurePerplexity(LoadedModel& model,
                                                     std::vector<std::shared_ptr<const Quantizer>> quantizers,
                                                     ThreadPool& pool, std::span<const TokenId> ids,
                                                     const PerplexityRequest& request,
                                                     const std::function<void(double)>& progress, std::stop_token stop,
                                                     std::span<const TokenId> fit) {
    if (request.context - request.skip < 16)
        return Error{ErrorCode::Usage, "Chunks need at least 16 tokens of context to measure."};
    for (const auto& settings : request.settings) {
        if (auto sane = checkKvSettings(settings); !sane) return sane.error();
        if (auto sane = checkLayers(settings, model.model->config.layers); !sane) return sane.error();
    }
    const TokenizerSpec& spec = model.tokenizer->spec();
    const bool bos = spec.add_bos && spec.bos >= 0;
    const auto body = std::size_t(request.context - (bos ? 1 : 0));
    auto chunks = ids.size() / body;
    if (request.chunks > 0) chunks = std::min(chunks, std::size_t(request.chunks));
    if (chunks == 0)
        return Error{ErrorCode::BadInput, "The text has " + std::to_string(ids.size()) + " tokens; one chunk needs " +
                                              std::to_string(body) + ": give a longer text or a smaller --ctx."};
    const auto withBos = [&](std::span<const TokenId> piece) {
        std::vector<TokenId> whole(piece.size() + (bos ? 1 : 0), spec.bos);
        std::copy(piece.begin(), piece.end(), whole.end() - std::ptrdiff_t(piece.size()));
        return whole;
    };
    if (fit.empty()) fit = ids;
    Measurement measurement(model, std::move(quantizers), pool, request);
    const auto fit_tokens = std::min<std::size_t>(fit.size(), KvCache::kFitTokens + 64);
    if (auto fitted = measurement.fit(withBos(fit.first(fit_tokens))); !fitted) return fitted.error();
    for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
        const auto advanced = [&](double share) {
            if (progress) progress((double(chunk) + share) / double(chunks));
        };
        if (auto done = measurement.chunk(withBos(ids.subspan(chunk * body, body)), advanced, stop); !done)
            return done.error();
    }
    return measurement.rows();
}

}  // namespace lectern
