// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include "engine/base/result.h"

namespace lectern {

/// A regular file mapped into memory for reading. Move-only, owns the mapping; the bytes stay where they are when the
/// object moves. Any thread may read.
///
/// The size is that of the moment of opening. A file that another program cuts short later raises SIGBUS where the lost
/// pages are touched; stillWhole() tells before a long pass over the bytes whether that has happened.
class MappedFile {
public:
    /// Errors: BadInput with a sentence naming the file where it is absent, not a regular file or unreadable. An empty
    /// file opens and has no bytes.
    static Result<MappedFile> open(const std::filesystem::path& path);

    MappedFile() = default;
    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&& other) noexcept;
    ~MappedFile();

    std::span<const std::byte> bytes() const { return {m_data, m_size}; }
    std::uint64_t size() const { return m_size; }

    /// Error BadInput where the file is now shorter than what was mapped.
    Status stillWhole() const;

    const std::filesystem::path& path() const { return m_path; }

private:
    void swap(MappedFile& other) noexcept;

    std::filesystem::path m_path;
    const std::byte* m_data = nullptr;
    std::size_t m_size = 0;
    int m_descriptor = -1;
};

}  // namespace lectern
