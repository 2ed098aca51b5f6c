// SPDX-License-Identifier: GPL-3.0-or-later
// The yardstick of session files: the same bytes in a plain file.
#pragma once

#include <cstdint>
#include <filesystem>

#include "engine/base/result.h"

namespace lectern {

/// Writes `bytes` bytes and syncs after each `sync_bytes`. Returns seconds. Errors: NoRoom, Failed, naming the file.
Result<double> writePlainFile(const std::filesystem::path& file, std::uint64_t bytes, std::uint64_t sync_bytes);
/// Reads the file with `threads` threads, a part each; into a buffer that is used again, or, with `keep`, into memory
/// that holds all of it at the end. Returns seconds, without those of giving the memory back.
Result<double> readPlainFile(const std::filesystem::path& file, int threads, bool keep);
/// Asks the system to forget what it has cached of the file.
void forgetFile(const std::filesystem::path& file);
/// Bytes that this process has sent to disks so far; 0 where the system does not tell.
std::uint64_t bytesToDisk();

}  // namespace lectern
