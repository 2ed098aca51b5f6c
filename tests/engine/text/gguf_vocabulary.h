// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>

#include "engine/text/tokenizer_spec.h"

namespace lectern::test {

/// The tokenizer in the metadata of a GGUF file, read trustingly: for known good test data only.
std::optional<TokenizerSpec> ggufVocabulary(const std::filesystem::path& file);

}  // namespace lectern::test
