// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <stop_token>
#include <thread>

namespace lectern::cli {

/// Turns the first SIGINT or SIGTERM into a stop request; a second one ends the process as if nobody had caught it.
/// Make it before any other thread: threads inherit the blocked signals, and only the watcher takes them, so that
/// nothing runs in signal context. Children inherit them too and are ended by their parent.
class InterruptWatcher {
public:
    explicit InterruptWatcher(std::stop_source source);
    ~InterruptWatcher();
    InterruptWatcher(const InterruptWatcher&) = delete;
    InterruptWatcher& operator=(const InterruptWatcher&) = delete;

private:
    void watch();
    std::stop_source m_source;
    std::atomic<bool> m_over = false;
    std::thread m_thread;
};

}  // namespace lectern::cli
