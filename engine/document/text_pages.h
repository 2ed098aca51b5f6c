// SPDX-License-Identifier: GPL-3.0-or-later
// Plain text and Markdown as documents: decoding, cutting into pages, headings. Pure functions.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/document/document.h"
#include "engine/document/file_kind.h"

namespace lectern {

/// A text has no pages of its own. Form feeds are page breaks where it has them; otherwise, and where a part between
/// two form feeds is longer than kMostPageChars, pages are cut after a paragraph, else a line, else a sentence or a
/// word.
constexpr std::size_t kPageChars = 3000;       ///< aimed at
constexpr std::size_t kLeastPageChars = 2000;  ///< not cut before
constexpr std::size_t kMostPageChars = 4000;   ///< cut here at the latest

/// The file's bytes (after its byte order mark) as UTF-8 with newlines only ("\r\n" and "\r" become "\n").
std::string decodeText(std::string_view bytes, Encoding encoding);

/// Byte offsets at which pages begin, the first is 0; as many as there are pages, at least one.
std::vector<std::size_t> cutPages(std::string_view text);

/// One page of a decoded text, in NFC and without control characters; ends with a newline unless empty.
PageText textPage(std::string_view part, int index);

/// ATX and setext headings outside of code fences; `starts` as from cutPages.
std::vector<OutlineItem> markdownOutline(std::string_view text, const std::vector<std::size_t>& starts);

}  // namespace lectern
