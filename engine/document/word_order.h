// SPDX-License-Identifier: GPL-3.0-or-later
// Right-to-left scripts: from the order of drawing to the order of reading. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lectern {

bool isRightToLeft(std::u32string_view text);  ///< has a letter of a right-to-left script
bool isNeutral(std::u32string_view text);      ///< neither letters nor digits

/// The width of the lam in a word that begins with the article "al-", or 0 for other words.
float articleLam(std::u32string_view drawn, const std::vector<float>& advances);

/// The characters of a word in the order they are read, given from left to right as drawn. `advances` are the widths of
/// the characters (points, one each, or empty) and `article_lam` what articleLam() gives for other words in this type
/// (0 = unknown): they tell a lam-alef ligature from the two letters.
std::u32string logicalOrder(std::u32string_view drawn, const std::vector<float>& advances, float article_lam = 0);

/// The other way round: a word as it is read, from left to right as drawn.
std::u32string drawnOrder(std::u32string_view read);

enum class WordDirection : std::uint8_t { Neutral, LeftToRight, RightToLeft };

/// The words of a line, given from left to right as drawn, in the order they are read: indices into `drawn`. Lines
/// that are mostly left-to-right stay as they are.
std::vector<std::size_t> lineOrder(const std::vector<WordDirection>& drawn);

}  // namespace lectern
