// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/speed.h"

#include <algorithm>
#include <chrono>
#include <random>

namespace lectern {

namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

std::vector<TokenId> randomTokens(std::size_t count, int vocab) {
    std::mt19937 random(1);
    std::vector<TokenId> ids(count);
    for (auto& id : ids) id = TokenId(random() % unsigned(vocab));
    return ids;
}

/// Decodes from the cache as it stands, then takes the tokens back.
Result<double> decodeSpeed(Transformer& transformer, KvCache& cache, TokenId first, int steps) {
    const auto length = cache.tokens();
    std::vector<float> logits(std::size_t(transformer.model().config.vocab));
    AttentionMass mass;
    TokenId id = first;
    if (auto warm = transformer.forward(cache, {&id, 1}, Logits::Last, logits.data(), &mass); !warm)
        return warm.error();
    const auto started = Clock::now();
    for (int step = 0; step < steps; ++step) {
        id = TokenId(std::max_element(logits.begin(), logits.end()) - logits.begin());
        if (auto run = transformer.forward(cache, {&id, 1}, Logits::Last, logits.data(), &mass); !run)
            return run.error();
    }
    const double seconds = secondsSince(started);
    cache.rewind(length);
    return double(steps) / seconds;
}

}  // namespace

Status checkSpeed(const LoadedModel& model, const SpeedRequest& request) {
    const auto& contexts = request.contexts;
    if (contexts.empty() || *std::min_element(contexts.begin(), contexts.end()) < 1 || request.settings.empty() ||
        request.decode_tokens < 1)
        return Error{ErrorCode::Usage, "A speed measurement needs settings, lengths of context and tokens to decode."};
    for (const auto& settings : request.settings) {
        if (settings.research.any())
            return Error{ErrorCode::Usage,
                         "\"" + settings.name() + "\" has no speed: it is measured on an fp16 cache."};
        if (auto sane = checkLayers(settings, model.model->config.layers); !sane) return sane;
    }
    return {};
}

Result<std::vector<SpeedRow>> measureSpeed(LoadedModel& model, const SpeedRequest& request,
                                           const std::function<void(double)>& progress, std::stop_token stop) {
    if (auto sane = checkSpeed(model, request); !sane) return sane.error();
    auto contexts = request.contexts;
    std::sort(contexts.begin(), contexts.end());
    Transformer& transformer = *model.transformer;
    const auto ids = randomTokens(std::size_t(contexts.back()), model.model->config.vocab);
    std::vector<SpeedRow> rows;
    for (const auto& settings : request.settings) {
        KvCache cache = transformer.makeCache(settings);
        for (const int context : contexts) {
            auto chunk_began = Clock::now();
            double chunk_seconds = 0;
            std::size_t before = 0, chunk_tokens = 0;
            const auto after_chunk = [&](std::size_t done) -> Status {
                chunk_seconds = secondsSince(chunk_began);
                chunk_tokens = done - before;
                before = done;
                chunk_began = Clock::now();
                return {};
            };
            const auto piece = std::span(ids).subspan(cache.tokens(), std::size_t(context) - cache.tokens());
            if (auto read = transformer.prefill(cache, piece, nullptr, stop, after_chunk); !read) return read.error();
            auto decoded = decodeSpeed(transformer, cache, ids.front(), request.decode_tokens);
            if (!decoded) return decoded.error();
            const MemoryLedger ledger = cache.ledger();
            SpeedRow row;
            row.kv = settings.name();
            row.context = context;
            if (chunk_seconds > 0) row.prefill_tokens_per_s = double(chunk_tokens) / chunk_seconds;
            row.decode_tokens_per_s = *decoded;
            row.kv_bytes = ledger.kvBytes();
            row.fp16_bytes = ledger.fp16_bytes;
            rows.push_back(row);
            if (progress) progress(double(rows.size()) / double(contexts.size() * request.settings.size()));
        }
    }
    return rows;
}

double readBandwidth(ThreadPool& pool) {
    constexpr std::size_t kWords = std::size_t(32) << 20;  // 256 MiB a thread
    std::vector<std::vector<std::uint64_t>> memory(std::size_t(pool.threads()));
    pool.run(pool.threads(), [&](int index, int) { memory[std::size_t(index)].assign(kWords, 1); });
    std::vector<std::uint64_t> sums(memory.size());
    double best = 0;
    for (int round = 0; round < 3; ++round) {
        const auto started = Clock::now();
        pool.run(pool.threads(), [&](int index, int) {
            std::uint64_t sum = 0;
            for (const auto word : memory[std::size_t(index)]) sum += word;
            sums[std::size_t(index)] += sum;
        });
        const double bytes = double(kWords) * sizeof(std::uint64_t) * double(memory.size());
        best = std::max(best, sums.front() != 0 ? bytes / secondsSince(started) : 0.0);
    }
    return best;
}

Result<double> deviceBandwidth(const std::shared_ptr<Device>& device) {
    constexpr std::size_t kMost = std::size_t(128) << 20;  // floats of a vector: 1.5 GB are moved
    constexpr double kLongEnough = 2e-3;                   // seconds, next to which starting a kernel is nothing
    const auto& table = device->table();
    double best = 0;
    for (std::size_t n = kMost >> 14; n <= kMost; n *= 4) {
        const auto memory = DeviceBuffer::make(device, 2 * n * sizeof(float), "Measuring the memory");
        if (!memory) break;  // as large as there is room for
        auto* x = memory->as<float>();
        Steps steps;
        steps << table.fill(x, 0, 2 * n * sizeof(float), device->stream()) << device->wait();
        double fastest = 0;
        for (int run = 0; run < 3; ++run) {
            const auto started = Clock::now();
            steps << table.add(x, x + n, n, device->stream()) << device->wait();
            const double seconds = secondsSince(started);
            fastest = run == 0 ? seconds : std::min(fastest, seconds);
        }
        if (steps.failure() != 0) return device->error(steps.failure());
        best = 3 * double(n) * sizeof(float) / fastest;
        if (fastest >= kLongEnough) break;
    }
    return best;
}

}  // namespace lectern
