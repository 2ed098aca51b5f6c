// SPDX-License-Identifier: GPL-3.0-or-later
// From the words a PDF engine finds on a page to text that reads well, with each word's place in it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/document/document.h"

namespace lectern {

/// A word as the PDF engine gives it: glyphs from left to right as drawn, also in right-to-left scripts.
struct RawWord {
    std::u32string text;
    std::vector<float> advances;  ///< width of each character of `text`, points; may be empty
    Rect box;
    int rotation = 0;          ///< of the writing, in quarter turns clockwise
    bool space_after = false;  ///< the engine saw a space between this word and the next one on its line
};

/// Fills text and words of a page. `words` come in reading order, line by line, each line from left to right.
///   - right-to-left lines are put into logical order (a lam-alef ligature keeps its own order);
///   - lines end with a newline, paragraphs and columns with an empty line;
///   - a word hyphenated at the end of a line is joined, except where the page shows that the hyphen belongs to it;
///   - a row of dots that leads the eye to a page number becomes one ellipsis;
///   - everything is NFC, see unicode::readable().
/// WordBox::begin and end index `text`; a joined word has one box for each of its halves.
void composePage(const std::vector<RawWord>& words, PageText& page);

}  // namespace lectern
