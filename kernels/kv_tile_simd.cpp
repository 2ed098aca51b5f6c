// SPDX-License-Identifier: GPL-3.0-or-later
// Tokens lie in lanes, so a codebook lookup is one register permutation and every channel is one straight line:
// look up, scale, (rotate with its partner,) store. Corrections are added to the finished tile, rotated likewise.
#include "kernels/kv_tile.h"

#include "kernels/simd_codes.h"

namespace lectern::kernels::LECTERN_ISA {
namespace {

/// Corrections of one head of a block. Counts and places are bounded here: blocks may come from a damaged file.
struct HeadEntries {
    const std::byte* at = nullptr;
    int count = 0;

    HeadEntries(const KvBlockLayout& layout, const std::byte* block, int head) {
        if (layout.raw()) return;
        const std::byte* begins = block + layout.headsAt();
        const int limit = layout.slots * kPageTokens;
        const int begin = loadBytes<std::uint16_t>(begins + 2 * head);
        const int end = loadBytes<std::uint16_t>(begins + 2 * head + 2);
        if (begin >= end || end > limit) return;
        at = block + layout.entriesAt() + sizeof(SparseEntry) * std::size_t(begin);
        count = end - begin;
    }
    /// Calls add(channel in head, token, correction) for each entry.
    template <class Add>
    LECTERN_INLINE void each(int head_dim, Add add) const {
        for (int i = 0; i < count; ++i) {
            const auto entry = loadBytes<SparseEntry>(at + sizeof(SparseEntry) * std::size_t(i));
            const int channel = entry.place >> 6;
            if (channel < head_dim) add(channel, entry.place & 63, scalarHalf(entry.delta));
        }
    }
};

/// Channel numbers within the head of rotated pair i.
struct Pair {
    int a, b;
    LECTERN_INLINE Pair(const RopeOffsets& rope, int i)
        : a(rope.interleaved ? 2 * i : i), b(rope.interleaved ? 2 * i + 1 : i + rope.pairs) {}
};

/// The dense part of one key channel: z + r·centroid, or the raw value.
template <int Bits>
struct KeyChannel {
    ChannelCodes<Bits> codes;
    float offset = 0, range = 1;

    LECTERN_INLINE KeyChannel(const std::byte* block, const CodecParams& params, int channels, int channel)
        : codes(block, channels, channel) {
        if constexpr (Bits != kRawBits) offset = params.offset[channel], range = params.range[channel];
    }
    LECTERN_INLINE F at(const Book<Bits>& book, int vec) const {
        if constexpr (Bits == kRawBits)
            return codes.at(book, vec);
        else
            return codes.at(book, vec) * range + offset;
    }
};

template <int Bits>
void denseKeys(const KvBlockLayout& layout, const CodecParams& params, const std::byte* block, int head,
               const RopeOffsets& rope, float* tile) {
    const Book<Bits> book(params.book);
    const int channels = layout.shape.channels();
    const int first = head * layout.shape.head_dim;
    for (int i = 0; i < rope.pairs; ++i) {
        const Pair pair(rope, i);
        const KeyChannel<Bits> a(block, params, channels, first + pair.a);
        const KeyChannel<Bits> b(block, params, channels, first + pair.b);
        const float* cos = rope.cos + std::size_t(i) * kPageTokens;
        const float* sin = rope.sin + std::size_t(i) * kPageTokens;
        float* out_a = tile + std::size_t(pair.a) * kPageTokens;
        float* out_b = tile + std::size_t(pair.b) * kPageTokens;
        LECTERN_UNROLL
        for (int v = 0; v < kVecs; ++v) {
            const F x = a.at(book, v), y = b.at(book, v);
            const F c = load(cos + v * kW), s = load(sin + v * kW);
            store(out_a + v * kW, x * c - y * s);
            store(out_b + v * kW, x * s + y * c);
        }
    }
    for (int channel = 2 * rope.pairs; channel < layout.shape.head_dim; ++channel) {
        const KeyChannel<Bits> plain(block, params, channels, first + channel);
        LECTERN_UNROLL
        for (int v = 0; v < kVecs; ++v) store(tile + std::size_t(channel) * kPageTokens + v * kW, plain.at(book, v));
    }
}

/// Adds key corrections: the correction of one channel of a pair turns into two after rotation.
void sparseKeys(const HeadEntries& entries, int head_dim, const RopeOffsets& rope, float* tile) {
    entries.each(head_dim, [&](int channel, int token, float delta) {
        float* at = tile + std::size_t(channel) * kPageTokens + token;
        if (channel >= 2 * rope.pairs) {
            *at += delta;
            return;
        }
        const int i = rope.interleaved ? channel / 2 : channel < rope.pairs ? channel : channel - rope.pairs;
        const Pair pair(rope, i);
        const float cos = rope.cos[i * kPageTokens + token], sin = rope.sin[i * kPageTokens + token];
        *at += delta * cos;
        if (channel == pair.a)
            tile[pair.b * kPageTokens + token] += delta * sin;
        else
            tile[pair.a * kPageTokens + token] -= delta * sin;
    });
}

/// Per-token offsets and ranges of a value block as two rows of floats.
struct TokenScales {
    alignas(64) float offset[kPageTokens];
    alignas(64) float range[kPageTokens];

