// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reading_pace.h"

#include <algorithm>
#include <chrono>
#include <vector>

namespace lectern {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kWarm = 16, kFirst = 64, kChunk = 256;  ///< tokens: not timed; timed first; timed with care
constexpr std::uint64_t kFar = 8192;                          ///< tokens of the context that stands for long ones
constexpr double kBudget = 2;                                 ///< seconds

Error stopped() {
    return {ErrorCode::Interrupted, "The measurement was stopped."};
}

Result<double> timed(Transformer& transformer, KvCache& cache, std::span<const std::int32_t> ids,
                     std::stop_token stop) {
    if (stop.stop_requested()) return stopped();
    const auto began = Clock::now();
    if (auto run = transformer.forward(cache, ids, Logits::None, nullptr); !run) return run.error();
    return std::chrono::duration<double>(Clock::now() - began).count();
}

/// From one speed and the model's shape: attention to a token costs so much of a token's matrix products.
ReadingPace paceOf(const ModelConfig& c, double per_token) {
    const double heads = double(c.heads) * c.head_dim, kv = double(c.kv_heads) * c.head_dim;
    const double products = double(c.hidden) * (2 * heads + 2 * kv + 3.0 * c.ffn * std::max(1, c.experts_used));
    return {per_token, per_token * 2 * heads / products};
}

/// The cache's whole pages one after another, again and again, up to `tokens` or more. Shares their blocks.
KvCache repeated(const KvCache& cache, std::uint64_t tokens) {
    const int sinks = cache.sinkPage(0) ? 1 : 0;
    const int pages = cache.pageCount(cache.tokens()) - sinks;
    const auto times = int(tokens / cache.tokens()) + 1;
    std::vector<KvPart> parts;
    parts.reserve(std::size_t(times));
    for (int i = 0; i < times; ++i) parts.push_back({&cache, sinks + i * pages});
    KvCache all = cache.emptyTwin();
    all.compose(parts, cache.pageBegin(sinks + times * pages));
    return all;
}

}  // namespace

double ReadingPace::seconds(std::uint64_t begin, std::uint64_t end) const {
    if (end <= begin) return 0;
    const double a = double(begin), b = double(end);
    return per_token * (b - a) + per_seen * (b * b - a * a) / 2;
}

Result<ReadingPace> measureReading(Transformer& transformer, const KvSettings& settings,
                                   std::shared_ptr<const Quantizer> quantizer, std::span<const std::int32_t> ids,
                                   std::stop_token stop) {
    const ModelConfig& config = transformer.model().config;
    KvCache cache = transformer.makeCache(settings);
    cache.setQuantizer(std::move(quantizer));
    if (ids.size() < 2 * kWarm) return ReadingPace();  // no time worth telling
    const std::size_t first = std::min(kFirst, ids.size() - kWarm);
    auto warm = timed(transformer, cache, ids.first(kWarm), stop);
    if (!warm) return warm.error();
    auto quick = timed(transformer, cache, ids.subspan(kWarm, first), stop);
    if (!quick) return quick.error();
    // So many that thresholds are fitted, and whole pages.
    const int sinks = cache.sinkPage(0) ? 1 : 0;
    const std::uint64_t near = cache.pageBegin(sinks + KvCache::kFitTokens / kernels::kPageTokens);
    const double rate = *quick / double(first);
    if (ids.size() < near + kChunk || rate * double(near + 2 * kChunk) > kBudget) return paceOf(config, rate);

    ThreadPool& pool = transformer.pool();
    const auto rest = ids.first(near).subspan(cache.tokens());
    if (auto read = transformer.prefill(cache, rest, nullptr, stop); !read) return read.error();
    cache.finish(pool);
    cache.close(pool);
    const auto chunk = ids.subspan(near, kChunk);
    KvCache short_one(cache), long_one = repeated(cache, kFar);
    const std::uint64_t far = long_one.tokens();
    const auto at_near = timed(transformer, short_one, chunk, stop);
    if (!at_near) return at_near.error();
    const auto at_far = timed(transformer, long_one, chunk, stop);
    if (!at_far) return at_far.error();
    ReadingPace pace;
    pace.per_seen = std::max(0.0, *at_far - *at_near) / double(kChunk) / double(far - near);
    pace.per_token = std::max(0.0, *at_near / double(kChunk) - pace.per_seen * double(near));
    return pace;
}

}  // namespace lectern
