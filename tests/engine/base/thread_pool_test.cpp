// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/thread_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <numeric>

namespace lectern {
namespace {

TEST(ThreadPool, EveryTaskRunsOnceOnAValidWorker) {
    for (const int threads : {1, 2, 5}) {
        ThreadPool pool(threads);
        EXPECT_EQ(pool.threads(), threads);
        for (const int tasks : {0, 1, 2, 7, 1000}) {
            std::vector<int> runs(std::size_t(tasks), 0);
            std::atomic<int> bad{0};
            pool.run(tasks, [&](int index, int worker) {
                ++runs[std::size_t(index)];
                if (worker < 0 || worker >= threads) ++bad;
            });
            EXPECT_EQ(std::accumulate(runs.begin(), runs.end(), 0), tasks);
            EXPECT_EQ(std::count(runs.begin(), runs.end(), 1), tasks);
            EXPECT_EQ(bad, 0);
        }
    }
}

TEST(ThreadPool, ManyShortCallsFollowOneAnother) {
    ThreadPool pool(3);
    std::atomic<long> sum{0};
    for (int call = 0; call < 5000; ++call) pool.run(4, [&](int index, int) { sum += index; });
    EXPECT_EQ(sum, 5000L * 6);
}

TEST(ThreadPool, WorkersThatWentToSleepWakeUp) {
    ThreadPool pool(2);
    for (int round = 0; round < 3; ++round) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        std::atomic<int> runs{0};
        pool.run(10, [&](int, int) { ++runs; });
        EXPECT_EQ(runs, 10);
    }
}

}  // namespace
}  // namespace lectern
