// SPDX-License-Identifier: GPL-3.0-or-later
// Sparse corrections: a correction of a key adds delta · (query rotated to its token) to one score, one of a value
// adds delta · probability to one channel, both for each query column. 32 of them at a time, one a lane; the sums of a
// page meet in shared memory as whole numbers in units of the page's largest delta: shared memory adds those in one
// instruction, and in any order the sum is the same bits. The unit is so small that rounding to it is below a 2^-22nd
// of the largest delta, and no sum can leave 32 bits while a place has one correction at most.
#pragma once

#include "kernels/cuda/attend_decode_shared.cuh"

namespace lectern::kernels {

/// What the largest delta becomes. A score sums at most kMaxHeadDim products with queries of length sqrt(2) at most, a
/// channel kPageTokens products with probabilities.
inline constexpr float kMostKeySum = 0x1p22F, kMostValueSum = 0x1p24F;

/// Corrections of one head and page; a lane holds its next three, loaded ahead.
class SparseStream {
public:
    static constexpr std::uint32_t kNone = 0xffff;  ///< an entry of no channel, with delta 0

    SparseStream() = default;
    __device__ SparseStream(const std::uint32_t* entries, int count) : m_next(entries + lane()), m_left(count) {
        load();
    }
    __device__ bool any() const { return m_left > 0; }  ///< the same in all lanes
    /// visit(entry) for all that are left, each in one lane.
    template <class Visit>
    __device__ __forceinline__ void forEach(Visit visit) {
        while (true) {
            LECTERN_UNROLL
            for (int i = 0; i < kAhead; ++i) {
                if (i * kWarpLanes >= m_left) return;
                visit(m_held[i]);
            }
            m_next += kAhead * kWarpLanes, m_left -= kAhead * kWarpLanes;
            if (m_left <= 0) return;
            load();
        }
    }
    /// Largest |delta| of all that are left, in all lanes.
    __device__ float largestDelta() const {
        constexpr std::uint32_t kMagnitude = 0x7fff0000U;  // as whole numbers in the order of their values
        std::uint32_t largest = 0;
        LECTERN_UNROLL
        for (const std::uint32_t entry : m_held) largest = max(largest, entry & kMagnitude);
        LECTERN_UNROLL_BY(1)
        for (int i = kAhead * kWarpLanes; i + lane() < m_left; i += kWarpLanes)
            largest = max(largest, __ldg(m_next + i) & kMagnitude);
        return halfBitsToFloat(std::uint16_t(warpLargest(largest) >> 16));
    }

private:
    static constexpr int kAhead = 3;
    __device__ static int lane() { return int(threadIdx.x) % kWarpLanes; }
    __device__ void load() {
        LECTERN_UNROLL
        for (int i = 0; i < kAhead; ++i)
            m_held[i] = lane() + i * kWarpLanes < m_left ? __ldg(m_next + i * kWarpLanes) : kNone;
    }

    const std::uint32_t* m_next = nullptr;  ///< this lane's first entry of those held
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

/// Place of a channel's sum in a row: lane g's 16-channel tiles side by side, channels g and g + 8 of each.
template <int Tiles>
__device__ __forceinline__ int sumPlace(int channel) {
    return channel % 8 * channelRun(Tiles) + channel / 8;
}
/// Sets `count` sums, a multiple of four, to zero; the lanes of a warp.
__device__ __forceinline__ void clearSums(unsigned* sums, int count, int lane) {
    LECTERN_UNROLL_BY(1)
    for (int i = lane; i < count / 4; i += kWarpLanes) reinterpret_cast<uint4*>(sums)[i] = {0, 0, 0, 0};
}
/// Adds the nearest whole number; sums are of two's complement.
__device__ __forceinline__ void addFixed(unsigned* sum, float x) {
    atomicAdd(sum, unsigned(__float2int_rn(x)));
}
__device__ __forceinline__ float fixedToFloat(unsigned sum) {
    return float(int(sum));
}

}  // namespace lectern::kernels
