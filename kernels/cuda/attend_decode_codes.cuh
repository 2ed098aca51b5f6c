// SPDX-License-Identifier: GPL-3.0-or-later
// From packed codes in shared memory to matrix fragments in registers.
//
// A page has 64 tokens, token = 16·group + place. A lane (g, t) = (lane / 4, lane % 4) holds of the keys the tokens at
// places 2g and 2g+1 of all four groups, which are neighbours in every packed width; of the values the places 4t …
// 4t+3, paired (4t, 4t+2), (4t+1, 4t+3) as the transposed probabilities come out. Two codes of one register are
// neighbouring bits after one select; together they index a table of fp16 pairs (two bits: of two pairs) that stands
// once for every lane, 256 bytes a row, keys in the first 128 and values in the others: no bank is asked twice, and one
// byte permute builds the address.
#pragma once

#include "kernels/cuda/fragment.cuh"
#include "kernels/half.h"
#include "kernels/kv_layout.h"

namespace lectern::kernels {

inline constexpr int kTableRow = 256;  ///< bytes of one row: 128 for keys, 128 for values

/// Rows of the pair table. 3 bits: index = low bits | high bits at (4, 6) or (5, 7), see codeHalves().
constexpr int tableRows(int bits) {
    return bits == kRawBits ? 0 : bits == 3 ? 0xb0 : 256;
}
/// Bytes of a channel's codes of one page in shared memory; 3 bits keep their high plane apart.
constexpr int planeBytes(int bits) {
    return bits == 3 ? 16 : bits * 8;
}
constexpr int highBytes(int bits) {
    return bits == 3 ? 8 : 0;
}

/// Writes the lanes' copies of the table of one codebook ([1 << Bits] f32); all threads of the block.
template <int Bits>
__device__ void buildTable(const float* book, char* table) {
    if constexpr (Bits != kRawBits) {
        for (int i = int(threadIdx.x); i < tableRows(Bits) * 32; i += int(blockDim.x)) {
            const int index = i / 32, lane = i % 32;
            int first = index & 15, second = index >> 4;
            if constexpr (Bits == 2) {  // even words the first pair, odd words the second
                const int pair = lane % 2 == 0 ? index & 15 : index >> 4;
                first = pair & 3, second = pair >> 2;
            } else if constexpr (Bits == 3) {
                first = (index & 3) | (((index >> 4) | (index >> 5)) & 1) << 2;
                second = (index >> 2 & 3) | (((index >> 6) | (index >> 7)) & 1) << 2;
            }
            *reinterpret_cast<Half2*>(table + index * kTableRow + lane * 4) = packHalf2(book[first], book[second]);
        }
    }
}

/// Where a lane's copy stands in a row. `half` 0 = keys, 1 = values.
template <int Bits>
__device__ __forceinline__ std::uint32_t tableLane(int lane, int half) {
    return std::uint32_t(half * 128 + (Bits == 2 ? lane % 16 * 8 : lane * 4));
}

/// Bits of a where mask is 1, of b elsewhere.
__device__ __forceinline__ std::uint32_t select(std::uint32_t a, std::uint32_t b, std::uint32_t mask) {
    return (a & mask) | (b & ~mask);
}

/// Entry for byte Byte of `index`.
template <int Byte, typename T>
__device__ __forceinline__ T lookUp(const char* table, std::uint32_t index, std::uint32_t lane) {
    return *reinterpret_cast<const T*>(table + __byte_perm(index, lane, 0x5504 | Byte << 4));
}

/// Two registers of packed codes become 32 (2 and 3 bits) or 16 (4 bits) values. out[group].x[k] for k = 0 … 3 belongs
/// to bytes 0, 1 of `even` and `odd`: k = 0, 1 from the low halves, 2, 3 likewise from the high ones.
struct Quarters {
    std::uint32_t even, odd;  ///< groups 0 and 2, groups 1 and 3
};
/// first and second: the codes that make the low and the high half of each result.
template <int Bits>
__device__ __forceinline__ Quarters interleave(std::uint32_t first, std::uint32_t second) {
    constexpr std::uint32_t kLow = Bits == 4 ? 0x0f0f0f0fU : 0x33333333U;
    constexpr int kShift = Bits == 4 ? 4 : 2;
    return {select(first, second << kShift, kLow), select(first >> kShift, second, kLow)};
}

/// 4 bits: one register of each half gives bytes (place 0: group even, group + 2), (place 1: …).
__device__ __forceinline__ void codes4(const char* table, std::uint32_t lane, std::uint32_t first, std::uint32_t second,
                                       std::uint32_t (&low)[4], std::uint32_t (&high)[4]) {
    const Quarters q = interleave<4>(first, second);
    low[0] = lookUp<0, std::uint32_t>(table, q.even, lane);
    low[2] = lookUp<1, std::uint32_t>(table, q.even, lane);
    high[0] = lookUp<2, std::uint32_t>(table, q.even, lane);
    high[2] = lookUp<3, std::uint32_t>(table, q.even, lane);
    low[1] = lookUp<0, std::uint32_t>(table, q.odd, lane);
    low[3] = lookUp<1, std::uint32_t>(table, q.odd, lane);
    high[1] = lookUp<2, std::uint32_t>(table, q.odd, lane);
    high[3] = lookUp<3, std::uint32_t>(table, q.odd, lane);
}

/// 2 bits: bytes 0 … 3 of first/second become out[group].x[0 … 3].
__device__ __forceinline__ void codes2(const char* table, std::uint32_t lane, std::uint32_t first, std::uint32_t second,
                                       FragmentA (&out)[4]) {
    const Quarters q = interleave<2>(first, second);
    const auto put = [&](int k, uint2 even, uint2 odd) {
        out[0].x[k] = even.x, out[2].x[k] = even.y, out[1].x[k] = odd.x, out[3].x[k] = odd.y;
    };
    put(0, lookUp<0, uint2>(table, q.even, lane), lookUp<0, uint2>(table, q.odd, lane));
    put(1, lookUp<1, uint2>(table, q.even, lane), lookUp<1, uint2>(table, q.odd, lane));
    put(2, lookUp<2, uint2>(table, q.even, lane), lookUp<2, uint2>(table, q.odd, lane));
    put(3, lookUp<3, uint2>(table, q.even, lane), lookUp<3, uint2>(table, q.odd, lane));
}

/// 3 bits: as codes2, with the high bits of bytes 0, 1 in `high_a` and of bytes 2, 3 in `high_b`. Word w of each holds
/// group 2w in its low half and 2w+1 in its high half: bits 4, 6 for the even byte, 5, 7 for the odd one.
__device__ __forceinline__ void codes3(const char* table, std::uint32_t lane, std::uint32_t first, std::uint32_t second,
                                       const std::uint32_t (&high_a)[2], const std::uint32_t (&high_b)[2],
                                       FragmentA (&out)[4]) {
    const Quarters q = interleave<3>(first, second);
    const std::uint32_t low[4] = {q.even, q.odd, q.even >> 4, q.odd >> 4};
    LECTERN_UNROLL
    for (int group = 0; group < 4; ++group) {
        const std::uint32_t high = __byte_perm(high_a[group / 2], high_b[group / 2], group % 2 == 0 ? 0x4400 : 0x6622);
        const std::uint32_t index = (low[group] & 0x0f0f0f0fU) | (high & 0xa050a050U);
        out[group].x[0] = lookUp<0, std::uint32_t>(table, index, lane);
        out[group].x[1] = lookUp<1, std::uint32_t>(table, index, lane);
        out[group].x[2] = lookUp<2, std::uint32_t>(table, index, lane);
        out[group].x[3] = lookUp<3, std::uint32_t>(table, index, lane);
    }
}

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
template <int Bits>
__device__ __forceinline__ void keyFragments(const char* plane, const char* high, const char* table,
                                             std::uint32_t table_lane, int lane, FragmentA (&out)[4]) {
    const int g = lane / 4, t = lane % 4;
    if constexpr (Bits == 4) {
        std::uint32_t word[4];
        LECTERN_UNROLL
        for (int i = 0; i < 4; ++i) word[i] = *reinterpret_cast<const std::uint32_t*>(plane + (i * 4 + t) * 32 + g * 4);
        std::uint32_t low[4], odd[4];
        LECTERN_UNROLL
        for (int side = 0; side < 2; ++side) {
            codes4(table, table_lane, word[2 * side], word[2 * side + 1], low, odd);
            LECTERN_UNROLL
            for (int group = 0; group < 4; ++group)
                out[group].x[2 * side] = low[group], out[group].x[2 * side + 1] = odd[group];
        }
    } else if constexpr (Bits == kRawBits) {
        LECTERN_UNROLL
        for (int side = 0; side < 2; ++side) LECTERN_UNROLL
        for (int group = 0; group < 4; ++group) {
            const char* at = plane + (side * 8 + t) * 128 + rawPiece(t, group * 2 + g / 4) * 16 + g % 4 * 4;
            const auto a = *reinterpret_cast<const std::uint32_t*>(at);
            const auto b = *reinterpret_cast<const std::uint32_t*>(at + 4 * 128);
            out[group].x[2 * side] = __byte_perm(a, b, 0x5410);
            out[group].x[2 * side + 1] = __byte_perm(a, b, 0x7632);
        }
    } else {
        Half2 x[2];
        const int row = lane % 8;
        loadTransposed(x, plane + (lane % 16 / 8 * 8 + row / 2 + row % 2 * 4) * 16);
        const std::uint32_t first = __byte_perm(x[0], x[1], 0x5410), second = __byte_perm(x[0], x[1], 0x7632);
        if constexpr (Bits == 2) {
            codes2(table, table_lane, first, second, out);
        } else {
            std::uint32_t bits[2][2];
            LECTERN_UNROLL
            for (int side = 0; side < 2; ++side) {
                const uint2 h0 = *reinterpret_cast<const uint2*>(high + (side * 8 + t) * 8);
                const uint2 h1 = *reinterpret_cast<const uint2*>(high + (side * 8 + 4 + t) * 8);
                bits[side][0] = select(rotateLeft(h0.x, 4 - 2 * g), rotateLeft(h1.x, 6 - 2 * g), 0x3f3f3f3fU);
                bits[side][1] = select(rotateLeft(h0.y, 4 - 2 * g), rotateLeft(h1.y, 6 - 2 * g), 0x3f3f3f3fU);
            }
            codes3(table, table_lane, first, second, bits[0], bits[1], out);
        }
    }
}

/// Value fragments of 16 channels for all 64 tokens.
///   out    [group][4]: channel g at places (4t, 4t+2); channel g+8; channel g at (4t+1, 4t+3); channel g+8
template <int Bits>
__device__ __forceinline__ void valueFragments(const char* plane, const char* high, const char* table,
                                               std::uint32_t table_lane, int lane, FragmentA (&out)[4]) {
    const int g = lane / 4, t = lane % 4;
    if constexpr (Bits == 4) {
        std::uint32_t even[4], odd[4];
        LECTERN_UNROLL
        for (int row = 0; row < 2; ++row) {
            const uint2 words = *reinterpret_cast<const uint2*>(plane + (g + row * 8) * 32 + t * 8);
            codes4(table, table_lane, words.x, words.y, even, odd);
            LECTERN_UNROLL
            for (int group = 0; group < 4; ++group) out[group].x[row] = even[group], out[group].x[row + 2] = odd[group];
        }
    } else if constexpr (Bits == kRawBits) {
        LECTERN_UNROLL
        for (int row = 0; row < 2; ++row) LECTERN_UNROLL
        for (int group = 0; group < 4; ++group) {
            const uint2 words = *reinterpret_cast<const uint2*>(plane + (g + row * 8) * 128 +
                                                                rawPiece(g, group * 2 + t / 2) * 16 + t % 2 * 8);
            out[group].x[row] = __byte_perm(words.x, words.y, 0x5410);
            out[group].x[row + 2] = __byte_perm(words.x, words.y, 0x7632);
        }
    } else {
        const auto a = *reinterpret_cast<const std::uint32_t*>(plane + g * 16 + t * 4);
        const auto b = *reinterpret_cast<const std::uint32_t*>(plane + (g + 8) * 16 + t * 4);
        const std::uint32_t first = __byte_perm(a, b, 0x5410), second = __byte_perm(a, b, 0x7632);
        if constexpr (Bits == 2) {
            codes2(table, table_lane, first, second, out);
        } else {
            const uint2 h0 = *reinterpret_cast<const uint2*>(high + g * 8);
            const uint2 h1 = *reinterpret_cast<const uint2*>(high + (g + 8) * 8);
            const std::uint32_t bits0[2] = {rotateLeft(h0.x, 4 - 4 * t), rotateLeft(h0.y, 4 - 4 * t)};
            const std::uint32_t bits1[2] = {rotateLeft(h1.x, 4 - 4 * t), rotateLeft(h1.y, 4 - 4 * t)};
            codes3(table, table_lane, first, second, bits0, bits1, out);
        }
        LECTERN_UNROLL
        for (int group = 0; group < 4; ++group) swapMiddle(out[group].x);
    }
}

}  // namespace lectern::kernels
