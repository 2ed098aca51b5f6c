// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace lectern {

/// What this machine has, in bytes; 0 where it cannot be told. Any thread.
std::uint64_t totalMemory();
std::uint64_t freeMemory();  ///< could be allocated without swapping
std::uint64_t freeDisk(const std::filesystem::path& folder);
std::string processorName();
int processorCores();  ///< this process may use

/// "1.2 GB", "340 MB", "12 KB": decimal units, for messages.
std::string byteText(std::uint64_t bytes);
/// "1,234,567"
std::string countText(std::uint64_t count);

}  // namespace lectern
