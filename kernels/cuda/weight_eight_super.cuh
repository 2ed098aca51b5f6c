// SPDX-License-Identifier: GPL-3.0-or-later
// Eight elements of a row of the super-blocks of 256 (Q2_K … Q6_K). The 32 eights of a block have the same words of
// factors; eight k has byte j = k % 8 of 64 elements number k / 8, and sub-blocks of 16 or 32 elements for its halves.
#pragma once

#include "kernels/cuda/weight_eight_blocks.cuh"

namespace lectern::kernels {

/// Of 64 elements: four, and the four that are 32 further.
struct Halves64 {
    __device__ static int first(int k) { return k / 8 * 64 + k % 8 * 4; }
    __device__ static int second(int k) { return first(k) + 32; }
};

/// Where an eight stands in its super-block.
struct InSuper {
    int group, word;  ///< of 64 elements; of eight words
    int sixteenth;    ///< of four sub-blocks of 16 elements: that of the first half; the other's is two further

    __device__ explicit InSuper(int k) : group(k % 32 / 8), word(k % 8), sixteenth(k % 8 / 4) {}
    /// Its word of 32 bytes for 128 elements, and of that the bits of its 64.
    __device__ int wordOf128() const { return group / 2 * 8 + word; }
    __device__ unsigned bitsOf64(unsigned of_128) const { return of_128 >> (group % 2 * 4); }
};

/// Two scales that differ.
struct TwoFactors {
    using Columns = Halves64;
    static constexpr bool kOneScale = false;
    static constexpr int kSameQuads = 1;
};

/// 16 bytes of scales and minima, 64 of codes, d and m.
template <>
struct Eight<WeightType::Q2_K> : TwoFactors {
    static constexpr int kBias = 0;
    static constexpr bool kOffset = true;
    unsigned codes, both, factors;
    template <class Block>
    __device__ Eight(const Block& block, int k) {
        const InSuper at(k);
        both = block.word(at.group) >> (at.sixteenth * 8), codes = at.bitsOf64(block.word(4 + at.wordOf128()));
        factors = block.word(20);
    }
    __device__ float scale(int h) const { return lowHalf(factors) * float(both >> (h * 16) & 15U); }
    __device__ float offset(int h) const { return -(highHalf(factors) * float(both >> (h * 16 + 4) & 15U)); }
    __device__ void bytes(FourBytes (&v)[2]) const { joinedBytes<2, 2, 0>(codes, 0, v); }
};

/// 32 bytes of third bits, 64 of codes, 12 of scales; d lies apart.
template <>
struct Eight<WeightType::Q3_K> : TwoFactors {
    static constexpr int kBias = 4;
    static constexpr bool kOffset = false;
    unsigned codes, third, low, top;
    std::uint16_t factor;
    template <class Block>
    __device__ Eight(const Block& block, int k) {
        const InSuper at(k);
        third = block.word(at.word) >> (at.group * 2), codes = at.bitsOf64(block.word(8 + at.wordOf128()));
        low = block.word(24 + at.group % 2) >> (at.group / 2 * 4 + at.sixteenth * 8);
        top = block.word(26) >> (at.group * 2 + at.sixteenth * 8);
        factor = block.scaleApart();
    }
    __device__ float scale(int h) const {
        const int six = int((low >> (h * 16) & 15U) | (top >> (h * 16) & 3U) << 4);
        return halfBitsToFloat(factor) * float(six - 32);
    }
    __device__ void bytes(FourBytes (&v)[2]) const { joinedBytes<2, 2, 1>(codes, third, v); }
};

/// Q4_K and Q5_K: d and m, then three words of six-bit scales and minima of 32 elements each.
struct SixBitFactors : TwoFactors {
    static constexpr bool kOffset = true;
    static constexpr int kSameQuads = 2;
    uint4 head;
    int group;

    __device__ float scale(int h) const { return __fmul_rn(lowHalf(head.x), float(six(head.y, 0, h))); }
    __device__ float offset(int h) const { return -__fmul_rn(highHalf(head.x), float(six(head.z, 4, h))); }

private:
    /// Scale or minimum of sub-block 2·group + h: `lower` has the first four and, on top, two bits of the others, whose
    /// rest is in the nibbles of the third word that begin at bit `nibble` of its bytes.
    __device__ unsigned six(unsigned lower, int nibble, int h) const {
        const int byte = (group % 2 * 2 + h) * 8;
        if (group < 2) return lower >> byte & 63U;
        return (head.w >> (byte + nibble) & 15U) | (lower >> (byte + 6) & 3U) << 4;
    }
};

template <>
struct Eight<WeightType::Q4_K> : SixBitFactors {
    static constexpr int kBias = 0;
    unsigned nibbles;
    template <class Block>
    __device__ Eight(const Block& block, int k) {
        head = block.firstFour(), group = InSuper(k).group, nibbles = block.word(4 + k % 32);
    }
    __device__ void bytes(FourBytes (&v)[2]) const { joinedBytes<4, 4, 0>(nibbles, 0, v); }
};

/// 32 bytes of fifth bits before the codes.
template <>
struct Eight<WeightType::Q5_K> : SixBitFactors {
    static constexpr int kBias = 0;
    unsigned codes, fifth;
    template <class Block>
    __device__ Eight(const Block& block, int k) {
        const InSuper at(k);
        head = block.firstFour(), group = at.group, codes = block.word(12 + k % 32);
        fifth = block.word(4 + at.word) >> (at.group * 2);
    }
    __device__ void bytes(FourBytes (&v)[2]) const { joinedBytes<4, 4, 1>(codes, fifth, v); }
};

/// 128 bytes of low nibbles, 64 of top bits, 16 signed scales; d lies apart.
template <>
struct Eight<WeightType::Q6_K> : TwoFactors {
    static constexpr int kBias = 32;
    static constexpr bool kOffset = false;
    unsigned first, second, top, scales;
    std::uint16_t factor;
    template <class Block>
    __device__ Eight(const Block& block, int k) {
        const InSuper at(k);
        const int low = at.group / 2 * 16 + at.word;
        first = at.bitsOf64(block.word(low)), second = at.bitsOf64(block.word(low + 8));  // nibbles of its 64 elements
        top = at.bitsOf64(block.word(32 + at.wordOf128()));
        scales = block.word(48 + at.group) >> (at.sixteenth * 8);
        factor = block.scaleApart();
    }
    __device__ float scale(int h) const {
        return halfBitsToFloat(factor) * smallInteger((scales >> (h * 16) & 255U) ^ 128U, 128);
    }
    __device__ void bytes(FourBytes (&v)[2]) const {
        v[0] = fourCodes<4>(first, 0) | fourCodes<2>(top, 0) << 4;
        v[1] = fourCodes<4>(second, 0) | fourCodes<2>(top, 2) << 4;
    }
};

}  // namespace lectern::kernels
