// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace lectern {

/// How a family of byte-level tokenizers cuts text into words before merging.
struct PreTokenizerFamily {
    std::vector<std::string> regexes;  ///< applied one after another, each to the pieces the last one left
    bool ignore_merges = false;        ///< a whole word of the vocabulary is taken as it is
};

/// GPT-2's own regex, which tokenizer.json asks for with ByteLevel's use_regex.
std::string_view gpt2Regex();

/// Whether one of the families has it: such a regex takes time linear in the text.
bool isKnownRegex(std::string_view regex);

/// The family that GGUF files call `name` (tokenizer.ggml.pre). "" is "default"; "none" does not cut.
/// Errors: BadInput that names an unknown one.
Result<PreTokenizerFamily> preTokenizerFamily(std::string_view name);

/// The name of the family that cuts so: `name` where no regexes are given; "unnamed" where no family has them.
std::string preTokenizerName(std::string_view name, const std::vector<std::string>& regexes);

}  // namespace lectern
