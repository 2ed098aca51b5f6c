// SPDX-License-Identifier: GPL-3.0-or-later
// The vector type of the instruction set a unit is compiled for: 16 floats (AVX-512), 8 (AVX2) or 4 (portable, by
// compiler vector extensions). a·b + c fuses where the unit allows contraction. Everything here is local to the unit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/half.h"

#if defined(__AVX2__) || defined(__AVX512F__)
#include <immintrin.h>
#endif

#ifndef LECTERN_ISA
#error "only units compiled once per instruction set include this"
#endif
#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
#define LECTERN_AVX512 1
#elif defined(__AVX2__) && defined(__FMA__) && defined(__F16C__)
#define LECTERN_AVX2 1
#endif

#define LECTERN_INLINE [[gnu::always_inline]] inline
#define LECTERN_LAMBDA __attribute__((always_inline))
#ifdef __clang__
#define LECTERN_UNROLL _Pragma("unroll")
#else
#define LECTERN_UNROLL _Pragma("GCC unroll 16")
#endif

namespace lectern::kernels::LECTERN_ISA {
namespace {

#if LECTERN_AVX512
constexpr int kW = 16;
#elif LECTERN_AVX2
constexpr int kW = 8;
#else
constexpr int kW = 4;
#endif
constexpr float kInf = __builtin_inff();

using F = float __attribute__((vector_size(4 * kW), may_alias));
using I = std::int32_t __attribute__((vector_size(4 * kW), may_alias));
using LooseF __attribute__((aligned(4))) = F;  // there alone: Clang takes no alignment from among a type's attributes
using LooseI __attribute__((aligned(4))) = I;
static_assert(alignof(LooseF) == 4 && alignof(LooseI) == 4);
using U8 = std::uint8_t __attribute__((vector_size(kW)));
using S8 = std::int8_t __attribute__((vector_size(kW)));
using U16 = std::uint16_t __attribute__((vector_size(2 * kW)));

LECTERN_INLINE F load(const float* p) {
    return *reinterpret_cast<const LooseF*>(p);
}
LECTERN_INLINE void store(float* p, F v) {
    *reinterpret_cast<LooseF*>(p) = v;
}
LECTERN_INLINE I load(const std::int32_t* p) {
    return *reinterpret_cast<const LooseI*>(p);
}
LECTERN_INLINE void store(std::int32_t* p, I v) {
    *reinterpret_cast<LooseI*>(p) = v;
}
LECTERN_INLINE F set(float v) {
    return F{} + v;
}
LECTERN_INLINE I set(std::int32_t v) {
    return I{} + v;
}
LECTERN_INLINE I bits(F v) {
    return reinterpret_cast<I>(v);
}
LECTERN_INLINE F floats(I v) {
    return reinterpret_cast<F>(v);
}

/// 0, 1, 2 … in the lanes.
LECTERN_INLINE I lanes() {
    I v{};
    for (int i = 0; i < kW; ++i) v[i] = i;
    return v;
}

/// Bytes from memory at any address (an unaligned vector load).
template <class T>
LECTERN_INLINE T loadBytes(const void* p) {
    T v;
    __builtin_memcpy(&v, p, sizeof(T));
    return v;
}

/// The first n (0 … kW) floats; the other lanes are 0.
LECTERN_INLINE F loadPart(const float* p, int n) {
#if LECTERN_AVX512
    return _mm512_maskz_loadu_ps(__mmask16((1U << n) - 1), p);
#elif LECTERN_AVX2
    return _mm256_maskload_ps(p, reinterpret_cast<__m256i>(lanes() < n));
#else
    F v{};
    for (int i = 0; i < n; ++i) v[i] = p[i];
    return v;
#endif
}
LECTERN_INLINE void storePart(float* p, F v, int n) {
#if LECTERN_AVX512
    _mm512_mask_storeu_ps(p, __mmask16((1U << n) - 1), v);
#elif LECTERN_AVX2
    _mm256_maskstore_ps(p, reinterpret_cast<__m256i>(lanes() < n), v);
#else
    for (int i = 0; i < n; ++i) p[i] = v[i];
#endif
}

/// Larger and smaller of two (the second where one is NaN).
LECTERN_INLINE F max(F a, F b) {
#if LECTERN_AVX512
    return _mm512_max_ps(a, b);
#elif LECTERN_AVX2
    return _mm256_max_ps(a, b);
#else
    return a > b ? a : b;
#endif
}
LECTERN_INLINE F min(F a, F b) {
#if LECTERN_AVX512
    return _mm512_min_ps(a, b);
#elif LECTERN_AVX2
    return _mm256_min_ps(a, b);
#else
    return a < b ? a : b;
#endif
}

/// One bit per lane of a comparison result.
LECTERN_INLINE unsigned maskBits(I mask) {
#if LECTERN_AVX512
    return unsigned(_mm512_movepi32_mask(reinterpret_cast<__m512i>(mask)));
#elif LECTERN_AVX2
    return unsigned(_mm256_movemask_ps(floats(mask)));
#else
    unsigned result = 0;
    for (int i = 0; i < kW; ++i) result |= (mask[i] != 0 ? 1U : 0U) << i;
    return result;
#endif
}

}  // namespace
}  // namespace lectern::kernels::LECTERN_ISA
