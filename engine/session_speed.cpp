// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/session_speed.h"

#include <algorithm>
#include <chrono>

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
    SessionBench(const SessionSpeedRequest& request, const MadeUpSession& made, const MadeUpShape& shape,
                 ThreadPool& pool)
        : m_request(request),
          m_made(made),
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
                                         {&SessionBench::load, 0.8},
                                         {&SessionBench::verify, 1.0}}) {
            if (stop.stop_requested()) return Error{ErrorCode::Interrupted, "The measurement was stopped."};
            if (auto measured = (this->*step)(); !measured) return measured.error();
            if (progress) progress(done);
        }
        return std::move(m_report);
    }

private:
    /// Writes the session as reading does, chunk by chunk, then the plain file with as many syncs.
    Status write() {
        auto store = SessionStore::create(m_session, m_made.identity());
        if (!store) return store.error();
        if (auto stored = store->commit(m_made.texts()); !stored) return stored;
        const auto before = bytesToDisk();
        double seconds = 0;
        std::uint64_t most = 0;
        for (std::uint64_t from = 0, to = 0; from < m_made.tokens(); from = to) {
            to = std::min<std::uint64_t>(from + Transformer::kChunk, m_made.tokens());
            const SessionCommit commit = m_made.read(from, to);
            const auto begun = Clock::now();
            if (auto stored = store->commit(commit); !stored) return stored;
            seconds += secondsSince(begun);
            most = std::max<std::uint64_t>(most, commit.bytes());
        }
        m_report.written_bytes = bytesToDisk() - before;
        m_report.file_bytes = store->fileBytes();
        const auto closing = Clock::now();
        { const SessionStore closed = std::move(*store); }
        const double close = secondsSince(closing);
        m_report.payload_bytes = m_made.payloadBytes();
        auto plain = writePlainFile(m_plain, m_report.payload_bytes, most);
        if (!plain) return plain.error();
        m_report.rows.push_back({"write", m_report.payload_bytes, seconds, *plain});
        m_report.rows.push_back({"close", 0, close, 0});
        return {};
    }

    /// Until documents and conversation can be shown.
    Status window() {
        double best = 1e30;
        for (int run = 0; run < m_request.runs; ++run) {
            forgetFile(m_session);
            ModelLibrary none({}, {}, m_pool);
            const EngineOptions options;
            const auto begun = Clock::now();
            auto session = SessionImpl::peek({none, m_pool, options}, m_session);
            if (!session) return session.error();
            best = std::min(best, secondsSince(begun));
        }
        m_report.rows.push_back({"open_window", 0, best, 0});
        return {};
    }

    /// Until every block is in a cache, checked.
    Status load() {
        double best = 1e30, plain_best = 1e30;
        for (int run = 0; run < m_request.runs; ++run) {
            forgetFile(m_plain);
            auto plain = readPlainFile(m_plain, m_pool.threads());
            if (!plain) return plain.error();
            plain_best = std::min(plain_best, *plain);
            forgetFile(m_session);
            auto loaded = loadOnce();
            if (!loaded) return loaded.error();
            best = std::min(best, *loaded);
        }
        m_report.rows.push_back({"load", m_report.payload_bytes, best, plain_best});
        return {};
    }

    Result<double> loadOnce() {
        const auto begun = Clock::now();
        auto store = SessionStore::open(m_session, OpenMode::ReadOnly);
        if (!store) return store.error();
        KvCache cache = m_made.emptyCache();
        const Status read = store->readBlocks(0, [&](BlockRecord&& block) {
            return cache.restore(block.layer, KvKind(block.kind != 0), int(block.page), block.bits, block.bytes);
        });
        if (!read) return read.error();
        if (auto whole = cache.finishRestore(m_made.tokens()); !whole) return whole.error();
        return secondsSince(begun);
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

    const SessionSpeedRequest& m_request;
    const MadeUpSession& m_made;
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
    const MadeUpSession made(shape, request.kv, kernels, pool);
    return SessionBench(request, made, shape, pool).run(progress, stop);
}

}  // namespace lectern
