// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/matvec.h"

#include "kernels/half.h"
#include "tests/kernels/fixtures.h"
#include "tests/kernels/tolerances.h"

namespace lectern::test {
namespace {

class Matvec : public PerIsa {};
INSTANTIATE_TEST_SUITE_P(Isa, Matvec, ::testing::ValuesIn(allTables()), tableName);

constexpr WeightType kTypes[] = {WeightType::F32, WeightType::F16, WeightType::BF16, WeightType::Q8_0,
                                 WeightType::Q4_0};

/// Random weights at an odd address, as in a mapped file.
struct Weights {
    std::vector<std::byte> memory;
    WeightView view;

    Weights(WeightType type, int rows, int cols) {
        std::mt19937 random(unsigned(cols) + 1);
        std::normal_distribution<float> normal;
        const std::size_t size = rowBytes(type, cols) * std::size_t(rows);
        memory.resize(size + 1);
        std::byte* at = memory.data() + 1;
        for (std::size_t i = 0; i < size; ++i) at[i] = std::byte(random());
        const bool quantized = type == WeightType::Q8_0 || type == WeightType::Q4_0;
        const std::size_t step = quantized ? rowBytes(type, 32) : type == WeightType::F32 ? 4 : 2;
        for (std::size_t i = 0; i < size; i += step) {
            const float v = normal(random);
            const auto half = floatToHalf(v);
            std::uint32_t bits;
            std::memcpy(&bits, &v, 4);
            const auto brain = std::uint16_t(bits >> 16);
            if (type == WeightType::F32)
                std::memcpy(at + i, &v, 4);
            else
                std::memcpy(at + i, type == WeightType::BF16 ? &brain : &half, 2);
        }
        view = {at, type, rows, cols};
    }
};

TEST_P(Matvec, ProductsEqualTheReference) {
    for (const WeightType type : kTypes) {
        for (const int cols : {32, 64, 96, 288, 1000, 1024, 4096}) {
            if (cols % 32 != 0 && (type == WeightType::Q8_0 || type == WeightType::Q4_0)) continue;
            const Weights weights(type, 11, cols);
            const auto x = makeData(Data::Normal, 1, cols, 3);
            std::vector<float> want(11, 7.0F), got(11, 7.0F), rows(std::size_t(11 * cols)), size(11);
            matvecRef(weights.view, 2, 9, x.data(), want.data());
            m_table.matvec(weights.view, 2, 9, x.data(), got.data());
            weightRowsRef(weights.view, 0, 11, rows.data());
            for (int r = 2; r < 9; ++r) {
                double terms = 0;
                for (int c = 0; c < cols; ++c)
                    terms += std::fabs(double(rows[std::size_t(r * cols + c)]) * x[std::size_t(c)]);
                ASSERT_LT(std::fabs(got[std::size_t(r)] - want[std::size_t(r)]), kMatvecTolerance * terms)
                    << "type " << int(type) << ", cols " << cols;
            }
            EXPECT_EQ(got[1], 7.0F);
            EXPECT_EQ(got[9], 7.0F);
        }
    }
}

TEST_P(Matvec, RowsAreExact) {
    for (const WeightType type : kTypes) {
        for (const int cols : {32, 96, 1024}) {
            const Weights weights(type, 5, cols);
            std::vector<float> want(std::size_t(3 * cols)), got(want);
            weightRowsRef(weights.view, 1, 4, want.data());
            m_table.weightRows(weights.view, 1, 4, got.data());
            EXPECT_EQ(got, want) << "type " << int(type) << ", cols " << cols;
        }
    }
}

TEST_P(Matvec, OddWidthsWorkForPlainTypes) {
    for (const WeightType type : {WeightType::F32, WeightType::F16, WeightType::BF16}) {
        for (int cols = 1; cols < 40; ++cols) {
            const Weights weights(type, 2, cols);
            const std::vector<float> x(std::size_t(cols), 1.0F);
            std::vector<float> want(2), got(2), a(std::size_t(2 * cols)), b(a);
            matvecRef(weights.view, 0, 2, x.data(), want.data());
            m_table.matvec(weights.view, 0, 2, x.data(), got.data());
            EXPECT_NEAR(got[0], want[0], 1e-4);
            EXPECT_NEAR(got[1], want[1], 1e-4);
            weightRowsRef(weights.view, 0, 2, a.data());
            m_table.weightRows(weights.view, 0, 2, b.data());
            EXPECT_EQ(a, b);
        }
    }
}

}  // namespace
}  // namespace lectern::test
