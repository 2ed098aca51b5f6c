// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/session/writer_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace lectern {

namespace fs = std::filesystem;

namespace {

std::string holder(int descriptor) {
    std::array<char, 20> text{};
    const auto size = ::pread(descriptor, text.data(), text.size(), 0);
    const std::string number(text.data(), std::size_t(std::max<ssize_t>(0, size)));
    const auto digits = number.substr(0, number.find_first_not_of("0123456789"));
    return digits.empty() ? "another process" : "process " + digits;
}

Error cannotLock(const fs::path& session, int reason) {
    return {ErrorCode::Failed,
            "\"" + session.string() + "\" cannot be opened for writing: no lock can be made beside it (" +
                std::strerror(reason) + "); make its folder writable or copy the session to another one."};
}

/// True where `path` still names the file behind the descriptor: its last owner may have removed it in between.
bool stillThere(int descriptor, const fs::path& path) {
    struct stat ours {
    }, named{};
    return ::fstat(descriptor, &ours) == 0 && ::lstat(path.c_str(), &named) == 0 && ours.st_ino == named.st_ino &&
           ours.st_dev == named.st_dev;
}

int openLockFile(const fs::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644);
    if (descriptor >= 0 || errno != EACCES) return descriptor;
    return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);  // left behind by another user
}

}  // namespace

Result<WriterLock> WriterLock::take(const fs::path& session) {
    const fs::path path = session.parent_path() / ("." + session.filename().string() + ".lock");
    for (;;) {
        const int descriptor = openLockFile(path);
        if (descriptor < 0) return cannotLock(session, errno);
        int locked = 0;
        do locked = ::flock(descriptor, LOCK_EX | LOCK_NB);
        while (locked != 0 && errno == EINTR);
        if (locked != 0) {
            const int reason = errno;
            const std::string who = holder(descriptor);
            ::close(descriptor);
            if (reason != EWOULDBLOCK) return cannotLock(session, reason);
            return Error{ErrorCode::Busy,
                         "\"" + session.string() + "\" is open for writing in " + who +
                             "; close it there, or open it read-only here.",
                         {Obstacle::OpenElsewhere, {session.string()}}};
        }
        if (!stillThere(descriptor, path)) {
            ::close(descriptor);
            continue;
        }
        const std::string number = std::to_string(::getpid()) + "\n";
        // Only shown to people: a lock file that cannot be written locks as well.
        if (::ftruncate(descriptor, 0) == 0 && ::pwrite(descriptor, number.data(), number.size(), 0) < 0) errno = 0;
        WriterLock lock;
        lock.m_path = path;
        lock.m_descriptor = descriptor;
        return lock;
    }
}

WriterLock::~WriterLock() {
    if (m_descriptor < 0) return;
    ::unlink(m_path.c_str());  // before the lock goes: nobody can hold this file after us
    ::close(m_descriptor);
}

}  // namespace lectern
