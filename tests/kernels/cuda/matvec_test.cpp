// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/matvec.h"

#include "kernels/half.h"
#include "tests/kernels/fixtures.h"
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
    static const char* const kNames[] = {"F32", "F16", "BF16", "Q8_0", "Q4_0"};
    return std::string(kNames[int(std::get<0>(info.param))]) +
           (std::get<1>(info.param) == Order::Ascending ? "Ascending" : "Descending");
}
INSTANTIATE_TEST_SUITE_P(Types, CudaMatvec,
                         testing::Combine(testing::Values(WeightType::F32, WeightType::F16, WeightType::BF16,
                                                          WeightType::Q8_0, WeightType::Q4_0),
                                          testing::Values(Order::Ascending, Order::Descending)),
                         caseName);

/// Random weights as they lie in a file, and on the device.
struct Weights {
    Aligned<std::byte> file, elements;
    std::vector<std::uint16_t> scales;
    WeightView view;
    DeviceWeights device;

    Weights(WeightType type, int rows, int cols)
        : file(rowBytes(type, cols) * std::size_t(rows)), elements(elementBytes(type, cols) * std::size_t(rows)) {
        std::mt19937 random(3);
        const bool blocks = type == WeightType::Q8_0 || type == WeightType::Q4_0;
        const std::size_t block = rowBytes(type, 32);
        for (std::size_t i = 0; i < file.size(); ++i) file[i] = std::byte(random());
        for (std::size_t i = 0; i < file.size(); i += block) {
            for (std::size_t k = 0; !blocks && k < 32; ++k) writeFloat(type, &file[i + k * block / 32], random);
            const std::uint16_t scale = floatToHalf(float(random() % 1000) / 7000);
            if (blocks) std::memcpy(&file[i], &scale, 2);
        }
        view = {file.data(), type, rows, cols};
        device = {type, rows, cols, elements.data(), nullptr};
        if (!blocks) {
            std::memcpy(elements.data(), file.data(), file.size());
            return;
        }
        const int count = rows * cols / 32;
        scales.resize(std::size_t(count));
        EXPECT_EQ(splitBlocks(type, file.data(), count, elements.data(), scales.data(), nullptr), 0);
        device.scales = scales.data();
    }

private:
    static void writeFloat(WeightType type, std::byte* at, std::mt19937& random) {
        const float x = float(int(random() % 2001) - 1000) / 500;
        const std::uint32_t bits = __builtin_bit_cast(std::uint32_t, x);
        const std::uint16_t half = type == WeightType::F16 ? floatToHalf(x) : std::uint16_t(bits >> 16);
        if (type == WeightType::F32)
            std::memcpy(at, &x, 4);
        else
            std::memcpy(at, &half, 2);
    }
};

TEST_P(CudaMatvec, EqualsTheReference) {
    const struct { int rows, cols; } shapes[] = {{1, 32}, {9, 64}, {17, 288}, {5, 1056}};
    for (const auto& [rows, cols] : shapes) {
        const Weights weights(type(), rows, cols);
        Aligned<float> x{std::size_t(cols)};
        const auto values = makeData(Data::Normal, 1, cols, 4);
        std::copy(values.begin(), values.end(), x.data());
        std::vector<float> want(std::size_t(rows), 0.0F), got(want), row(std::size_t(cols), 0.0F);
        matvecRef(weights.view, 0, rows, x.data(), want.data());
        ASSERT_EQ(matvec(weights.device, x.data(), got.data(), nullptr), 0);
        for (int r = 0; r < rows; ++r) {
            weightRowsRef(weights.view, r, r + 1, row.data());
            double size = 1e-30;
            for (int c = 0; c < cols; ++c) size += std::fabs(double(row[std::size_t(c)]) * x[std::size_t(c)]);
            ASSERT_LT(std::fabs(got[std::size_t(r)] - want[std::size_t(r)]) / size, kMatvecTolerance)
                << rows << "x" << cols;
        }
    }
}

TEST_P(CudaMatvec, SeveralAtOnceGiveTheBitsOfEachAlone) {
    const int cols = 288;
    const Weights weights[] = {{type(), 21, cols}, {type(), 1, cols}, {type(), 9, cols}};
    Aligned<float> x{std::size_t(cols)};
    const auto values = makeData(Data::Normal, 1, cols, 4);
    std::copy(values.begin(), values.end(), x.data());
    for (const bool add : {false, true}) {
        kernels::MatvecArgs args;
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

TEST_P(CudaMatvec, RowsReadBackExactly) {
    const int rows = 7, cols = 288;
    const Weights weights(type(), rows, cols);
    std::vector<float> want(std::size_t(rows * cols));
    weightRowsRef(weights.view, 0, rows, want.data());
    const std::vector<std::int32_t> ids = {6, 0, 3, 3};
    Aligned<float> embedded(ids.size() * std::size_t(cols), NAN);
    ASSERT_EQ(embedRows(weights.device, ids.data(), int(ids.size()), embedded.data(), nullptr), 0);
    for (std::size_t i = 0; i < ids.size(); ++i)
        for (int c = 0; c < cols; ++c)
            ASSERT_EQ(embedded[i * std::size_t(cols) + std::size_t(c)], want[std::size_t(ids[i] * cols + c)]);
    Aligned<std::uint16_t> halves(std::size_t(3 * cols));
    ASSERT_EQ(halfRows(weights.device, 2, 3, halves.data(), nullptr), 0);
    for (int i = 0; i < 3 * cols; ++i)
        ASSERT_EQ(halves[std::size_t(i)], floatToHalfClamped(want[std::size_t(2 * cols + i)]));
}

}  // namespace
}  // namespace lectern::test
