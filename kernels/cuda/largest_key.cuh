// SPDX-License-Identifier: GPL-3.0-or-later
// Values and their places as whole numbers: the larger value is the larger key, and of equal ones the lower index, so
// that ties need no care.
#pragma once

#include "kernels/cuda/execution.cuh"

namespace lectern::kernels {

using LargestKey = std::uint64_t;

/// Never 0. Of x that is no number a key of its own all the same.
__device__ __forceinline__ LargestKey keyOf(float x, int index) {
    const unsigned bits = __float_as_uint(x + 0.0F);
    const unsigned ordered = bits ^ (bits >> 31 != 0 ? 0xffffffffU : 0x80000000U);
    return LargestKey(ordered) << 32 | (0xffffffffU - unsigned(index));
}
__device__ __forceinline__ int indexOf(LargestKey key) {
    return int(0xffffffffU - unsigned(key));
}

}  // namespace lectern::kernels
