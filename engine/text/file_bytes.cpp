// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/text/file_bytes.h"

#include <fstream>

namespace lectern {

Result<std::string> readFileBytes(const std::filesystem::path& file) {
    const auto failed = [&](const std::string& what) {
        return Error{ErrorCode::BadInput, file.string() + what + ": get the model's files again."};
    };
    std::error_code missing;
    const auto size = std::filesystem::is_regular_file(file, missing) ? std::filesystem::file_size(file, missing) : 0;
    if (missing || !std::filesystem::is_regular_file(file, missing)) return failed(" is not a file");
    if (size > kLargestTokenizer) return failed(" is too large for a tokenizer");
    std::string bytes(std::size_t(size), '\0');
    std::ifstream stream(file, std::ios::binary);
    if (!stream.read(bytes.data(), std::streamsize(size))) return failed(" cannot be read");
    return bytes;
}

}  // namespace lectern
