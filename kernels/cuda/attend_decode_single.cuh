// SPDX-License-Identifier: GPL-3.0-or-later
// What differs where a KV head has a single query. It stands in all eight columns of the fragments, so that lanes with
// the same g hold the same scores; in place of repeating its work they part it.
#pragma once

#include "kernels/cuda/attend_decode_softmax.cuh"
#include "kernels/cuda/ordered_key.cuh"

namespace lectern::kernels {

/// A single query relative to the four groups of the page, for `steps` steps of 16 channels from `first` on: each lane
/// turns a part of it once, and all read it as fragments whose columns are the same. It takes the place of the angles
/// and as much again, the last eight steps first: they reach only angles that have been read.
template <class Kind>
__device__ void DecodeWarp<Kind>::turnQuery(char* angles, int first, int steps) const {
    for (int base = (steps - 1) / 8 * 8; base >= 0; base -= 8) {
        const int step = base + m_lane / 4;
        FragmentB b[4];
        if (step < steps) rotateQueries(reinterpret_cast<const float2*>(angles) + step * 8, first + step, b);
        __syncwarp();
        if (step >= steps) continue;
        uint4* to = reinterpret_cast<uint4*>(angles) + (step * 4 + m_lane % 4) * 2;
        to[0] = {b[0].x[0], b[0].x[1], b[1].x[0], b[1].x[1]};
        to[1] = {b[2].x[0], b[2].x[1], b[3].x[0], b[3].x[1]};
    }
    __syncwarp();
}

/// As softmax(); of the 16 tokens of a group lane (g, t) takes those at places 2g and 2g+1 of group t, and leaves their
/// probabilities in m_scores[0].x[0] and x[2].
template <class Kind>
__device__ void DecodeWarp<Kind>::softmaxOfOne(int page, const char* scales, FragmentB (&weights)[4]) {
    const int g = m_lane / 4, t = m_lane % 4, place = t * 16 + g * 2;
    float even = t == 0 ? m_scores[0].x[0] : t == 1 ? m_scores[1].x[0] : t == 2 ? m_scores[2].x[0] : m_scores[3].x[0];
    float odd = t == 0 ? m_scores[0].x[2] : t == 1 ? m_scores[1].x[2] : t == 2 ? m_scores[2].x[2] : m_scores[3].x[2];
    if constexpr (Kind::kCapped) even = bent(even), odd = bent(odd);
    const float unit = Kind::kCapped ? 1.0F : m_scale;
    const int* extent = reinterpret_cast<const int*>(m_shared + m_layout.seen);
    const int begin = extent[1] - page * kPageTokens, end = extent[0] - page * kPageTokens;
    if (place < begin || place >= end) even = -INFINITY;
    if (place + 1 < begin || place + 1 >= end) odd = -INFINITY;
    const float m = fmaxf(m_m[0], fromOrdered(warpLargest(ordered(fmaxf(even, odd)))) * unit);
    const float base = m == -INFINITY ? 0.0F : m, factor[1] = {fastExp2(m_m[0] - base)};
    even = fastExp2(even * unit - base), odd = fastExp2(odd * unit - base);
    m_m[0] = m, m_l[0] = m_l[0] * factor[0] + (even + odd);
    m_scores[0].x[0] = even, m_scores[0].x[2] = odd;
    float range_factor = 1, by_even = kHeadroom, by_odd = kHeadroom;
    if constexpr (ValueBits != kRawBits) {
        const uint2 scale = *reinterpret_cast<const uint2*>(scales + place * 4);
        m_shift[0] = m_shift[0] * factor[0] + (even * low(scale.x) + odd * low(scale.y));
        range_factor = growRange(high(warpLargest(max(scale.x, scale.y))));
        by_even = high(scale.x) * m_inverse, by_odd = high(scale.y) * m_inverse;
    }
    rescale(factor, range_factor);
    if (m_args.group_lse != nullptr) {
        const float sum = columnSum(even + odd);
        float* to = m_args.group_lse + (std::size_t(m_head) * m_args.pages + page) * 4;
        if (g == 0) to[t] = sum > 0 ? (m + log2f(sum)) * kLn2 : -INFINITY;
    }
    shareWeights(packHalf2(even * by_even, odd * by_odd), weights);
}

/// From each lane's two weights (low: place 2g of group t, high: 2g+1) to the fragments, all columns the same.
template <class Kind>
__device__ void DecodeWarp<Kind>::shareWeights(Half2 own, FragmentB (&weights)[4]) const {
    const int from = m_lane % 4 * 8;
    Half2 x[4][2];  // [group]: places 4t, 4t+1; 4t+2, 4t+3
    LECTERN_UNROLL
    for (int i = 0; i < 8; ++i) x[i % 4][i / 4] = __shfl_sync(kAllLanes, own, from + i);
    LECTERN_UNROLL
    for (int i = 0; i < 4; ++i) {
        if constexpr (pairsGroups(ValueBits)) {
            constexpr int kApart = groupsApart(ValueBits);
            const unsigned half = i % 2 == 0 ? 0x5410 : 0x7632;
            weights[i] = {{__byte_perm(x[0][i / 2], x[kApart][i / 2], half),
                           __byte_perm(x[3 - kApart][i / 2], x[3][i / 2], half)}};
        } else {
            weights[i] = {{__byte_perm(x[i][0], x[i][1], 0x5410), __byte_perm(x[i][0], x[i][1], 0x7632)}};
        }
    }
}

}  // namespace lectern::kernels
