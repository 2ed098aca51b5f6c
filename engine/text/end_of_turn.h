// SPDX-License-Identifier: GPL-3.0-or-later
// Tokens that end an answer, by the names chat models give them. Standard library only: readers of any file use it.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "engine/text/tokenizer_spec.h"

namespace lectern {

inline constexpr std::array<std::string_view, 11> kEndOfTurnNames = {
    "<|im_end|>",      "<|eot_id|>",      "<|end|>", "<end_of_turn>", "<|endoftext|>", "<|eom_id|>",
    "<|end_of_text|>", "<|end_of_turn|>", "<|EOT|>", "<|return|>",    "<|eot|>",
};

/// Adds the ids of control and user-defined tokens with such names to spec.end_of_turn, but eos and those in it
/// already.
inline void addEndOfTurn(TokenizerSpec& spec) {
    for (std::size_t i = 0; i < spec.tokens.size(); ++i) {
        const auto id = std::int32_t(i);
        const TokenType type = i < spec.types.size() ? spec.types[i] : TokenType::Normal;
        if (type != TokenType::Control && type != TokenType::UserDefined) continue;
        if (std::find(kEndOfTurnNames.begin(), kEndOfTurnNames.end(), spec.tokens[i]) == kEndOfTurnNames.end())
            continue;
        const auto known = std::find(spec.end_of_turn.begin(), spec.end_of_turn.end(), id);
        if (id != spec.eos && known == spec.end_of_turn.end()) spec.end_of_turn.push_back(id);
    }
}

}  // namespace lectern
