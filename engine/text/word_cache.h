// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/text/tokenizer.h"

namespace lectern {

/// Tokens of words seen in one call of encodePlaced(); text repeats itself, merging need not. Keys are views of the
/// caller's text. Not thread safe; holds kMostWords words at most, none longer than kLongestWord bytes.
class WordCache {
public:
    static constexpr std::size_t kMostWords = 1 << 18, kLongestWord = 64;

    /// The word's tokens with ranges from the word's first byte, or nothing where it was not kept.
    std::span<const PlacedToken> find(std::string_view word) const {
        const auto found = m_words.find(word);
        if (found == m_words.end()) return {};
        return std::span(m_tokens).subspan(found->second.first, found->second.second);
    }

    /// `tokens`: at least one, ranges from the word's first byte.
    void keep(std::string_view word, std::span<const PlacedToken> tokens) {
        if (word.size() > kLongestWord || m_words.size() >= kMostWords || tokens.empty()) return;
        m_words.try_emplace(word, std::uint32_t(m_tokens.size()), std::uint32_t(tokens.size()));
        m_tokens.insert(m_tokens.end(), tokens.begin(), tokens.end());
    }

private:
    std::unordered_map<std::string_view, std::pair<std::uint32_t, std::uint32_t>> m_words;  ///< → first, count
    std::vector<PlacedToken> m_tokens;
};

}  // namespace lectern
