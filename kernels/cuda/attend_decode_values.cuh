// SPDX-License-Identifier: GPL-3.0-or-later
// The last part of a page: probabilities times values, and the outliers of the values.
#pragma once

#include "kernels/cuda/attend_decode_softmax.cuh"

namespace lectern::kernels {

template <class Kind>
__device__ void DecodeWarp<Kind>::addValues(const char* unit, const FragmentB (&weights)[4]) {
    const int count = unitChannels(ValueBits, headDim()), tiles = headDim() / 16, tiles_per_unit = count / 16;
    const PairTable<ValueBits, Kind::kCopies> table(m_shared, m_lane, 1);
    LECTERN_UNROLL
    for (int tile = 0; tile < Tiles; ++tile) {
        if (tile >= tiles) continue;
        int local = tile;
        if constexpr (ValueBits == kRawBits) {
            local = tiles_per_unit == 2 ? tile % 2 : 0;
            if (tile > 0 && local == 0) unit = m_fetch.next() + kHeaderBytes;
        }
        const char* plane = unit + kScaleBytes + local * 16 * planeBytes(ValueBits);
        const char* high_plane = unit + kScaleBytes + count * 16 + local * 16 * highBytes(ValueBits);
        FragmentA values[4];
        valueFragments<ValueBits>(plane, high_plane, table, m_lane, values);
        LECTERN_UNROLL
        for (int group = 0; group < 4; ++group) multiplyAdd(m_out[tile], values[group], weights[group]);
    }
}

/// Probability times delta, added to the channels of the outliers. work: the unit, all of it read.
template <class Kind>
__device__ void DecodeWarp<Kind>::addValueCorrections(SparseStream& sparse, char* work) {
    __syncwarp();
    LECTERN_UNROLL
    for (int group = 0; group < 4; ++group) {
        auto* to = reinterpret_cast<Half2*>(work + kProbabilitiesAt) + (group * 16 + m_lane / 4 * 2) * 4 + m_lane % 4;
        const float* p = m_scores[group].x;
        to[0] = packHalf2(p[0] * kHeadroom, p[1] * kHeadroom);
        to[4] = packHalf2(p[2] * kHeadroom, p[3] * kHeadroom);
    }
    __syncwarp();
    const int tiles = headDim() / 16;
    const Half2 mark = (kMark + std::uint32_t(m_lane) / 4) * kMarkTwice;
    float inverse = m_range > 0 ? 1.0F / m_range : 0.0F;
    while (sparse.any()) {
        const std::uint32_t entry = sparse.take(m_lane);
        const float delta = entryChannel(entry) < headDim() ? entryDelta(entry) : 0.0F;
        if (__any_sync(kAllLanes, int(fabsf(delta) > m_range * kMostDelta)) != 0) {
            rescale({1.0F, 1.0F}, growRange(warpMax(fabsf(delta)) / kMostDelta));
            inverse = 1.0F / m_range;
        }
        const Half2 by = packHalf2(delta * inverse, delta * inverse);
        const uint4 p = reinterpret_cast<const uint4*>(work + kProbabilitiesAt)[entryToken(entry)];
        const uint4 row = {halfMul2(p.x, by), halfMul2(p.y, by), halfMul2(p.z, by), halfMul2(p.w, by)};
        const SparseRows rows(work, m_lane, row, entryChannel(entry));
        LECTERN_UNROLL
        for (int tile = 0; tile < Tiles; ++tile) {
            if (tile >= tiles) continue;
            const Half2 low_mark = mark + std::uint32_t(tile) * 16 * kMarkTwice, high_mark = low_mark + 8 * kMarkTwice;
            rows.add(m_out[tile], 0, low_mark, high_mark);
            rows.add(m_out[tile], 1, low_mark, high_mark);
        }
    }
}

}  // namespace lectern::kernels
