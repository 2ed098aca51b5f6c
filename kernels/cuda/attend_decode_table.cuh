// SPDX-License-Identifier: GPL-3.0-or-later
// The table of fp16 pairs in shared memory that turns packed codes into values, two or four at a time.
//
// Two codes of one register are neighbouring bits after one select; together they index a row. A row stands there in as
// many copies as it has room for, keys in its first half and values in the other. With 32 copies no bank is asked twice
// and one byte permute builds the address; devices with little shared memory get 8, some conflicts and a shift.
#pragma once

#include "kernels/cuda/fragment.cuh"
#include "kernels/kv_layout.h"

namespace lectern::kernels {

inline constexpr int kManyCopies = 32, kFewCopies = 8;

/// Bytes of one row: half of it for keys, half for values.
constexpr int tableRow(int copies) {
    return copies * 8;
}

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

/// Writes the copies of the table of one codebook ([1 << Bits] f32); all threads of the block.
template <int Bits, int Copies>
__device__ void buildTable(const float* book, char* table) {
    if constexpr (Bits != kRawBits) {
        for (int i = int(threadIdx.x); i < tableRows(Bits) * Copies; i += int(blockDim.x)) {
            const int index = i / Copies, word = i % Copies;
            int first = index & 15, second = index >> 4;
            if constexpr (Bits == 2) {  // even words the first pair, odd words the second
                const int pair = word % 2 == 0 ? index & 15 : index >> 4;
                first = pair & 3, second = pair >> 2;
            } else if constexpr (Bits == 3) {
                first = (index & 3) | (((index >> 4) | (index >> 5)) & 1) << 2;
                second = (index >> 2 & 3) | (((index >> 6) | (index >> 7)) & 1) << 2;
            }
            *reinterpret_cast<Half2*>(table + index * tableRow(Copies) + word * 4) =
                packHalf2(book[first], book[second]);
        }
    }
}

/// One lane's view of the table.
template <int Bits, int Copies>
class PairTable {
public:
    /// `half` 0 = keys, 1 = values.
    __device__ PairTable(const char* table, int lane, int half)
        : m_table(table), m_lane(std::uint32_t(half * 128 + (lane * (Bits == 2 ? 8 : 4) << kShift) % 128)) {}

    /// Entry for byte Byte of `index`.
    template <int Byte, class T = Half2>
    __device__ __forceinline__ T at(std::uint32_t index) const {
        return *reinterpret_cast<const T*>(m_table + (__byte_perm(index, m_lane, 0x5504 | Byte << 4) >> kShift));
    }

private:
    static constexpr int kShift = Copies == kManyCopies ? 0 : 2;  ///< rows are 256 bytes >> kShift
    static_assert(tableRow(Copies) << kShift == 256);
    const char* m_table;
    std::uint32_t m_lane;  ///< place in a row of 256 bytes
};

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

/// 2 bits, pairs of groups: byte i of a and of b becomes out[i].x[0], x[1] (groups 0 and 1) and x[2], x[3] (2 and 3).
template <class Table>
__device__ __forceinline__ void codes2ByGroups(const Table& table, std::uint32_t a, std::uint32_t b,
                                               FragmentA (&out)[4]) {
    const std::uint32_t low = select(a, b << 4, 0x0f0f0f0fU), high = select(a >> 4, b, 0x0f0f0f0fU);
    const auto put = [](FragmentA& to, uint2 first, uint2 second) {
        to.x[0] = first.x, to.x[1] = first.y, to.x[2] = second.x, to.x[3] = second.y;
    };
    put(out[0], table.template at<0, uint2>(low), table.template at<0, uint2>(high));
    put(out[1], table.template at<1, uint2>(low), table.template at<1, uint2>(high));
    put(out[2], table.template at<2, uint2>(low), table.template at<2, uint2>(high));
    put(out[3], table.template at<3, uint2>(low), table.template at<3, uint2>(high));
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
