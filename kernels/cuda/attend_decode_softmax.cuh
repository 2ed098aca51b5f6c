// SPDX-License-Identifier: GPL-3.0-or-later
// The second half of a page: online softmax, probabilities times values, sparse corrections of the values.
#pragma once

#include "kernels/cuda/attend_decode_warp.cuh"

namespace lectern::kernels {

/// Turns the scores into probabilities relative to the new maximum, updates m, l and the output's scale, and leaves the
/// value weights as fp16 fragments. `keep`: probabilities go to shared memory for the value corrections.
template <int KeyBits, int ValueBits, int Tiles, int HeadDim>
__device__ void DecodeWarp<KeyBits, ValueBits, Tiles, HeadDim>::softmax(int page, const char* scales, bool keep,
                                                                        FragmentB (&weights)[4]) {
    scaleScores(page);
    uint2 scale[4] = {};
    if constexpr (ValueBits != kRawBits) {
        LECTERN_UNROLL
        for (int group = 0; group < 4; ++group)
            scale[group] = *reinterpret_cast<const uint2*>(scales + (group * 16 + m_lane / 4 * 2) * 4);
    }
    float factor[2];
    LECTERN_UNROLL
    for (int c = 0; c < 2; ++c) {
        float top = m_scores[0].x[c];
        LECTERN_UNROLL
        for (int group = 0; group < 4; ++group) top = fmaxf(top, fmaxf(m_scores[group].x[c], m_scores[group].x[c + 2]));
        const float m = fmaxf(m_m[c], columnMax(top)), base = m == -INFINITY ? 0.0F : m;
        factor[c] = fastExp2(m_m[c] - base);
        m_m[c] = m;
        m_l[c] *= factor[c], m_shift[c] *= factor[c];
        LECTERN_UNROLL
        for (int group = 0; group < 4; ++group) {
            float &even = m_scores[group].x[c], &odd = m_scores[group].x[c + 2];
            even = fastExp2(even - base), odd = fastExp2(odd - base);
            m_l[c] += even + odd;
            if constexpr (ValueBits != kRawBits) m_shift[c] += even * low(scale[group].x) + odd * low(scale[group].y);
        }
    }
    float largest = 1;
    if constexpr (ValueBits != kRawBits) largest = growRange(scale);
    rescale(factor, largest);
    if (m_args.group_lse != nullptr) writeGroups(page);
    if (keep) {
        LECTERN_UNROLL
        for (int group = 0; group < 4; ++group) {
            auto* at = reinterpret_cast<float2*>(scoreCorrections()) + (group * 16 + m_lane / 4 * 2) * 4 + m_lane % 4;
            at[0] = {m_scores[group].x[0], m_scores[group].x[1]};
            at[4] = {m_scores[group].x[2], m_scores[group].x[3]};
        }
        __syncwarp();
    }
    const float inverse = ValueBits == kRawBits ? kHeadroom : m_range > 0 ? kHeadroom / m_range : 0.0F;
    LECTERN_UNROLL
    for (int group = 0; group < 4; ++group) {
        const float even = ValueBits == kRawBits ? inverse : high(scale[group].x) * inverse;
        const float odd = ValueBits == kRawBits ? inverse : high(scale[group].y) * inverse;
        const float* p = m_scores[group].x;
        weights[group].x[0] = transposed(packHalf2(p[0] * even, p[1] * even));
        weights[group].x[1] = transposed(packHalf2(p[2] * odd, p[3] * odd));
    }
}

/// Scores in base 2; -inf where the page has no visible token.
template <int KeyBits, int ValueBits, int Tiles, int HeadDim>
__device__ void DecodeWarp<KeyBits, ValueBits, Tiles, HeadDim>::scaleScores(int page) {
    LECTERN_UNROLL
    for (int group = 0; group < 4; ++group) LECTERN_UNROLL
    for (int i = 0; i < 4; ++i) m_scores[group].x[i] *= m_scale;
    const int first = page * kPageTokens, begin = m_args.begin - first, end = m_args.tokens - first;
    if (begin <= 0 && end >= kPageTokens) return;
    LECTERN_UNROLL
    for (int group = 0; group < 4; ++group) LECTERN_UNROLL
    for (int i = 0; i < 4; ++i) {
        const int token = group * 16 + m_lane / 4 * 2 + i / 2;
        if (token < begin || token >= end) m_scores[group].x[i] = -INFINITY;
    }
}

/// Largest range so far, this page's included; returns old / new.
template <int KeyBits, int ValueBits, int Tiles, int HeadDim>
__device__ float DecodeWarp<KeyBits, ValueBits, Tiles, HeadDim>::growRange(const uint2 (&scales)[4]) {
    float top = 0;
    LECTERN_UNROLL
    for (int group = 0; group < 4; ++group) top = fmaxf(top, fmaxf(high(scales[group].x), high(scales[group].y)));
    top = columnMax(top);
    if (top <= m_range) return 1.0F;
    const float factor = m_range / top;
    m_range = top;
    return factor;
}

/// Brings what was summed so far to the new maximum and range; mostly there is nothing to do.
template <int KeyBits, int ValueBits, int Tiles, int HeadDim>
__device__ void DecodeWarp<KeyBits, ValueBits, Tiles, HeadDim>::rescale(const float (&factor)[2], float range_factor) {
    if (!__any_sync(kAllLanes, factor[0] != 1 || factor[1] != 1 || range_factor != 1)) return;
    const float by[2] = {factor[0] * range_factor, factor[1] * range_factor};
    LECTERN_UNROLL
    for (int tile = 0; tile < Tiles; ++tile) LECTERN_UNROLL
    for (int i = 0; i < 4; ++i) m_out[tile].x[i] *= by[i % 2];
    if (m_args.value.slots == 0) return;
    for (int column = 0; column < m_columns; ++column) {
        const float mine = column % 2 == 0 ? factor[0] : factor[1];
        const float all = __shfl_sync(kAllLanes, mine, column / 2);
        float* row = valueCorrections() + column * headDim();
        for (int i = m_lane; i < headDim(); i += 32) row[i] *= all;
    }
    __syncwarp();
}

/// Log-sum-exp of each 16 tokens, natural base, from the probabilities.
template <int KeyBits, int ValueBits, int Tiles, int HeadDim>
__device__ void DecodeWarp<KeyBits, ValueBits, Tiles, HeadDim>::writeGroups(int page) const {
    LECTERN_UNROLL
    for (int c = 0; c < 2; ++c) {
        const int column = 2 * (m_lane % 4) + c;
        float* to = m_args.group_lse +
                    ((std::size_t(m_head) * m_args.pages + page) * m_args.group + m_first_column + column) * 4;
        LECTERN_UNROLL
        for (int group = 0; group < 4; ++group) {
            const float sum = columnSum(m_scores[group].x[c] + m_scores[group].x[c + 2]);
            if (m_lane / 4 == group && column < m_columns)
                to[group] = sum > 0 ? (m_m[c] + log2f(sum)) * kLn2 : -INFINITY;
        }
    }
}

template <int KeyBits, int ValueBits, int Tiles, int HeadDim>
__device__ void DecodeWarp<KeyBits, ValueBits, Tiles, HeadDim>::addValues(const char* unit,
                                                                          const FragmentB (&weights)[4]) {
    const int count = unitChannels(ValueBits, headDim()), tiles = headDim() / 16, tiles_per_unit = count / 16;
    const std::uint32_t table_lane = tableLane<ValueBits>(m_lane, 1);
    LECTERN_UNROLL
    for (int tile = 0; tile < Tiles; ++tile) {
        if (tile >= tiles) continue;
        int local = tile;
        if constexpr (ValueBits == kRawBits) {
            local = tiles_per_unit == 2 ? tile % 2 : 0;
            if (tile > 0 && local == 0) unit = m_fetch.next() + kHeaderBytes;
        }
        const char* plane = unit + kScaleBytes + local * 16 * planeBytes(ValueBits);
        const char* high = unit + kScaleBytes + count * 16 + local * 16 * highBytes(ValueBits);
        FragmentA values[4];
        valueFragments<ValueBits>(plane, high, m_shared, table_lane, m_lane, values);
        LECTERN_UNROLL
        for (int group = 0; group < 4; ++group) multiplyAdd(m_out[tile], values[group], weights[group]);
    }
}

template <int KeyBits, int ValueBits, int Tiles, int HeadDim>
__device__ void DecodeWarp<KeyBits, ValueBits, Tiles, HeadDim>::clearValueCorrections() {
    if (m_args.value.slots == 0) return;
    for (int i = m_lane; i < m_columns * headDim(); i += 32) valueCorrections()[i] = 0;
    __syncwarp();
}

/// Outliers of the values: probability of their token times delta, summed per channel in shared memory.
template <int KeyBits, int ValueBits, int Tiles, int HeadDim>
__device__ void DecodeWarp<KeyBits, ValueBits, Tiles, HeadDim>::addValueCorrections(const Entries& sparse) {
    const float* probability = scoreCorrections();
    float* sums = valueCorrections();
    for (int round = 0; round * 32 < sparse.count; ++round) {
        if (round * 32 + m_lane >= sparse.count) continue;
        const std::uint32_t entry = sparse.get(round, m_lane);
        const int token = int(entry & 63), channel = int(entry >> 6 & 1023);
        if (channel >= headDim()) continue;
        const float delta = halfBitsToFloat(std::uint16_t(entry >> 16));
        for (int column = 0; column < m_columns; ++column)
            atomicAdd(sums + column * headDim() + channel, probability[token * kQueryColumns + column] * delta);
    }
    __syncwarp();
}

}  // namespace lectern::kernels
