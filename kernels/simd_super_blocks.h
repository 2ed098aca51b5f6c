// SPDX-License-Identifier: GPL-3.0-or-later
// Super-blocks of 256 weights in eight pieces, one reader per format as in simd_weights.h. Local to each unit.
#pragma once

#include "kernels/simd_weights.h"

namespace lectern::kernels::LECTERN_ISA {
namespace {

template <>
struct Block<WeightType::IQ4_XS> : BlockShape<WeightType::IQ4_XS> {
    LECTERN_INLINE static Scaled of(const std::byte* p, int piece) {
        Scaled out;
        halves(p + 8 + piece * 16, out.codes, [](I v, int) LECTERN_LAMBDA { return iq4(v); });
        const unsigned high = loadBytes<std::uint16_t>(p + 2), low = loadBytes<std::uint32_t>(p + 4);
        out.scale[0] = halfAt(p) * float(int((low >> (4 * piece) & 15U) | (high >> (2 * piece) & 3U) << 4) - 32);
        return out;
    }
};

template <>
struct Block<WeightType::Q2_K> : BlockShape<WeightType::Q2_K> {
    LECTERN_INLINE static ShiftedHalves of(const std::byte* p, int piece) {
        ShiftedHalves out;
        LECTERN_UNROLL
        for (int v = 0; v < kPieceVecs; ++v)
            out.codes[v] = asFloats(bytesAt(p + 16 + piece / 4 * 32, v) >> (piece % 4 * 2) & 3);
        const unsigned both = loadBytes<std::uint16_t>(p + 2 * piece);
        const float d = halfAt(p + 80), m = halfAt(p + 82);
        out.scale[0] = d * byteOf(both & 15U, 0), out.minimum[0] = m * byteOf(both >> 4 & 15U, 0);
        out.scale[1] = d * byteOf(both >> 8 & 15U, 0), out.minimum[1] = m * byteOf(both >> 12, 0);
        return out;
    }
};

template <>
struct Block<WeightType::Q3_K> : BlockShape<WeightType::Q3_K> {
    LECTERN_INLINE static ScaledHalves of(const std::byte* p, int piece) {
        ScaledHalves out;
        LECTERN_UNROLL
        for (int v = 0; v < kPieceVecs; ++v) {
            const I low = bytesAt(p + 32 + piece / 4 * 32, v) >> (piece % 4 * 2) & 3;
            out.codes[v] = asFloats((low | (bytesAt(p, v) >> piece & 1) << 2) - 4);
        }
        const int four = piece / 2;  // scales 4·four … 4·four + 3 in the bytes of a word
        const auto low = loadBytes<std::uint32_t>(p + 96 + four % 2 * 4) >> (four / 2 * 4) & 0x0f0f0f0fU;
        const auto high = loadBytes<std::uint32_t>(p + 104) >> (2 * four) & 0x03030303U;
        const std::uint32_t scales = low | high << 4;
        out.scale[0] = halfAt(p + 108) * (byteOf(scales, piece % 2 * 2) - 32);
        out.scale[1] = halfAt(p + 108) * (byteOf(scales, piece % 2 * 2 + 1) - 32);
        return out;
    }
};

/// Scale and minimum of piece `piece` of Q4_K and Q5_K.
LECTERN_INLINE void sixBits(const std::byte* p, int piece, Shifted& out) {
    const auto a = loadBytes<std::uint32_t>(p + 4), b = loadBytes<std::uint32_t>(p + 8);
    const auto c = loadBytes<std::uint32_t>(p + 12);
    const bool first = piece < 4;
    const std::uint32_t scales = first ? a & 0x3f3f3f3fU : (c & 0x0f0f0f0fU) | (a >> 2 & 0x30303030U);
    const std::uint32_t minima = first ? b & 0x3f3f3f3fU : (c >> 4 & 0x0f0f0f0fU) | (b >> 2 & 0x30303030U);
    out.scale[0] = halfAt(p) * byteOf(scales, piece % 4);
    out.minimum[0] = halfAt(p + 2) * byteOf(minima, piece % 4);
}

template <>
struct Block<WeightType::Q4_K> : BlockShape<WeightType::Q4_K> {
    LECTERN_INLINE static Shifted of(const std::byte* p, int piece) {
        Shifted out;
        LECTERN_UNROLL
        for (int v = 0; v < kPieceVecs; ++v)
            out.codes[v] = nibbles<0>(bytesAt(p + 16 + piece / 2 * 32, v) >> (piece % 2 * 4));
        sixBits(p, piece, out);
        return out;
    }
};

template <>
struct Block<WeightType::Q5_K> : BlockShape<WeightType::Q5_K> {
    LECTERN_INLINE static Shifted of(const std::byte* p, int piece) {
        Shifted out;
        LECTERN_UNROLL
        for (int v = 0; v < kPieceVecs; ++v) {
            const I low = bytesAt(p + 48 + piece / 2 * 32, v) >> (piece % 2 * 4) & 15;
            out.codes[v] = asFloats(low | (bytesAt(p + 16, v) >> piece & 1) << 4);
        }
        sixBits(p, piece, out);
        return out;
    }
};

template <>
struct Block<WeightType::Q6_K> : BlockShape<WeightType::Q6_K> {
    LECTERN_INLINE static ScaledHalves of(const std::byte* p, int piece) {
        ScaledHalves out;
        const std::byte* low_bits = p + piece / 4 * 64 + piece % 2 * 32;
        const std::byte* high_bits = p + 128 + piece / 4 * 32;
        LECTERN_UNROLL
        for (int v = 0; v < kPieceVecs; ++v) {
            const I low = bytesAt(low_bits, v) >> (piece % 4 / 2 * 4) & 15;
            out.codes[v] = asFloats((low | (bytesAt(high_bits, v) >> (piece % 4 * 2) & 3) << 4) - 32);
        }
        for (int group = 0; group < 2; ++group)
            out.scale[group] = halfAt(p + 208) * float(loadBytes<std::int8_t>(p + 192 + 2 * piece + group));
        return out;
    }
};

}  // namespace
}  // namespace lectern::kernels::LECTERN_ISA
