// SPDX-License-Identifier: GPL-3.0-or-later
// Eight elements of a row of weights of any type as f32.
#pragma once

#include "kernels/cuda/weight_eight_super.cuh"

namespace lectern::kernels {

/// What eight k of a row is worth, to the bit of the reference.
template <WeightType Type>
__device__ __forceinline__ void elements(const DeviceWeights& w, int row, int k, float (&v)[kEight]) {
    if constexpr (!blocked(Type)) {
        Eight<Type>(w, row, k).codes(v);
    } else {
        const Eight<Type> eight(BlockOf<Type>(w, row, k), k);
        FourBytes bytes[2];
        eight.bytes(bytes);
        LECTERN_UNROLL
        for (int i = 0; i < kEight; ++i) {
            v[i] = smallInteger(bytes[i / 4] >> (i % 4 * 8) & 255U, Eight<Type>::kBias);
            v[i] = __fmul_rn(eight.scale(i / 4), v[i]);
            if constexpr (Eight<Type>::kOffset) v[i] = __fadd_rn(v[i], eight.offset(i / 4));
        }
    }
}

}  // namespace lectern::kernels
