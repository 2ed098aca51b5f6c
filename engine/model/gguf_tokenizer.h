// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/model/gguf_fields.h"
#include "engine/model/gguf_file_writer.h"
#include "engine/text/tokenizer_spec.h"

namespace lectern {

/// The tokenizer that the keys tokenizer.ggml.* describe. Defects are left in fields.status(); the spec's ids and
/// lengths are checked later, against the embedding (fitVocabulary).
TokenizerSpec readGgufTokenizer(GgufFields& fields);

/// Writes those keys, and under lectern.tokenizer.* what they cannot say, so that reading gives the same specification.
/// Where no family of pre-tokenizers is the tokenizer's, the name written is one that no program knows.
void writeGgufTokenizer(const TokenizerSpec& spec, GgufFileWriter& out);

}  // namespace lectern
