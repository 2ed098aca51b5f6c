// SPDX-License-Identifier: GPL-3.0-or-later
// Activations of feed-forward networks, see kernels/elementwise.h.
#pragma once

#include "kernels/cuda/execution.cuh"

namespace lectern::kernels {

__device__ __forceinline__ float silu(float x) {
    return x / (1.0F + expf(-x));
}

__device__ __forceinline__ float gelu(float x) {
    constexpr float kRootTwoOverPi = 0.797884561F;
    return 0.5F * x * (1.0F + tanhf(kRootTwoOverPi * (x + 0.044715F * x * x * x)));
}

}  // namespace lectern::kernels
