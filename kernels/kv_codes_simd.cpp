// SPDX-License-Identifier: GPL-3.0-or-later
// One token at a time: normalise all channels, count the midpoints below each element into a row of codes, choose what
// is corrected by a threshold found bit by bit, set that token's bits, append its corrections. Compiled without
// contraction.
#include "kernels/kv_codes.h"

#include "kernels/simd_codes.h"

namespace lectern::kernels::LECTERN_ISA {
namespace {

constexpr float kMost = 3.402823466e+38F;
constexpr std::int32_t kTaken = INT32_MIN;  ///< key of an element that is chosen or does not exist

/// The caller's scratch, cut up. Rows are rounded up to whole vectors of 16.
struct Scratch {
    std::int32_t* keys;   ///< [channels] order of the elements as integers; kTaken once chosen
    std::uint8_t* codes;  ///< [channels]
    std::uint16_t* list;  ///< [channels] channels of the chosen, ascending; raw blocks: the values
    int padded;

    Scratch(float* memory, int channels) : padded((channels + 15) / 16 * 16) {
        keys = reinterpret_cast<std::int32_t*>(memory);
        codes = reinterpret_cast<std::uint8_t*>(memory + padded);
        list = reinterpret_cast<std::uint16_t*>(memory + padded + padded / 4);
    }
};

/// Integers in the order of the floats; -0 and +0 are one.
LECTERN_INLINE I ordered(F x) {
    const I raw = bits(x + 0.0F);
    return raw ^ ((raw >> 31) & 0x7fffffff);
}

/// How many keys are at least `least`.
int countFrom(const std::int32_t* keys, int n, std::int32_t least) {
    I count{};
    for (int c = 0; c < n; c += kW) count -= I(load(keys + c) >= least);
    int total = 0;
    for (int i = 0; i < kW; ++i) total += count[i];
    return total;
}

/// Marks the `count` largest keys as taken, the lower channel on a tie. Fewer where there are not as many.
void takeLargest(std::int32_t* keys, int n, int count) {
    if (count <= 0) return;
    std::uint32_t threshold = 0;  // counted from INT32_MIN: the largest value that `count` keys reach
    int reach = n;
    for (std::uint32_t bit = 0x80000000U; bit != 0 && reach != count; bit >>= 1) {
        const int higher = countFrom(keys, n, std::int32_t((threshold | bit) ^ 0x80000000U));
        if (higher >= count) threshold |= bit, reach = higher;
    }
    const auto least = std::int32_t(threshold ^ 0x80000000U);
    int ties = count - (least == INT32_MAX ? 0 : countFrom(keys, n, least + 1));
    for (int c = 0; c < n; c += kW) {
        if (maskBits(load(keys + c) >= least) == 0) continue;
        for (int i = c; i < c + kW; ++i)
            if (keys[i] > least || (keys[i] == least && ties-- > 0)) keys[i] = kTaken;
    }
}

/// Lists the taken channels in ascending order; returns their number.
int listTaken(const Scratch& scratch, int channels) {
    int n = 0;
    for (int c = 0; c < scratch.padded; c += kW) {
        if (maskBits(load(scratch.keys + c) == kTaken) == 0) continue;
        for (int i = c; i < c + kW && i < channels; ++i)
            if (scratch.keys[i] == kTaken) scratch.list[n++] = std::uint16_t(i);
    }
    return n;
}

LECTERN_INLINE F normalised(F x, F offset, F range) {
    const F distance = x - offset;
    const F whole = distance > 0.0F ? set(kMost) : distance < 0.0F ? set(-kMost) : F{};
    return range == 0.0F ? whole : distance / range;
}

/// Codes of kW elements, the number of midpoints below each: written to `out` and returned.
template <int Bits>
LECTERN_INLINE I writeRow(F u, const float* midpoints, std::uint8_t* out) {
    I code{};
    LECTERN_UNROLL
    for (int i = 0; i < (1 << Bits) - 1; ++i) code -= I(u > midpoints[i]);
    const U8 row = narrow(code);
    __builtin_memcpy(out, &row, sizeof row);
    return code;
}

/// Codes of one key vector and its channels to correct (in scratch.list): where the codes are furthest off. Returns
/// their number.
template <int Bits>
int quantizeKey(const KvBlockLayout& layout, const CodecParams& params, const Book<Bits>& book, const float* x,
                const Scratch& scratch) {
    const int channels = layout.shape.channels();
    I wrong{};
    for (int c = 0; c < scratch.padded; c += kW) {
        const int n = channels - c < 0 ? 0 : channels - c < kW ? channels - c : kW;
        const F v = loadPart(x + c, n), offset = loadPart(params.offset + c, n), range = loadPart(params.range + c, n);
        const I code = writeRow<Bits>(normalised(v, offset, range), params.midpoints, scratch.codes + c);
        const I error = bits((v - offset) - range * centroids(book, code)) & 0x7fffffff;
        wrong -= I(error > 0);
        store(scratch.keys + c, error);
    }
    int count = 0;
    for (int i = 0; i < kW; ++i) count += wrong[i];
    if (layout.slots < count) count = layout.slots;
    takeLargest(scratch.keys, scratch.padded, count);
    return count > 0 ? listTaken(scratch, channels) : 0;
}

/// Takes the outliers of one value vector: keys in scratch, slots/2 smallest first, then the largest.
void takeValues(const KvBlockLayout& layout, const float* x, const Scratch& scratch) {
    const int channels = layout.shape.channels();
    const int half = layout.slots / 2 < channels ? layout.slots / 2 : channels;
    const int upper = half < channels - half ? half : channels - half;
    for (int c = 0; c < scratch.padded; c += kW) {
        const int n = channels - c < 0 ? 0 : channels - c < kW ? channels - c : kW;
        store(scratch.keys + c, lanes() < n ? ~ordered(loadPart(x + c, n)) : set(kTaken));
    }
    takeLargest(scratch.keys, scratch.padded, half);
    for (int c = 0; c < scratch.padded; c += kW) {
        const I key = load(scratch.keys + c);
        store(scratch.keys + c, key == kTaken ? key : ~key);
    }
    takeLargest(scratch.keys, scratch.padded, upper);
}

/// Offset and range of what the outliers leave; 0 and 0 where they leave nothing.
ValueScale scaleOfRest(int channels, const float* x, const Scratch& scratch) {
    F low = set(kInf), high = set(-kInf);
    for (int c = 0; c < channels; c += kW) {
        const I rest = load(scratch.keys + c) != kTaken;
        const F v = loadPart(x + c, channels - c < kW ? channels - c : kW);
        low = rest ? min(v, low) : low;
        high = rest ? max(v, high) : high;
    }
    const float top = fold(high, Larger{}), bottom = -fold(-low, Larger{});
    if (top < bottom) return {};
    return {floatToHalfClamped((top + bottom) / 2 + 0.0F), floatToHalfClamped((top - bottom) / 2 + 0.0F)};
}

/// Codes, scale and outliers of one value vector. Returns the number of outliers (in scratch.list).
template <int Bits>
int quantizeValue(const KvBlockLayout& layout, const CodecParams& params, const float* x, const Scratch& scratch,
                  ValueScale& scale) {
    const int channels = layout.shape.channels();
    takeValues(layout, x, scratch);
    scale = scaleOfRest(channels, x, scratch);
    const F offset = set(halfToFloat(scale.offset)), range = set(halfToFloat(scale.range));
    for (int c = 0; c < channels; c += kW) {
        const F v = loadPart(x + c, channels - c < kW ? channels - c : kW);
        writeRow<Bits>(normalised(v, offset, range), params.midpoints, scratch.codes + c);
    }
    return listTaken(scratch, channels);
}

/// Sets the bits of one token in one channel: `low` points to its lane words, `high` to its bit plane (3 bits).
template <int Bits>
LECTERN_INLINE void setToken(std::uint8_t* low, std::uint8_t* high, int token, unsigned code) {
    const int lane = token % kLaneTokens, group = token / kLaneTokens;
    if constexpr (Bits == kRawBits) {
        low[2 * token] = std::uint8_t(code);
        low[2 * token + 1] = std::uint8_t(code >> 8);
        return;
    }
    std::uint8_t& word = Bits == 4 ? low[2 * lane + group / 2] : low[lane];
    const int shift = Bits == 4 ? 4 * (group % 2) : 2 * group;
    const unsigned mask = Bits == 4 ? 15U : 3U;
    word = std::uint8_t((word & ~(mask << shift)) | (code & mask) << shift);
    if constexpr (Bits == 3) {
        std::uint8_t& plane = high[token / 8];
        plane = std::uint8_t((plane & ~(1U << token % 8)) | (code >> 2) << token % 8);
    }
}

/// Bytes of one channel's lane words.
template <int Bits>
constexpr std::size_t kLaneBytes = Bits == kRawBits ? 128
                                   : Bits == 4      ? 32
                                                    : 16;

template <int Bits, class Row>
void setTokenCodes(std::byte* block, int channels, int token, const Row* row) {
    auto* low = reinterpret_cast<std::uint8_t*>(block);
    std::uint8_t* high = low + std::size_t(channels) * 16;
    for (int c = 0; c < channels; ++c) {
        setToken<Bits>(low, high, token, row[c]);
        low += kLaneBytes<Bits>;
        high += Bits == 3 ? 8 : 0;
    }
}

/// Ands a pattern of `period` bytes over n bytes.
void andPattern(std::uint8_t* at, std::size_t n, const std::uint8_t* pattern, std::size_t period) {
    for (std::size_t i = 0; i < n; i += period)
        for (std::size_t k = 0; k < period; ++k) at[i + k] &= pattern[k];
}

/// Clears the codes of all tokens from `first` on.
template <int Bits>
void forgetCodes(std::byte* block, int channels, int first) {
    std::uint8_t low[128] = {}, high[8] = {};
    for (int t = 0; t < first; ++t) setToken<Bits>(low, high, t, 0xffffU >> (16 - Bits));
    auto* at = reinterpret_cast<std::uint8_t*>(block);
    andPattern(at, std::size_t(channels) * kLaneBytes<Bits>, low, kLaneBytes<Bits>);
    if (Bits == 3) andPattern(at + std::size_t(channels) * 16, std::size_t(channels) * 8, high, 8);
}

/// The sparse table of one block.
class Entries {
public:
    Entries(const KvBlockLayout& layout, std::byte* block)
        : m_begins(block + layout.headsAt()),
          m_table(block + layout.entriesAt()),
          m_shape(layout.shape),
          m_room(layout.slots * kPageTokens) {}

