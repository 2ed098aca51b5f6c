// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/base/result.h"
#include "engine/text/merge_machine.h"
#include "engine/text/special_matcher.h"
#include "engine/text/tokenizer_spec.h"

namespace lectern {

/// Spelling of the space in SentencePiece pieces: U+2581.
inline constexpr std::string_view kSpaceMark = "\xE2\x96\x81";

/// The byte that a byte token such as "<0x41>" names.
std::optional<unsigned char> namedByte(std::string_view piece);

/// A SentencePiece piece as text: spaces for ▁.
std::string withSpaces(std::string_view piece);

/// Look-up tables over the tokens of a specification that must stay where it is. Text can become normal and
/// user-defined tokens only: control, unknown, unused and byte tokens are never found by their spelling.
/// Immutable once filled.
class Vocabulary {
public:
    /// `spec` must outlive this. Errors: BadInput where the specification contradicts itself.
    Status fill(const TokenizerSpec& spec);

    TokenType type(std::int32_t id) const { return m_types[std::size_t(id)]; }
    std::int32_t find(std::string_view piece) const;                           ///< -1: not a piece text can become
    std::int32_t byteToken(unsigned char byte) const { return m_byte[byte]; }  ///< <0xNN>, or -1

    Join joinByRank(std::int32_t left, std::int32_t right) const;  ///< listed merge of two tokens
    Join joinByScore(std::string_view both) const;                 ///< any piece spelled so, by its score

    const SpecialMatcher& userDefined() const { return m_user_defined; }  ///< for text that must not spell control
    const SpecialMatcher& special() const { return m_special; }           ///< user-defined, control and unknown tokens

private:
    struct PairHash {
        std::size_t operator()(std::uint64_t pair) const { return std::size_t(pair * 0x9E3779B97F4A7C15U >> 17); }
    };

    Status checkShape(const TokenizerSpec& spec) const;
    void fillTypes(const TokenizerSpec& spec);
    Status fillSpecial(const TokenizerSpec& spec);
    Status fillMerges(const TokenizerSpec& spec);
    Status fillPriorities(const TokenizerSpec& spec);

    std::vector<TokenType> m_types;                               ///< [vocab]
    std::unordered_map<std::string_view, std::int32_t> m_pieces;  ///< normal and user-defined, by spelling
    std::unordered_map<std::uint64_t, Join, PairHash> m_merges;   ///< left << 32 | right
    std::vector<std::uint32_t> m_priority;                        ///< [vocab] best score first
    std::array<std::int32_t, 256> m_byte{};                       ///< [byte] token or -1
    SpecialMatcher m_user_defined, m_special;
};

}  // namespace lectern
