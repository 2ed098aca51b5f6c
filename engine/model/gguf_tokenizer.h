// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/model/gguf_fields.h"
#include "engine/text/tokenizer_spec.h"

namespace lectern {

/// The tokenizer that the keys tokenizer.ggml.* describe. Defects are left in fields.status(); the spec's ids and
/// lengths are checked later, against the embedding (fitVocabulary).
TokenizerSpec readGgufTokenizer(GgufFields& fields);

}  // namespace lectern