    /// Keeps the entries of tokens below `first` only; what becomes free is cleared.
    void forget(int first) {
        int kept = 0, at = 0;
        for (int head = 0; head < m_shape.kv_heads; ++head) {
            const int end = begin(head + 1) < m_room ? begin(head + 1) : m_room;
            for (; at < end; ++at) {
                const auto entry = loadBytes<SparseEntry>(place(at));
                if ((entry.place & 63) < first) __builtin_memcpy(place(kept++), &entry, sizeof entry);
            }
            setBegin(head + 1, kept);
        }
        setBegin(0, 0);
        __builtin_memset(place(kept), 0, sizeof(SparseEntry) * std::size_t(m_room - kept));
    }

    /// Adds the corrections of one token, later than all that are there. delta(channel) gives the fp16 bits.
    template <class Delta>
    void append(int token, const std::uint16_t* list, int n, Delta delta) {
        if (begin(m_shape.kv_heads) + n > m_room) return;  // a damaged table: never write past the block
        for (int head = m_shape.kv_heads - 1; n > 0; --head) {
            int before = n;  // new entries in the heads before this one
            while (before > 0 && list[before - 1] >= head * m_shape.head_dim) --before;
            const int from = begin(head), count = begin(head + 1) - from;
            __builtin_memmove(place(from + before), place(from), sizeof(SparseEntry) * std::size_t(count));
            for (int i = before; i < n; ++i) {
                const int channel = list[i] - head * m_shape.head_dim;
                const SparseEntry entry{std::uint16_t(token | channel << 6), delta(int(list[i]))};
                __builtin_memcpy(place(from + count + i), &entry, sizeof entry);
            }
            setBegin(head + 1, from + count + n);
            n = before;
        }
    }

private:
    std::byte* place(int i) const { return m_table + sizeof(SparseEntry) * std::size_t(i); }
    int begin(int head) const { return loadBytes<std::uint16_t>(m_begins + 2 * head); }
    void setBegin(int head, int value) {
        const auto narrow = std::uint16_t(value);
        __builtin_memcpy(m_begins + 2 * head, &narrow, 2);
    }

