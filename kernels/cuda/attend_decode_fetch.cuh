// SPDX-License-Identifier: GPL-3.0-or-later
// A warp's pipeline of copies: the codes of one head of its pages, piece by piece, from device to shared memory.
#pragma once

#include "kernels/cuda/attend_decode_shared.cuh"

namespace lectern::cuda {

/// Walks over the pages first, first + step, … below `end` of one head; every page is its key units, then its value
/// units. A stage is filled again as soon as the warp asks for the one after it.
template <int KeyBits, int ValueBits>
class PageFetch {
public:
    static constexpr int kStages = decodeStages(KeyBits, ValueBits);

    __device__ PageFetch(const DecodeArgs& args, int head, int lane, char* stages, int unit_bytes)
        : m_args(args), m_head(head), m_lane(lane), m_stages(stages), m_unit_bytes(unit_bytes) {
        const int head_dim = args.key.shape.head_dim;
        m_key_units = head_dim / unitChannels(KeyBits, head_dim);
        m_units = m_key_units + head_dim / unitChannels(ValueBits, head_dim);
    }
    __device__ void start(int first, int end, int step) {
        m_page = first, m_end = end, m_step = step;
        if (m_page < m_end) m_key = m_args.key_pages[m_page], m_value = m_args.value_pages[m_page];
        for (int i = 0; i + 1 < kStages; ++i) fetch();
    }
    __device__ int keyUnits() const { return m_key_units; }

    /// Next unit in order, arrived and visible to the warp; valid until the call after the next kStages - 1.
    __device__ const char* next() {
        waitCopies<kStages - 2>();
        __syncwarp();
        fetch();
        const char* at = m_stages + m_read * m_unit_bytes;
        m_read = m_read + 1 == kStages ? 0 : m_read + 1;
        return at;
    }

private:
    __device__ void fetch() {
        if (m_page < m_end) {
            char* to = m_stages + m_write * m_unit_bytes;
            if (m_unit < m_key_units)
                fetchKeys(m_unit, to);
            else
                fetchValues(m_unit - m_key_units, to);
            if (++m_unit == m_units) advance();
        }
        m_write = m_write + 1 == kStages ? 0 : m_write + 1;
        commitCopies();
    }
    __device__ void advance() {
        m_unit = 0;
        m_page += m_step;
        if (m_page < m_end) m_key = m_args.key_pages[m_page], m_value = m_args.value_pages[m_page];
    }

    /// [angles of the unit's pairs, 8 bytes each][plane by slots][high plane by slots]
    __device__ void fetchKeys(int unit, char* to) {
        const int head_dim = m_args.key.shape.head_dim, count = unitChannels(KeyBits, head_dim), first = unit * count;
        const RopeOffsets& rope = m_args.offsets;
        for (int i = m_lane; i < count / 2; i += 32) {
            const int pair = first / 2 + i;
            float2* angle = reinterpret_cast<float2*>(to) + i;
            if (pair < rope.pairs)
                copyAsync<8>(angle, m_args.page_angles + (std::size_t(m_page) * rope.pairs + pair) * 2);
            else
                *angle = {1.0F, 0.0F};
        }
        to += count * 4;
        constexpr int kPieces = planeBytes(KeyBits) / 16;
        const int base = m_head * head_dim;
        const auto* plane = reinterpret_cast<const char*>(m_key) + base * planeBytes(KeyBits);
        for (int i = m_lane; i < count * kPieces; i += 32) {
            const int slot = i / kPieces, piece = i % kPieces;
            const int place = KeyBits == kRawBits ? rawPiece(slot, piece) : piece;
            copyAsync<16>(to + slot * planeBytes(KeyBits) + place * 16,
                          plane + slotChannel(rope, first + slot) * planeBytes(KeyBits) + piece * 16);
        }
        if constexpr (highBytes(KeyBits) != 0) {
            const auto* high = reinterpret_cast<const char*>(m_key) + m_args.key.shape.channels() * 16 + base * 8;
            for (int slot = m_lane; slot < count; slot += 32)
                copyAsync<8>(to + count * 16 + slot * 8, high + slotChannel(rope, first + slot) * 8);
        }
    }

    /// [scales, 256 bytes, first unit only][plane by channels][high plane by channels]
    __device__ void fetchValues(int unit, char* to) {
        const int head_dim = m_args.key.shape.head_dim, count = unitChannels(ValueBits, head_dim);
        const auto* block = reinterpret_cast<const char*>(m_value);
        const int base = m_head * head_dim + unit * count;
        if (ValueBits != kRawBits && unit == 0 && m_lane < kScaleBytes / 16)
            copyAsync<16>(to + m_lane * 16, block + m_args.value.scalesAt() + m_lane * 16);
        to += kScaleBytes;
        constexpr int kPieces = planeBytes(ValueBits) / 16;
        for (int i = m_lane; i < count * kPieces; i += 32) {
            const int channel = i / kPieces, piece = i % kPieces;
            const int place = ValueBits == kRawBits ? rawPiece(channel, piece) : piece;
            copyAsync<16>(to + channel * planeBytes(ValueBits) + place * 16,
                          block + base * planeBytes(ValueBits) + i * 16);
        }
        if constexpr (highBytes(ValueBits) != 0) {
            block += m_args.value.shape.channels() * 16 + base * 8;
            for (int i = m_lane; i < count / 2; i += 32) copyAsync<16>(to + count * 16 + i * 16, block + i * 16);
        }
    }

    const DecodeArgs& m_args;
    int m_head, m_lane;
    char* m_stages;
    int m_unit_bytes, m_key_units, m_units;
    int m_page = 0, m_end = 0, m_step = 1, m_unit = 0, m_read = 0, m_write = 0;
    const std::byte* m_key = nullptr;
    const std::byte* m_value = nullptr;
};

}  // namespace lectern::cuda
