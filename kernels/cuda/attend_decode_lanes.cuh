// SPDX-License-Identifier: GPL-3.0-or-later
// Constants and small functions of one warp's arithmetic.
#pragma once

#include "kernels/cuda/fragment.cuh"
#include "kernels/cuda/soft_cap.cuh"

namespace lectern::kernels {

inline constexpr float kHeadroom = 4096;        ///< probabilities become fp16 times this: smaller ones survive
inline constexpr float kLeastRange = 0x1p-24F;  ///< least fp16 that is not 0: what m_range begins with

__device__ __forceinline__ float low(Half2 x) {
    return halfBitsToFloat(std::uint16_t(x));
}
__device__ __forceinline__ float high(Half2 x) {
    return halfBitsToFloat(std::uint16_t(x >> 16));
}
/// Largest (sum) over the lanes with the same lane % 4.
__device__ __forceinline__ float columnMax(float x) {
    for (int step = 4; step < 32; step *= 2) x = fmaxf(x, __shfl_xor_sync(kAllLanes, x, step));
    return x;
}
__device__ __forceinline__ float columnSum(float x) {
    for (int step = 4; step < 32; step *= 2) x += __shfl_xor_sync(kAllLanes, x, step);
    return x;
}

}  // namespace lectern::kernels
