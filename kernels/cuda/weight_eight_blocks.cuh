// SPDX-License-Identifier: GPL-3.0-or-later
// Eight elements of a row of the quantized types that have more than one factor or more than whole nibbles. Words are
// those of 32 bits of a block in device memory (scaleApart() in matvec.h says what it lacks).
#pragma once

#include "kernels/cuda/weight_eight.cuh"

namespace lectern::kernels {

/// The block that eight number k of a row is in, as it lies in device memory.
template <WeightType Type>
struct BlockOf {
    static constexpr int kElements = weightBlock(Type).elements;
    static constexpr unsigned kEights = kElements / kEight;
    static constexpr std::size_t kBytes = elementBytes(Type, kElements);
    static_assert(kBytes % 4 == 0, "what loads in words");

    const unsigned* words;
    std::size_t index;

    __device__ BlockOf(const DeviceWeights& w, int row, int k)
        : index(std::size_t(row) * unsigned(w.cols / kElements) + unsigned(k) / kEights) {
        words = reinterpret_cast<const unsigned*>(w.elements + index * kBytes);
    }
    __device__ unsigned word(int i) const { return __ldg(words + i); }
    __device__ uint4 firstFour() const { return __ldg(reinterpret_cast<const uint4*>(words)); }
    __device__ std::uint16_t scaleApart(const DeviceWeights& w) const { return __ldg(w.scales + index); }
};

__device__ __forceinline__ float lowHalf(unsigned both) {
    return halfBitsToFloat(std::uint16_t(both));
}
__device__ __forceinline__ float highHalf(unsigned both) {
    return halfBitsToFloat(std::uint16_t(both >> 16));
}

/// Codes whose low bits are in four bytes, `Bits` of them from bit 0 for the first half and from bit `Apart` for the
/// other, and whose top bits are in the same places of `top`, `TopBits` apart.
template <int Bits, int Apart, int TopBits>
__device__ __forceinline__ void joinedCodes(unsigned low, unsigned top, float bias, float (&v)[kEight]) {
    LECTERN_UNROLL
    for (int i = 0; i < kEight; ++i) {
        unsigned code = low >> (i % 4 * 8 + i / 4 * Apart) & ((1U << Bits) - 1);
        if constexpr (TopBits > 0) code |= (top >> (i % 4 * 8 + i / 4 * TopBits) & ((1U << TopBits) - 1)) << Bits;
        v[i] = smallInteger(code, bias);
    }
}

/// Fifth bits of Q5_0 and Q5_1, one an element, from the first of the eight on.
__device__ __forceinline__ void fiveBitCodes(unsigned bytes, unsigned fifth, float bias, float (&v)[kEight]) {
    LECTERN_UNROLL
    for (int i = 0; i < kEight; ++i) {
        const unsigned low = bytes >> (i % 4 * 8 + i / 4 * 4) & 15U;
        v[i] = smallInteger(low | (fifth >> (i % 4 + i / 4 * 16) & 1U) << 4, bias);
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
__device__ __forceinline__ void iq4Codes(unsigned bytes, float (&v)[kEight]) {
    const unsigned words[2] = {fourIq4Values(bytes), fourIq4Values(bytes >> 16)};  // bytes: i, i + half, i + 1, …
    LECTERN_UNROLL
    for (int i = 0; i < kEight; ++i) v[i] = smallInteger(words[i % 4 / 2] >> (i % 2 * 16 + i / 4 * 8) & 255U, 128);
}

/// d and m of a block in one word.
template <class ColumnsOf>
struct FactorAndOffset {
    using Columns = ColumnsOf;
    static constexpr bool kOneScale = true, kOffset = true;
    unsigned factors;
    __device__ float scale(int) const { return lowHalf(factors); }
    __device__ float offset(int) const { return highHalf(factors); }
};

template <>
struct Eight<WeightType::Q4_1> : FactorAndOffset<Halves32> {
    unsigned bytes;
    __device__ Eight(const DeviceWeights& w, int row, int k) {
        const BlockOf<WeightType::Q4_1> block(w, row, k);
        factors = block.word(0), bytes = block.word(1 + k % 4);
    }
    __device__ void codes(float (&v)[kEight]) const { joinedCodes<4, 4, 0>(bytes, 0, 0, v); }
};

template <>
struct Eight<WeightType::Q5_0> : OneFactor<Halves32> {
    unsigned bytes, fifth;
    std::uint16_t factor;
    __device__ Eight(const DeviceWeights& w, int row, int k) {
        const BlockOf<WeightType::Q5_0> block(w, row, k);
        fifth = block.word(0) >> (k % 4 * 4), bytes = block.word(1 + k % 4), factor = block.scaleApart(w);
    }
    __device__ float scale(int) const { return halfBitsToFloat(factor); }
    __device__ void codes(float (&v)[kEight]) const { fiveBitCodes(bytes, fifth, 16, v); }
};

template <>
struct Eight<WeightType::Q5_1> : FactorAndOffset<Halves32> {
    unsigned bytes, fifth;
    __device__ Eight(const DeviceWeights& w, int row, int k) {
        const BlockOf<WeightType::Q5_1> block(w, row, k);
        factors = block.word(0), fifth = block.word(1) >> (k % 4 * 4), bytes = block.word(2 + k % 4);
    }
    __device__ void codes(float (&v)[kEight]) const { fiveBitCodes(bytes, fifth, 0, v); }
};

template <>
struct Eight<WeightType::IQ4_NL> : OneFactor<Halves32> {
    unsigned bytes;
    std::uint16_t factor;
    __device__ Eight(const DeviceWeights& w, int row, int k) {
        const BlockOf<WeightType::IQ4_NL> block(w, row, k);
        bytes = block.word(k % 4), factor = block.scaleApart(w);
    }
    __device__ float scale(int) const { return halfBitsToFloat(factor); }
    __device__ void codes(float (&v)[kEight]) const { iq4Codes(bytes, v); }
};

/// d and sixteen bits of scales, eight nibbles of scales, codes.
template <>
struct Eight<WeightType::IQ4_XS> : OneFactor<Halves32> {
    unsigned bytes, factor;
    int by;
    __device__ Eight(const DeviceWeights& w, int row, int k) {
        const BlockOf<WeightType::IQ4_XS> block(w, row, k);
        const int at = k % 32, sub = at / 4;
        factor = block.word(0), bytes = block.word(2 + at);
        by = int((block.word(1) >> (sub * 4) & 15U) | (factor >> (16 + sub * 2) & 3U) << 4) - 32;
    }
    __device__ float scale(int) const { return lowHalf(factor) * float(by); }
    __device__ void codes(float (&v)[kEight]) const { iq4Codes(bytes, v); }
};

}  // namespace lectern::kernels
