// SPDX-License-Identifier: GPL-3.0-or-later
// Between the halves of a page: online softmax, log-sum-exp of each 16 tokens.
#pragma once

#include "kernels/cuda/attend_decode_warp.cuh"

namespace lectern::kernels {

/// Turns the scores into probabilities relative to the new maximum, updates m, l and the output's scale, and leaves the
/// value weights as fp16 fragments.
template <class Kind>
__device__ void DecodeWarp<Kind>::softmax(int page, const char* scales, FragmentB (&weights)[4]) {
    constexpr bool kCapped = Kind::kCapped;
    LECTERN_UNROLL
    for (int i = 0; kCapped && i < 16; ++i) m_scores[i / 4].x[i % 4] = bent(m_scores[i / 4].x[i % 4]);
    const float unit = kCapped ? 1.0F : m_scale;
    hideUnseen(page);
    uint2 scale[4] = {};
    if constexpr (ValueBits != kRawBits) {
        LECTERN_UNROLL
        for (int group = 0; group < 4; ++group)
            scale[group] = *reinterpret_cast<const uint2*>(scales + (group * 16 + m_lane / 4 * 2) * 4);
    }
    float factor[kOwn];
    LECTERN_UNROLL
    for (int c = 0; c < kOwn; ++c) {
        float top = m_scores[0].x[c];
        LECTERN_UNROLL
        for (int group = 0; group < 4; ++group) top = fmaxf(top, fmaxf(m_scores[group].x[c], m_scores[group].x[c + 2]));
        const float m = fmaxf(m_m[c], columnMax(top) * unit), base = m == -INFINITY ? 0.0F : m;
        factor[c] = fastExp2(m_m[c] - base);
        m_m[c] = m;
        m_l[c] *= factor[c], m_shift[c] *= factor[c];
        LECTERN_UNROLL
        for (int group = 0; group < 4; ++group) {
            float &even = m_scores[group].x[c], &odd = m_scores[group].x[c + 2];
            even = fastExp2(even * unit - base), odd = fastExp2(odd * unit - base);
            m_l[c] += even + odd;
            if constexpr (ValueBits != kRawBits) m_shift[c] += even * low(scale[group].x) + odd * low(scale[group].y);
        }
    }
    float range_factor = 1;
    if constexpr (ValueBits != kRawBits) {
        std::uint32_t largest = 0;  // as whole numbers: ranges are not negative and stand in the high halves
        LECTERN_UNROLL
        for (const uint2& tokens : scale) largest = max(largest, max(tokens.x, tokens.y));
        range_factor = growRange(high(warpLargest(largest)));
    }
    rescale(factor, range_factor);
    if (m_args.group_lse != nullptr) writeGroups(page);
    const float inverse = ValueBits == kRawBits ? kHeadroom : m_inverse;
    FragmentB by_places[4];
    LECTERN_UNROLL
    for (int group = 0; group < 4; ++group) {
        const float even = ValueBits == kRawBits ? inverse : high(scale[group].x) * inverse;
        const float odd = ValueBits == kRawBits ? inverse : high(scale[group].y) * inverse;
        const float* p = m_scores[group].x;
        by_places[group].x[0] = transposed(packHalf2(p[0] * even, p[1] * even));
        by_places[group].x[1] = transposed(packHalf2(p[2] * odd, p[3] * odd));
    }
    LECTERN_UNROLL
    for (int i = 0; i < 4; ++i) {
        weights[i] = by_places[i];
        if constexpr (pairsGroups(ValueBits)) {
            constexpr int kApart = groupsApart(ValueBits);
            const unsigned half = i < 2 ? 0x5410 : 0x7632;
            weights[i].x[0] = __byte_perm(by_places[0].x[i % 2], by_places[kApart].x[i % 2], half);
            weights[i].x[1] = __byte_perm(by_places[3 - kApart].x[i % 2], by_places[3].x[i % 2], half);
        }
    }
}

/// -inf for the tokens of the page that are not visible.
template <class Kind>
__device__ void DecodeWarp<Kind>::hideUnseen(int page) {
    const int* extent = reinterpret_cast<const int*>(m_shared + m_layout.seen);
    const int first = page * kPageTokens, begin = extent[1] - first, end = extent[0] - first;
    if (begin <= 0 && end >= kPageTokens) return;
    LECTERN_UNROLL
    for (int group = 0; group < 4; ++group) {
        LECTERN_UNROLL
        for (int i = 0; i < 4; ++i) {
            const int token = group * 16 + m_lane / 4 * 2 + i / 2;
            if (token < begin || token >= end) m_scores[group].x[i] = -INFINITY;
        }
    }
}

/// Makes m_range at least `largest`; returns old / new.
template <class Kind>
__device__ float DecodeWarp<Kind>::growRange(float largest) {
    if (largest <= m_range) return 1.0F;
    const float factor = m_range / largest;
    m_range = largest, m_inverse = kHeadroom / largest;
    return factor;
}

/// Brings what was summed so far to the new maximum and range; mostly there is nothing to do.
template <class Kind>
__device__ void DecodeWarp<Kind>::rescale(const float (&factor)[kOwn], float range_factor) {
    if (!__any_sync(kAllLanes, factor[0] != 1 || factor[kOwn - 1] != 1 || range_factor != 1)) return;
    LECTERN_UNROLL
    for (int c = 0; c < kOwn; ++c) {
        const float by = factor[c] * range_factor;
        LECTERN_UNROLL
        for (FragmentD& out : m_out) out.x[c] *= by, out.x[c + 2] *= by;
    }
}

/// Log-sum-exp of each 16 tokens, natural base, from the probabilities.
template <class Kind>
__device__ void DecodeWarp<Kind>::writeGroups(int page) const {
    const bool upper = m_lane / 16 != 0, odd = m_lane / 8 % 2 != 0;
    LECTERN_UNROLL
    for (int c = 0; c < kOwn; ++c) {
        float sum[4];
        LECTERN_UNROLL
        for (int group = 0; group < 4; ++group) sum[group] = m_scores[group].x[c] + m_scores[group].x[c + 2];
        // The lanes part the groups among them as they add: after two exchanges each has one of the four.
        const float first = (upper ? sum[2] : sum[0]) + __shfl_xor_sync(kAllLanes, upper ? sum[0] : sum[2], 16);
        const float second = (upper ? sum[3] : sum[1]) + __shfl_xor_sync(kAllLanes, upper ? sum[1] : sum[3], 16);
        float all = (odd ? second : first) + __shfl_xor_sync(kAllLanes, odd ? first : second, 8);
        all += __shfl_xor_sync(kAllLanes, all, 4);
        const int column = 2 * (m_lane % 4) + c;
        float* to = m_args.group_lse +
                    ((std::size_t(m_head) * m_args.pages + page) * m_args.group + m_first_column + column) * 4;
        if (m_lane / 4 % 2 == 0 && column < m_columns)
            to[m_lane / 8] = all > 0 ? (m_m[c] + log2f(all)) * kLn2 : -INFINITY;
    }
}

}  // namespace lectern::kernels
