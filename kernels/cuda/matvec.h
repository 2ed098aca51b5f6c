// SPDX-License-Identifier: GPL-3.0-or-later
// Weight matrices on the device: products with one vector (decode), rows as f32 (embedding) or fp16 (matrix products).
#pragma once

#include "kernels/cuda/stream.h"
#include "kernels/matvec.h"
#include "kernels/mixture.h"

namespace lectern::kernels {

/// Which fp16 number of a file's blocks lies apart on the device, so that the rest of a block loads in aligned words.
enum class ScaleApart : std::uint8_t { None, First, Last };

constexpr ScaleApart scaleApart(WeightType type) {
    switch (type) {
        case WeightType::Q8_0:
        case WeightType::Q4_0:
        case WeightType::Q5_0:
        case WeightType::IQ4_NL:
            return ScaleApart::First;
        case WeightType::Q3_K:
        case WeightType::Q6_K:
            return ScaleApart::Last;
        default:
            return ScaleApart::None;
    }
}

/// A matrix of `rows` output features, row-major, in device memory; borrowed. cols is a multiple of 32 and of the
/// type's block. Elements and scales together have the bytes of the file; splitBlocks() takes them apart.
struct DeviceWeights {
    WeightType type = WeightType::F32;
    int rows = 0, cols = 0;
    const std::byte* elements = nullptr;  ///< [rows][elementBytes(type, cols)], 16-byte aligned
    /// [rows][cols / block] fp16, 4-byte aligned, and readable to a multiple of 4 bytes; of types with scaleApart()
    /// only
    const std::uint16_t* scales = nullptr;
    /// Of a layer with experts: from this matrix to the same one of the next expert, elements and scales alike; a
    /// multiple of 16
    std::size_t expert_bytes = 0;
};

/// That matrix of expert `number`, where `first` is that of the first one.
constexpr DeviceWeights expertOf(DeviceWeights first, int number) {
    const std::size_t bytes = std::size_t(number) * first.expert_bytes;
    first.elements += bytes;
    if (first.scales != nullptr) first.scales += bytes / sizeof(std::uint16_t);
    return first;
}

/// Bytes of the elements of one row: what rowBytes() has without the scales that lie apart.
constexpr std::size_t elementBytes(WeightType type, int cols) {
    const auto blocks = std::size_t(cols / weightBlock(type).elements);
    return rowBytes(type, cols) - (scaleApart(type) == ScaleApart::None ? 0 : blocks * 2);
}

/// Takes blocks of a type with scaleApart(), as they lie in a file, apart.
///   raw       [blocks] of weightBlock(type).bytes, 2-byte aligned  (in)
///   elements  [blocks] of two bytes less                           (out)
///   scales    [blocks] fp16                                        (out)
LaunchStatus splitBlocks(WeightType type, const std::byte* raw, int blocks, std::byte* elements, std::uint16_t* scales,
                         Stream stream);

/// y[r] = sum over c of w[r][c]·x[c]; f32 sums in a fixed order.  x [cols] 16-byte aligned, y [rows] f32.
LaunchStatus matvec(const DeviceWeights& w, const float* x, float* y, Stream stream);

/// Activation of a gated feed-forward network: silu(x) = x/(1 + exp(-x)), or gelu as geluMul() has it.
enum class Gate { None, Silu, Gelu };

/// Products of several matrices of one type and as many columns with the same vectors, in one launch, and what belongs
/// to them before and behind.
struct MatvecArgs {
    static constexpr int kMost = 3, kMostTokens = 4;
    DeviceWeights w[kMost];
    float* y[kMost] = {};           ///< [tokens][w[i].rows] f32 each, apart from x
    const float* bias[kMost] = {};  ///< [w[i].rows] f32 to be added to the products, or null
    int count = 0;                  ///< 1 … kMost
    int tokens = 1;                 ///< 1 … kMostTokens
    const float* x = nullptr;       ///< [tokens][cols] 16-byte aligned
    const float* norm = nullptr;  ///< [cols] f32, 16-byte aligned: vectors are x / sqrt(mean(x²) + eps) · norm; null: x
    float eps = 0;
    bool add = false;        ///< to what y holds
    Gate gate = Gate::None;  ///< of two matrices of as many rows: y[0] = act(product 0)·product 1, y[1] is not used

    /// The experts of one token, read when the kernel runs; w are the first expert's matrices, one or the two of a
    /// gate, without bias.
    const ExpertChoice* chosen = nullptr;  ///< [experts]
    int experts = 0;                       ///< 0: matrices are those given
    /// False: all experts get x, y is [experts][rows].  True: each expert gets a vector of its own, x is
    /// [experts][cols] and y[0] [rows]: the sum of the products times the experts' weights, in the order of `chosen`.
    bool sum = false;
};
/// Each product as matvec() does, to the bit. Does not wait; any thread that may use `stream`.
LaunchStatus matvecs(const MatvecArgs& args, Stream stream);

/// Rows ids[0 … count-1] as f32, times `factor`.  ids [count] int32 in [0, rows), out [count][cols] 16-byte aligned.
LaunchStatus embedRows(const DeviceWeights& w, const std::int32_t* ids, int count, float factor, float* out,
                       Stream stream);

/// Rows [begin, begin + count) as fp16 (nearest even, clamped to ±65504), for a matrix product.  out [count][cols]
/// 16-byte aligned.
LaunchStatus halfRows(const DeviceWeights& w, int begin, int count, std::uint16_t* out, Stream stream);

}  // namespace lectern::kernels
