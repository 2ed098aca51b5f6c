// SPDX-License-Identifier: GPL-3.0-or-later
// Blocks of quantized weights in pieces of 32 neighbouring elements, one reader per format (layouts: weight_type.h).
// Local to each unit. Products of scale and code are exact in f32, so that one rounding at most is left, fused or not.
#pragma once

#include "kernels/simd_math.h"
#include "kernels/weight_type.h"

namespace lectern::kernels::LECTERN_ISA {
namespace {

constexpr int kPiece = 32;               ///< elements
constexpr int kPieceVecs = kPiece / kW;  ///< vectors of them

/// w = scale·code − minimum, each shared by kPiece / kGroups elements.
template <int Groups, bool Minimum>
struct Piece {
    static constexpr int kGroups = Groups;
    static constexpr bool kMinimum = Minimum;
    F codes[kPieceVecs];
    float scale[Groups];
    float minimum[Groups];  ///< with kMinimum only
};
using Scaled = Piece<1, false>;
using ScaledHalves = Piece<2, false>;
using Shifted = Piece<1, true>;
using ShiftedHalves = Piece<2, true>;

LECTERN_INLINE float halfAt(const std::byte* p) {
    return scalarHalf(loadBytes<std::uint16_t>(p));
}
LECTERN_INLINE I bytesAt(const std::byte* p, int vec) {
    return widen(loadBytes<U8>(p + vec * kW));
}
LECTERN_INLINE F asFloats(I v) {
    return __builtin_convertvector(v, F);
}
/// Byte i of four or eight in a word.
LECTERN_INLINE float byteOf(std::uint64_t word, int i) {
    return float(int(word >> (8 * i) & 255U));
}

/// The low nibble of each lane minus `Bias`.
template <int Bias>
LECTERN_INLINE F nibbles(I v) {
#if LECTERN_AVX512
    const F values = {0 - Bias, 1 - Bias, 2 - Bias,  3 - Bias,  4 - Bias,  5 - Bias,  6 - Bias,  7 - Bias,
                      8 - Bias, 9 - Bias, 10 - Bias, 11 - Bias, 12 - Bias, 13 - Bias, 14 - Bias, 15 - Bias};
    return _mm512_permutexvar_ps(reinterpret_cast<__m512i>(v), values);
#else
    return asFloats((v & 15) - Bias);
#endif
}

/// kIq4Values of the low nibble of each lane.
LECTERN_INLINE F iq4(I v) {
#if LECTERN_AVX512
    const F values = loadInt8(kIq4Values);
    return _mm512_permutexvar_ps(reinterpret_cast<__m512i>(v), values);
#elif LECTERN_AVX2
    const F low = loadInt8(kIq4Values), high = loadInt8(kIq4Values + 8);
    const auto at = reinterpret_cast<__m256i>(v);
    return _mm256_blendv_ps(_mm256_permutevar8x32_ps(low, at), _mm256_permutevar8x32_ps(high, at), floats(v << 28));
#else
    F values;
    for (int i = 0; i < kW; ++i) values[i] = float(kIq4Values[v[i] & 15]);
    return values;
#endif
}

/// 16 in the lanes whose bit is set: bits vec·kW … of `word`.
LECTERN_INLINE I sixteens(std::uint32_t word, int vec) {
#if LECTERN_AVX512
    return reinterpret_cast<I>(_mm512_maskz_set1_epi32(__mmask16(word >> (vec * kW)), 16));
#else
    return (set(std::int32_t(word >> (vec * kW))) >> lanes() & 1) << 4;
#endif
}

/// 32 codes of 16 bytes in halves.
template <class Convert>
LECTERN_INLINE void halves(const std::byte* p, F* codes, Convert convert) {
    LECTERN_UNROLL
    for (int v = 0; v < kPieceVecs / 2; ++v) {
        const I both = bytesAt(p, v);
        codes[v] = convert(both, v);
        codes[v + kPieceVecs / 2] = convert(both >> 4, v + kPieceVecs / 2);
    }
}

/// Reads one format. of(): piece `i` of a block, i < kPieces and known when compiled.
template <WeightType Type>
struct Block;

/// What all share: the pieces of a block of these many bytes.
template <WeightType Type>
struct BlockShape {
    static constexpr int kElements = weightBlock(Type).elements;
    static constexpr int kPieces = kElements / kPiece;
    static constexpr std::size_t kBytes = std::size_t(weightBlock(Type).bytes);
};

template <>
struct Block<WeightType::Q8_0> : BlockShape<WeightType::Q8_0> {
    LECTERN_INLINE static Scaled of(const std::byte* p, int) {
        Scaled out;
        LECTERN_UNROLL
        for (int v = 0; v < kPieceVecs; ++v) out.codes[v] = loadInt8(p + 2 + v * kW);
        out.scale[0] = halfAt(p);
        return out;
    }
};

/// 32 elements of four or five bits: d, m where there is one, fifth bits where there are, 16 bytes in halves.
template <WeightType Type, int Bits, bool Minimum, int Bias = 0>
struct HalvesBlock : BlockShape<Type> {
    LECTERN_INLINE static Piece<1, Minimum> of(const std::byte* p, int) {
        constexpr int kHead = Minimum ? 4 : 2;
        Piece<1, Minimum> out;
        if constexpr (Bits == 5) {
            const auto fifth = loadBytes<std::uint32_t>(p + kHead);
            halves(p + kHead + 4, out.codes,
                   [=](I v, int vec) LECTERN_LAMBDA { return asFloats((v & 15) + sixteens(fifth, vec) - Bias); });
        } else {
            halves(p + kHead, out.codes,
                   [](I v, int) LECTERN_LAMBDA { return Type == WeightType::IQ4_NL ? iq4(v) : nibbles<Bias>(v); });
        }
        out.scale[0] = halfAt(p);
        if constexpr (Minimum) out.minimum[0] = -halfAt(p + 2);
        return out;
    }
};
template <>
struct Block<WeightType::Q4_0> : HalvesBlock<WeightType::Q4_0, 4, false, 8> {};
template <>
struct Block<WeightType::Q4_1> : HalvesBlock<WeightType::Q4_1, 4, true> {};
template <>
struct Block<WeightType::Q5_0> : HalvesBlock<WeightType::Q5_0, 5, false, 16> {};
template <>
struct Block<WeightType::Q5_1> : HalvesBlock<WeightType::Q5_1, 5, true> {};
template <>
struct Block<WeightType::IQ4_NL> : HalvesBlock<WeightType::IQ4_NL, 4, false> {};

}  // namespace
}  // namespace lectern::kernels::LECTERN_ISA
