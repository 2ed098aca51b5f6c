// SPDX-License-Identifier: GPL-3.0-or-later
// What both forms of a model do with a tokenizer once it is read.
#pragma once

#include <cstdint>

#include "engine/base/result.h"
#include "engine/text/tokenizer_spec.h"

namespace lectern {

/// Adds `id` to the ids that end an answer: as EOS where there is none yet. Ids outside the vocabulary are passed over.
void addEndToken(TokenizerSpec& spec, std::int64_t id);

/// Gives `spec` exactly `vocab` tokens: unused ones fill it up where the embedding has more rows.
/// Errors: BadInput (without the file's name) where it has more tokens than rows, an empty vocabulary, arrays of
/// different lengths, an overlong piece, or ids outside it.
Status fitVocabulary(TokenizerSpec& spec, int vocab);

}  // namespace lectern
