// SPDX-License-Identifier: GPL-3.0-or-later
// What products of weights with few vectors do before and behind: the norm of the vectors, biases, the gate.
#pragma once

#include "kernels/cuda/activation.cuh"
#include "kernels/cuda/block_reduce.cuh"
#include "kernels/cuda/matvec.h"

namespace lectern::kernels {

/// What the RMSNorm of x [cols] multiplies it with, besides the weights. All `Threads` of a block; each gets it. Every
/// block works it out for itself: x is read from the cache, and a launch of its own would cost more. Plain loads (see
/// early_launch.cuh), in an order that depends on cols alone.
template <int Threads>
__device__ __forceinline__ float normScale(const float* x, int cols, float eps, float* shared) {
    const auto* four = reinterpret_cast<const float4*>(x);
    float squares = 0;
    LECTERN_UNROLL_BY(4)
    for (int i = int(threadIdx.x); i < cols / 4; i += Threads) {
        const float4 v = four[i];
        squares = __fmaf_rn(v.x, v.x, squares), squares = __fmaf_rn(v.y, v.y, squares);
        squares = __fmaf_rn(v.z, v.z, squares), squares = __fmaf_rn(v.w, v.w, squares);
    }
    return 1.0F / sqrtf(blockSum(squares, shared) / float(cols) + eps);
}

__device__ __forceinline__ float4 normed(float4 x, float scale, float4 weight) {
    return {x.x * scale * weight.x, x.y * scale * weight.y, x.z * scale * weight.z, x.w * scale * weight.w};
}

/// Ends the product of one row of a matrix and one vector. With a gate the same thread ends that of the first matrix
/// before that of the second, and `first` stays with it.
__device__ __forceinline__ void endProduct(const MatvecArgs& a, int matrix, int token, int row, float value,
                                           float& first) {
    if (a.bias[matrix] != nullptr) value += a.bias[matrix][row];
    if (a.gate != Gate::None && matrix == 0) {
        first = value;
        return;
    }
    if (a.gate != Gate::None) value *= a.gate == Gate::Silu ? silu(first) : gelu(first);
    const int to = a.gate == Gate::None ? matrix : 0;
    float* y = a.y[to] + std::size_t(token) * std::size_t(a.w[to].rows) + row;
    *y = a.add ? *y + value : value;
}

}  // namespace lectern::kernels
