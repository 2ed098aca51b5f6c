// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace lectern::jinja {

/// One part of a template: literal text, where a tag begins and ends, or a word inside a tag.
struct Token {
    enum class Kind : unsigned char { Text, OutputBegin, BlockBegin, TagEnd, Name, String, Integer, Real, Sign, End };
    Kind kind = Kind::End;
    std::string text;  ///< what it stands for: escapes of strings are resolved
    int line = 0;      ///< 1-based, for messages

    bool is(Kind wanted, std::string_view spelled) const { return kind == wanted && text == spelled; }
    bool sign(std::string_view spelled) const { return is(Kind::Sign, spelled); }
    bool name(std::string_view spelled) const { return is(Kind::Name, spelled); }
};

/// Cuts a template into tokens, whitespace around tags removed as jinja2 does with trim_blocks and lstrip_blocks.
/// The last token is End. Errors: BadInput, naming the line, where a tag, text or comment has no end or a character
/// belongs to nothing.
Result<std::vector<Token>> tokenize(std::string_view source);

}  // namespace lectern::jinja
