// SPDX-License-Identifier: GPL-3.0-or-later
// One warp picks the outliers of one token. Exact: the order of packRef, the lower channel on a tie.
//
// The k smallest of n keys: every lane folds its share into four minima; the k-th smallest of those 128 bounds the k-th
// smallest key, so that the few keys up to the bound are all that a bitwise search has to count. Should ties crowd
// the candidate list, the search counts over the whole row: slower, the same result.
#pragma once

#include "kernels/cuda/execution.cuh"
#include "kernels/cuda/ordered_key.cuh"

namespace lectern::kernels {

inline constexpr int kCandidates = 256;
inline constexpr int kMinima = 4;

/// What one warp works with in shared memory.
struct Selection {
    float* row;              ///< [channels] the token; keys overwrite it with the bits of their |u|, 0 where no outlier
    unsigned* taken;         ///< [(channels + 31) / 32] one bit per channel
    unsigned* keys;          ///< [kCandidates]
    std::uint16_t* channel;  ///< [kCandidates] ascending
    int channels;

    __host__ __device__ static constexpr int words(int channels) { return (channels + 31) / 32; }
    __host__ __device__ static constexpr std::size_t bytes(int channels) {
        return (std::size_t(channels) * 4 + std::size_t(words(channels)) * 4 + kCandidates * 6 + 15) / 16 * 16;
    }
    __device__ static Selection at(std::byte* memory, int channels) {
        Selection s;
        s.row = reinterpret_cast<float*>(memory);
        s.taken = reinterpret_cast<unsigned*>(s.row + channels);
        s.keys = s.taken + words(channels);
        s.channel = reinterpret_cast<std::uint16_t*>(s.keys + kCandidates);
        s.channels = channels;
        return s;
    }
};

__device__ __forceinline__ unsigned laneOf() {
    return threadIdx.x % kWarpLanes;
}
__device__ __forceinline__ unsigned lanesBelow() {
    return (1U << laneOf()) - 1U;
}

/// The k-th smallest key (1-based). below(limit) counts this lane's keys below a limit; `under` gets how many of the
/// warp's keys are smaller than the result. 0xffffffff where there are fewer than k.
template <class Below>
__device__ unsigned kthSmallest(int k, int& under, Below below) {
    unsigned found = 0;
    under = 0;
    for (unsigned bit = 0x80000000U; bit != 0; bit >>= 1) {
        const int count = warpCount(below(found | bit));
        if (count < k) {
            found |= bit;
            under = count;
        }
    }
    return found;
}

/// Marks the k first candidates (smallest key, lower channel on a tie) as taken. key(channel) is 0xffffffff where a
/// channel is no candidate; `bound` is at least the k-th smallest key; fewer than k candidates are all taken.
template <class Key>
__device__ void takeSmallest(const Selection& s, int k, unsigned bound, Key key) {
    int found = 0;
    for (int from = 0; from < s.channels; from += kWarpLanes) {
        const int c = from + int(laneOf());
        const unsigned mine = c < s.channels ? key(c) : 0xffffffffU;
        const bool candidate = mine != 0xffffffffU && mine <= bound;
        const unsigned all = __ballot_sync(kAllLanes, int(candidate));
        if (all == 0) continue;
        const int at = found + __popc(all & lanesBelow());
        if (candidate && at < kCandidates) {
            s.keys[at] = mine;
            s.channel[at] = std::uint16_t(c);
        }
        found += __popc(all);
    }
    __syncwarp();
    const bool listed = found <= kCandidates;
    const int count = listed ? found : s.channels;
    const auto keyAt = [&](int i) { return listed ? s.keys[i] : key(i); };
    int under = 0;
    unsigned last = 0xffffffffU;
    if (found > k) {
        last = kthSmallest(k, under, [&](unsigned limit) {
            int n = 0;
            for (int i = int(laneOf()); i < count; i += kWarpLanes) n += int(keyAt(i) < limit);
            return n;
        });
    }
    int ties = found > k ? k - under : 0;  // how many of those equal to `last` still belong
    for (int from = 0; from < count; from += kWarpLanes) {
        const int i = from + int(laneOf());
        const unsigned mine = i < count ? keyAt(i) : 0xffffffffU;
        const unsigned equal = __ballot_sync(kAllLanes, int(mine == last));
        const bool take = mine < last || (mine == last && __popc(equal & lanesBelow()) < ties);
        ties = max(0, ties - __popc(equal));
        const int c = listed && i < count ? int(s.channel[i]) : i;
        if (!listed) __syncwarp();  // all have read the word that some write
        if (take) atomicOr(&s.taken[c / 32], 1U << (c % 32));
    }
    __syncwarp();
}

__device__ __forceinline__ bool isTaken(const Selection& s, int c) {
    return (s.taken[c / 32] >> (c % 32) & 1U) != 0;
}

/// Takes the k smallest (Flip = 0) or largest (Flip = ~0) values of the row that are not taken yet.
template <unsigned Flip>
__device__ void takeValues(const Selection& s, int k) {
    if (k == 0) return;
    const auto key = [&](int c) { return isTaken(s, c) ? 0xffffffffU : orderedKey(s.row[c]) ^ Flip; };
    unsigned minima[kMinima];
    LECTERN_UNROLL
    for (int q = 0; q < kMinima; ++q) {
        minima[q] = 0xffffffffU;
        for (int c = q * kWarpLanes + int(laneOf()); c < s.channels; c += kMinima * kWarpLanes)
            minima[q] = min(minima[q], key(c));
    }
    int under = 0;
    const unsigned bound = kthSmallest(k, under, [&](unsigned limit) {
        int n = 0;
        LECTERN_UNROLL
        for (int q = 0; q < kMinima; ++q) n += int(minima[q] < limit);
        return n;
    });
    takeSmallest(s, k, bound, key);
}

/// Takes at most `slots` elements of a key: the row holds how far each code is off, 0 where not at all.
__device__ inline void takeKeys(const Selection& s, int slots) {
    takeSmallest(s, slots, 0xfffffffeU, [&](int c) { return ~__float_as_uint(s.row[c]); });
}

}  // namespace lectern::kernels
