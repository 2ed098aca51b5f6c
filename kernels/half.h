// SPDX-License-Identifier: GPL-3.0-or-later
// Half precision in plain C++: the same bits on every instruction set and under nvcc.
#pragma once

#include <cstdint>

#ifdef __CUDACC__
#define LECTERN_HALF_FN __host__ __device__ __forceinline__ constexpr
#else
// Always inlined: these are used in units compiled for different instruction sets, no shared copy may remain.
#define LECTERN_HALF_FN [[gnu::always_inline]] inline constexpr
#endif

namespace lectern::kernels {

inline constexpr float kHalfMax = 65504.0F;  ///< largest finite fp16 value

/// fp16 bits to f32, exact; infinities and NaN keep their meaning, subnormals their value.
LECTERN_HALF_FN float halfToFloat(std::uint16_t half) {
    const std::uint32_t sign = std::uint32_t(half & 0x8000U) << 16;
    const std::uint32_t rest = half & 0x7fffU;
    if (rest >= 0x7c00U) return __builtin_bit_cast(float, sign | 0x7f800000U | (rest & 0x3ffU) << 13);
    if (rest >= 0x400U) return __builtin_bit_cast(float, sign | ((rest << 13) + (112U << 23)));
    const float magnitude = float(rest) * 0x1p-24F;
    return sign != 0 ? -magnitude : magnitude;
}

/// f32 to fp16 bits, round to nearest even; beyond 65520 infinity, NaN stays a (quiet) NaN.
LECTERN_HALF_FN std::uint16_t floatToHalf(float value) {
    const auto bits = __builtin_bit_cast(std::uint32_t, value);
    const std::uint32_t sign = bits >> 16 & 0x8000U;
    std::uint32_t rest = bits & 0x7fffffffU;
    if (rest > 0x7f800000U) return std::uint16_t(sign | 0x7e00U | (rest >> 13 & 0x3ffU));
    if (rest >= 0x477ff000U) return std::uint16_t(sign | 0x7c00U);
    if (rest < 0x38800000U) {  // below 2^-14: adding 1/2 rounds at the place of the last fp16 subnormal bit
        const float shifted = __builtin_bit_cast(float, rest) + 0.5F;
        return std::uint16_t(sign | (__builtin_bit_cast(std::uint32_t, shifted) - 0x3f000000U));
    }
    rest += 0xc8000fffU + (rest >> 13 & 1U);  // exponent bias 127 -> 15, and half a unit minus one, plus one if odd
    return std::uint16_t(sign | rest >> 13);
}

/// f32 to fp16 bits with values beyond ±65504 (infinities too) clamped to it.
LECTERN_HALF_FN std::uint16_t floatToHalfClamped(float value) {
    if (value > kHalfMax) value = kHalfMax;
    if (value < -kHalfMax) value = -kHalfMax;
    return floatToHalf(value);
}

/// bfloat16 bits to f32, exact.
LECTERN_HALF_FN float bf16ToFloat(std::uint16_t bits) {
    return __builtin_bit_cast(float, std::uint32_t(bits) << 16);
}

static_assert(floatToHalf(65504.0F) == 0x7bff && floatToHalf(65520.0F) == 0x7c00 && floatToHalf(65519.0F) == 0x7bff);
static_assert(floatToHalf(0x1p-24F) == 1 && floatToHalf(0x1p-25F) == 0 && floatToHalf(0x1.8p-24F) == 2);
static_assert(halfToFloat(0x0001) == 0x1p-24F && halfToFloat(0xbc00) == -1.0F && halfToFloat(0x7bff) == kHalfMax);

}  // namespace lectern::kernels

#undef LECTERN_HALF_FN
