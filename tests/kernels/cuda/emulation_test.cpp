// SPDX-License-Identifier: GPL-3.0-or-later
// The emulation itself: does it do what a GPU does, and does it notice what a GPU would not forgive?
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "kernels/cuda/fragment.cuh"

namespace lectern::test {
namespace {

using namespace lectern::kernels;
using emulation::KernelError;
using emulation::Order;
using testing::AllOf;
using testing::HasSubstr;

/// Runs its tests in both orders of threads.
class CudaEmulation : public testing::TestWithParam<Order> {
protected:
    void SetUp() override { emulation::thread_order = GetParam(); }
    void TearDown() override { emulation::thread_order = Order::Ascending; }
};
INSTANTIATE_TEST_SUITE_P(Orders, CudaEmulation, testing::Values(Order::Ascending, Order::Descending),
                         [](const auto& info) { return info.param == Order::Ascending ? "Ascending" : "Descending"; });

template <class Body>
void inBlock(unsigned threads, std::size_t shared, Body body) {
    emulation::runGrid(dim3(1), dim3(threads), shared, body);
}

template <class Body>
std::string errorOf(unsigned threads, Body body) {
    try {
        inBlock(threads, 0, body);
    } catch (const KernelError& error) {
        return error.what();
    }
    return "no error";
}

void countThreads(int* seen) {
    const unsigned block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
    const unsigned thread = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
    atomicAdd(&seen[block * blockDim.x * blockDim.y * blockDim.z + thread], 1);
}

TEST_P(CudaEmulation, EveryThreadOfEveryBlockRunsOnce) {
    std::vector<int> seen(2 * 3 * 4 * 5 * 2 * 7);
    ASSERT_EQ(launch(countThreads, dim3(2, 3, 4), dim3(5, 2, 7), 0, nullptr, seen.data()), 0);
    EXPECT_EQ(seen, std::vector<int>(seen.size(), 1));
}

TEST_P(CudaEmulation, BarrierMakesAllWritesVisible) {
    std::vector<int> sums(100);
    inBlock(100, 400, [&] {
        int* shared = dynamicShared<int>();
        shared[threadIdx.x] = int(threadIdx.x);
        __syncthreads();
        int sum = 0;
        for (int i = 0; i < 100; ++i) sum += shared[i];
        __syncthreads();
        shared[99 - threadIdx.x] = sum;
        __syncthreads();
        sums[threadIdx.x] = shared[threadIdx.x];
    });
    EXPECT_EQ(sums, std::vector<int>(100, 4950));
}

TEST_P(CudaEmulation, SharedMemoryStartsAsNaNInEveryBlock) {
    std::vector<float> found(3);
    emulation::runGrid(dim3(3), dim3(1), 4, [&] { found[blockIdx.x] = std::exchange(*dynamicShared<float>(), 1.0F); });
    for (const float x : found) EXPECT_TRUE(std::isnan(x));
}

TEST_P(CudaEmulation, BarrierThatAnEndedThreadMissesIsReportedWithItsLine) {
    const std::string error = errorOf(64, [] {
        if (threadIdx.x == 5) return;
        __syncthreads();
    });
    EXPECT_THAT(error, AllOf(HasSubstr("never come"), HasSubstr("63 (first (0,0,0)) are in __syncthreads at"),
                             HasSubstr("emulation_test.cpp:"), HasSubstr("1 (first (5,0,0)) are in no operation")));
}

TEST_P(CudaEmulation, ThreadsAtDifferentBarriersAreReported) {
    const std::string error = errorOf(2, [] {
        if (threadIdx.x == 0) {
            __syncthreads();
        } else {
            __syncthreads();
        }
    });
    EXPECT_THAT(error, AllOf(HasSubstr("1 (first (0,0,0))"), HasSubstr("1 (first (1,0,0))")));
}

TEST_P(CudaEmulation, LaneThatSkipsAShuffleIsReported) {
    const std::string error = errorOf(32, [] {
        if (threadIdx.x != 9) __shfl_sync(kAllLanes, 1, 0);
    });
    EXPECT_THAT(error, AllOf(HasSubstr("31 (first (0,0,0)) are in __shfl_sync"), HasSubstr("1 (first (9,0,0))")));
}

TEST_P(CudaEmulation, LanesInDifferentOperationsAreReported) {
    const std::string error = errorOf(32, [] { threadIdx.x < 16 ? __any_sync(kAllLanes, 1) : __shfl_sync(~0U, 1, 0); });
    EXPECT_THAT(error, HasSubstr("different operations"));
}

TEST_P(CudaEmulation, LaneOutsideItsOwnMaskIsReported) {
    EXPECT_THAT(errorOf(32, [] { __syncwarp(1U << (threadIdx.x / 31)); }), HasSubstr("not in its own mask"));
}

TEST_P(CudaEmulation, ALaunchAfterAnErrorWorks) {
    errorOf(64, [] {
        if (threadIdx.x != 0) __syncthreads();
    });
    int sum = 0;
    inBlock(64, 0, [&] { atomicAdd(&sum, 1); });
    EXPECT_EQ(sum, 64);
}

TEST_P(CudaEmulation, ShufflesReadTheLanesThatCudaNames) {
    inBlock(64, 0, [] {
        const int lane = int(threadIdx.x % 32), base = int(threadIdx.x / 32) * 100;
        EXPECT_EQ(__shfl_sync(kAllLanes, base + lane, 7), base + 7);
        EXPECT_EQ(__shfl_sync(kAllLanes, lane, 3, 8), lane / 8 * 8 + 3);
        EXPECT_EQ(__shfl_xor_sync(kAllLanes, lane, 5), lane ^ 5);
        EXPECT_EQ(__shfl_up_sync(kAllLanes, lane, 3, 16), lane % 16 < 3 ? lane : lane - 3);
        EXPECT_EQ(__shfl_down_sync(kAllLanes, lane, 3, 16), lane % 16 > 12 ? lane : lane + 3);
        EXPECT_EQ(__shfl_sync(kAllLanes, 0.5 * lane, 31), 15.5);
    });
}

TEST_P(CudaEmulation, VotesAndReductionsCountTheMaskOnly) {
    inBlock(32, 0, [] {
        const unsigned lane = threadIdx.x, mask = lane < 8 ? 0xffU : 0xffffff00U;
        EXPECT_EQ(__ballot_sync(mask, int(lane % 3 == 0)), 0x49249249U & mask);
        EXPECT_EQ(__any_sync(mask, int(lane == 9)) != 0, lane >= 8);
        EXPECT_EQ(__all_sync(mask, int(lane < 8)) != 0, lane < 8);
        EXPECT_EQ(__reduce_add_sync(mask, lane), lane < 8 ? 28U : 468U);
        EXPECT_EQ(__reduce_min_sync(mask, lane), lane < 8 ? 0U : 8U);
        EXPECT_EQ(__reduce_max_sync(mask, lane), lane < 8 ? 7U : 31U);
        EXPECT_EQ(warpSum(1.0F), 32.0F);
        EXPECT_EQ(warpMax(-float(lane)), 0.0F);
    });
}

TEST_P(CudaEmulation, ACopyArrivesWhenItIsWaitedForAndNotBefore) {
    alignas(16) float source[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    inBlock(1, 32, [&] {
        float* shared = dynamicShared<float>();
        copyAsync<16>(shared, source);
        copyCommit();
        copyAsync<16>(shared + 4, source + 4);
        copyCommit();
        EXPECT_TRUE(std::isnan(shared[0]));
        copyWait<1>();
        EXPECT_EQ(shared[3], 4);
        EXPECT_TRUE(std::isnan(shared[4]));
        copyWait<0>();
        EXPECT_EQ(shared[7], 8);
    });
}

TEST_P(CudaEmulation, FragmentsMultiplyMatricesThroughSharedMemory) {
    std::mt19937 random(1);
    std::vector<std::uint16_t> a(16 * 16), b(16 * 8);
    for (auto* m : {&a, &b})
        for (auto& x : *m) x = floatToHalf(float(int(random() % 17) - 8));
    std::vector<float> got(16 * 8);
    inBlock(32, (16 * 16 + 16 * 8) * 2, [&] {
        auto* shared = dynamicShared<std::uint16_t>();
        const int lane = int(threadIdx.x);
        for (int i = lane; i < 256; i += 32) shared[i] = a[std::size_t(i)];
        for (int i = lane; i < 128; i += 32) shared[256 + i] = b[std::size_t(i)];
        __syncwarp();
        FragmentA fa;
        loadMatrices(fa.x, shared + (lane % 16) * 16 + lane / 16 * 8);
        Half2 columns[4];
        loadTransposed(columns, shared + 256 + lane % 16 * 8);
        FragmentD d{};
        multiplyAdd(d, fa, {{columns[0], columns[1]}});
        for (int i = 0; i < 4; ++i) got[std::size_t((lane / 4 + i / 2 * 8) * 8 + lane % 4 * 2 + i % 2)] = d.x[i];
    });
    for (std::size_t r = 0; r < 16; ++r)
        for (std::size_t c = 0; c < 8; ++c) {
            float want = 0;
            for (std::size_t k = 0; k < 16; ++k) want += halfToFloat(a[r * 16 + k]) * halfToFloat(b[k * 8 + c]);
            EXPECT_EQ(got[r * 8 + c], want) << r << ", " << c;
        }
}

TEST_P(CudaEmulation, MatricesAreTransposedInRegistersAndFromSharedMemory) {
    inBlock(32, 16 * 8 * 2, [] {
        auto* shared = dynamicShared<std::uint16_t>();
        const int lane = int(threadIdx.x), row = lane / 4, column = lane % 4 * 2;
        for (int i = lane; i < 128; i += 32) shared[i] = std::uint16_t(i);
        __syncwarp();
        const auto at = [](int r, int c) { return Half2(r * 8 + c); };
        EXPECT_EQ(transposed(at(row, column) | at(row, column + 1) << 16), at(column, row) | at(column + 1, row) << 16);
        Half2 two[2];
        loadTransposed(two, shared + lane % 16 * 8);
        EXPECT_EQ(two[0], at(column, row) | at(column + 1, row) << 16);
        EXPECT_EQ(two[1], at(column + 8, row) | at(column + 9, row) << 16);
    });
}

TEST_P(CudaEmulation, HalvesMultiplyAsNumbers) {
    const auto two = [](float low, float high) { return packHalf2(low, high); };
    EXPECT_EQ(halfMul2(two(3, -0.5F), two(0.25F, 6)), two(0.75F, -3));
    EXPECT_EQ(halfMul2(two(0, -1), two(-1, 0)), two(-0.0F, -0.0F));
}

}  // namespace
}  // namespace lectern::test
