// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/thread_pool.h"

#include <algorithm>

namespace lectern {

namespace {

constexpr int kSpins = 2000;  // some tens of microseconds: longer than the gap between two products of a layer

void pause() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#else
    std::this_thread::yield();
#endif
}

}  // namespace

ThreadPool::ThreadPool(int threads) {
    if (threads <= 0) threads = int(std::thread::hardware_concurrency());
    threads = std::clamp(threads, 1, 512);
    m_workers.reserve(std::size_t(threads - 1));
    for (int worker = 1; worker < threads; ++worker) m_workers.emplace_back([this, worker] { work(worker); });
}

ThreadPool::~ThreadPool() {
    m_stop.store(true);
    m_epoch.fetch_add(1);
    m_epoch.notify_all();
    for (auto& worker : m_workers) worker.join();
}

void ThreadPool::run(int tasks, const std::function<void(int, int)>& task) {
    if (tasks <= 0) return;
    if (tasks == 1 || m_workers.empty()) {
        for (int index = 0; index < tasks; ++index) task(index, 0);
        return;
    }
    m_task = &task;
    m_tasks = tasks;
    m_next.store(0, std::memory_order_relaxed);
    m_running.store(int(m_workers.size()), std::memory_order_relaxed);
    m_epoch.fetch_add(1, std::memory_order_release);
    m_epoch.notify_all();
    drain(0);
    for (int spins = 0; m_running.load(std::memory_order_acquire) != 0;) {
        if (++spins < kSpins) {
            pause();
        } else {
            const int left = m_running.load(std::memory_order_acquire);
            if (left != 0) m_running.wait(left, std::memory_order_acquire);
        }
    }
}

void ThreadPool::drain(int worker) {
    for (int index = m_next.fetch_add(1, std::memory_order_relaxed); index < m_tasks;
         index = m_next.fetch_add(1, std::memory_order_relaxed)) {
        (*m_task)(index, worker);
    }
}

void ThreadPool::work(int worker) {
    std::uint32_t seen = 0;
    while (true) {
        for (int spins = 0; m_epoch.load(std::memory_order_acquire) == seen;) {
            if (++spins < kSpins) {
                pause();
            } else {
                m_epoch.wait(seen, std::memory_order_acquire);
            }
        }
        seen = m_epoch.load(std::memory_order_acquire);
        if (m_stop.load()) return;
        drain(worker);
        if (m_running.fetch_sub(1, std::memory_order_acq_rel) == 1) m_running.notify_all();
    }
}

}  // namespace lectern
