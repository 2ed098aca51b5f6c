// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/text/special_matcher.h"

#include <algorithm>
#include <cassert>

namespace lectern {
namespace {

std::uint64_t edge(std::uint32_t node, char byte) {
    return std::uint64_t(node) << 8 | static_cast<unsigned char>(byte);
}

}  // namespace

SpecialMatcher::SpecialMatcher() : m_id{-1} {}

void SpecialMatcher::add(std::string_view spelling, std::int32_t id) {
    assert(!spelling.empty() && spelling.size() <= kLongest);
    m_begins[static_cast<unsigned char>(spelling[0])] = true;
    std::uint32_t node = 0;
    for (const char byte : spelling) {
        const auto [found, added] = m_follow.try_emplace(edge(node, byte), std::uint32_t(m_id.size()));
        if (added) m_id.push_back(-1);
        node = found->second;
    }
    m_id[node] = id;
}

TextFragment SpecialMatcher::matchAt(std::string_view text, std::size_t begin) const {
    TextFragment longest;
    std::uint32_t node = 0;
    for (std::size_t i = begin; i < text.size(); ++i) {
        const auto next = m_follow.find(edge(node, text[i]));
        if (next == m_follow.end()) break;
        node = next->second;
        if (m_id[node] >= 0) longest = {std::uint32_t(begin), std::uint32_t(i + 1), m_id[node]};
    }
    return longest;
}

std::size_t SpecialMatcher::lengthAt(std::string_view text) const {
    if (text.empty() || !m_begins[static_cast<unsigned char>(text[0])]) return 0;
    return matchAt(text, 0).end;
}

std::vector<TextFragment> SpecialMatcher::split(std::string_view text) const {
    std::vector<TextFragment> fragments;
    std::size_t plain = 0;
    const auto endPlain = [&](std::size_t end) {
        if (plain < end) fragments.push_back({std::uint32_t(plain), std::uint32_t(end), -1});
    };
    for (std::size_t i = 0; i < text.size();) {
        const TextFragment match = m_begins[static_cast<unsigned char>(text[i])] ? matchAt(text, i) : TextFragment();
        if (match.id < 0) {
            ++i;
            continue;
        }
        endPlain(i);
        fragments.push_back(match);
        i = plain = match.end;
    }
    endPlain(text.size());
    return fragments;
}

}  // namespace lectern
