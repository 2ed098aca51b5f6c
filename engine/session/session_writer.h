// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "engine/session/session_store.h"

namespace lectern {

/// The writer thread: takes commits in order from a bounded queue and writes each as one transaction, so that computing
/// does not wait for the disk. After the first failure nothing more is written and every call reports that error.
/// submit(), flush() and error() belong to one thread (the engine's). The destructor writes what is queued.
class SessionWriter {
public:
    explicit SessionWriter(SessionStore store, std::size_t queue_bytes = std::size_t(256) << 20);
    /// Writes nothing: of a session that was opened read-only.
    explicit SessionWriter(std::uint64_t file_bytes) : m_file_bytes(file_bytes) {}
    ~SessionWriter();
    SessionWriter(const SessionWriter&) = delete;
    SessionWriter& operator=(const SessionWriter&) = delete;

    Status submit(SessionCommit commit);  ///< waits while more than queue_bytes are queued
    Status flush();                       ///< returns when everything submitted is on disk
    std::uint64_t fileBytes() const;

private:
    void run();

    std::optional<SessionStore> m_store;
    std::size_t m_limit = 0;
    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<SessionCommit> m_queue;
    std::size_t m_queued_bytes = 0;
    std::uint64_t m_file_bytes = 0;
    bool m_stopping = false, m_busy = false;
    std::optional<Error> m_error;
    std::thread m_thread;
};

}  // namespace lectern
