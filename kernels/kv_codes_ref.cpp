// SPDX-License-Identifier: GPL-3.0-or-later
// The definition of a packed block: plain loops over tokens, the sparse table sorted as a whole.
#include "kernels/kv_codes.h"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstring>
#include <tuple>
#include <vector>

#include "kernels/half.h"

namespace lectern::kernels {
namespace {

/// A correction with its place spelled out; sorts by (head, token, channel).
struct Entry {
    int head, token, channel;
    std::uint16_t delta;
    auto key() const { return std::tie(head, token, channel); }
};

/// Reads and writes the parts of one block.
class Block {
public:
    Block(const KvBlockLayout& layout, std::byte* data) : m_layout(layout), m_data(data) {}

    int code(int channel, int token) const {
        int value = 0;
        for (int i = 0; i < m_layout.bits; ++i) value |= int(bit(channel, token, i)) << i;
        return value;
    }
    void setCode(int channel, int token, int value) {
        for (int i = 0; i < m_layout.bits; ++i) setBit(channel, token, i, (value >> i & 1) != 0);
    }
    ValueScale scale(int token) const {
        ValueScale s;
        std::memcpy(&s, m_data + m_layout.scalesAt() + sizeof s * std::size_t(token), sizeof s);
        return s;
    }
    void setScale(int token, ValueScale s) {
        std::memcpy(m_data + m_layout.scalesAt() + sizeof s * std::size_t(token), &s, sizeof s);
    }
    std::vector<Entry> entries() const {
        std::vector<Entry> all;
        for (int head = 0; head < m_layout.shape.kv_heads; ++head) {
            for (int i = headBegin(head); i < headBegin(head + 1); ++i) {
                SparseEntry e;
                std::memcpy(&e, m_data + m_layout.entriesAt() + sizeof e * std::size_t(i), sizeof e);
                all.push_back({head, e.place & 63, e.place >> 6, e.delta});
            }
        }
        return all;
    }
    void setEntries(std::vector<Entry> all) {
        std::sort(all.begin(), all.end(), [](const Entry& a, const Entry& b) { return a.key() < b.key(); });
        std::memset(m_data + m_layout.headsAt(), 0, m_layout.bytes() - m_layout.headsAt());
        for (int head = 0; head <= m_layout.shape.kv_heads; ++head) {
            const auto before =
                std::uint16_t(std::count_if(all.begin(), all.end(), [&](const Entry& e) { return e.head < head; }));
            std::memcpy(m_data + m_layout.headsAt() + std::size_t(head) * 2, &before, 2);
        }
        for (std::size_t i = 0; i < all.size(); ++i) {
            const SparseEntry e{std::uint16_t(all[i].token | all[i].channel << 6), all[i].delta};
            std::memcpy(m_data + m_layout.entriesAt() + sizeof e * i, &e, sizeof e);
        }
    }

private:
    int headBegin(int head) const {
        std::uint16_t begin;
        std::memcpy(&begin, m_data + m_layout.headsAt() + std::size_t(head) * 2, 2);
        return begin;
    }
    /// Number of bit i of a code, counted from the start of the block.
    std::size_t place(int channel, int token, int i) const {
        const auto c = std::size_t(channel), t = std::size_t(token), lane = t % 16, group = t / 16, n = std::size_t(i);
        if (m_layout.raw()) return (c * 64 + t) * 16 + n;
        if (m_layout.bits == 4) return (c * 16 + lane) * 16 + group * 4 + n;
        if (i < 2) return (c * 16 + lane) * 8 + group * 2 + n;
        return std::size_t(m_layout.shape.channels()) * 128 + c * 64 + t;
    }
    bool bit(int channel, int token, int i) const {
        const std::size_t at = place(channel, token, i);
        return (std::to_integer<int>(m_data[at / 8]) >> at % 8 & 1) != 0;
    }
    void setBit(int channel, int token, int i, bool on) {
        const std::size_t at = place(channel, token, i);
        const auto mask = std::byte(1 << at % 8);
        m_data[at / 8] = on ? m_data[at / 8] | mask : m_data[at / 8] & ~mask;
    }

    KvBlockLayout m_layout;
    std::byte* m_data;
};

float normalised(float x, float offset, float range) {
    const float distance = x - offset;
    if (range == 0) return distance == 0 ? 0 : std::copysign(FLT_MAX, distance);
    return distance / range;
}

int nearest(const KvBlockLayout& layout, const CodecParams& params, float u) {
    int code = 0;
    while (code < (1 << layout.bits) - 1 && params.midpoints[code] < u) ++code;
    return code;
}

/// Channels of the (at most) `count` elements that come first in the given order.
template <class Before>
std::vector<int> firstOf(std::vector<int> channels, int count, Before before) {
    std::stable_sort(channels.begin(), channels.end(), before);
    channels.resize(std::min(channels.size(), std::size_t(count)));
    return channels;
}

/// One token being packed.
struct Token {
    const KvBlockLayout& layout;
    const CodecParams& params;
    const float* x;  ///< [channels]
    int place;

