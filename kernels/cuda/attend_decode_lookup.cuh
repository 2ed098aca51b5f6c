// SPDX-License-Identifier: GPL-3.0-or-later
// Registers of packed codes, two of each width, to registers of values.
#pragma once

#include "kernels/cuda/attend_decode_table.cuh"

namespace lectern::kernels {

/// Bits of a where mask is 1, of b elsewhere.
__device__ __forceinline__ std::uint32_t select(std::uint32_t a, std::uint32_t b, std::uint32_t mask) {
    return (a & mask) | (b & ~mask);
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
template <class Table>
__device__ __forceinline__ void codes4(const Table& table, std::uint32_t first, std::uint32_t second,
                                       std::uint32_t (&low)[4], std::uint32_t (&high)[4]) {
    const Quarters q = interleave<4>(first, second);
    low[0] = table.template at<0>(q.even);
    low[2] = table.template at<1>(q.even);
    high[0] = table.template at<2>(q.even);
    high[2] = table.template at<3>(q.even);
    low[1] = table.template at<0>(q.odd);
    low[3] = table.template at<1>(q.odd);
    high[1] = table.template at<2>(q.odd);
    high[3] = table.template at<3>(q.odd);
}

/// 2 bits: bytes 0 … 3 of first/second become out[group].x[0 … 3].
template <class Table>
__device__ __forceinline__ void codes2(const Table& table, std::uint32_t first, std::uint32_t second,
                                       FragmentA (&out)[4]) {
    const Quarters q = interleave<2>(first, second);
    const auto put = [&](int k, uint2 even, uint2 odd) {
        out[0].x[k] = even.x, out[2].x[k] = even.y, out[1].x[k] = odd.x, out[3].x[k] = odd.y;
    };
    put(0, table.template at<0, uint2>(q.even), table.template at<0, uint2>(q.odd));
    put(1, table.template at<1, uint2>(q.even), table.template at<1, uint2>(q.odd));
    put(2, table.template at<2, uint2>(q.even), table.template at<2, uint2>(q.odd));
    put(3, table.template at<3, uint2>(q.even), table.template at<3, uint2>(q.odd));
}

/// Four values of fp16 by their bytes: a permute takes four codes at once, each in a nibble, and needs no memory.
struct BytesOfFour {
    std::uint32_t low, high;
};

/// 2 bits, pairs of groups: byte i of `word`, one channel, becomes groups (0, 2) in out[i].x[at] and (1, 3) in x[at +
/// 2]. Values at 2 bits would otherwise wait for shared memory, which gives 64 values a clock; keys are all that it can
/// take.
__device__ __forceinline__ void codes2ByGroups(const BytesOfFour& book, std::uint32_t word, int at,
                                               FragmentA (&out)[4]) {
    const std::uint32_t codes[2] = {word & 0x33333333U, word >> 2 & 0x33333333U};
    LECTERN_UNROLL
    for (int odd = 0; odd < 2; ++odd) {
        LECTERN_UNROLL
        for (int half = 0; half < 2; ++half) {
            const std::uint32_t selector = codes[odd] >> half * 16;
            const std::uint32_t low = __byte_perm(book.low, 0, selector), high = __byte_perm(book.high, 0, selector);
            out[2 * half].x[at + 2 * odd] = __byte_perm(low, high, 0x5140);
            out[2 * half + 1].x[at + 2 * odd] = __byte_perm(low, high, 0x7362);
        }
    }
}

/// 3 bits: as codes2, with the high bits of bytes 0, 1 in `high_a` and of bytes 2, 3 in `high_b`. Word w of each holds
/// group 2w in its low half and 2w+1 in its high half: bits 4, 6 for the even byte, 5, 7 for the odd one.
template <class Table>
__device__ __forceinline__ void codes3(const Table& table, std::uint32_t first, std::uint32_t second,
                                       const std::uint32_t (&high_a)[2], const std::uint32_t (&high_b)[2],
                                       FragmentA (&out)[4]) {
    const Quarters q = interleave<3>(first, second);
    const std::uint32_t low[4] = {q.even, q.odd, q.even >> 4, q.odd >> 4};
    LECTERN_UNROLL
    for (int group = 0; group < 4; ++group) {
        const std::uint32_t high = __byte_perm(high_a[group / 2], high_b[group / 2], group % 2 == 0 ? 0x4400 : 0x6622);
        const std::uint32_t index = (low[group] & 0x0f0f0f0fU) | (high & 0xa050a050U);
        out[group].x[0] = table.template at<0>(index);
        out[group].x[1] = table.template at<1>(index);
        out[group].x[2] = table.template at<2>(index);
        out[group].x[3] = table.template at<3>(index);
    }
}

}  // namespace lectern::kernels
