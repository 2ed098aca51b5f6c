// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/session_speed.h"

#include <algorithm>
#include <chrono>

#include "engine/infer/attention.h"
#include "engine/infer/transformer.h"
#include "engine/machine.h"
#include "engine/made_up_session.h"
#include "engine/plain_file.h"
#include "engine/session_impl.h"

namespace lectern {

namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kMostTokens = 1'000'000, kLeastTokens = 4096;
constexpr std::uint64_t kSyncBytes = std::uint64_t(16) << 20;  ///< about what the writer commits at once

double secondsSince(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Removes what the measurement made.
struct Leftovers {
    std::vector<fs::path> files;
    ~Leftovers() {
        std::error_code ignored;
        for (const auto& file : files) fs::remove(file, ignored);
    }
};

class SessionBench {
public:
    SessionBench(const SessionSpeedRequest& request, MadeUpSession& made, const MadeUpShape& shape,
                 const kernels::KernelTable& kernels, ThreadPool& pool)
        : m_request(request),
          m_made(made),
          m_kernels(kernels),
          m_pool(pool),
          m_session(request.folder / "lectern-bench.lectern"),
          m_plain(request.folder / "lectern-bench.bin"),
          m_leftovers{{m_session, m_plain}} {
        m_report.tokens = shape.tokens;
        m_report.layers = shape.layers;
        m_report.kv_heads = shape.kv_heads;
        m_report.head_dim = shape.head_dim;
        m_report.pages = shape.text_pages;
        m_report.threads = pool.threads();
    }

    Result<SessionSpeedReport> run(const std::function<void(double)>& progress, const std::stop_token& stop) {
        if (fs::exists(m_session))
            return Error{ErrorCode::Usage,
                         "\"" + m_session.string() + "\" is left from another measurement: remove it."};
        using Step = Status (SessionBench::*)();
        for (const auto& [step, done] : {std::pair<Step, double>{&SessionBench::write, 0.5},
                                         {&SessionBench::window, 0.55},
                                         {&SessionBench::load, 0.75},
                                         {&SessionBench::firstToken, 0.8},
                                         {&SessionBench::verify, 0.9},
                                         {&SessionBench::branches, 0.92},
                                         {&SessionBench::shrink, 1.0}}) {
            if (stop.stop_requested()) return Error{ErrorCode::Interrupted, "The measurement was stopped."};
            if (auto measured = (this->*step)(); !measured) return measured.error();
            if (progress) progress(done);
        }
        return std::move(m_report);
    }

private:
    /// Writes the session as reading does, chunk by chunk, through the writer thread, then the plain file.
    Status write() {
        auto store = SessionStore::create(m_session, m_made.identity());
        if (!store) return store.error();
        if (auto stored = store->commit(m_made.texts()); !stored) return stored;
        const auto before = bytesToDisk();
        auto writer = std::make_unique<SessionWriter>(std::move(*store));
        const auto begun = Clock::now();
        double waited = 0;  // for room in the writer's queue
        for (std::uint64_t read = 0; read < m_made.tokens();) {
            read = std::min<std::uint64_t>(read + Transformer::kChunk, m_made.tokens());
            SessionCommit commit = m_made.read(read);
            if (commit.blocks.empty()) continue;
            const auto submitting = Clock::now();
            if (auto stored = writer->submit(std::move(commit)); !stored) return stored;
            waited += secondsSince(submitting);
        }
        if (auto stored = writer->flush(); !stored) return stored;
        const double seconds = secondsSince(begun);
        m_report.written_bytes = bytesToDisk() - before;
        m_report.file_bytes = writer->fileBytes();
        const auto closing = Clock::now();
        writer.reset();
        const double close = secondsSince(closing);
        m_report.payload_bytes = m_made.payloadBytes();
        auto plain = writePlainFile(m_plain, m_report.payload_bytes, kSyncBytes);
        if (!plain) return plain.error();
        m_report.rows.push_back({"write", m_report.payload_bytes, seconds, *plain});
        m_report.rows.push_back({"write_wait", 0, waited, 0});
        m_report.rows.push_back({"close", 0, close, 0});
        return {};
    }

    /// Until documents and conversation can be shown.
    Status window() {
        double best = 1e30;
        for (int run = 0; run < m_request.runs; ++run) {
            forgetFile(m_session);
            ModelLibrary none({}, m_pool);
            const EngineOptions options;
            const auto begun = Clock::now();
            auto session = SessionImpl::peek({none, m_pool, options}, m_session);
            if (!session) return session.error();
            best = std::min(best, secondsSince(begun));
        }
        m_report.rows.push_back({"open_window", 0, best, 0});
        return {};
    }

    /// Until the first layer, and until every block is in a cache, checked; the plain file with as many threads.
    Status load() {
        constexpr double kNever = 1e30;
        double first_best = kNever, best = kNever, plain_best = kNever, kept_best = kNever;
        for (int run = 0; run < m_request.runs; ++run) {
            for (const bool keep : {false, true}) {
                forgetBoth();
                auto plain = readPlainFile(m_plain, CacheLoad::readers(), keep);
                if (!plain) return plain.error();
                double& fastest = keep ? kept_best : plain_best;
                fastest = std::min(fastest, *plain);
            }
            forgetBoth();
            const auto begun = Clock::now();
            auto store = SessionStore::open(m_session, OpenMode::ReadOnly);
            if (!store) return store.error();
            auto load = CacheLoad::begin(*store, 0, m_made.tokens(), m_made.emptyCache());
            if (!load) return load.error();
            if (auto there = (*load)->wait(0); !there) return there;
            first_best = std::min(first_best, secondsSince(begun));
            for (int layer = 1; layer < m_report.layers; ++layer)
                if (auto there = (*load)->wait(layer); !there) return there;
            best = std::min(best, secondsSince(begun));
        }
        m_report.rows.push_back({"plain_load", m_report.payload_bytes, kept_best, plain_best});
        m_report.rows.push_back({"first_layer", 0, first_best, 0});
        m_report.rows.push_back({"load", m_report.payload_bytes, best, kept_best});
        return {};
    }

    /// Until a question of one token has got the attention of every layer, each as soon as it is there: what a first
    /// token has to wait for beside the model's own weights, of which there are none.
    Status firstToken() {
        const ModelConfig config = m_made.config();
        const RopeTable rope(config.rope);
        const auto channels = std::size_t(config.kv_heads) * std::size_t(config.head_dim);
        const std::vector<float> k(channels, 0.5F), q(std::size_t(config.heads) * std::size_t(config.head_dim), 0.5F);
        std::vector<float> out(q.size());
        double best = 1e30;
        for (int run = 0; run < m_request.runs; ++run) {
            Attention attention(config, rope, m_pool, m_kernels);
            forgetBoth();
            const auto begun = Clock::now();
            auto store = SessionStore::open(m_session, OpenMode::ReadOnly);
            if (!store) return store.error();
            auto load = CacheLoad::begin(*store, 0, m_made.tokens(), m_made.emptyCache());
            if (!load) return load.error();
            KvCache cache = m_made.emptyCache();
            cache.expect(m_made.tokens(), std::move(*load));
            for (int layer = 0; layer < config.layers; ++layer) {
                if (auto there = cache.ready(layer); !there) return there;
                if (auto put = cache.append(layer, k.data(), k.data(), 1, m_pool); !put) return put;
                attention.run(cache, layer, q.data(), 1, out.data(), nullptr);
            }
            best = std::min(best, secondsSince(begun));
        }
        m_report.rows.push_back({"first_token", 0, best, 0});
        return {};
    }

    /// A conversation forked at its end; both deleted, which can be undone; and gone for good.
    Status branches() {
        {
            auto store = SessionStore::open(m_session, OpenMode::ReadWrite);
            if (!store) return store.error();
            if (auto stored = store->commit(m_made.conversation()); !stored) return stored;
            const auto begun = Clock::now();
            if (auto forked = store->commit(m_made.fork()); !forked) return forked;
            m_report.rows.push_back({"fork", 0, secondsSince(begun), 0});
        }
        ModelLibrary none({}, m_pool);
        const EngineOptions options;
        auto session = SessionImpl::edit({none, m_pool, options}, m_session);
        if (!session) return session.error();
        if (auto gone = (*session)->deleteBranch("fork"); !gone) return gone;
        auto begun = Clock::now();
        if (auto gone = (*session)->deleteBranch("main"); !gone) return gone;
        m_report.rows.push_back({"delete_branch", 0, secondsSince(begun), 0});
        begun = Clock::now();
        if (auto gone = (*session)->removeDeleted(); !gone) return gone.error();
        m_report.rows.push_back({"branch_gc", 0, secondsSince(begun), 0});
        return {};
    }

    Status verify() {
        forgetFile(m_session);
        const auto begun = Clock::now();
        auto store = SessionStore::open(m_session, OpenMode::ReadOnly);
        if (!store) return store.error();
        auto damage = store->verify({});
        if (!damage) return damage.error();
        if (!damage->blocks.empty() || !damage->problems.empty())
            return Error{ErrorCode::Failed, "The measured session \"" + m_session.string() + "\" is not sound."};
        m_report.rows.push_back({"verify", m_report.payload_bytes, secondsSince(begun), 0});
        return {};
    }

    Status shrink() {
        forgetFile(m_session);
        auto begun = Clock::now();
        if (auto done = compactFile(m_session); !done) return done.error();
        m_report.rows.push_back({"compact", m_report.payload_bytes, secondsSince(begun), 0});
        ModelLibrary none({}, m_pool);
        const EngineOptions options;
        begun = Clock::now();
        if (auto done = SessionImpl::strip({none, m_pool, options}, m_session); !done) return done.error();
        m_report.rows.push_back({"strip", 0, secondsSince(begun), 0});
        return {};
    }

    /// What is cached of one file takes the other's room.
    void forgetBoth() const {
        forgetFile(m_session);
        forgetFile(m_plain);
    }

    const SessionSpeedRequest& m_request;
    MadeUpSession& m_made;
    const kernels::KernelTable& m_kernels;
    ThreadPool& m_pool;
    fs::path m_session, m_plain;
    Leftovers m_leftovers;
    SessionSpeedReport m_report;
};

}  // namespace

Result<SessionSpeedReport> measureSession(const SessionSpeedRequest& request, const kernels::KernelTable& kernels,
                                          ThreadPool& pool, const std::function<void(double)>& progress,
                                          std::stop_token stop) {
    MadeUpShape shape;
    shape.text_pages = request.pages;
    if (request.kv.research.any() || request.runs < 1 || request.pages < 1)
        return Error{ErrorCode::Usage, "A measurement of sessions needs a setting that sessions have, pages and runs."};
    const double per_token =
        double(pageBytes(request.kv, shape.layers, {shape.kv_heads, shape.head_dim})) / kernels::kPageTokens;
    const auto disk = freeDisk(request.folder), memory = freeMemory();
    shape.tokens = request.tokens;
    if (shape.tokens == 0) {
        const double room = std::min(double(disk) / 4, double(memory) / 2);
        shape.tokens = std::clamp<std::uint64_t>(
            std::uint64_t(room / per_token) / Transformer::kChunk * Transformer::kChunk, kLeastTokens, kMostTokens);
    }
    if (shape.tokens < kLeastTokens)
        return Error{ErrorCode::Usage, "A session to measure needs at least " + countText(kLeastTokens) + " tokens."};
    const double bytes = per_token * double(shape.tokens);
    if (bytes > double(disk) / 3 || bytes > double(memory))
        return Error{ErrorCode::NoRoom, "A session of " + countText(shape.tokens) + " tokens has " +
                                            byteText(std::uint64_t(std::min(bytes, 1e18))) +
                                            "; measuring it needs three times as much on disk (" + byteText(disk) +
                                            " is free) and as much memory (" + byteText(memory) +
                                            "): give fewer --tokens."};
    MadeUpSession made(shape, request.kv, kernels, pool);
    return SessionBench(request, made, shape, kernels, pool).run(progress, stop);
}

}  // namespace lectern
