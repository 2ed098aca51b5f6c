// SPDX-License-Identifier: GPL-3.0-or-later
// The last part of a page: probabilities times values.
#pragma once

#include "kernels/cuda/attend_decode_softmax.cuh"

namespace lectern::kernels {

template <class Kind>
__device__ void DecodeWarp<Kind>::addValues(const char* unit, const FragmentB (&weights)[4]) {
    const int count = unitChannels(ValueBits, headDim()), tiles = headDim() / 16, tiles_per_unit = count / 16;
    const PairTable<ValueBits, Kind::kCopies> table(m_shared, m_lane, 1);
    const auto book = reinterpret_cast<const BytesOfFour*>(m_shared + m_layout.seen)[1];
    LECTERN_UNROLL
    for (int tile = 0; tile < Tiles; ++tile) {
        if (tile >= tiles) continue;
        int local = tile;
        if constexpr (ValueBits == kRawBits) {
            local = tiles_per_unit == 2 ? tile % 2 : 0;
            if (tile > 0 && local == 0) unit = m_fetch.template next<KvKind::Value>() + kHeaderBytes;
        }
        const char* plane = unit + kScaleBytes + local * 16 * planeBytes(ValueBits);
        const char* high_plane = unit + kScaleBytes + count * 16 + local * 16 * highBytes(ValueBits);
        FragmentA values[4];
        valueFragments<ValueBits>(plane, high_plane, table, book, m_lane, values);
        LECTERN_UNROLL
        for (int group = 0; group < 4; ++group) multiplyAdd(m_out[tile], values[group], weights[group]);
    }
}

}  // namespace lectern::kernels
