// SPDX-License-Identifier: GPL-3.0-or-later
// Marking a passage on its page.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/document/document.h"

namespace lectern {

/// One rectangle per line of the words that lie in or touch bytes [begin, end) of `page.text`, in text order, in page
/// units. Words of two columns never share a rectangle. Empty for plain text and for a range without words.
std::vector<Rect> lineRects(const PageText& page, std::uint32_t begin, std::uint32_t end);

}  // namespace lectern
