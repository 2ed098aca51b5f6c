// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace lectern {

/// A stretch of text: a special token (id >= 0) or plain text between them (id -1). Bytes [begin, end).
struct TextFragment {
    std::uint32_t begin = 0, end = 0;
    std::int32_t id = -1;
};

/// Finds tokens that are matched as a whole before anything else: leftmost first, the longest of those.
/// A trie; splitting takes text length times the longest token (kLongest at most). Immutable once filled.
class SpecialMatcher {
public:
    static constexpr std::size_t kLongest = 512;  ///< bytes; add() takes no longer ones

    SpecialMatcher();
    /// `spelling` is neither empty nor longer than kLongest; a spelling added twice belongs to the last id.
    void add(std::string_view spelling, std::int32_t id);
    /// Fragments that tile `text`, none empty.
    std::vector<TextFragment> split(std::string_view text) const;
    /// Bytes of the longest token that `text` begins with; 0: none.
    std::size_t lengthAt(std::string_view text) const;

private:
    TextFragment matchAt(std::string_view text, std::size_t begin) const;

    std::vector<std::int32_t> m_id;                             ///< [node] token that ends here, or -1
    std::unordered_map<std::uint64_t, std::uint32_t> m_follow;  ///< node << 8 | byte → node
    std::array<bool, 256> m_begins{};                           ///< [byte] some token begins with it
};

}  // namespace lectern
