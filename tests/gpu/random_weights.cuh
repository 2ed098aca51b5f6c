// SPDX-License-Identifier: GPL-3.0-or-later
// Weights of every type for the checks on a GPU.
#pragma once

#include <cstring>

#include "kernels/cuda/matvec.h"
#include "kernels/half.h"
#include "tests/gpu/kernel_check.cuh"
#include "tests/support/weight_bytes.h"

namespace lectern::gpu {

using namespace lectern::kernels;

inline void done(LaunchStatus status, const char* what) {
    must(cudaError_t(-status), what);
}

/// Random weights: as a file has them, and on the device.
struct Weights {
    std::vector<std::byte> file;
    DeviceArray<std::byte> elements;
    DeviceArray<std::uint16_t> scales;
    WeightView view;
    DeviceWeights device;

    static std::vector<std::byte> random(WeightType type, int rows, int cols, unsigned seed) {
        std::vector<std::byte> bytes(rowBytes(type, cols) * std::size_t(rows));
        std::mt19937 random(seed);
        if (!blocked(type)) {
            for (std::size_t i = 0; i < bytes.size(); i += rowBytes(type, 1)) putRandom(type, &bytes[i], random);
            return bytes;
        }
        for (std::size_t i = 0; i + 4 <= bytes.size(); i += 4) {
            const auto word = std::uint32_t(random());
            std::memcpy(&bytes[i], &word, 4);
        }
        const auto places = lectern::test::halfPlaces(type);
        for (std::size_t i = 0; i < bytes.size(); i += std::size_t(weightBlock(type).bytes))
            for (const int place : places) putRandom(WeightType::F16, &bytes[i + std::size_t(place)], random);
        return bytes;
    }
    static void putRandom(WeightType type, std::byte* at, std::mt19937& random) {
        const float x = (float(random() % 2001) - 1000.0F) / 30000.0F;
        std::uint32_t bits;
        std::memcpy(&bits, &x, 4);
        const std::uint16_t half = type == WeightType::BF16 ? std::uint16_t(bits >> 16) : floatToHalf(x);
        if (type == WeightType::F32)
            std::memcpy(at, &x, 4);
        else
            std::memcpy(at, &half, 2);
    }
    Weights(WeightType type, int rows, int cols, unsigned seed = 7)
        : file(random(type, rows, cols, seed)),
          elements(elementBytes(type, cols) * std::size_t(rows)),
          scales(std::size_t(rows) * std::size_t(cols / weightBlock(type).elements) + 1),  // to a whole word
          view{file.data(), type, rows, cols},
          device{type, rows, cols, elements.data(), scales.data()} {
        if (elements.size() == file.size()) {
            elements.set(file);
            return;
        }
        const DeviceArray<std::byte> raw(file);
        const int blocks = rows * cols / weightBlock(type).elements;
        done(splitBlocks(type, raw.data(), blocks, elements.data(), scales.data(), nullptr), "splitBlocks");
        must(cudaDeviceSynchronize(), "splitBlocks");
    }
};

}  // namespace lectern::gpu
