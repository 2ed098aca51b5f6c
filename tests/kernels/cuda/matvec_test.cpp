// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/matvec.h"

#include "kernels/elementwise.h"
#include "kernels/half.h"
#include "tests/kernels/cuda/weight_case.h"
#include "tests/kernels/tolerances.h"
#include "tests/support/cuda_emulation/cuda_emulation.h"

namespace lectern::test {
namespace {

using emulation::Order;

/// Runs its tests in both orders of threads, for every type of weights.
class CudaMatvec : public testing::TestWithParam<std::tuple<WeightType, Order>> {
protected:
    void SetUp() override { emulation::thread_order = std::get<1>(GetParam()); }
    void TearDown() override { emulation::thread_order = Order::Ascending; }
    WeightType type() const { return std::get<0>(GetParam()); }
};
std::string caseName(const testing::TestParamInfo<std::tuple<WeightType, Order>>& info) {
    return weightBlock(std::get<0>(info.param)).name +
           std::string(std::get<1>(info.param) == Order::Ascending ? "Ascending" : "Descending");
}
INSTANTIATE_TEST_SUITE_P(Types, CudaMatvec,
                         testing::Combine(testing::ValuesIn(kWeightTypes),
                                          testing::Values(Order::Ascending, Order::Descending)),
                         caseName);

/// The same for types with blocks.
class CudaWeightBlocks : public CudaMatvec {};
INSTANTIATE_TEST_SUITE_P(Types, CudaWeightBlocks,
                         testing::Combine(testing::ValuesIn(kWeightTypes.begin() + 3, kWeightTypes.end()),
                                          testing::Values(Order::Ascending, Order::Descending)),
                         caseName);
static_assert(!blocked(kWeightTypes[2]) && blocked(kWeightTypes[3]));

void expectProducts(const Weights& weights, const char* what) {
    const int rows = weights.view.rows, cols = weights.view.cols;
    const Aligned<float> x = vectorOf(cols);
    std::vector<float> want(std::size_t(rows), 0.0F), got(want), row(std::size_t(cols), 0.0F);
    matvecRef(weights.view, 0, rows, x.data(), want.data());
    ASSERT_EQ(matvec(weights.device, x.data(), got.data(), nullptr), 0);
    for (int r = 0; r < rows; ++r) {
        weightRowsRef(weights.view, r, r + 1, row.data());
        double size = 1e-30;
        for (int c = 0; c < cols; ++c) size += std::fabs(double(row[std::size_t(c)]) * x.data()[c]);
        ASSERT_LT(std::fabs(got[std::size_t(r)] - want[std::size_t(r)]) / size, kMatvecTolerance)
            << what << ", " << rows << "x" << cols << ", row " << r;
    }
}

void expectRows(const Weights& weights, const char* what) {
    const int rows = weights.view.rows, cols = weights.view.cols;
    std::vector<float> want(std::size_t(rows * cols));
    weightRowsRef(weights.view, 0, rows, want.data());
    const std::vector<std::int32_t> ids = {rows - 1, 0, rows / 2, rows / 2};
    Aligned<float> embedded(ids.size() * std::size_t(cols), NAN);
    ASSERT_EQ(embedRows(weights.device, ids.data(), int(ids.size()), 3, embedded.data(), nullptr), 0);
    for (std::size_t i = 0; i < ids.size(); ++i)
        for (int c = 0; c < cols; ++c)
            ASSERT_EQ(embedded[i * std::size_t(cols) + std::size_t(c)], 3 * want[std::size_t(ids[i] * cols + c)])
                << what << ", column " << c;
    const int first = rows > 2 ? 1 : 0, count = rows - first;
    Aligned<std::uint16_t> halves(std::size_t(count * cols));
    ASSERT_EQ(halfRows(weights.device, first, count, halves.data(), nullptr), 0);
    for (int i = 0; i < count * cols; ++i)
        ASSERT_EQ(halves[std::size_t(i)], floatToHalfClamped(want[std::size_t(first * cols + i)])) << what;
}

TEST_P(CudaMatvec, EqualsTheReference) {
    const struct { int rows, blocks; } shapes[] = {{1, 1}, {9, 2}, {17, 9}, {5, 33}};
    for (const auto& [rows, blocks] : shapes) expectProducts({type(), rows, columns(type(), blocks)}, "random");
}

TEST_P(CudaMatvec, SeveralAtOnceGiveTheBitsOfEachAlone) {
    const int cols = columns(type(), 9);
    const Weights weights[] = {{type(), 21, cols}, {type(), 1, cols}, {type(), 9, cols}};
    const Aligned<float> x = vectorOf(cols);
    for (const bool add : {false, true}) {
        MatvecArgs args;
        args.x = x.data(), args.add = add;
        std::vector<float> got[3], want[3];
        for (const Weights& w : weights) {
            const int i = args.count++;
            want[i].assign(std::size_t(w.device.rows), NAN);
            got[i].assign(want[i].size() + 1, 0.25F);
            args.w[i] = w.device, args.y[i] = got[i].data();
            ASSERT_EQ(matvec(w.device, x.data(), want[i].data(), nullptr), 0);
            for (float& y : want[i]) y = add ? 0.25F + y : y;
            want[i].push_back(0.25F);  // nothing is written behind the last row
        }
        ASSERT_EQ(matvecs(args, nullptr), 0);
        for (int i = 0; i < 3; ++i) EXPECT_EQ(got[i], want[i]) << i;
    }
}

/// Vectors at once, also more columns than a block holds of them, give what each gives alone.
TEST_P(CudaMatvec, SeveralVectorsGiveTheBitsOfEachAlone) {
    for (const int blocks : {9, 33, 160}) {
        const int cols = columns(type(), blocks), rows = 19;
        const Weights a(type(), rows, cols), b(type(), 3, cols);
        const auto values = makeData(Data::OutlierHeavy, MatvecArgs::kMostTokens, cols, 5);
        Aligned<float> x(values.size());
        std::copy(values.begin(), values.end(), x.data());
        for (int tokens = 1; tokens <= MatvecArgs::kMostTokens; ++tokens) {
            MatvecArgs args;
            std::vector<float> got(std::size_t(tokens * rows + 1), 0.5F), other(std::size_t(tokens * 3), NAN);
            args.w[0] = a.device, args.w[1] = b.device, args.y[0] = got.data(), args.y[1] = other.data();
            args.count = 2, args.tokens = tokens, args.x = x.data();
            ASSERT_EQ(matvecs(args, nullptr), 0);
            for (int token = 0; token < tokens; ++token) {
                std::vector<float> want(std::size_t(rows), NAN), want_other(3, NAN);
                const float* one = x.data() + std::size_t(token * cols);
                ASSERT_EQ(matvec(a.device, one, want.data(), nullptr), 0);
                ASSERT_EQ(matvec(b.device, one, want_other.data(), nullptr), 0);
                EXPECT_TRUE(std::equal(want.begin(), want.end(), got.begin() + token * rows)) << tokens << " " << token;
                EXPECT_TRUE(std::equal(want_other.begin(), want_other.end(), other.begin() + token * 3)) << tokens;
            }
            EXPECT_EQ(got.back(), 0.5F) << "nothing is written behind the last row";
        }
    }
}

/// rows x tokens of x · wᵀ behind an RMSNorm, plus bias, in double precision.
std::vector<float> normedProducts(const Weights& weights, const std::vector<float>& x, const std::vector<float>& norm,
                                  const std::vector<float>& bias) {
    const int rows = weights.view.rows, cols = weights.view.cols;
    std::vector<float> all(std::size_t(rows) * std::size_t(cols)), normed(std::size_t(cols), 0.0F), out;
    weightRowsRef(weights.view, 0, rows, all.data());
    for (std::size_t token = 0; token * std::size_t(cols) < x.size(); ++token) {
        rmsNormRef(x.data() + token * std::size_t(cols), norm.data(), 1e-5F, cols, normed.data());
        for (int r = 0; r < rows; ++r) {
            double sum = bias[std::size_t(r)];
            for (int c = 0; c < cols; ++c) sum += double(all[std::size_t(r * cols + c)]) * normed[std::size_t(c)];
            out.push_back(float(sum));
        }
    }
    return out;
}

/// Norm, biases and gate equal the references, with more columns than a block holds too.
TEST_P(CudaMatvec, NormBiasAndGateEqualTheReferences) {
    for (const int blocks : {9, 160})
        for (const Data data : {Data::Normal, Data::OutlierHeavy}) {
            const int cols = columns(type(), blocks), rows = 35, tokens = blocks == 9 ? 3 : 1;
            const Weights a(type(), rows, cols),
                b(type(), rows, cols, normalBytes(type(), std::size_t(rows * cols), 9));
            const auto values = makeData(data, tokens, cols, 5), norm = makeData(Data::Normal, 1, cols, 6);
            const auto bias = makeData(Data::Normal, 1, rows, 7), up_bias = makeData(Data::Normal, 1, rows, 8);
            Aligned<float> x(values.size()), weights(norm.size());
            std::copy(values.begin(), values.end(), x.data());
            std::copy(norm.begin(), norm.end(), weights.data());
            const auto want = normedProducts(a, values, norm, bias), up = normedProducts(b, values, norm, up_bias);
            MatvecArgs args;
            args.w[0] = a.device, args.w[1] = b.device, args.bias[0] = bias.data(), args.bias[1] = up_bias.data();
            args.count = 2, args.tokens = tokens, args.x = x.data(), args.norm = weights.data(), args.eps = 1e-5F;
            std::vector<float> got(want.size() + 1, 0.5F), other(want.size(), NAN);
            args.y[0] = got.data(), args.y[1] = other.data();
            ASSERT_EQ(matvecs(args, nullptr), 0);
            EXPECT_EQ(got.back(), 0.5F);
            got.pop_back();
            EXPECT_LT(normalisedError(got, want), 5 * kMatvecTolerance) << blocks << ", data " << int(data);
            EXPECT_LT(normalisedError(other, up), 5 * kMatvecTolerance) << blocks << ", data " << int(data);
            for (const Gate gate : {Gate::Silu, Gate::Gelu}) {
                auto gated = want;
                (gate == Gate::Silu ? siluMulRef : geluMulRef)(gated.data(), up.data(), int(gated.size()));
                std::vector<float> act(want.size() + 1, 0.5F);
                args.gate = gate, args.y[0] = act.data(), args.y[1] = nullptr;
                ASSERT_EQ(matvecs(args, nullptr), 0);
                EXPECT_EQ(act.back(), 0.5F) << "nothing is written behind the last row";
                act.pop_back();
                EXPECT_LT(normalisedError(act, gated), 10 * kMatvecTolerance) << blocks << ", gate " << int(gate);
            }
        }
}

/// Blocks that take several pairs of tiles in turn, of which the last is not whole.
TEST(CudaMatvecGate, TakesMoreTilesThanThereAreBlocks) {
    const int rows = 16 * 600 + 3, cols = 32;
    const Weights a(WeightType::Q8_0, rows, cols),
        b(WeightType::Q8_0, rows, cols, normalBytes(WeightType::Q8_0, std::size_t(rows * cols), 9));
    const Aligned<float> x = vectorOf(cols);
    std::vector<float> want(std::size_t(rows), NAN), up(want), got(want);
    matvecRef(a.view, 0, rows, x.data(), want.data());
    matvecRef(b.view, 0, rows, x.data(), up.data());
    siluMulRef(want.data(), up.data(), rows);
    MatvecArgs args;
    args.w[0] = a.device, args.w[1] = b.device, args.y[0] = got.data(), args.count = 2, args.x = x.data();
    args.gate = Gate::Silu;
    ASSERT_EQ(matvecs(args, nullptr), 0);
    EXPECT_LT(normalisedError(got, want), 5 * kMatvecTolerance);
}

/// Vectors that are normed give what each gives alone, a gate's rows too.
TEST_P(CudaMatvec, SeveralNormedVectorsGiveTheBitsOfEachAlone) {
    const int cols = columns(type(), 9), rows = 19, most = MatvecArgs::kMostTokens;
    const Weights a(type(), rows, cols);
    const auto values = makeData(Data::OutlierHeavy, most, cols, 5), norm = makeData(Data::Normal, 1, cols, 6);
    Aligned<float> x(values.size()), weights(norm.size());
    std::copy(values.begin(), values.end(), x.data());
    std::copy(norm.begin(), norm.end(), weights.data());
    for (const Gate gate : {Gate::None, Gate::Silu})
        for (int tokens = 1; tokens <= most; ++tokens) {
            std::vector<float> got(std::size_t(tokens * rows), NAN), unused(got), want(std::size_t(rows), NAN);
            MatvecArgs args;
            args.w[0] = args.w[1] = a.device, args.y[0] = got.data(), args.y[1] = unused.data(), args.count = 2;
            args.tokens = tokens, args.x = x.data(), args.norm = weights.data(), args.eps = 1e-5F, args.gate = gate;
            ASSERT_EQ(matvecs(args, nullptr), 0);
            args.tokens = 1, args.y[0] = want.data();
            for (int token = 0; token < tokens; ++token) {
                args.x = x.data() + std::size_t(token * cols);
                ASSERT_EQ(matvecs(args, nullptr), 0);
                EXPECT_TRUE(std::equal(want.begin(), want.end(), got.begin() + token * rows)) << tokens << " " << token;
            }
        }
}

TEST_P(CudaMatvec, RowsReadBackExactly) {
    expectRows({type(), 7, columns(type(), 9)}, "random");
}

/// Values of every size: what is small beside others is not lost, and nothing overflows.
TEST_P(CudaWeightBlocks, TakeVectorsOfAnySize) {
    const int cols = columns(type(), 9), rows = 5;
    const Weights weights(type(), rows, cols);
    std::vector<float> row(std::size_t(cols), 0.0F);
    for (const float size : {0.0F, 0x1p-100F, 1e-6F, 3.0F, 1e6F, 0x1p90F})
        for (const bool alone : {false, true}) {  // the others a hundred thousand times as small
            Aligned<float> x = vectorOf(cols);
            for (int c = 0; c < cols; ++c) x.data()[c] *= alone && c % 32 != 5 ? size * 1e-5F : size;
            std::vector<float> want(std::size_t(rows), NAN), got(want);
            matvecRef(weights.view, 0, rows, x.data(), want.data());
            ASSERT_EQ(matvec(weights.device, x.data(), got.data(), nullptr), 0);
            for (int r = 0; r < rows; ++r) {
                weightRowsRef(weights.view, r, r + 1, row.data());
                double sum = 1e-45;
                for (int c = 0; c < cols; ++c) sum += std::fabs(double(row[std::size_t(c)]) * x.data()[c]);
                EXPECT_LE(std::fabs(double(got[std::size_t(r)]) - want[std::size_t(r)]), sum * kMatvecTolerance)
                    << size << (alone ? " alone" : "") << ", row " << r;
            }
        }
}

/// Codes and small factors all zero, all ones, and in every bit of a byte alone, under fp16 factors of every size.
TEST_P(CudaWeightBlocks, OfAnyBytesAreReadAsTheReferenceReadsThem) {
    const WeightBlock block = weightBlock(type());
    const int rows = 3, cols = columns(type(), 5);
    const std::size_t blocks = std::size_t(rows * cols / block.elements);
    const float factors[] = {0.0F, -0.0F, 0x1p-24F, -0x1.8p-15F, 1.0F, -65504.0F};
    for (const int byte : {0x00, 0xFF, 0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0x5A}) {
        std::string bytes(blocks * std::size_t(block.bytes), char(byte));
        for (std::size_t i = 0, next = 0; i < blocks; ++i)
            for (const int place : halfPlaces(type())) {
                const std::uint16_t half = floatToHalf(factors[next++ % std::size(factors)]);
                std::memcpy(&bytes[i * std::size_t(block.bytes) + std::size_t(place)], &half, sizeof half);
            }
        const std::string what = "bytes " + std::to_string(byte);
        const Weights weights(type(), rows, cols, bytes);
        expectProducts(weights, what.c_str());
        expectRows(weights, what.c_str());
    }
}

}  // namespace
}  // namespace lectern::test
