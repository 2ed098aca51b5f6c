// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

#include "engine/text/rewritten_text.h"
#include "engine/text/tokenizer_spec.h"

namespace lectern {

/// `text` in a Unicode normal form. Bytes that are not UTF-8 stay as they are. Linear time. Any thread.
RewrittenText inNormalForm(std::string_view text, NormalForm form);

}  // namespace lectern
