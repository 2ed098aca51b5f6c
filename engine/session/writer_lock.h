// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <utility>

#include "engine/base/result.h"

namespace lectern {

/// The advisory lock a writer holds for its whole life: flock() on the hidden file `.NAME.lock` beside the session,
/// which is removed at the end and holds the process number meanwhile. A file of its own, because closing any
/// descriptor of the session itself would drop the locks SQLite holds for this process: a second writer refused in one
/// thread would lay bare a commit in another. The kernel frees it when the process dies; a file left behind is harmless
/// and taken over.
class WriterLock {
public:
    /// Errors: Busy, naming the process; Failed where the folder cannot be written.
    static Result<WriterLock> take(const std::filesystem::path& session);

    WriterLock() = default;
    WriterLock(WriterLock&& other) noexcept
        : m_path(std::move(other.m_path)), m_descriptor(std::exchange(other.m_descriptor, -1)) {}
    WriterLock& operator=(WriterLock&& other) noexcept {
        std::swap(m_path, other.m_path);
        std::swap(m_descriptor, other.m_descriptor);
        return *this;
    }
    ~WriterLock();

private:
    std::filesystem::path m_path;
    int m_descriptor = -1;
};

}  // namespace lectern
