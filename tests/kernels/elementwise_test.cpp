// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/elementwise.h"

#include <cstdlib>

#include "tests/kernels/fixtures.h"
#include "tests/kernels/tolerances.h"

namespace lectern::test {
namespace {

class Elementwise : public PerIsa {};
INSTANTIATE_TEST_SUITE_P(Isa, Elementwise, ::testing::ValuesIn(allTables()), tableName);

constexpr int kSizes[] = {1, 2, 7, 8, 15, 16, 17, 31, 33, 64, 100, 288, 4096, 32003};

TEST_P(Elementwise, NormEqualsTheReferenceInPlaceToo) {
    for (const int n : kSizes) {
        auto x = makeData(Data::OutlierHeavy, 1, n, 1);
        const auto weight = makeData(Data::Normal, 1, n, 2);
        std::vector<float> want(x.size()), got(x.size());
        rmsNormRef(x.data(), weight.data(), 1e-5F, n, want.data());
        m_table.rmsNorm(x.data(), weight.data(), 1e-5F, n, got.data());
        EXPECT_LT(normalisedError(got, want), kNormTolerance) << n;
        m_table.rmsNorm(x.data(), weight.data(), 1e-5F, n, x.data());
        EXPECT_EQ(x, got);
    }
    std::vector<float> zeros(8), ones(8, 1.0F);
    m_table.rmsNorm(zeros.data(), ones.data(), 1e-5F, 8, zeros.data());
    EXPECT_EQ(zeros, std::vector<float>(8));
}

TEST_P(Elementwise, SiluEqualsTheReferenceAndNeverOverflows) {
    for (const int n : kSizes) {
        auto want = makeData(Data::OutlierHeavy, 1, n, 3);
        want[0] = -1e30F;
        want.back() = 1e30F;
        auto got = want;
        std::vector<float> up(want.size(), 1.0F);
        siluMulRef(want.data(), up.data(), n);
        m_table.siluMul(got.data(), up.data(), n);
        for (std::size_t i = 0; i < want.size(); ++i)
            ASSERT_NEAR(got[i], want[i], kElementwiseTolerance * std::max(1.0, std::fabs(double(want[i]))));
    }
}

TEST_P(Elementwise, GeluEqualsTheReferenceAndNeverOverflows) {
    for (const int n : kSizes) {
        auto want = makeData(Data::Normal, 1, n, 3);
        want[0] = -1e30F;
        want.back() = 1e30F;
        for (int i = 1; i + 1 < n; i += 3) want[std::size_t(i)] *= 6;
        auto got = want;
        std::vector<float> up(want.size(), 1.0F);
        geluMulRef(want.data(), up.data(), n);
        m_table.geluMul(got.data(), up.data(), n);
        for (std::size_t i = 0; i < want.size(); ++i)
            ASSERT_NEAR(got[i], want[i], kGeluTolerance * std::max(1.0, std::fabs(double(want[i]))));
    }
}

TEST_P(Elementwise, SoftCapEqualsTheReferenceAndNeverOverflows) {
    for (const float cap : {0.5F, 30.0F, 50.0F}) {
        for (const int n : kSizes) {
            auto want = makeData(Data::OutlierHeavy, 1, n, 3);
            for (float& x : want) x *= cap / 4;
            want[0] = -1e30F;
            want.back() = 1e30F;
            auto got = want;
            softCapRef(want.data(), n, cap);
            m_table.softCap(got.data(), n, cap);
            for (std::size_t i = 0; i < want.size(); ++i)
                ASSERT_NEAR(got[i], want[i], kElementwiseTolerance * double(cap));
        }
    }
}

TEST_P(Elementwise, AddIsExact) {
    for (const int n : kSizes) {
        auto want = makeData(Data::Normal, 1, n, 4);
        auto got = want;
        const auto y = makeData(Data::OutlierHeavy, 1, n, 5);
        addRef(want.data(), y.data(), n);
        m_table.add(got.data(), y.data(), n);
        EXPECT_EQ(got, want);
    }
}

TEST_P(Elementwise, SoftmaxEqualsTheReference) {
    for (const int n : kSizes) {
        for (const float shift : {0.0F, 5000.0F, -5000.0F}) {
            auto want = makeData(Data::OutlierHeavy, 1, n, 6);
            for (float& x : want) x += shift;
            auto got = want;
            const float lse = softmaxRef(want.data(), n);
            EXPECT_NEAR(m_table.softmax(got.data(), n), lse, 1e-6 * std::fabs(lse) + 1e-5);
            EXPECT_LT(normalisedError(got, want), kElementwiseTolerance) << n;
        }
    }
}

TEST_P(Elementwise, ExponentialIsAccurateOverItsWholeRange) {
    // Through softmax over {x, 0}: the ratio of both weights is exp(x).
    for (float x = -87.0F; x <= 0.0F; x += 0.00137F) {
        float pair[2] = {x, 0.0F};
        m_table.softmax(pair, 2);
        const double ratio = double(pair[0]) / pair[1], want = std::exp(double(x));
        ASSERT_NEAR(ratio / want, 1.0, kExpTolerance * 2) << x;
    }
    float none[2] = {-INFINITY, 3.0F};
    m_table.softmax(none, 2);
    EXPECT_EQ(none[0], 0.0F);
    EXPECT_EQ(none[1], 1.0F);
}

TEST(Dispatch, PortableIsAlwaysThereAndBestIsTheWidest) {
    ASSERT_NE(kernelsFor(Isa::Portable), nullptr);
    EXPECT_STREQ(kernelsFor(Isa::Portable)->name, "portable");
    if (std::getenv("LECTERN_ISA") == nullptr) {
        EXPECT_EQ(&bestKernels(), allTables().back());
    }
}

}  // namespace
}  // namespace lectern::test
