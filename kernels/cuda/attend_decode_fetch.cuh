// SPDX-License-Identifier: GPL-3.0-or-later
// A warp's pipeline of copies: the codes of one head of its pages, piece by piece, from device to shared memory.
#pragma once

#include "kernels/cuda/attend_decode_build.cuh"

namespace lectern::kernels {

/// First bytes of a unit: what its corrections are found by.
struct UnitHeader {
    const std::byte* block;
    std::uint16_t begins[4];  ///< two words of head_begin: the head's begin and its end are among them
};
static_assert(sizeof(UnitHeader) == kHeaderBytes);

/// Walks over the pages first, first + step, … below `end` of one head; every page is its key units, then its value
/// units. A stage is filled again as soon as the warp asks for the one after it.
template <class Kind>
class PageFetch {
    static constexpr int KeyBits = Kind::kKeyBits, ValueBits = Kind::kValueBits, HeadDim = Kind::kHeadDim;

public:
    static constexpr int kStages = decodeStages(KeyBits, ValueBits);

    /// slot_channels: channel of every slot, shared memory.
    __device__ PageFetch(const DecodeCall& call, int head, const std::uint16_t* slot_channels, char* stages,
                         int unit_bytes)
        : m_call(call),
          m_args(call.args),
          m_head(head),
          m_slot_channels(slot_channels),
          m_stages(stages),
          m_unit_bytes(unit_bytes) {}

    __device__ void start(int first, int end, int step) {
        m_page = first, m_end = end, m_step = step;
        loadAddresses();
        if constexpr (kInTurns) {
            if (m_page < m_end) fetchKeys(0, m_stages);
            copyCommit();
        } else {
            for (int i = 0; i + 1 < kStages; ++i) fetch();
        }
    }
    __device__ int keyUnits() const { return headDim() / unitChannels(KeyBits, headDim()); }

    /// Next unit in order, of keys or of values as the caller knows, arrived and visible to the warp; the warp's own
    /// until the next call.
    template <KvKind Next>
    __device__ char* next() {
        copyWait<kStages - 2>();
        __syncwarp();
        if constexpr (!kInTurns) {
            fetch();
            char* at = m_stages + m_read * m_unit_bytes;
            m_read = m_read + 1 == kStages ? 0 : m_read + 1;
            return at;
        } else if constexpr (Next == KvKind::Key) {
            fetchValues(0, m_stages + m_unit_bytes);
            m_page += m_step;
            loadAddresses();
            copyCommit();
            return m_stages;
        } else {
            if (m_page < m_end) fetchKeys(0, m_stages);
            copyCommit();
            return m_stages + m_unit_bytes;
        }
    }

private:
    /// Codes of keys and of values take turns in two stages, one unit each; raw pages come in more pieces.
    static constexpr bool kInTurns = KeyBits != kRawBits && ValueBits != kRawBits;
    static_assert(!kInTurns || kStages == 2);

    __device__ int headDim() const { return HeadDim > 0 ? HeadDim : m_args.key.shape.head_dim; }
    __device__ static int lane() { return int(threadIdx.x) % 32; }

    __device__ void fetch() {
        if (m_page < m_end) {
            char* to = m_stages + m_write * m_unit_bytes;
            if (m_unit < keyUnits())
                fetchKeys(m_unit, to);
            else
                fetchValues(m_unit - keyUnits(), to);
            if (++m_unit == keyUnits() + headDim() / unitChannels(ValueBits, headDim())) {
                m_unit = 0;
                m_page += m_step;
                loadAddresses();
            }
        }
        m_write = m_write + 1 == kStages ? 0 : m_write + 1;
        copyCommit();
    }
    __device__ void loadAddresses() {
        if (m_page >= m_end) return;
        m_key = m_args.key_pages[m_page] + place(0, planeBytes(KeyBits));
        m_value = m_args.value_pages[m_page] + place(0, planeBytes(ValueBits));
    }
    __device__ void fetchHeader(const BlockParts& parts, const std::byte* block, char* to) const {
        if (parts.most == 0 || lane() >= 2) return;
        auto* header = reinterpret_cast<UnitHeader*>(to);
        if (lane() == 0) header->block = block;
        copyAsync<4>(header->begins + 2 * lane(), block + parts.heads + std::uint32_t(m_head + lane()) / 2 * 4);
    }
    /// Bytes of channel `channel` of all heads, at `bytes` each.
    __device__ std::uint32_t place(int channel, int bytes) const {
        return std::uint32_t(m_head * headDim() + channel) * std::uint32_t(bytes);
    }

    /// copy(i) for i = 0 … total - 1, neighbouring lanes neighbouring i; unrolled where the head dimension is fixed.
    template <class Copy>
    __device__ static void share(int total, Copy copy) {
        LECTERN_UNROLL
        for (int at = 0; at < total; at += kWarpLanes)
            if (total % kWarpLanes == 0 || at + lane() < total) copy(at + lane());
    }
    /// `total` pieces of 16 bytes that lie one after the other on both sides.
    __device__ static void shareInRow(int total, char* to, const std::byte* from) {
        to += lane() * 16, from += lane() * 16;
        LECTERN_UNROLL
        for (int at = 0; at < total; at += kWarpLanes)
            if (total % kWarpLanes == 0 || at + lane() < total) copyAsync<16>(to + at * 16, from + at * 16);
    }

    __device__ void fetchKeys(int unit, char* to) const;
    __device__ void fetchValues(int unit, char* to) const;

    const DecodeCall& m_call;
    const DecodeArgs& m_args;
    int m_head;
    const std::uint16_t* m_slot_channels;
    char* m_stages;
    int m_unit_bytes;
    int m_page = 0, m_end = 0, m_step = 1, m_unit = 0, m_read = 0, m_write = 0;
    const std::byte* m_key = nullptr;    ///< the head's codes in the block of page m_page
    const std::byte* m_value = nullptr;  ///< likewise
};

}  // namespace lectern::kernels
