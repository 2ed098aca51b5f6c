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

}  // namespace lectern::kernels
