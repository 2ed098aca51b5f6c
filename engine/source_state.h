// SPDX-License-Identifier: GPL-3.0-or-later
// The files that documents were read from, as they are now.
#pragma once

#include "engine/session_records.h"

namespace lectern {

/// The content hash of a file, or "" where it cannot be read.
std::string hashOf(const std::filesystem::path& file);
/// When a file was last written, as the file system counts; 0 where that is not known.
std::int64_t writeTime(const std::filesystem::path& file);
/// Same and Missing are what size and time say; with `look_inside` a doubt is settled by hash.
SourceState sourceState(const SessionDocument& document, bool look_inside);

}  // namespace lectern