    /// Writes code and correction of each channel; offset and range by channel.
    template <class Scale>
    void write(Block& block, const std::vector<int>& outliers, Scale scale, std::vector<Entry>& entries) const {
        const int head_dim = layout.shape.head_dim;
        for (int c = 0; c < layout.shape.channels(); ++c) {
            const auto [offset, range] = scale(c);
            const int code = nearest(layout, params, normalised(x[c], offset, range));
            block.setCode(c, place, code);
            if (std::find(outliers.begin(), outliers.end(), c) == outliers.end()) continue;
            const float delta = (x[c] - offset) - range * params.book[code];
            entries.push_back({c / head_dim, place, c % head_dim, floatToHalfClamped(delta)});
        }
    }
    void packKey(Block& block, std::vector<Entry>& entries) const {
        std::vector<int> candidates;
        const auto error = [&](int c) {
            const float offset = params.offset[c], range = params.range[c];
            const int code = nearest(layout, params, normalised(x[c], offset, range));
            return std::fabs((x[c] - offset) - range * params.book[code]);
        };
        for (int c = 0; c < layout.shape.channels(); ++c)
            if (error(c) > 0) candidates.push_back(c);
        const auto chosen = firstOf(candidates, layout.slots, [&](int a, int b) { return error(a) > error(b); });
        write(
            block, chosen, [&](int c) { return std::pair(params.offset[c], params.range[c]); }, entries);
    }
    void packValue(Block& block, std::vector<Entry>& entries) const {
        std::vector<int> rest(std::size_t(layout.shape.channels()));
        for (std::size_t c = 0; c < rest.size(); ++c) rest[c] = int(c);
        std::vector<int> outliers;
        const auto take = [&](auto before) {
            for (const int c : firstOf(rest, layout.slots / 2, before)) {
                outliers.push_back(c);
                rest.erase(std::find(rest.begin(), rest.end(), c));
            }
        };
        take([&](int a, int b) { return x[a] < x[b]; });
        take([&](int a, int b) { return x[a] > x[b]; });
        ValueScale scale;
        if (!rest.empty()) {
            const auto [low, high] =
                std::minmax_element(rest.begin(), rest.end(), [&](int a, int b) { return x[a] < x[b]; });
            scale.offset = floatToHalfClamped((x[*high] + x[*low]) / 2 + 0.0F);
            scale.range = floatToHalfClamped((x[*high] - x[*low]) / 2 + 0.0F);
        }
        block.setScale(place, scale);
        const auto both = std::pair(halfToFloat(scale.offset), halfToFloat(scale.range));
        write(
            block, outliers, [&](int) { return both; }, entries);
    }
};

}  // namespace

void packRef(const KvBlockLayout& layout, const CodecParams& params, const float* x, int first, int tokens,
             float* /*scratch*/, std::byte* data) {
    const int channels = layout.shape.channels();
    Block block(layout, data);
    std::vector<Entry> entries;
    if (!layout.raw() && first > 0) entries = block.entries();
    std::erase_if(entries, [&](const Entry& e) { return e.token >= first; });
    for (int t = first; t < kPageTokens; ++t) {
        for (int c = 0; c < channels; ++c) block.setCode(c, t, 0);
        if (layout.kind == KvKind::Value && !layout.raw()) block.setScale(t, {});
    }
    for (int t = first; t < first + tokens; ++t) {
        const Token token{layout, params, x + std::size_t(t - first) * std::size_t(channels), t};
        if (layout.raw())
            for (int c = 0; c < channels; ++c) block.setCode(c, t, floatToHalfClamped(token.x[c]));
        else if (layout.kind == KvKind::Key)
            token.packKey(block, entries);
        else
            token.packValue(block, entries);
    }
    if (!layout.raw()) block.setEntries(entries);
}

void unpackRef(const KvBlockLayout& layout, const CodecParams& params, const std::byte* data, int first, int tokens,
               float* out) {
    const int channels = layout.shape.channels();
    const Block block(layout, const_cast<std::byte*>(data));
    for (int t = first; t < first + tokens; ++t) {
        for (int c = 0; c < channels; ++c) {
            float& value = out[std::size_t(t - first) * std::size_t(channels) + std::size_t(c)];
            const int code = block.code(c, t);
            if (layout.raw())
                value = halfToFloat(std::uint16_t(code));
            else if (layout.kind == KvKind::Key)
                value = params.offset[c] + params.range[c] * params.book[code];
            else
                value = halfToFloat(block.scale(t).offset) + halfToFloat(block.scale(t).range) * params.book[code];
        }
    }
    if (layout.raw()) return;
    for (const Entry& e : block.entries()) {
        if (e.token < first || e.token >= first + tokens) continue;
        const int c = e.head * layout.shape.head_dim + e.channel;
        out[std::size_t(e.token - first) * std::size_t(channels) + std::size_t(c)] += halfToFloat(e.delta);
    }
}

}  // namespace lectern::kernels
