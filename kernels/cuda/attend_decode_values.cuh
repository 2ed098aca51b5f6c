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
        const int column = 2 * (m_lane % 4) + c - first;  // of a single query the lanes with t = 0 write
        if (column < 0 || column >= count) continue;
        auto* to = reinterpret_cast<float2*>(p + column * kTokenRow + m_lane / 4 * 2);
        LECTERN_UNROLL
        for (int group = 0; group < 4; ++group) to[group * 8] = {m_scores[group].x[c], m_scores[group].x[c + 2]};
    }
    clearSums(sums, count * channelRow(Tiles), m_lane);
    __syncwarp();
    const float scale = kMostValueSum / largest;
    LECTERN_UNROLL_BY(1)
    while (sparse.any()) {
        const std::uint32_t entry = sparse.take();
        if (entryChannel(entry) >= headDim()) continue;
        const float* from = p + entryToken(entry);
        unsigned* to = sums + sumPlace<Tiles>(entryChannel(entry));
        const float delta = entryDelta(entry) * scale;
        LECTERN_UNROLL
        for (int column = 0; column < min(Kind::kColumns, kSparseColumns); ++column)
            if (column < count) addFixed(to + column * channelRow(Tiles), delta * from[column * kTokenRow]);
    }
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
