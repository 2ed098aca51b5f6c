// SPDX-License-Identifier: GPL-3.0-or-later
// Weights as they lie in a file, and on the device that the host emulates.
#pragma once

#include <cstring>

#include "kernels/cuda/matvec.h"
#include "tests/kernels/fixtures.h"
#include "tests/support/weight_bytes.h"

namespace lectern::test {

inline std::string normalBytes(WeightType type, std::size_t count, unsigned seed = 3) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0, 0.5F);
    std::vector<float> values(count);
    for (float& value : values) value = normal(random);
    return encodeWeights(type, values);
}

/// A matrix on both sides.
struct Weights {
    Aligned<std::byte> file, elements;
    std::vector<std::uint16_t> scales;
    WeightView view;
    DeviceWeights device;

    Weights(WeightType type, int rows, int cols, const std::string& bytes)
        : file(bytes.size()), elements(elementBytes(type, cols) * std::size_t(rows)) {
        std::memcpy(file.data(), bytes.data(), bytes.size());
        EXPECT_EQ(bytes.size(), rowBytes(type, cols) * std::size_t(rows));
        view = {file.data(), type, rows, cols};
        device = {type, rows, cols, elements.data(), nullptr};
        if (scaleApart(type) == ScaleApart::None) {
            std::memcpy(elements.data(), file.data(), file.size());
            return;
        }
        const int count = rows * cols / weightBlock(type).elements;
        scales.resize(std::size_t(count + count % 2));
        EXPECT_EQ(elements.size() + std::size_t(count) * 2, file.size()) << "packed as in the file";
        EXPECT_EQ(splitBlocks(type, file.data(), count, elements.data(), scales.data(), nullptr), 0);
        device.scales = scales.data();
    }
    /// Random ones.
    Weights(WeightType type, int rows, int cols)
        : Weights(type, rows, cols, normalBytes(type, std::size_t(rows) * std::size_t(cols))) {}
};

/// `blocks` of 32 columns as whole blocks of the type.
inline int columns(WeightType type, int blocks) {
    return weightBlock(type).elements > 32 ? (blocks + 3) / 4 * 256 : blocks * 32;
}

inline Aligned<float> aligned(const std::vector<float>& values) {
    Aligned<float> x(values.size());
    std::copy(values.begin(), values.end(), x.data());
    return x;
}
inline Aligned<float> vectorOf(int cols) {
    return aligned(makeData(Data::Normal, 1, cols, 4));
}

}  // namespace lectern::test
