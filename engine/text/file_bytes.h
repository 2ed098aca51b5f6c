// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "engine/base/result.h"

namespace lectern {

/// All bytes of a file. Errors: BadInput where it cannot be read, is no plain file or has more than kLargestTokenizer
/// bytes.
Result<std::string> readFileBytes(const std::filesystem::path& file);

inline constexpr std::size_t kLargestTokenizer = std::size_t(256) << 20;

}  // namespace lectern
