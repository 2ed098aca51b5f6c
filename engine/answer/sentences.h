// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

namespace lectern {

/// True where a sentence ends with byte `i` of a text: a full stop, question or exclamation mark, with closing
/// quotation marks and brackets after it, before white space that no small letter follows and that closes no short
/// form, an ideographic full stop, or the line end before an empty line. Any thread.
bool endsSentence(const std::string& text, std::uint32_t i);

}  // namespace lectern
