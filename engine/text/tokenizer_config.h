// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string_view>

#include "engine/base/result.h"
#include "engine/text/tokenizer_spec.h"

namespace lectern {

/// The id of the last token spelled so, or -1.
std::int32_t tokenIdOf(const TokenizerSpec& spec, std::string_view token);

/// Puts what a tokenizer_config.json says about bos and eos into `spec`; an absent file changes nothing.
/// Errors: BadInput where it is there and not JSON.
Status applyTokenizerConfig(const std::filesystem::path& file, TokenizerSpec& spec);

}  // namespace lectern
