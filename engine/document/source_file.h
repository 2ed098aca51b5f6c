// SPDX-License-Identifier: GPL-3.0-or-later
// The file of a document as it was when reading began.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>

#include "engine/base/result.h"

namespace lectern {

/// A value: path, size and time of a regular file that is not empty.
class SourceFile {
public:
    /// Errors: BadInput for what is missing, a folder, not a regular file, empty, or not to be opened.
    static Result<SourceFile> inspect(const std::filesystem::path& file);

    const std::filesystem::path& path() const { return m_path; }  ///< absolute
    const std::string& name() const { return m_name; }            ///< file name as UTF-8
    std::uint64_t bytes() const { return m_stamp.bytes; }

    /// 32 hex digits over the file's bytes. Errors: Interrupted, BadInput when reading fails.
    Result<std::string> contentHash(const std::stop_token& stop) const;

    /// Whether size, time and identity are still those of inspect().
    bool isUnchanged() const;

private:
    struct Stamp {
        std::uint64_t bytes = 0, device = 0, inode = 0;
        std::int64_t seconds = 0, nanoseconds = 0;
        bool operator==(const Stamp&) const = default;
    };
    static Stamp stampOf(const void* stat_result);

    std::filesystem::path m_path;
    std::string m_name;
    Stamp m_stamp;
};

}  // namespace lectern
