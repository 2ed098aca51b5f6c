// SPDX-License-Identifier: GPL-3.0-or-later
// Scores of attention to base 2, and bent below a cap.
#pragma once

#include "kernels/cuda/execution.cuh"

namespace lectern::kernels {

inline constexpr float kLog2E = 1.4426950408889634F, kLn2 = 0.6931471805599453F;

/// cap·tanh(x), where `exponent` is 2·log2(e)·x: right to about 2^-21 of the cap, and neither end overflows.
__device__ __forceinline__ float softCap(float exponent, float cap) {
    return cap - 2 * cap * __fdividef(1.0F, 1 + fastExp2(exponent));
}

}  // namespace lectern::kernels
