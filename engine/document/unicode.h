// SPDX-License-Identifier: GPL-3.0-or-later
// The few Unicode questions that documents ask: validity, normal form, direction. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace lectern::unicode {

constexpr char32_t kReplacement = 0xfffd;

/// One decoded code point and the bytes it took; an invalid byte decodes as kReplacement, one byte, not valid.
struct Decoded {
    char32_t code = kReplacement;
    std::size_t bytes = 1;
    bool valid = false;
};

/// Decodes the code point at the start of `text` (not empty). Overlong forms and surrogates are invalid.
Decoded decode(std::string_view text);

bool isValid(std::string_view text);

/// `text` with each invalid byte replaced by U+FFFD and control characters dropped: for names, titles and messages.
std::string repaired(std::string_view text, std::size_t max_bytes = 4096);

void append(std::string& out, char32_t code);
std::string toUtf8(std::u32string_view text);
std::u32string toUtf32(std::string_view text);

/// Lone surrogates become U+FFFD.
std::u32string fromUtf16(std::span<const std::uint16_t> units);

/// Text as a reader wants it, in NFC: ligatures and Arabic presentation forms expanded, no-break spaces as spaces, soft
/// hyphens, byte order marks, directional marks, private use and control characters dropped except tab and newline.
std::string readable(std::u32string_view text);
std::string readable(std::string_view text);

bool isNfc(std::string_view text);

enum class Direction : std::uint8_t { Neutral, LeftToRight, RightToLeft, Number };
Direction direction(char32_t code);

bool isLetter(char32_t code);
bool isLower(char32_t code);
bool isMark(char32_t code);      ///< combining marks
bool isAssigned(char32_t code);  ///< has a character, not private use

/// Letters and digits only, case folded, compatibility forms unified: equal for texts that read the same.
std::string matchKey(std::string_view text);

}  // namespace lectern::unicode
