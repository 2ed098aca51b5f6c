// SPDX-License-Identifier: GPL-3.0-or-later
// What a warp's copies bring: units of keys and of values, as they lie in shared memory.
#pragma once

#include "kernels/cuda/attend_decode_fetch.cuh"

namespace lectern::kernels {

/// [header][angles of the unit's pairs, 8 bytes each, and room for a single query][plane by slots][high plane]
template <class Kind>
__device__ __forceinline__ void PageFetch<Kind>::fetchKeys(int unit, char* to) const {
    const int count = unitChannels(KeyBits, headDim()), first = unit * count, pairs = m_args.offsets.pairs;
    fetchHeader(m_call.key_parts, m_key - place(0, planeBytes(KeyBits)), to);
    to += kHeaderBytes;
    const float* angles = m_args.page_angles + (std::size_t(unsigned(m_page)) * unsigned(pairs) + first / 2) * 2;
    share(count / 2, [&](int i) {
        if (first / 2 + i < pairs)
            copyAsync<8>(to + i * 8, angles + i * 2);
        else
            *reinterpret_cast<float2*>(to + i * 8) = {1.0F, 0.0F};
    });
    to += count * angleBytes(Kind::kColumns);
    constexpr int kPieces = planeBytes(KeyBits) / 16;
    const std::uint16_t* channels = m_slot_channels + first;
    const std::byte* plane = m_key;
    share(count * kPieces, [&](int i) {
        const int slot = i / kPieces, piece = i % kPieces;
        const int at = KeyBits == kRawBits ? rawPiece(slot, piece) : piece;
        copyAsync<16>(to + slot * planeBytes(KeyBits) + at * 16,
                      plane + std::uint64_t(channels[slot]) * unsigned(planeBytes(KeyBits)) + unsigned(piece) * 16);
    });
    if constexpr (highBytes(KeyBits) != 0) {
        const std::byte* high = m_key + (m_call.key_parts.high - place(0, planeBytes(KeyBits) - 8));
        share(count,
              [&](int slot) { copyAsync<8>(to + count * 16 + slot * 8, high + std::uint64_t(channels[slot]) * 8U); });
    }
}

/// [header][scales, 256 bytes, first unit only][plane by channels][high plane by channels]
template <class Kind>
__device__ __forceinline__ void PageFetch<Kind>::fetchValues(int unit, char* to) const {
    const int count = unitChannels(ValueBits, headDim()), first = unit * count;
    fetchHeader(m_call.value_parts, m_value - place(0, planeBytes(ValueBits)), to);
    to += kHeaderBytes;
    if (ValueBits != kRawBits && lane() < kScaleBytes / 16)
        copyAsync<16>(to + lane() * 16,
                      m_value + (m_call.value_parts.scales - place(0, planeBytes(ValueBits)) + unsigned(lane()) * 16));
    to += kScaleBytes;
    const std::byte* plane = m_value + unsigned(first * planeBytes(ValueBits));
    if constexpr (ValueBits == kRawBits) {
        constexpr int kPieces = planeBytes(ValueBits) / 16;
        share(count * kPieces, [&](int i) {
            const int channel = i / kPieces, at = rawPiece(channel, i % kPieces);
            copyAsync<16>(to + channel * planeBytes(ValueBits) + at * 16, plane + unsigned(i) * 16);
        });
    } else {
        shareInRow(count * (planeBytes(ValueBits) / 16), to, plane);
    }
    if constexpr (highBytes(ValueBits) != 0)
        shareInRow(count / 2, to + count * 16,
                   m_value + (m_call.value_parts.high - place(0, planeBytes(ValueBits) - 8)));
}

}  // namespace lectern::kernels
