// SPDX-License-Identifier: GPL-3.0-or-later
// Does the emulation find the races of kernels, and only those? Each kernel runs in a process of its own, whose exit
// status is 66 where ThreadSanitizer found one. Without ThreadSanitizer there is nothing to test.
#include <gtest/gtest.h>

#include <cstdlib>
#include <vector>

#include "kernels/cuda/early_launch.cuh"

#ifdef LECTERN_TSAN

namespace lectern::test {
namespace {

using namespace lectern::kernels;

class CudaRaces : public testing::Test {
protected:
    void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
    template <class Body>
    static void expectRace(dim3 grid, unsigned threads, Body body) {
        EXPECT_EXIT(finish([&] { emulation::runGrid(grid, dim3(threads), 1024, body); }), testing::ExitedWithCode(66),
                    "data race");
    }
    template <class Body>
    static void expectNone(dim3 grid, unsigned threads, Body body) {
        EXPECT_EXIT(finish([&] { emulation::runGrid(grid, dim3(threads), 1024, body); }), testing::ExitedWithCode(0),
                    "");
    }
    template <class Work>
    [[noreturn]] static void finish(Work work) {
        work();
        std::exit(0);
    }
};

TEST_F(CudaRaces, AMissingBarrierIsOne) {
    const auto reverse = [](bool barrier) {
        auto* shared = dynamicShared<unsigned>();
        shared[threadIdx.x] = threadIdx.x;
        if (barrier) __syncthreads();
        EXPECT_LE(shared[63 - threadIdx.x] + 1, 64U);
    };
    expectNone(dim3(2), 64, [=] { reverse(true); });
    expectRace(dim3(1), 64, [=] { reverse(false); });
}

TEST_F(CudaRaces, ABarrierTooFewInALoopIsOne) {
    const auto rounds = [](bool both) {
        auto* shared = dynamicShared<unsigned>();
        for (unsigned i = 0; i < 5; ++i) {
            if (threadIdx.x == 40) *shared = i;
            __syncthreads();
            EXPECT_EQ(*shared, i);
            if (both) __syncthreads();
        }
    };
    expectNone(dim3(1), 64, [=] { rounds(true); });
    expectRace(dim3(1), 64, [=] { rounds(false); });
}

TEST_F(CudaRaces, ABarrierOfAWarpOrdersItsLanesAndAShuffleDoesNot) {
    const auto neighbour = [](bool barrier) {
        auto* shared = dynamicShared<unsigned>();
        shared[threadIdx.x] = threadIdx.x;
        if (barrier) {
            __syncwarp();
        } else {
            __shfl_sync(kAllLanes, 1, 0);
        }
        EXPECT_EQ(shared[threadIdx.x ^ 1U], threadIdx.x ^ 1U);
    };
    expectNone(dim3(1), 64, [=] { neighbour(true); });
    expectRace(dim3(1), 32, [=] { neighbour(false); });
    expectRace(dim3(1), 64, [] {  // warps are not ordered by their own barriers
        dynamicShared<unsigned>()[0] = threadIdx.x;
        __syncwarp();
    });
}

TEST_F(CudaRaces, BlocksThatWriteTheSameWordAreOne) {
    int word = 0;
    expectRace(dim3(2), 1, [&] { word = int(blockIdx.x); });
    expectRace(dim3(2), 32, [&] {
        __syncthreads();
        if (threadIdx.x == blockIdx.x) word = 1;
        __syncthreads();
    });
    expectNone(dim3(2), 32, [&] { atomicAdd(&word, 1); });
}

TEST_F(CudaRaces, ACopyThatOthersReadWithoutABarrierIsOne) {
    alignas(16) float source[4] = {1, 2, 3, 4};
    const auto copied = [&](bool barrier) {
        auto* shared = dynamicShared<float>();
        if (threadIdx.x == 0) copyAsync<16>(shared, source);
        copyCommit();
        copyWait<0>();
        if (barrier) __syncwarp();
        EXPECT_FALSE(shared[1] > 2);
    };
    expectNone(dim3(1), 32, [&] { copied(true); });
    expectRace(dim3(1), 32, [&] { copied(false); });
}

void copyWord(int* to, const int* from, bool wait) {
    if (wait) waitForEarlier();
    *to = *from;
}
void copyNothing(bool wait) {
    if (wait) waitForEarlier();
}

TEST_F(CudaRaces, AKernelThatBeginsEarlyMustWaitBeforeItReads) {
    const auto two = [](bool wait) {
        std::vector<int> words = {1, 0, 0};
        const emulation::InStream stream;
        launch(copyWord, 1, 1, 0, nullptr, &words[1], &words[0], false);
        launchEarly(copyWord, 1, 1, 0, nullptr, &words[2], &words[1], wait);
        launch(copyWord, 1, 1, 0, nullptr, &words[0], &words[2], false);
        emulation::settle();
    };
    EXPECT_EXIT(finish([&] { two(true); }), testing::ExitedWithCode(0), "");
    EXPECT_EXIT(finish([&] { two(false); }), testing::ExitedWithCode(66), "data race");
}

TEST_F(CudaRaces, AKernelThatDoesNotWaitHidesTheOneBeforeItFromTheNext) {
    const auto three = [](bool wait) {
        std::vector<int> words = {1, 0, 0};
        const emulation::InStream stream;
        launch(copyWord, 1, 1, 0, nullptr, &words[1], &words[0], false);
        launchEarly(copyNothing, 1, 1, 0, nullptr, wait);
        launchEarly(copyWord, 1, 1, 0, nullptr, &words[2], &words[1], true);
        emulation::settle();
    };
    EXPECT_EXIT(finish([&] { three(true); }), testing::ExitedWithCode(0), "");
    EXPECT_EXIT(finish([&] { three(false); }), testing::ExitedWithCode(66), "data race");
}

}  // namespace
}  // namespace lectern::test

#endif  // LECTERN_TSAN
