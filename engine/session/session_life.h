// SPDX-License-Identifier: GPL-3.0-or-later
// What becomes of a session's file as a whole. Nobody else may write to it meanwhile.
#pragma once

#include <cstdint>
#include <filesystem>

#include "engine/base/result.h"

namespace lectern {

/// Bytes of a session's file before and after.
struct FileSizes {
    std::uint64_t before = 0, after = 0;
};

/// A session as its disk has it.
struct SessionOnDisk {
    std::filesystem::path file;
    std::uint64_t bytes = 0;        ///< of the file
    std::uint64_t cache_bytes = 0;  ///< of the cache in it: about what stripping it gives back
    std::int64_t used = 0;          ///< when it was last used, seconds since the epoch
};

/// `used`: when the file was last written, which asking does. Reads the lists of blocks, not their bytes. Errors: as
/// SessionStore::open; a damaged list counts for nothing.
Result<SessionOnDisk> sessionOnDisk(const std::filesystem::path& session);

/// Writes the session anew without the room that nothing uses, beside the old one (`.NAME.compacting`), checks it,
/// syncs it and puts it in the old one's place: whoever dies on the way leaves the old one. Errors: as
/// SessionStore::open; NoRoom where both do not fit the disk; Damaged where the old one is.
Result<FileSizes> compactFile(const std::filesystem::path& session);

/// Overwrites the file's bytes once, syncs, and removes it with its journal. Errors: BadInput where it is no session;
/// Busy; Failed.
Status wipeFile(const std::filesystem::path& session);

}  // namespace lectern
