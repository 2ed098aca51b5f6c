// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/elementwise.h"

#include "kernels/elementwise.h"
#include "kernels/half.h"
#include "tests/kernels/fixtures.h"
#include "tests/kernels/tolerances.h"
#include "tests/support/cuda_emulation/cuda_emulation.h"

namespace lectern::test {
namespace {

using emulation::Order;

/// Runs its tests in both orders of threads.
class CudaElementwise : public testing::TestWithParam<Order> {
protected:
    void SetUp() override { emulation::thread_order = GetParam(); }
    void TearDown() override { emulation::thread_order = Order::Ascending; }
};
INSTANTIATE_TEST_SUITE_P(Orders, CudaElementwise, testing::Values(Order::Ascending, Order::Descending),
                         [](const auto& info) { return info.param == Order::Ascending ? "Ascending" : "Descending"; });

void expectHalves(const std::vector<std::uint16_t>& halves, const std::vector<float>& full) {
    for (std::size_t i = 0; i < full.size(); ++i) ASSERT_EQ(halves[i], floatToHalfClamped(full[i])) << i;
}

TEST_P(CudaElementwise, NormEqualsTheReferenceInPlaceToo) {
    for (const int n : {1, 7, 64, 288, 3000}) {
        const int rows = 3;
        auto x = makeData(Data::OutlierHeavy, rows, n, 1);
        const auto weight = makeData(Data::Normal, 1, n, 2);
        std::vector<float> want(x.size()), got(x.size());
        std::vector<std::uint16_t> halves(x.size());
        for (int r = 0; r < rows; ++r) rmsNormRef(x.data() + r * n, weight.data(), 1e-5F, n, want.data() + r * n);
        ASSERT_EQ(rmsNorm(x.data(), weight.data(), 1e-5F, rows, n, {got.data(), halves.data()}, nullptr), 0);
        EXPECT_LT(normalisedError(got, want), kNormTolerance) << n;
        expectHalves(halves, got);
        ASSERT_EQ(rmsNorm(x.data(), weight.data(), 1e-5F, rows, n, {x.data(), nullptr}, nullptr), 0);
        EXPECT_EQ(x, got);
    }
}

TEST_P(CudaElementwise, ActivationsEqualTheirReferencesAndNeverOverflow) {
    for (const bool silu : {true, false})
        for (const int n : {1, 255, 257, 1000}) {
            auto want = makeData(Data::OutlierHeavy, 1, n, 3);
            want[0] = -1e30F;
            want.back() = silu ? 1e30F : 1e10F;  // whose cube is infinite
            auto gate = want;
            const auto up = makeData(Data::Normal, 1, n, 4);
            std::vector<std::uint16_t> halves(gate.size());
            (silu ? siluMulRef : geluMulRef)(want.data(), up.data(), n);
            ASSERT_EQ(
                (silu ? siluMul : geluMul)(gate.data(), up.data(), gate.size(), {gate.data(), halves.data()}, nullptr),
                0);
            EXPECT_LT(normalisedError(gate, want), kElementwiseTolerance) << silu << " " << n;
            expectHalves(halves, gate);
        }
}

TEST_P(CudaElementwise, AddAdds) {
    auto x = makeData(Data::Normal, 1, 777, 5);
    const auto y = makeData(Data::Normal, 1, 777, 6);
    auto want = x;
    addRef(want.data(), y.data(), 777);
    ASSERT_EQ(add(x.data(), y.data(), x.size(), nullptr), 0);
    EXPECT_EQ(x, want);
}

TEST_P(CudaElementwise, NormIsAddedToTheStream) {
    for (const Data data : {Data::Normal, Data::OutlierHeavy, Data::Zeros})
        for (const int n : {7, 288, 3000}) {
            const int rows = 3;
            auto x = makeData(Data::Normal, rows, n, 5);
            const auto y = makeData(data, rows, n, 6), weight = makeData(Data::Normal, 1, n, 2);
            std::vector<float> want(y.size());
            for (int r = 0; r < rows; ++r) rmsNormRef(y.data() + r * n, weight.data(), 1e-5F, n, want.data() + r * n);
            addRef(want.data(), x.data(), rows * n);
            ASSERT_EQ(addNorm(x.data(), y.data(), weight.data(), 1e-5F, rows, n, nullptr), 0);
            EXPECT_LT(normalisedError(x, want), kNormTolerance) << n << ", data " << int(data);
        }
}

TEST_P(CudaElementwise, BiasReachesEveryRow) {
    const int rows = 5, n = 300;
    const auto before = makeData(Data::Normal, rows, n, 18), bias = makeData(Data::Normal, 1, n, 19);
    auto x = before;
    ASSERT_EQ(addToRows(x.data(), bias.data(), rows, n, nullptr), 0);
    for (std::size_t i = 0; i < x.size(); ++i) ASSERT_EQ(x[i], before[i] + bias[i % std::size_t(n)]);
}

TEST_P(CudaElementwise, OneNumberThatIsNotFiniteIsFound) {
    std::vector<float> x(1000, 3e38F);
    std::int32_t flag = 0;
    ASSERT_EQ(findNonFinite(x.data(), x.size(), &flag, nullptr), 0);
    EXPECT_EQ(flag, 0);
    for (const float bad : {INFINITY, -INFINITY, NAN}) {
        x[999] = bad;
        flag = 0;
        ASSERT_EQ(findNonFinite(x.data(), x.size(), &flag, nullptr), 0);
        EXPECT_EQ(flag, 1);
        ASSERT_EQ(findNonFinite(x.data(), 999, &flag, nullptr), 0);
        EXPECT_EQ(flag, 1) << "stays";
    }
}

TEST_P(CudaElementwise, SoftmaxEqualsTheReference) {
    for (const int n : {1, 5, 256, 2000}) {
        auto x = makeData(Data::OutlierHeavy, 2, n, 8);
        auto want = x;
        std::vector<float> lse(2), want_lse;
        for (int r = 0; r < 2; ++r) want_lse.push_back(softmaxRef(want.data() + r * n, n));
        ASSERT_EQ(softmax(x.data(), 2, n, lse.data(), nullptr), 0);
        EXPECT_LT(normalisedError(x, want), kElementwiseTolerance * 3) << n;
        EXPECT_LT(normalisedError(lse, want_lse), kElementwiseTolerance) << n;
    }
}

void expectLargest(const std::vector<float>& x, int k, const std::string& what) {
    const int n = int(x.size());
    std::vector<float> want(std::size_t(k), 0.0F), got(want), lse(1), probabilities = x;
    std::vector<std::int32_t> want_at(want.size()), got_at(want.size());
    largestRef(x.data(), n, k, want.data(), want_at.data());
    ASSERT_EQ(largest(x.data(), n, k, got.data(), got_at.data(), lse.data(), nullptr), 0);
    ASSERT_EQ(got_at, want_at) << what;
    ASSERT_EQ(got, want) << what;
    const float want_lse = softmaxRef(probabilities.data(), n);
    ASSERT_NEAR(lse[0], want_lse, 1e-5 * std::max(1.0F, std::fabs(want_lse))) << what;
}

TEST_P(CudaElementwise, LargestEqualTheReferenceTiesToo) {
    for (const Data data : {Data::Normal, Data::Ties})
        for (const int n : {1, 40, 3000})
            for (const int k : {1, 30})
                if (k <= n) expectLargest(makeData(data, 1, n, 9), k, std::to_string(n) + ", " + std::to_string(k));
}

TEST_P(CudaElementwise, LargestAreFoundWhereOneThreadOwnsThemAll) {
    std::vector<float> x(1024 * 100);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = float(i % 1024 < 60 ? 1000 + i / 1024 : i % 1024);
    expectLargest(x, 50, "crowded list");
    x.assign(3000, -INFINITY);
    x[2000] = 1;
    expectLargest(x, 3, "all but one masked");
    x.assign(1200, 0.0F);
    expectLargest(x, kMostLargest, "all equal");
}

}  // namespace
}  // namespace lectern::test
