// SPDX-License-Identifier: GPL-3.0-or-later
// Functions on vectors: reductions of many vectors at once, exp and log. Local to each unit.
#pragma once

#include "kernels/simd_convert.h"

namespace lectern::kernels::LECTERN_ISA {
namespace {

/// The lanes of a vector combined to one number; `op` is + or max on vectors and on scalars.
template <class Op>
LECTERN_INLINE float fold(F v, Op op) {
    float lane[kW];
    store(lane, v);
    for (int width = kW / 2; width > 0; width /= 2)
        for (int i = 0; i < width; ++i) lane[i] = op(lane[i], lane[i + width]);
    return lane[0];
}
struct Plus {
    LECTERN_INLINE F operator()(F a, F b) const { return a + b; }
    LECTERN_INLINE float operator()(float a, float b) const { return a + b; }
};
struct Larger {
    LECTERN_INLINE F operator()(F a, F b) const { return max(a, b); }
    LECTERN_INLINE float operator()(float a, float b) const { return a > b ? a : b; }
};
LECTERN_INLINE float sum(F v) {
    return fold(v, Plus{});
}

/// Folds kW vectors at once: lane i of the result is a[i] folded. Two shuffles a pair instead of a ladder each.
template <class Op>
LECTERN_INLINE F foldMany(const F* a, Op op) {
#if LECTERN_AVX512
    F quad[4];
    LECTERN_UNROLL
    for (int i = 0; i < 4; ++i) {
        const F x = op(_mm512_unpacklo_ps(a[4 * i], a[4 * i + 1]), _mm512_unpackhi_ps(a[4 * i], a[4 * i + 1]));
        const F y = op(_mm512_unpacklo_ps(a[4 * i + 2], a[4 * i + 3]), _mm512_unpackhi_ps(a[4 * i + 2], a[4 * i + 3]));
        quad[i] = op(_mm512_shuffle_ps(x, y, 0x44), _mm512_shuffle_ps(x, y, 0xee));
    }
    const F low = op(_mm512_shuffle_f32x4(quad[0], quad[1], 0x88), _mm512_shuffle_f32x4(quad[0], quad[1], 0xdd));
    const F high = op(_mm512_shuffle_f32x4(quad[2], quad[3], 0x88), _mm512_shuffle_f32x4(quad[2], quad[3], 0xdd));
    return op(_mm512_shuffle_f32x4(low, high, 0x88), _mm512_shuffle_f32x4(low, high, 0xdd));
#elif LECTERN_AVX2
    F quad[2];
    LECTERN_UNROLL
    for (int i = 0; i < 2; ++i) {
        const F x = op(_mm256_unpacklo_ps(a[4 * i], a[4 * i + 1]), _mm256_unpackhi_ps(a[4 * i], a[4 * i + 1]));
        const F y = op(_mm256_unpacklo_ps(a[4 * i + 2], a[4 * i + 3]), _mm256_unpackhi_ps(a[4 * i + 2], a[4 * i + 3]));
        quad[i] = op(_mm256_shuffle_ps(x, y, 0x44), _mm256_shuffle_ps(x, y, 0xee));
    }
    return op(_mm256_permute2f128_ps(quad[0], quad[1], 0x20), _mm256_permute2f128_ps(quad[0], quad[1], 0x31));
#else
    const F c0 = {a[0][0], a[1][0], a[2][0], a[3][0]};
    const F c1 = {a[0][1], a[1][1], a[2][1], a[3][1]};
    const F c2 = {a[0][2], a[1][2], a[2][2], a[3][2]};
    const F c3 = {a[0][3], a[1][3], a[2][3], a[3][3]};
    return op(op(c0, c1), op(c2, c3));
#endif
}

/// exp(x), relative error below 2e-7; 0 below -87.3 (and at -inf), limited to exp(88.3) above.
/// Cody-Waite reduction and the polynomial of Cephes' expf.
LECTERN_INLINE F exp(F x) {
    const F y = min(max(x, set(-87.33F)), set(88.3F));
    const F shifted = y * 1.44269504F + 12582912.0F;  // 1.5·2^23: the integer ends up in the low mantissa bits
    const F n = shifted - 12582912.0F;
    const F r = (y - n * 0.693359375F) - n * -2.12194440e-4F;
    F p = r * 1.9875691500e-4F + 1.3981999507e-3F;
    p = p * r + 8.3334519073e-3F;
    p = p * r + 4.1665795894e-2F;
    p = p * r + 1.6666665459e-1F;
    p = p * r + 5.0000001201e-1F;
    p = p * (r * r) + r + 1.0F;
    const F scaled = p * floats((bits(shifted) << 23) + 0x3f800000);
    return x < -87.33F ? F{} : scaled;
}

/// cap·tanh(x/cap), as cap - 2·cap/(exp(2x/cap) + 1): neither end overflows.
LECTERN_INLINE F softCap(F x, float cap) {
    return cap - 2.0F * cap / (exp(x * (2.0F / cap)) + 1.0F);
}

/// log(x) for normal positive x (relative error about 1e-7), -inf at 0. The polynomial of Cephes' logf.
LECTERN_INLINE F log(F x) {
    const I raw = bits(x);
    const I over = ((raw & 0x7fffff) > 0x3504f3) & 1;  // mantissa above sqrt(2): halve it
    const F e = __builtin_convertvector((raw >> 23) - 127 + over, F);
    const F f = floats((raw & 0x7fffff) | ((127 - over) << 23)) - 1.0F;
    F p = f * 7.0376836292e-2F + -1.1514610310e-1F;
    p = p * f + 1.1676998740e-1F;
    p = p * f + -1.2420140846e-1F;
    p = p * f + 1.4249322787e-1F;
    p = p * f + -1.6668057665e-1F;
    p = p * f + 2.0000714765e-1F;
    p = p * f + -2.4999993993e-1F;
    p = p * f + 3.3333331174e-1F;
    const F square = f * f;
    const F tail = p * f * square + e * -2.12194440e-4F - square * 0.5F;
    return x == 0.0F ? set(-kInf) : f + tail + e * 0.693359375F;
}

}  // namespace
}  // namespace lectern::kernels::LECTERN_ISA
