// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

namespace lectern {

bool isSpace(char c);  ///< white space of ASCII; any thread

/// True where a sentence ends with byte `i` of a text: a full stop, question or exclamation mark, with closing
/// quotation marks and brackets after it, before white space that no small letter follows and that closes no short
/// form, an ideographic full stop, or the line end before an empty line. Any thread.
bool endsSentence(const std::string& text, std::uint32_t i);

/// Bytes that three quarters of a page's lines do not pass; 0 for a page without text. Any thread.
std::uint32_t usualLine(const std::string& text);

/// Where a sentence in bytes [begin, end) of a page really begins: past the lines that are headings before it, which
/// are much shorter than the page's usual line (`width`) and which the next one does not go on. Any thread.
std::uint32_t pastHeadings(const std::string& text, std::uint32_t begin, std::uint32_t end, std::uint32_t width);

/// White space as single spaces, none at the ends; a line end between two characters of a script without spaces is
/// nothing. Any thread.
std::string oneSpaced(const std::string& text);

}  // namespace lectern
