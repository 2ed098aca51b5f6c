// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/session/session_life.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "engine/session/schema.h"
#include "engine/session/session_store.h"
#include "engine/session/writer_lock.h"

namespace lectern {

namespace fs = std::filesystem;

namespace {

constexpr int kPatienceMs = 60'000;

std::string quoted(const fs::path& file) {
    return "\"" + file.string() + "\"";
}

Error cannot(const char* what, const fs::path& file, int reason) {
    return {reason == ENOSPC || reason == EDQUOT ? ErrorCode::NoRoom : ErrorCode::Failed,
            quoted(file) + " cannot be " + what + " (" + std::strerror(reason) + "); the session is as it was.",
            reason == ENOSPC || reason == EDQUOT ? ErrorParts{Obstacle::DiskFull, {file.string()}} : ErrorParts()};
}

/// Syncs a file that no connection of ours has open, or a folder.
Status syncPath(const fs::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return cannot("opened", path, errno);
    const int synced = ::fsync(descriptor), reason = errno;
    ::close(descriptor);
    return synced == 0 ? Status() : Status(cannot("written", path, reason));
}

/// Everything that counts for something, into a new file.
Status copyInto(const fs::path& from, const fs::path& to) {
    {
        Database db;
        if (auto opened = db.open(from, true, kPatienceMs); !opened) return opened;
        // What a damaged list of blocks left behind when it was replaced.
        auto left = db.exec("DELETE FROM payload WHERE id NOT IN (SELECT payload FROM blocks)");
        if (!left) return left;
        if (auto copied = db.copyInto(to); !copied) return copied;
    }
    {
        const auto copy = SessionStore::open(to, OpenMode::ReadOnly);
        if (!copy) return copy.error();
        const auto damage = copy->verify({}, 0);
        if (!damage) return damage.error();
        if (!damage->problems.empty())
            return Error{ErrorCode::Damaged,
                         quoted(from) + " is damaged and was not touched: " + damage->problems.front()};
    }
    return syncPath(to);
}

/// Overwrites `bytes` bytes and syncs. Words of a generator: a disk that compresses zeros would write none.
Status overwrite(const fs::path& file, std::uint64_t bytes) {
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) return cannot("overwritten", file, errno);
    std::vector<std::uint64_t> words(std::size_t(1) << 17);
    std::uint64_t state = 0x9E3779B97F4A7C15ULL;
    int reason = 0;
    for (std::uint64_t done = 0; done < bytes && reason == 0;) {
        for (auto& word : words) {
            state ^= state << 13;
            state ^= state >> 7;
            word = state ^= state << 17;
        }
        const auto sent = ::write(descriptor, words.data(), std::min<std::uint64_t>(words.size() * 8, bytes - done));
        if (sent < 0 && errno != EINTR) reason = errno;
        if (sent > 0) done += std::uint64_t(sent);
    }
    if (reason == 0 && ::fsync(descriptor) != 0) reason = errno;
    ::close(descriptor);
    return reason == 0 ? Status() : Status(cannot("overwritten", file, reason));
}

/// Whether the file says of itself that it is a session, however damaged the rest is.
Status checkIsSession(const fs::path& file) {
    Database db;
    if (auto opened = db.open(file, false, kPatienceMs); !opened) return opened;
    auto header = db.rawHeader();
    if (!header) return header.error();
    if (header->sqlite() && header->applicationId() == kApplicationId) return {};
    return Error{ErrorCode::BadInput, quoted(file) + " is not a Lectern session and was not touched."};
}

}  // namespace

Result<SessionOnDisk> sessionOnDisk(const fs::path& session) {
    const auto store = SessionStore::open(session, OpenMode::ReadOnly);
    if (!store) return store.error();
    const auto cache = store->blockBytes();
    if (!cache) return cache.error();
    struct stat info {};
    if (::stat(session.c_str(), &info) != 0) return cannot("looked at", session, errno);
    return SessionOnDisk{session, std::uint64_t(info.st_size), *cache, std::int64_t(info.st_mtime)};
}

Result<FileSizes> compactFile(const fs::path& session) {
    {  // complains about what is no session, newer, damaged, in use or read-only
        auto store = SessionStore::open(session, OpenMode::ReadWrite);
        if (!store) return store.error();
    }
    std::error_code failed;
    const fs::path file = fs::canonical(session, failed);
    if (failed) return cannot("found", session, failed.value());
    auto lock = WriterLock::take(file);
    if (!lock) return lock.error();
    const fs::path fresh = file.parent_path() / ("." + file.filename().string() + ".compacting");
    fs::remove(fresh, failed);  // of one that was killed
    FileSizes sizes;
    sizes.before = fs::file_size(file, failed);
    Status done = copyInto(file, fresh);
    if (done && ::rename(fresh.c_str(), file.c_str()) != 0) done = cannot("replaced", file, errno);
    if (!done) {
        fs::remove(fresh, failed);
        return done.error();
    }
    if (auto synced = syncPath(file.parent_path()); !synced) return synced.error();
    sizes.after = fs::file_size(file, failed);
    return sizes;
}

Status wipeFile(const fs::path& session) {
    std::error_code failed;
    const fs::path file = fs::canonical(session, failed);
    if (failed || !fs::is_regular_file(file, failed))
        return Error{ErrorCode::BadInput, "There is no session " + quoted(session) + "; check the path."};
    if (auto ours = checkIsSession(file); !ours) return ours;
    auto lock = WriterLock::take(file);
    if (!lock) return lock.error();
    const fs::path journal = file.string() + "-journal";
    for (const auto& part : {journal, file}) {
        if (!fs::exists(part, failed)) continue;
        if (auto done = overwrite(part, fs::file_size(part, failed)); !done) return done;
        if (::unlink(part.c_str()) != 0) return cannot("removed", part, errno);
    }
    return syncPath(file.parent_path());
}

}  // namespace lectern
