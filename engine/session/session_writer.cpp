// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/session/session_writer.h"

namespace lectern {

namespace {

constexpr std::size_t kGroupBytes = std::size_t(64) << 20;  ///< commits queued up share a transaction up to this

/// As one transaction; where that fails for other reasons than the disk's, one by one, so that a bad commit takes none
/// of those before it along.
Status writeGroup(SessionStore& store, std::span<const SessionCommit> group) {
    Status done = store.commit(group);
    if (done || group.size() == 1 || done.error().code != ErrorCode::Usage) return done;
    for (const auto& commit : group) {
        done = store.commit(commit);
        if (!done) break;
    }
    return done;
}

}  // namespace

SessionWriter::SessionWriter(SessionStore store, std::size_t queue_bytes)
    : m_store(std::move(store)), m_limit(queue_bytes), m_file_bytes(m_store->fileBytes()) {
    m_thread = std::thread([this] { run(); });
}

SessionWriter::~SessionWriter() {
    {
        const std::lock_guard lock(m_mutex);
        m_stopping = true;
    }
    m_changed.notify_all();
    if (m_thread.joinable()) m_thread.join();
}

Status SessionWriter::submit(SessionCommit commit) {
    if (!m_store) return {};
    const std::size_t bytes = commit.bytes();
    std::unique_lock lock(m_mutex);
    // A commit larger than the whole queue goes alone.
    m_changed.wait(lock, [&] { return m_error || m_queued_bytes == 0 || m_queued_bytes + bytes <= m_limit; });
    if (m_error) return *m_error;
    m_queued_bytes += bytes;
    m_queue.push_back(std::move(commit));
    m_changed.notify_all();
    return {};
}

Status SessionWriter::flush() {
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [&] { return m_error || (m_queue.empty() && !m_busy); });
    return m_error ? Status(*m_error) : Status();
}

std::uint64_t SessionWriter::fileBytes() const {
    const std::lock_guard lock(m_mutex);
    return m_file_bytes;
}

void SessionWriter::run() {
    std::unique_lock lock(m_mutex);
    for (;;) {
        m_changed.wait(lock, [&] { return m_stopping || !m_queue.empty(); });
        if (m_queue.empty()) return;
        std::vector<SessionCommit> group;
        std::size_t bytes = 0;
        do {
            bytes += m_queue.front().bytes();
            group.push_back(std::move(m_queue.front()));
            m_queue.pop_front();
        } while (!m_queue.empty() && bytes + m_queue.front().bytes() <= kGroupBytes);
        m_busy = true;
        lock.unlock();
        Status done = writeGroup(*m_store, group);
        const std::uint64_t file_bytes = m_store->fileBytes();
        group.clear();
        lock.lock();
        m_busy = false;
        m_file_bytes = file_bytes;
        m_queued_bytes -= bytes;
        if (!done) {
            m_error = done.error();
            m_queue.clear();  // in order or not at all: nothing after a failure is written
            m_queued_bytes = 0;
        }
        m_changed.notify_all();
    }
}

}  // namespace lectern
