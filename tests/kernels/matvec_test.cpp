// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/matvec.h"

#include <fstream>

#include "kernels/half.h"
#include "tests/kernels/fixtures.h"
#include "tests/kernels/tolerances.h"
#include "tests/support/weight_bytes.h"

namespace lectern::test {
namespace {

class Matvec : public PerIsa {};
INSTANTIATE_TEST_SUITE_P(Isa, Matvec, ::testing::ValuesIn(allTables()), tableName);

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
        const auto step = std::size_t(weightBlock(type).bytes);
        for (std::size_t i = 0; i < size; i += step) {
            const float v = normal(random);
            const auto half = floatToHalf(v);
            if (blocked(type)) {
                for (const int place : halfPlaces(type)) {
                    const auto number = floatToHalf(normal(random));
                    std::memcpy(at + i + place, &number, 2);
                }
                continue;
            }
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
    for (const WeightType type : kWeightTypes) {
        for (const int cols : {32, 64, 96, 256, 288, 768, 1000, 1024, 4096}) {
            if (cols % weightBlock(type).elements != 0) continue;
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
                    << weightBlock(type).name << ", cols " << cols;
            }
            EXPECT_EQ(got[1], 7.0F);
            EXPECT_EQ(got[9], 7.0F);
        }
    }
}

TEST_P(Matvec, RowsAreExact) {
    for (const WeightType type : kWeightTypes) {
        for (const int cols : {32, 96, 256, 1024}) {
            if (cols % weightBlock(type).elements != 0) continue;
            const Weights weights(type, 5, cols);
            std::vector<float> want(std::size_t(3 * cols)), got(want);
            weightRowsRef(weights.view, 1, 4, want.data());
            m_table.weightRows(weights.view, 1, 4, got.data());
            EXPECT_EQ(got, want) << weightBlock(type).name << ", cols " << cols;
        }
    }
}

/// One record of tests/parity/weights.bin: blocks and what an independent reader makes of them.
struct KnownBlocks {
    std::string name, bytes;
    int elements = 0, block_bytes = 0;
    std::vector<float> values;
};

std::vector<KnownBlocks> knownBlocks() {
    std::ifstream file(LECTERN_SOURCE_DIR "/tests/parity/weights.bin", std::ios::binary);
    std::vector<KnownBlocks> all;
    char name[8] = {};
    while (file.read(name, sizeof name)) {
        std::uint32_t head[3] = {};
        file.read(reinterpret_cast<char*>(head), sizeof head);
        KnownBlocks known{{name, strnlen(name, sizeof name)},
                          std::string(head[1] * head[2], '\0'),
                          int(head[0]),
                          int(head[1]),
                          std::vector<float>(head[0] * head[2])};
        file.read(known.bytes.data(), std::ptrdiff_t(known.bytes.size()));
        file.read(reinterpret_cast<char*>(known.values.data()), std::ptrdiff_t(known.values.size() * sizeof(float)));
        if (file) all.push_back(known);
    }
    return all;
}

/// A matrix whose rows are one known block each.
WeightView viewOf(const KnownBlocks& known) {
    for (const WeightType type : kWeightTypes) {
        if (known.name == weightBlock(type).name)
            return {reinterpret_cast<const std::byte*>(known.bytes.data()), type,
                    int(known.bytes.size()) / known.block_bytes, known.elements};
    }
    return {};
}

TEST(WeightTypes, BlocksAreWorthWhatAnotherReaderSays) {
    const auto all = knownBlocks();
    EXPECT_EQ(all.size(), std::size_t(std::count_if(std::begin(kWeightTypes), std::end(kWeightTypes), blocked)));
    for (const KnownBlocks& known : all) {
        const WeightView view = viewOf(known);
        ASSERT_NE(view.data, nullptr) << known.name;
        EXPECT_EQ(weightBlock(view.type).elements, known.elements);
        EXPECT_EQ(weightBlock(view.type).bytes, known.block_bytes);
        std::vector<float> got(known.values.size());
        weightRowsRef(view, 0, view.rows, got.data());
        EXPECT_EQ(got, known.values) << known.name;
    }
}

TEST_P(Matvec, BlocksAreWorthWhatAnotherReaderSays) {
    for (const KnownBlocks& known : knownBlocks()) {
        const WeightView view = viewOf(known);
        std::vector<float> got(known.values.size());
        m_table.weightRows(view, 0, view.rows, got.data());
        EXPECT_EQ(got, known.values) << known.name;
    }
}

/// Equal but for the sign of zeros.
void expectHalves(const KernelTable& table, const WeightView& view, int begin, int end, const std::string& what) {
    const auto size = std::size_t(end - begin) * std::size_t(view.cols);
    std::vector<std::uint16_t> want(size), got(size);
    halfWeightRowsRef(view, begin, end, want.data());
    table.halfWeightRows(view, begin, end, got.data());
    for (std::size_t i = 0; i < size; ++i) ASSERT_EQ(halfToFloat(got[i]), halfToFloat(want[i])) << what << ", " << i;
}

TEST_P(Matvec, HalvesEqualTheReference) {
    for (const KnownBlocks& known : knownBlocks()) {  // values beyond fp16 among them
        const WeightView view = viewOf(known);
        expectHalves(m_table, view, 0, view.rows, known.name);
    }
    for (const WeightType type : kWeightTypes) {
        for (const int cols : {768, 1024, 1000, 7}) {
            if (cols % weightBlock(type).elements != 0) continue;
            const Weights weights(type, 4, cols);
            expectHalves(m_table, weights.view, 1, 3, weightBlock(type).name);
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
