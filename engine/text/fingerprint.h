// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "engine/text/tokenizer_spec.h"

namespace lectern {

/// 16 hex digits that change with anything in `spec` that decides ids (64-bit FNV-1a over every field, lengths
/// included). The same on every machine; tells tokenizers apart, protects against nothing.
std::string tokenizerFingerprint(const TokenizerSpec& spec);

}  // namespace lectern
