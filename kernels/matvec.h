// SPDX-License-Identifier: GPL-3.0-or-later
// Weight matrices as they lie in model files: products with one vector (decode), rows as f32 (prefill, embedding).
#pragma once

#include <cstddef>
#include <cstdint>

namespace lectern::kernels {

/// Element types of weights. Q8_0: blocks of 32: fp16 scale, int8[32]. Q4_0: blocks of 32: fp16 scale, 16 bytes; byte i
/// holds element i in its low nibble and element i+16 in its high one, each minus 8.
enum class WeightType : std::uint8_t { F32, F16, BF16, Q8_0, Q4_0 };

/// A matrix of `rows` output features, row-major, each row contiguous; cols is a multiple of 32 for Q8_0 and Q4_0.
/// Memory is borrowed (usually a mapped file) and may be unaligned.
struct WeightView {
    const std::byte* data = nullptr;
    WeightType type = WeightType::F32;
    int rows = 0;
    int cols = 0;
};

constexpr std::size_t rowBytes(WeightType type, int cols) {
    switch (type) {
        case WeightType::F32:
            return std::size_t(cols) * 4;
        case WeightType::F16:
        case WeightType::BF16:
            return std::size_t(cols) * 2;
        case WeightType::Q8_0:
            return std::size_t(cols) / 32 * 34;
        case WeightType::Q4_0:
            return std::size_t(cols) / 32 * 18;
    }
    return 0;
}

/// y[r] = sum over c of w[r][c]·x[c], for r in [row_begin, row_end); f32 accumulation.  x [cols], y [rows] f32.
using MatvecFn = void(const WeightView& w, int row_begin, int row_end, const float* x, float* y);

/// Rows [row_begin, row_end) as f32.  out [row_end - row_begin][cols].
using WeightRowsFn = void(const WeightView& w, int row_begin, int row_end, float* out);

MatvecFn matvecRef;
WeightRowsFn weightRowsRef;

}  // namespace lectern::kernels
