// SPDX-License-Identifier: GPL-3.0-or-later
// Arithmetic and bit intrinsics of CUDA that need no other thread. Included by cuda_emulation.h.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

template <class T>
T __ldg(const T* at) {
    return *at;
}
inline unsigned __float_as_uint(float x) {
    return std::bit_cast<unsigned>(x);
}
inline float __uint_as_float(unsigned x) {
    return std::bit_cast<float>(x);
}
inline int __float_as_int(float x) {
    return std::bit_cast<int>(x);
}
inline float __int_as_float(int x) {
    return std::bit_cast<float>(x);
}
inline int __popc(unsigned x) {
    return std::popcount(x);
}
inline int __clz(int x) {
    return std::countl_zero(unsigned(x));
}
inline int __ffs(int x) {
    return x == 0 ? 0 : std::countr_zero(unsigned(x)) + 1;
}
/// Byte i of the result is byte (selector >> 4i & 7) of the eight bytes low, high.
inline unsigned __byte_perm(unsigned low, unsigned high, unsigned selector) {
    const std::uint64_t both = std::uint64_t(high) << 32 | low;
    unsigned result = 0;
    for (unsigned i = 0; i < 4; ++i) result |= unsigned(both >> (8 * (selector >> (4 * i) & 7U)) & 0xffU) << (8 * i);
    return result;
}
/// High word of the 64 bits high, low after a shift to the left.
inline unsigned __funnelshift_l(unsigned low, unsigned high, unsigned by) {
    return unsigned((std::uint64_t(high) << 32 | low) << (by & 31U) >> 32);
}
/// Each rounds once: the tests compile kernels with -ffp-contract=off.
inline float __fadd_rn(float a, float b) {
    return a + b;
}
inline float __fsub_rn(float a, float b) {
    return a - b;
}
inline float __fmul_rn(float a, float b) {
    return a * b;
}
inline float __fdiv_rn(float a, float b) {
    return a / b;
}
inline float __fdividef(float a, float b) {
    return a / b;
}
inline float __fmaf_rn(float a, float b, float c) {
    return std::fma(a, b, c);
}
inline int __float2int_rn(float x) {
    return int(std::lrint(x));
}
inline float __expf(float x) {
    return std::exp(x);
}
inline float rsqrtf(float x) {
    return 1.0F / std::sqrt(x);
}
template <class T>
constexpr T min(T a, T b) {
    return b < a ? b : a;
}
template <class T>
constexpr T max(T a, T b) {
    return a < b ? b : a;
}
