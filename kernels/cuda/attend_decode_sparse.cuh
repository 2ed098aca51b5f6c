// SPDX-License-Identifier: GPL-3.0-or-later
// Sparse corrections on tensor cores. A correction is one row of a product: keys have delta · (query rotated to its
// token) for eight columns, values delta · probability. 32 of them, one a lane, become two B fragments, and a fragment
// A that is 1 where row and place meet adds them to the scores (rows = tokens) or to the output (rows = channels). Sums
// stay in the registers where the dense products left them: no atomic addition, the same bits in every run.
// Of the instructions of a page at 1%, these are about a quarter (counted in SASS for sm_90; unmeasured on a GPU).
#pragma once

#include "kernels/cuda/attend_decode_shared.cuh"

namespace lectern::kernels {

/// Corrections of one head and page, 32 at a time; a lane loads its next three ahead.
class SparseStream {
public:
    static constexpr std::uint32_t kNone = 0xffff;  ///< an entry of no channel, with delta 0

    SparseStream() = default;
    __device__ SparseStream(const std::uint32_t* entries, int count, int lane) : m_next(entries + lane), m_left(count) {
        LECTERN_UNROLL
        for (int i = 0; i < kAhead; ++i) m_held[i] = lane + i * kWarpLanes < count ? m_next[i * kWarpLanes] : kNone;
    }
    __device__ bool any() const { return m_left > 0; }  ///< the same in all lanes
    __device__ std::uint32_t take(int lane) {
        const std::uint32_t entry = m_held[0];
        m_held[0] = m_held[1], m_held[1] = m_held[2];
        m_held[2] = lane + kAhead * kWarpLanes < m_left ? m_next[kAhead * kWarpLanes] : kNone;
        m_next += kWarpLanes, m_left -= kWarpLanes;
        return entry;
    }

private:
    static constexpr int kAhead = 3;
    const std::uint32_t* m_next = nullptr;  ///< this lane's entry of the 32 that take() gives next
    int m_left = 0;
    std::uint32_t m_held[kAhead] = {};
};

__device__ __forceinline__ int entryToken(std::uint32_t entry) {
    return int(entry & 63);
}
__device__ __forceinline__ int entryChannel(std::uint32_t entry) {
    return int(entry >> 6 & 1023);
}
__device__ __forceinline__ float entryDelta(std::uint32_t entry) {
    return halfBitsToFloat(std::uint16_t(entry >> 16));
}

/// A place as fp16, 2 + place / 512, so that fp16 comparison finds it; twice in a register: kMarkTwice · place more.
inline constexpr std::uint32_t kMark = 0x4000, kMarkTwice = 0x10001;

/// 32 corrections as the fragments of two products: entries 0 … 15 and 16 … 31.
struct SparseRows {
    FragmentB rows[2];
    Half2 marks[4];  ///< places of entries 2t, 2t+1; 2t+8, 2t+9; then of the second product

    /// work: kProbabilitiesAt bytes of the warp, 16-byte aligned; row: this lane's entry, 8 columns; place < 1024.
    __device__ SparseRows(char* work, int lane, const uint4& row, int place) {
        reinterpret_cast<uint4*>(work)[lane] = row;
        reinterpret_cast<std::uint16_t*>(work + kMarksAt)[lane] = std::uint16_t(kMark + place);
        __syncwarp();
        Half2 x[4];
        loadTransposed(x, work + lane * 16);
        loadMatrices(marks, work + kMarksAt + lane / 8 * 16);  // all rows of a matrix are the same eight marks
        rows[0] = {{x[0], x[1]}}, rows[1] = {{x[2], x[3]}};
        __syncwarp();
    }
    /// d += the entries of product `which`, each to the row of its place; low and high: marks of rows g and g + 8.
    __device__ void add(FragmentD& d, int which, Half2 low, Half2 high) const {
        const Half2 first = marks[2 * which], second = marks[2 * which + 1];
        const FragmentA one = {
            {halfEqual2(first, low), halfEqual2(first, high), halfEqual2(second, low), halfEqual2(second, high)}};
        multiplyAdd(d, one, rows[which]);
    }
};

}  // namespace lectern::kernels
