// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

namespace lectern {

/// The compute pool: a fixed number of workers, the calling thread being worker 0. One caller at a time.
/// Tasks are handed out one by one from a counter, so uneven ones balance. Between calls workers spin for a moment and
/// then sleep. Tasks must not throw and must not call run() on the same pool.
class ThreadPool {
public:
    explicit ThreadPool(int threads = 0);  ///< 0 = all cores
    ~ThreadPool();
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;

    int threads() const { return int(m_workers.size()) + 1; }

    /// Calls task(index, worker) for every index in [0, tasks), worker in [0, threads()); returns when all are done.
    void run(int tasks, const std::function<void(int index, int worker)>& task);

private:
    void work(int worker);
    void drain(int worker);

    std::vector<std::thread> m_workers;
    const std::function<void(int, int)>* m_task = nullptr;  // written before m_epoch, read after
    int m_tasks = 0;
    std::atomic<int> m_next{0};
    std::atomic<int> m_running{0};
    std::atomic<std::uint32_t> m_epoch{0};
    std::atomic<bool> m_stop{false};
};

}  // namespace lectern
