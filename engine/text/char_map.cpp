// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/text/char_map.h"

#include <algorithm>

namespace lectern {
namespace {

constexpr std::uint32_t kValue = 0x7FFFFFFF, kLabel = 0x800000FF, kHasValue = 0x100, kWide = 0x200;

std::uint32_t offsetOf(std::uint32_t unit) {
    return (unit >> 10) << ((unit & kWide) != 0 ? 8 : 0);
}

std::uint32_t littleEndian(std::string_view bytes) {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < 4; ++i) number |= std::uint32_t(static_cast<unsigned char>(bytes[i])) << 8 * i;
    return number;
}

}  // namespace

Result<CharMap> CharMap::make(std::string_view bytes) {
    const std::size_t trie = bytes.size() < 4 ? 0 : littleEndian(bytes);
    if (trie < 4 || trie % 4 != 0 || bytes.size() - 4 <= trie || bytes.back() != '\0')
        return Error{ErrorCode::BadInput,
                     "The tokenizer's table of characters (precompiled_charsmap) is damaged; get the model's files "
                     "again."};
    CharMap map;
    map.m_units.reserve(trie / 4);
    for (std::size_t at = 4; at < 4 + trie; at += 4) map.m_units.push_back(littleEndian(bytes.substr(at)));
    map.m_made = bytes.substr(4 + trie);
    return map;
}

CharMap::Match CharMap::match(std::string_view text) const {
    Match longest;
    std::uint32_t at = offsetOf(m_units[0]);
    for (std::size_t i = 0; i < std::min(text.size(), kLongest); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        at ^= byte;
        if (at >= m_units.size() || (m_units[at] & kLabel) != byte) break;
        const std::uint32_t unit = m_units[at];
        at ^= offsetOf(unit);
        if ((unit & kHasValue) == 0) continue;
        const std::uint32_t value = at < m_units.size() ? m_units[at] & kValue : kValue;
        if (value >= m_made.size()) continue;
        const std::string_view made = std::string_view(m_made).substr(value, kLongest + 1);
        if (const std::size_t end = made.find('\0'); end != made.npos) longest = {i + 1, made.substr(0, end)};
    }
    return longest;
}

}  // namespace lectern
