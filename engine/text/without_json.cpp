// SPDX-License-Identifier: GPL-3.0-or-later
// Stands for tokenizer_json.cpp in a build without nlohmann-json.
#include "engine/text/tokenizer.h"

namespace lectern {

Result<TokenizerSpec> readTokenizerJson(const std::filesystem::path& file) {
    return Error{ErrorCode::Failed, "This Lectern was built without nlohmann-json and cannot read " + file.string() +
                                        ": install nlohmann-json3-dev and build it again, or use a GGUF model."};
}

}  // namespace lectern
