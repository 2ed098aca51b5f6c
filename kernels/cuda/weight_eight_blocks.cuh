// SPDX-License-Identifier: GPL-3.0-or-later
// Eight elements of a row of the quantized types that have more than one factor or more than whole nibbles.
#pragma once

#include "kernels/cuda/weight_eight.cuh"

namespace lectern::kernels {

__device__ __forceinline__ float lowHalf(unsigned both) {
    return halfBitsToFloat(std::uint16_t(both));
}
__device__ __forceinline__ float highHalf(unsigned both) {
    return halfBitsToFloat(std::uint16_t(both >> 16));
}

/// 2^23 + n as a float has n in its low bits.
__device__ __forceinline__ float smallInteger(unsigned n, float bias) {
    return __uint_as_float(0x4b000000U | n) - (8388608.0F + bias);
}

/// Codes whose low bits are in four bytes, `Bits` of them from bit 0 for the first half and from bit `Apart` for the
/// other, and whose top bits are in the same places of `top`, `TopBits` apart.
template <int Bits, int Apart, int TopBits>
__device__ __forceinline__ void joinedBytes(unsigned low, unsigned top, FourBytes (&v)[2]) {
    LECTERN_UNROLL
    for (int h = 0; h < 2; ++h) {
        v[h] = fourCodes<Bits>(low, h * Apart);
        if constexpr (TopBits > 0) v[h] |= fourCodes<TopBits>(top, h * TopBits) << Bits;
    }
}

/// Fifth bits of Q5_0 and Q5_1, one an element, from the first of the eight on.
__device__ __forceinline__ void fiveBitBytes(unsigned nibbles, unsigned fifth, FourBytes (&v)[2]) {
    LECTERN_UNROLL
    for (int h = 0; h < 2; ++h) {
        const unsigned spread = (fifth >> (h * 16) & 15U) * 0x00204081U & 0x01010101U;  // bit i to byte i
        v[h] = fourCodes<4>(nibbles, h * 4) | spread << 4;
    }
}

/// Four entries of kIq4Values as bytes, 128 added.
constexpr unsigned iq4Word(int first) {
    unsigned word = 0;
    for (int i = 0; i < 4; ++i) word |= unsigned(kIq4Values[first + i] + 128) << (8 * i);
    return word;
}

/// The values that four nibbles stand for, as bytes with 128 added.
__device__ __forceinline__ unsigned fourIq4Values(unsigned nibbles) {
    constexpr unsigned kTable[4] = {iq4Word(0), iq4Word(4), iq4Word(8), iq4Word(12)};
    const unsigned within = nibbles & 0x7777U;
    const unsigned low = __byte_perm(kTable[0], kTable[1], within), high = __byte_perm(kTable[2], kTable[3], within);
    return __byte_perm(low, high, 0x3210U | (nibbles & 0x8888U) >> 1);  // a nibble's top bit chooses
}
__device__ __forceinline__ void iq4Bytes(unsigned nibbles, FourBytes (&v)[2]) {
    const unsigned low = fourIq4Values(nibbles), high = fourIq4Values(nibbles >> 16);  // i, i + half, i + 1, …
    v[0] = __byte_perm(low, high, 0x6420), v[1] = __byte_perm(low, high, 0x7531);
}

/// d and m of a block in one word.
template <class ColumnsOf>
struct FactorAndOffset {
    using Columns = ColumnsOf;
    static constexpr bool kOneScale = true, kOffset = true;
    static constexpr int kSameQuads = 1;
    unsigned factors;
    __device__ float scale(int) const { return lowHalf(factors); }
    __device__ float offset(int) const { return highHalf(factors); }
};

template <>
struct Eight<WeightType::Q4_1> : FactorAndOffset<Halves32> {
    static constexpr int kBias = 0;
    unsigned nibbles;
    template <class Block>
    __device__ Eight(const Block& block, int k) {
        factors = block.word(0), nibbles = block.word(1 + k % 4);
    }
    __device__ void bytes(FourBytes (&v)[2]) const { joinedBytes<4, 4, 0>(nibbles, 0, v); }
};

template <>
struct Eight<WeightType::Q5_0> : OneFactor<Halves32> {
    static constexpr int kBias = 16;
    unsigned codes, fifth;
    std::uint16_t factor;
    template <class Block>
    __device__ Eight(const Block& block, int k) {
        fifth = block.word(0) >> (k % 4 * 4), codes = block.word(1 + k % 4), factor = block.scaleApart();
    }
    __device__ float scale(int) const { return halfBitsToFloat(factor); }
    __device__ void bytes(FourBytes (&v)[2]) const { fiveBitBytes(codes, fifth, v); }
};

template <>
struct Eight<WeightType::Q5_1> : FactorAndOffset<Halves32> {
    static constexpr int kBias = 0;
    unsigned codes, fifth;
    template <class Block>
    __device__ Eight(const Block& block, int k) {
        factors = block.word(0), fifth = block.word(1) >> (k % 4 * 4), codes = block.word(2 + k % 4);
    }
    __device__ void bytes(FourBytes (&v)[2]) const { fiveBitBytes(codes, fifth, v); }
};

template <>
struct Eight<WeightType::IQ4_NL> : OneFactor<Halves32> {
    static constexpr int kBias = 128;
    unsigned codes;
    std::uint16_t factor;
    template <class Block>
    __device__ Eight(const Block& block, int k) {
        codes = block.word(k % 4), factor = block.scaleApart();
    }
    __device__ float scale(int) const { return halfBitsToFloat(factor); }
    __device__ void bytes(FourBytes (&v)[2]) const { iq4Bytes(codes, v); }
};

/// d and sixteen bits of scales, eight nibbles of scales, codes.
template <>
struct Eight<WeightType::IQ4_XS> : OneFactor<Halves32> {
    static constexpr int kBias = 128;
    unsigned codes, factor;
    int by;
    template <class Block>
    __device__ Eight(const Block& block, int k) {
        const int at = k % 32, sub = at / 4;
        factor = block.word(0), codes = block.word(2 + at);
        by = int((block.word(1) >> (sub * 4) & 15U) | (factor >> (16 + sub * 2) & 3U) << 4) - 32;
    }
    __device__ float scale(int) const { return lowHalf(factor) * float(by); }
    __device__ void bytes(FourBytes (&v)[2]) const { iq4Bytes(codes, v); }
};

}  // namespace lectern::kernels
