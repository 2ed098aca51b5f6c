// SPDX-License-Identifier: GPL-3.0-or-later
// The layout of one block of the KV cache: said once, for CPU, CUDA and session files.
#pragma once

#include <cstddef>
#include <cstdint>

#ifdef __CUDACC__
#define LECTERN_LAYOUT_FN __host__ __device__ constexpr
#else
#define LECTERN_LAYOUT_FN constexpr
#endif

namespace lectern::kernels {

inline constexpr int kPageTokens = 64;  ///< tokens of one page; a block is one (layer, kind, page)
inline constexpr int kLaneTokens = 16;  ///< tokens side by side in one lane group; also the granule of attention mass
inline constexpr int kMassGroups = kPageTokens / kLaneTokens;
inline constexpr int kRawBits = 16;  ///< "bits" of an uncompressed (fp16) block
inline constexpr int kMaxHeadDim = 256;
inline constexpr int kMaxBook = 16;  ///< centroids of the largest codebook (4 bits)

enum class KvKind : std::uint8_t { Key = 0, Value = 1 };

/// Shape of one layer's keys (or values). head_dim is a multiple of 8 and at most kMaxHeadDim.
struct KvShape {
    int kv_heads = 0;
    int head_dim = 0;
    LECTERN_LAYOUT_FN int channels() const { return kv_heads * head_dim; }
};

/// Dense codes of one page, channel-major, tokens in lanes; token t of the page is lane t % 16 of group t / 16.
///   4 bits   per channel u16[16]: lane word l holds the nibbles of tokens l, 16+l, 32+l, 48+l, lowest first
///   2 bits   per channel u8[16]:  lane byte l holds the 2-bit codes of tokens l, 16+l, 32+l, 48+l, lowest first
///   3 bits   the 2-bit plane of all channels (low two bits of each code), then per channel u64: bit t = high bit of
///   token t 16 bits  per channel f16[64]: the raw values (no sparse part, no scales)
/// All words little-endian.
LECTERN_LAYOUT_FN std::size_t codeBytes(int bits, int channels) {
    return std::size_t(channels) * kPageTokens * std::size_t(bits) / 8;
}
static_assert(codeBytes(4, 1024) == 32 * 1024 && codeBytes(3, 8) == 8 * 24 && codeBytes(2, 64) == 1024);

/// One sparse correction: an outlier whose true value is (dequantized dense code) + delta. 4 bytes.
struct SparseEntry {
    std::uint16_t place = 0;  ///< token in page (bits 0-5) | channel within its head (bits 6-15)
    std::uint16_t delta = 0;  ///< fp16 bits
};
static_assert(sizeof(SparseEntry) == 4);

/// fp16 offset and range of one value vector (per token, over all heads). 4 bytes.
struct ValueScale {
    std::uint16_t offset = 0;
    std::uint16_t range = 0;
};

/// Sizes of one block in bytes and where its parts begin. A block is
///   codes | value scales [64] (values only) | head_begin u16[kv_heads + 1] padded to 4 | SparseEntry[64 · slots]
/// Entries are sorted by (head, token, channel); those of head h are [head_begin[h], head_begin[h+1]); the rest is
/// zero. A raw block (bits = 16) is its codes alone. Source of slots: KVQuant (arXiv:2401.18079), section 3.4, fixed
/// per token.
struct KvBlockLayout {
    KvShape shape;
    KvKind kind = KvKind::Key;
    int bits = kRawBits;
    int slots = 0;  ///< sparse corrections per token, at most 1023

    LECTERN_LAYOUT_FN bool raw() const { return bits == kRawBits; }
    LECTERN_LAYOUT_FN std::size_t scalesAt() const { return codeBytes(bits, shape.channels()); }
    LECTERN_LAYOUT_FN std::size_t headsAt() const {
        const bool scaled = kind == KvKind::Value && !raw();
        return scalesAt() + (scaled ? sizeof(ValueScale) * kPageTokens : 0);
    }
    LECTERN_LAYOUT_FN std::size_t entriesAt() const {
        return headsAt() + (raw() ? 0 : (std::size_t(shape.kv_heads + 1) * 2 + 3) / 4 * 4);
    }
    LECTERN_LAYOUT_FN std::size_t bytes() const {
        return entriesAt() + (raw() ? 0 : sizeof(SparseEntry) * std::size_t(slots) * kPageTokens);
    }
};

}  // namespace lectern::kernels

#undef LECTERN_LAYOUT_FN