    explicit TokenScales(const std::byte* scales) {
        std::uint16_t both[2 * kPageTokens], low[kPageTokens], high[kPageTokens];
        __builtin_memcpy(both, scales, sizeof both);
        for (int t = 0; t < kPageTokens; ++t) low[t] = both[2 * t], high[t] = both[2 * t + 1];
        for (int v = 0; v < kVecs; ++v) {
            store(offset + v * kW, loadHalf(low + v * kW));
            store(range + v * kW, loadHalf(high + v * kW));
        }
    }
};

template <int Bits>
void denseValues(const KvBlockLayout& layout, const CodecParams& params, const std::byte* block, int head,
                 float* tile) {
    const Book<Bits> book(params.book);
    const int channels = layout.shape.channels(), head_dim = layout.shape.head_dim;
    if constexpr (Bits == kRawBits) {
        for (int channel = 0; channel < head_dim; ++channel) {
            const ChannelCodes<Bits> codes(block, channels, head * head_dim + channel);
            for (int v = 0; v < kVecs; ++v)
                store(tile + std::size_t(channel) * kPageTokens + v * kW, codes.at(book, v));
        }
    } else {
        const TokenScales scales(block + layout.scalesAt());
        for (int channel = 0; channel < head_dim; ++channel) {
            const ChannelCodes<Bits> codes(block, channels, head * head_dim + channel);
            float* out = tile + std::size_t(channel) * kPageTokens;
            LECTERN_UNROLL
            for (int v = 0; v < kVecs; ++v)
                store(out + v * kW, codes.at(book, v) * load(scales.range + v * kW) + load(scales.offset + v * kW));
        }
    }
}

}  // namespace

void keyTile(const KvBlockLayout& layout, const CodecParams& params, const std::byte* block, int head,
             const RopeOffsets& rope, float* tile) {
    forBits(layout.bits, [&]<int Bits>() { denseKeys<Bits>(layout, params, block, head, rope, tile); });
    sparseKeys(HeadEntries(layout, block, head), layout.shape.head_dim, rope, tile);
}

void valueTile(const KvBlockLayout& layout, const CodecParams& params, const std::byte* block, int head, float* tile) {
    forBits(layout.bits, [&]<int Bits>() { denseValues<Bits>(layout, params, block, head, tile); });
    HeadEntries(layout, block, head).each(layout.shape.head_dim, [&](int channel, int token, float delta) {
        tile[channel * kPageTokens + token] += delta;
    });
}

}  // namespace lectern::kernels::LECTERN_ISA
