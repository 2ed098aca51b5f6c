// SPDX-License-Identifier: GPL-3.0-or-later
// Weight matrices as they lie in model files: products with one vector (decode), rows as f32 (prefill, embedding).
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/weight_type.h"

namespace lectern::kernels {

/// A matrix of `rows` output features, row-major, each row contiguous; cols is a multiple of the type's block.
/// Memory is borrowed (usually a mapped file) and may be unaligned.
struct WeightView {
    const std::byte* data = nullptr;
    WeightType type = WeightType::F32;
    int rows = 0;
    int cols = 0;
};

/// y[r] = sum over c of w[r][c]·x[c], for r in [row_begin, row_end); f32 accumulation.  x [cols], y [rows] f32.
using MatvecFn = void(const WeightView& w, int row_begin, int row_end, const float* x, float* y);

/// Rows [row_begin, row_end) as f32.  out [row_end - row_begin][cols].
using WeightRowsFn = void(const WeightView& w, int row_begin, int row_end, float* out);

/// Rows [row_begin, row_end) as fp16, nearest even, clamped to ±65504.  out [row_end - row_begin][cols].
using HalfRowsFn = void(const WeightView& w, int row_begin, int row_end, std::uint16_t* out);

MatvecFn matvecRef;
WeightRowsFn weightRowsRef;
HalfRowsFn halfWeightRowsRef;

}  // namespace lectern::kernels
