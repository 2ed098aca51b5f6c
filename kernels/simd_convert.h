// SPDX-License-Identifier: GPL-3.0-or-later
// Conversions of whole vectors: small integers, half precision, bfloat16. Local to each unit.
#pragma once

#include "kernels/simd.h"

namespace lectern::kernels::LECTERN_ISA {
namespace {

/// Small integers to 32 bits: GCC's own conversion of vectors takes many steps here.
LECTERN_INLINE I widen(U8 v) {
#if LECTERN_AVX512
    return reinterpret_cast<I>(_mm512_cvtepu8_epi32(reinterpret_cast<__m128i>(v)));
#elif LECTERN_AVX2
    return reinterpret_cast<I>(_mm256_cvtepu8_epi32(_mm_cvtsi64_si128(reinterpret_cast<long long>(v))));
#else
    return __builtin_convertvector(v, I);
#endif
}
LECTERN_INLINE I widen(S8 v) {
#if LECTERN_AVX512
    return reinterpret_cast<I>(_mm512_cvtepi8_epi32(reinterpret_cast<__m128i>(v)));
#elif LECTERN_AVX2
    return reinterpret_cast<I>(_mm256_cvtepi8_epi32(_mm_cvtsi64_si128(reinterpret_cast<long long>(v))));
#else
    return __builtin_convertvector(v, I);
#endif
}
LECTERN_INLINE I widen(U16 v) {
#if LECTERN_AVX512
    return reinterpret_cast<I>(_mm512_cvtepu16_epi32(reinterpret_cast<__m256i>(v)));
#elif LECTERN_AVX2
    return reinterpret_cast<I>(_mm256_cvtepu16_epi32(reinterpret_cast<__m128i>(v)));
#else
    return __builtin_convertvector(v, I);
#endif
}
/// The low bytes of the lanes.
LECTERN_INLINE U8 narrow(I v) {
#if LECTERN_AVX512
    return reinterpret_cast<U8>(_mm512_cvtepi32_epi8(reinterpret_cast<__m512i>(v)));
#else
    return __builtin_convertvector(v, U8);
#endif
}

/// kW fp16 values (as bits in 16-bit lanes) to f32, exact.
LECTERN_INLINE F fromHalf(U16 half) {
#if LECTERN_AVX512
    return _mm512_cvtph_ps(reinterpret_cast<__m256i>(half));
#elif LECTERN_AVX2
    return _mm256_cvtph_ps(reinterpret_cast<__m128i>(half));
#else
    const I wide = widen(half);
    const I rest = wide & 0x7fff;
    const F scaled = floats(rest << 13) * 0x1p112F;  // moves the exponent bias, makes subnormals right
    const I special = (rest >= 0x7c00) & 0x7f800000;
    return floats(bits(scaled) | special | (wide & 0x8000) << 16);
#endif
}
/// One fp16 value.
LECTERN_INLINE float scalarHalf(std::uint16_t half) {
#if LECTERN_AVX512 || LECTERN_AVX2
    return _cvtsh_ss(half);
#else
    return halfToFloat(half);
#endif
}
LECTERN_INLINE F loadHalf(const void* p) {
    return fromHalf(loadBytes<U16>(p));
}
LECTERN_INLINE F loadBf16(const void* p) {
    return floats(widen(loadBytes<U16>(p)) << 16);
}
LECTERN_INLINE F loadInt8(const void* p) {
    return __builtin_convertvector(widen(loadBytes<S8>(p)), F);
}

}  // namespace
}  // namespace lectern::kernels::LECTERN_ISA
