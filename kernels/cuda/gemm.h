// SPDX-License-Identifier: GPL-3.0-or-later
// Matrix products on the device, by cuBLAS.
#pragma once

#include "kernels/cuda/stream.h"

namespace lectern::kernels {

/// c = a · wᵀ + beta · c, sums in f32. Device memory, borrowed until the stream has passed.
struct GemmArgs {
    const std::uint16_t* a = nullptr;  ///< [tokens][cols] fp16, 16-byte aligned
    const std::uint16_t* w = nullptr;  ///< [rows][cols] fp16, 16-byte aligned
    float* c = nullptr;                ///< [tokens][c_stride], the first `rows` of each
    int tokens = 0, rows = 0, cols = 0;
    int c_stride = 0;
    float beta = 0;  ///< 0: c is only written
};

/// What cuBLAS keeps for one stream at a time: made once, used by one thread at a time.
struct GemmState;

LaunchStatus createGemm(GemmState** state);
LaunchStatus destroyGemm(GemmState* state);
/// Does not wait; the device that was current when `state` was made.
LaunchStatus gemm(GemmState* state, const GemmArgs& args, Stream stream);

}  // namespace lectern::kernels
