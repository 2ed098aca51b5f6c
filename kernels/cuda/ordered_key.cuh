// SPDX-License-Identifier: GPL-3.0-or-later
// Floats as whole numbers in the same order, alone or with their places, so that ties need no care.
#pragma once

#include "kernels/cuda/execution.cuh"

namespace lectern::kernels {

/// In the order of finite floats; -0 is below 0.
__device__ __forceinline__ std::uint32_t ordered(float x) {
    const int bits = __float_as_int(x);
    return std::uint32_t(bits ^ (bits >> 31 | INT32_MIN));
}
__device__ __forceinline__ float fromOrdered(std::uint32_t x) {
    return __uint_as_float(x ^ (std::uint32_t(~int(x) >> 31) | 0x80000000U));
}
/// The same, but -0 equals 0.
__device__ __forceinline__ std::uint32_t orderedKey(float x) {
    return ordered(__fadd_rn(x, 0.0F));
}

/// A value and its place: the larger value is the larger key, and of equal ones the lower index.
using LargestKey = std::uint64_t;

/// Never 0. Of x that is no number a key of its own all the same.
__device__ __forceinline__ LargestKey keyOf(float x, int index) {
    return LargestKey(orderedKey(x)) << 32 | (0xffffffffU - unsigned(index));
}
__device__ __forceinline__ int indexOf(LargestKey key) {
    return int(0xffffffffU - unsigned(key));
}

}  // namespace lectern::kernels