    std::byte* m_begins;
    std::byte* m_table;
    KvShape m_shape;
    int m_room;
};

void forget(const KvBlockLayout& layout, int first, std::byte* block) {
    if (first == 0) {
        __builtin_memset(block, 0, layout.bytes());
        return;
    }
    const int channels = layout.shape.channels();
    switch (layout.bits) {
        case 2:
            forgetCodes<2>(block, channels, first);
            break;
        case 3:
            forgetCodes<3>(block, channels, first);
            break;
        case 4:
            forgetCodes<4>(block, channels, first);
            break;
        default:
            forgetCodes<kRawBits>(block, channels, first);
            return;
    }
    if (layout.kind == KvKind::Value)
        __builtin_memset(block + layout.scalesAt() + sizeof(ValueScale) * std::size_t(first), 0,
                         sizeof(ValueScale) * std::size_t(kPageTokens - first));
    Entries(layout, block).forget(first);
}

template <int Bits>
void packToken(const KvBlockLayout& layout, const CodecParams& params, const Book<Bits>& book, const float* x,
               int token, const Scratch& scratch, std::byte* block) {
    const int channels = layout.shape.channels();
    Entries entries(layout, block);
    if (layout.kind == KvKind::Key) {
        const int n = quantizeKey<Bits>(layout, params, book, x, scratch);
        entries.append(token, scratch.list, n, [&](int c) {
            const float dense = params.range[c] * params.book[scratch.codes[c]];
            return floatToHalfClamped((x[c] - params.offset[c]) - dense);
        });
    } else {
        ValueScale scale;
        const int n = quantizeValue<Bits>(layout, params, x, scratch, scale);
        __builtin_memcpy(block + layout.scalesAt() + sizeof scale * std::size_t(token), &scale, sizeof scale);
        const float offset = halfToFloat(scale.offset), range = halfToFloat(scale.range);
        entries.append(token, scratch.list, n, [&](int c) {
            return floatToHalfClamped((x[c] - offset) - range * params.book[scratch.codes[c]]);
        });
    }
    setTokenCodes<Bits>(block, channels, token, scratch.codes);
}

void packRaw(int channels, const float* x, int token, const Scratch& scratch, std::byte* block) {
    for (int c = 0; c < channels; ++c) scratch.list[c] = floatToHalfClamped(x[c]);
    setTokenCodes<kRawBits>(block, channels, token, scratch.list);
}

/// The code of one token in one channel, read back.
int codeAt(const KvBlockLayout& layout, const std::uint8_t* block, int channel, int token) {
    const int lane = token % kLaneTokens, group = token / kLaneTokens;
    const auto c = std::size_t(channel);
    if (layout.bits == 4) return block[c * 32 + std::size_t(2 * lane + group / 2)] >> (4 * (group % 2)) & 15;
    const int low = block[c * 16 + std::size_t(lane)] >> (2 * group) & 3;
    if (layout.bits == 2) return low;
    const std::uint8_t* high = block + std::size_t(layout.shape.channels()) * 16 + c * 8;
    return low | (high[token / 8] >> token % 8 & 1) << 2;
}

}  // namespace

void pack(const KvBlockLayout& layout, const CodecParams& params, const float* x, int first, int tokens, float* memory,
          std::byte* block) {
    const int channels = layout.shape.channels();
    const Scratch scratch(memory, channels);
    forget(layout, first, block);
    forBits(layout.bits, [&]<int Bits>() {
        const Book<Bits> book(params.book);
        for (int t = 0; t < tokens; ++t, x += channels) {
            if constexpr (Bits == kRawBits)
                packRaw(channels, x, first + t, scratch, block);
            else
                packToken<Bits>(layout, params, book, x, first + t, scratch, block);
        }
    });
}

void unpack(const KvBlockLayout& layout, const CodecParams& params, const std::byte* block, int first, int tokens,
            float* out) {
    const int channels = layout.shape.channels(), head_dim = layout.shape.head_dim;
    const auto* codes = reinterpret_cast<const std::uint8_t*>(block);
    for (int t = first; t < first + tokens; ++t) {
        float* row = out + std::size_t(t - first) * std::size_t(channels);
        ValueScale scale;
        if (layout.kind == KvKind::Value && !layout.raw())
            scale = loadBytes<ValueScale>(block + layout.scalesAt() + sizeof scale * std::size_t(t));
        const float offset = halfToFloat(scale.offset), range = halfToFloat(scale.range);
        for (int c = 0; c < channels; ++c) {
            if (layout.raw()) {
                row[c] =
                    halfToFloat(loadBytes<std::uint16_t>(codes + (std::size_t(c) * kPageTokens + std::size_t(t)) * 2));
                continue;
            }
            const float centroid = params.book[codeAt(layout, codes, c, t)];
            const bool key = layout.kind == KvKind::Key;
            row[c] = (key ? params.offset[c] : offset) + (key ? params.range[c] : range) * centroid;
        }
    }
    for (int head = 0; !layout.raw() && head < layout.shape.kv_heads; ++head) {
        const std::byte* begins = block + layout.headsAt() + 2 * head;
        const int room = layout.slots * kPageTokens;
        const int end = loadBytes<std::uint16_t>(begins + 2);
        for (int i = loadBytes<std::uint16_t>(begins); i < end && i < room; ++i) {
            const auto entry =
                loadBytes<SparseEntry>(block + layout.entriesAt() + sizeof(SparseEntry) * std::size_t(i));
            const int t = (entry.place & 63) - first, c = entry.place >> 6;
            if (t < 0 || t >= tokens || c >= head_dim) continue;
            out[std::size_t(t) * std::size_t(channels) + std::size_t(head * head_dim + c)] += halfToFloat(entry.delta);
        }
    }
}

}  // namespace lectern::kernels::LECTERN_ISA
