// SPDX-License-Identifier: GPL-3.0-or-later
// The outliers of a page: of its keys after their scores, of its values after their output.
#pragma once

#include "kernels/cuda/attend_decode_warp.cuh"

namespace lectern::kernels {

/// Scores of the outliers. sums: codes that all steps have read.
template <class Kind>
__device__ void DecodeWarp<Kind>::addKeyCorrections(SparseStream& sparse, const char* angles, unsigned* sums) {
    const float largest = sparse.largestDelta();
    if (largest == 0) return;
    __syncwarp();
    clearSums(sums, SharedLayout::evenColumns(m_columns) * kTokenRow, m_lane);
    __syncwarp();
    const float scale = kMostKeySum / largest;
    sparse.forEach([&](std::uint32_t entry) {
        if (entryChannel(entry) < headDim()) correctScore(entry, entryDelta(entry) * scale, angles, sums);
    });
    __syncwarp();
    const float unit = largest / kMostKeySum;
    LECTERN_UNROLL
    for (int c = 0; c < kOwn; ++c) {
        if (!mine(c)) continue;
        const auto* from = reinterpret_cast<const uint2*>(sums + columnOf(c) * kTokenRow + m_lane / 4 * 2);
        LECTERN_UNROLL
        for (int group = 0; group < 4; ++group) {
            const uint2 sum = from[group * 8];
            m_scores[group].x[c] += fixedToFloat(sum.x) * unit;
            m_scores[group].x[c + 2] += fixedToFloat(sum.y) * unit;
        }
    }
}

/// Adds delta times each query's element of the entry's channel, rotated back to its token.
template <class Kind>
__device__ __forceinline__ void DecodeWarp<Kind>::correctScore(std::uint32_t entry, float delta, const char* angles,
                                                               unsigned* sums) const {
    const int token = entryToken(entry), channel = entryChannel(entry);
    const Half2* turns = reinterpret_cast<const Half2*>(m_shared + m_layout.turns);
    const auto* table = reinterpret_cast<const std::uint16_t*>(m_shared + m_layout.pair_query);
    if constexpr (Kind::kColumns == 1) {
        const Half2 turn = turns[channel * kLaneTokens + token % kLaneTokens];
        const auto* q = reinterpret_cast<const std::uint16_t*>(angles + table[channel] + token / kLaneTokens * 8);
        addFixed(sums + token, delta * (low(turn) * halfBitsToFloat(q[0]) + high(turn) * halfBitsToFloat(q[2])));
    } else {
        const PairSide at = channelPair(m_args.offsets, channel);
        const Half2 place = turns[at.pair * kTurns + token % 16], group = turns[at.pair * kTurns + 16 + token / 16];
        const float2 page = reinterpret_cast<const float2*>(angles)[at.pair];
        const float x = page.x * low(group) - page.y * high(group), y = page.y * low(group) + page.x * high(group);
        const float cos = delta * (x * low(place) - y * high(place)), sin = delta * (y * low(place) + x * high(place));
        const float on_first = at.side == 0 ? cos : -sin, on_second = at.side == 0 ? sin : cos;
        const Half2* q = reinterpret_cast<const Half2*>(table) + at.pair * 8;
        LECTERN_UNROLL
        for (int pair = 0; pair < kQueryColumns / 2; ++pair) {
            if (2 * pair >= m_columns) break;
            const Half2 first = q[pair], second = q[4 + pair];
            unsigned* to = sums + 2 * pair * kTokenRow + token;
            addFixed(to, on_first * low(first) + on_second * low(second));
            addFixed(to + kTokenRow, on_first * high(first) + on_second * high(second));
        }
    }
}

/// Probability times delta, added to the channels of the outliers. work: the unit, all of it read.
template <class Kind>
__device__ void DecodeWarp<Kind>::addValueCorrections(const SparseStream& sparse, char* work) {
    const float largest = sparse.largestDelta();
    if (largest == 0) return;
    auto* p = reinterpret_cast<float*>(work);
    const int room = SharedLayout::sparseColumns(min(m_args.group, kQueryColumns));
    auto* sums = reinterpret_cast<unsigned*>(p + room * kTokenRow);
    for (int first = 0; first < m_columns; first += kSparseColumns)
        addValueCorrections(sparse, largest, first, p, sums);
}

/// The columns first … first + kSparseColumns - 1 that there are.
template <class Kind>
__device__ void DecodeWarp<Kind>::addValueCorrections(SparseStream sparse, float largest, int first, float* p,
                                                      unsigned* sums) {
    const int count = min(m_columns - first, kSparseColumns);
    __syncwarp();
    LECTERN_UNROLL
    for (int c = 0; c < kOwn; ++c) {
        auto* to = reinterpret_cast<float2*>(p + m_lane / 4 * 2);
        if constexpr (Kind::kColumns == 1) {
            to[m_lane % 4 * 8] = {m_scores[0].x[0], m_scores[0].x[2]};
            continue;
        }
        const int column = columnOf(c) - first;
        if (column < 0 || column >= count) continue;
        LECTERN_UNROLL
        for (int group = 0; group < 4; ++group)
            to[column * (kTokenRow / 2) + group * 8] = {m_scores[group].x[c], m_scores[group].x[c + 2]};
    }
    clearSums(sums, count * channelRow(Tiles), m_lane);
    __syncwarp();
    const float scale = kMostValueSum / largest;
    sparse.forEach([&](std::uint32_t entry) {
        if (entryChannel(entry) >= headDim()) return;
        const float* from = p + entryToken(entry);
        unsigned* to = sums + sumPlace<Tiles>(entryChannel(entry));
        const float delta = entryDelta(entry) * scale;
        LECTERN_UNROLL
        for (int column = 0; column < min(Kind::kColumns, kSparseColumns); ++column)
            if (column < count) addFixed(to + column * channelRow(Tiles), delta * from[column * kTokenRow]);
    });
    __syncwarp();
    const float unit = largest / kMostValueSum * m_inverse;
    LECTERN_UNROLL
    for (int c = 0; c < kOwn; ++c) {
        const int column = columnOf(c) - first;
        if (column < 0 || column >= count) continue;
        const unsigned* from = sums + column * channelRow(Tiles) + m_lane / 4 * channelRun(Tiles);
        LECTERN_UNROLL
        for (int tile = 0; tile < Tiles; tile += 2) {
            const uint4 sum = *reinterpret_cast<const uint4*>(from + tile * 2);
            m_out[tile].x[c] += fixedToFloat(sum.x) * unit, m_out[tile].x[c + 2] += fixedToFloat(sum.y) * unit;
            m_out[tile + 1].x[c] += fixedToFloat(sum.z) * unit, m_out[tile + 1].x[c + 2] += fixedToFloat(sum.w) * unit;
        }
    }
}

}  // namespace lectern::kernels
