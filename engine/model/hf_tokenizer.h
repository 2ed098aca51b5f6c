// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

#include "engine/base/result.h"
#include "engine/model/hf_config.h"
#include "engine/text/tokenizer_spec.h"

namespace lectern {

/// The tokenizer of a Hugging Face folder, from tokenizer.json, else tokenizer.model, as large as the embedding.
/// Errors: BadInput naming the file.
Result<TokenizerSpec> readHfTokenizer(const std::filesystem::path& folder, const HfConfig& config);

/// Jinja source from tokenizer_config.json or chat_template.jinja; empty where there is none, or none that can be read.
std::string readHfChatTemplate(const std::filesystem::path& folder);

}  // namespace lectern
