// SPDX-License-Identifier: GPL-3.0-or-later
// What lies between the matrix products of a layer. All pointers are device memory, borrowed until the stream has
// passed; no function waits; any thread that may use `stream`.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cuda/stream.h"

namespace lectern::kernels {

/// Where results go: f32, fp16 (nearest even, clamped to ±65504) for a matrix product that follows, or both.
struct DeviceOutput {
    float* f32 = nullptr;
    std::uint16_t* f16 = nullptr;
};

/// out = x / sqrt(mean(x²) + eps) · weight for each row.  x, out [rows][n], weight [n] f32; out.f32 may be x.
LaunchStatus rmsNorm(const float* x, const float* weight, float eps, int rows, int n, DeviceOutput out, Stream stream);

/// out = silu(gate)·up, silu(x) = x/(1 + exp(-x)).  gate, up, out [n] f32; out.f32 may be either.
LaunchStatus siluMul(const float* gate, const float* up, std::size_t n, DeviceOutput out, Stream stream);

/// out = gelu(gate)·up, gelu(x) = x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))).  As siluMul.
LaunchStatus geluMul(const float* gate, const float* up, std::size_t n, DeviceOutput out, Stream stream);

/// x += y.  [n] f32.
LaunchStatus add(float* x, const float* y, std::size_t n, Stream stream);

/// x += y / sqrt(mean(y²) + eps) · weight for each row.  x, y [rows][n], weight [n] f32.
LaunchStatus addNorm(float* x, const float* y, const float* weight, float eps, int rows, int n, Stream stream);

/// Adds y [n] to each row.  x [rows][n] f32.
LaunchStatus addToRows(float* x, const float* y, int rows, int n, Stream stream);

/// *flag = 1 where an element is not finite, else it stays.  x [n] f32.
LaunchStatus findNonFinite(const float* x, std::size_t n, std::int32_t* flag, Stream stream);

/// In place for each row: x = exp(x - max x)/sum; lse [rows] gets the log of the sum plus max.  x [rows][n] f32, n > 0.
LaunchStatus softmax(float* x, int rows, int n, float* lse, Stream stream);

inline constexpr int kMostLargest = 1024;

/// The k largest of n logits in falling order, the lower index first on a tie (k = 1: argmax), and the log-sum-exp of
/// all: what a sampler needs of a vocabulary.
///   logits   [n] f32 without NaN, n > 0            (in)
///   values   [k] f32, indices [k] int32             (out); k at most kMostLargest and at most n
///   lse      [1] f32, natural base                  (out)
LaunchStatus largest(const float* logits, int n, int k, float* values, std::int32_t* indices, float* lse,
                     Stream stream);

}  // namespace lectern::kernels
