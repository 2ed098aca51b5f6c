// SPDX-License-Identifier: GPL-3.0-or-later
// From packed codes in shared memory to matrix fragments in registers.
//
// A page has 64 tokens, token = 16·group + place. A lane (g, t) = (lane / 4, lane % 4) holds of the keys the tokens at
// places 2g and 2g+1 of all four groups, which are neighbours in every packed width; of the values the places 4t …
// 4t+3. Which two tokens of a channel share a register is free as long as the probabilities are paired alike: 3 and 16
// bits pair places of a group as the transposed probabilities come out, 2 and 4 bits groups, as they are packed.
#pragma once

#include "kernels/cuda/attend_decode_lookup.cuh"

namespace lectern::kernels {

__device__ __forceinline__ std::uint32_t rotateLeft(std::uint32_t x, int by) {
    return __funnelshift_l(x, x, unsigned(by));
}
__device__ __forceinline__ void swapMiddle(std::uint32_t (&x)[4]) {
    const std::uint32_t keep = x[1];
    x[1] = x[2], x[2] = keep;
}

/// Where 16-byte piece `piece` of a raw channel stands within its 128 bytes: four neighbouring channels use different
/// banks.
__device__ __forceinline__ int rawPiece(int slot, int piece) {
    return piece ^ (slot & 3) * 2;
}

/// Key fragments of 16 channel slots (8 first, 8 second of a rotation pair) for all 64 tokens.
///   plane  codes of these slots; high  high plane of these slots (3 bits)
///   out    [group][4]: place 2g of pairs (t, t+4): first channels; place 2g+1; then the same of the second channels
template <int Bits, class Table>
__device__ __forceinline__ void keyFragments(const char* plane, const char* high, const Table& table, int lane,
                                             FragmentA (&out)[4]) {
    const int g = lane / 4, t = lane % 4;
    if constexpr (Bits == 4) {
        std::uint32_t word[4];
        LECTERN_UNROLL
        for (int i = 0; i < 4; ++i) word[i] = *reinterpret_cast<const std::uint32_t*>(plane + (i * 4 + t) * 32 + g * 4);
        std::uint32_t low[4], odd[4];
        LECTERN_UNROLL
        for (int side = 0; side < 2; ++side) {
            codes4(table, word[2 * side], word[2 * side + 1], low, odd);
            LECTERN_UNROLL
            for (int group = 0; group < 4; ++group)
                out[group].x[2 * side] = low[group], out[group].x[2 * side + 1] = odd[group];
        }
    } else if constexpr (Bits == kRawBits) {
        LECTERN_UNROLL
        for (int side = 0; side < 2; ++side) {
            LECTERN_UNROLL
            for (int group = 0; group < 4; ++group) {
                const char* at = plane + (side * 8 + t) * 128 + rawPiece(t, group * 2 + g / 4) * 16 + g % 4 * 4;
                const auto a = *reinterpret_cast<const std::uint32_t*>(at);
                const auto b = *reinterpret_cast<const std::uint32_t*>(at + 4 * 128);
                out[group].x[2 * side] = __byte_perm(a, b, 0x5410);
                out[group].x[2 * side + 1] = __byte_perm(a, b, 0x7632);
            }
        }
    } else {
        Half2 x[2];
        const int row = lane % 8;
        loadTransposed(x, plane + (lane % 16 / 8 * 8 + row / 2 + row % 2 * 4) * 16);
        const std::uint32_t first = __byte_perm(x[0], x[1], 0x5410), second = __byte_perm(x[0], x[1], 0x7632);
        if constexpr (Bits == 2) {
            codes2(table, first, second, out);
        } else {
            std::uint32_t bits[2][2];
            LECTERN_UNROLL
            for (int side = 0; side < 2; ++side) {
                const uint2 h0 = *reinterpret_cast<const uint2*>(high + (side * 8 + t) * 8);
                const uint2 h1 = *reinterpret_cast<const uint2*>(high + (side * 8 + 4 + t) * 8);
                bits[side][0] = select(rotateLeft(h0.x, 4 - 2 * g), rotateLeft(h1.x, 6 - 2 * g), 0x3f3f3f3fU);
                bits[side][1] = select(rotateLeft(h0.y, 4 - 2 * g), rotateLeft(h1.y, 6 - 2 * g), 0x3f3f3f3fU);
            }
            codes3(table, first, second, bits[0], bits[1], out);
        }
    }
}

/// Whether a register of values holds the same place of two groups, and then how far apart those are.
constexpr bool pairsGroups(int value_bits) {
    return value_bits == 2 || value_bits == 4;
}
constexpr int groupsApart(int value_bits) {
    return value_bits == 2 ? 2 : 1;
}

/// Value fragments of 16 channels for all 64 tokens.
///   out    [group][4]: channel g at places (4t, 4t+2); channel g+8; channel g at (4t+1, 4t+3); channel g+8
///          or, by pairs of groups, [i][4]: channel g at place 4t+i of one pair; channel g+8; then of the other pair;
///          (0, 1) and (2, 3) at 4 bits, (0, 2) and (1, 3) at 2
template <int Bits, class Table>
__device__ __forceinline__ void valueFragments(const char* plane, const char* high, const Table& table,
                                               const BytesOfFour& book, int lane, FragmentA (&out)[4]) {
    const int g = lane / 4, t = lane % 4;
    if constexpr (Bits == 4) {
        LECTERN_UNROLL
        for (int row = 0; row < 2; ++row) {
            const uint2 words = *reinterpret_cast<const uint2*>(plane + (g + row * 8) * 32 + t * 8);
            LECTERN_UNROLL
            for (int half = 0; half < 2; ++half) {
                const std::uint32_t word = half == 0 ? words.x : words.y;
                FragmentA &even = out[2 * half], &odd = out[2 * half + 1];
                even.x[row] = table.template at<0>(word), even.x[row + 2] = table.template at<1>(word);
                odd.x[row] = table.template at<2>(word), odd.x[row + 2] = table.template at<3>(word);
            }
        }
    } else if constexpr (Bits == kRawBits) {
        LECTERN_UNROLL
        for (int row = 0; row < 2; ++row) {
            LECTERN_UNROLL
            for (int group = 0; group < 4; ++group) {
                const char* at = plane + (g + row * 8) * 128 + rawPiece(g, group * 2 + t / 2) * 16 + t % 2 * 8;
                const uint2 words = *reinterpret_cast<const uint2*>(at);
                out[group].x[row] = __byte_perm(words.x, words.y, 0x5410);
                out[group].x[row + 2] = __byte_perm(words.x, words.y, 0x7632);
            }
        }
    } else {
        const auto a = *reinterpret_cast<const std::uint32_t*>(plane + g * 16 + t * 4);
        const auto b = *reinterpret_cast<const std::uint32_t*>(plane + (g + 8) * 16 + t * 4);
        if constexpr (Bits == 2) {
            codes2ByGroups(book, a, 0, out);
            codes2ByGroups(book, b, 1, out);
        } else {
            const std::uint32_t first = __byte_perm(a, b, 0x5410), second = __byte_perm(a, b, 0x7632);
            const uint2 h0 = *reinterpret_cast<const uint2*>(high + g * 8);
            const uint2 h1 = *reinterpret_cast<const uint2*>(high + (g + 8) * 8);
            const std::uint32_t bits0[2] = {rotateLeft(h0.x, 4 - 4 * t), rotateLeft(h0.y, 4 - 4 * t)};
            const std::uint32_t bits1[2] = {rotateLeft(h1.x, 4 - 4 * t), rotateLeft(h1.y, 4 - 4 * t)};
            codes3(table, first, second, bits0, bits1, out);
            LECTERN_UNROLL
            for (int group = 0; group < 4; ++group) swapMiddle(out[group].x);
        }
    }
}

}  // namespace lectern::kernels
