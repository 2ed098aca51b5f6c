// SPDX-License-Identifier: GPL-3.0-or-later
// Creating and opening. Reading is in store_read.cpp, writing in store_commit.cpp, verifying in store_verify.cpp.
#include "engine/session/session_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "engine/session/store_state.h"

namespace lectern {

namespace fs = std::filesystem;

namespace {

// A reader waits for a commit to end, a writer for readers: long enough for a slow disk, short enough to be told.
constexpr int kReaderPatienceMs = 15'000;
constexpr int kWriterPatienceMs = 60'000;

std::string quoted(const fs::path& file) {
    return "\"" + file.string() + "\"";
}

Status checkPlace(const fs::path& file) {
    struct stat info {};
    if (::stat(file.c_str(), &info) != 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return Error{ErrorCode::BadInput, "There is no session " + quoted(file) + "; check the path."};
        return Error{ErrorCode::Failed, quoted(file) + " could not be looked at (" + std::strerror(errno) +
                                            "); check the path and the permissions of its folders."};
    }
    if (S_ISDIR(info.st_mode))
        return Error{ErrorCode::BadInput, quoted(file) + " is a folder, not a session; choose a .lectern file."};
    if (!S_ISREG(info.st_mode))
        return Error{ErrorCode::BadInput, quoted(file) + " is not a plain file; choose a .lectern file."};
    return {};
}

Error cannotCreate(const fs::path& file, int reason) {
    std::error_code ignored;
    const fs::path folder = fs::absolute(file, ignored).parent_path();
    if (reason == EEXIST)
        return {ErrorCode::BadInput,
                quoted(file) + " exists already; open it, or choose another name for the new session."};
    if (reason == ENOENT || reason == ENOTDIR)
        return {ErrorCode::BadInput, "The folder " + quoted(folder) +
                                         " for the new session does not exist; make it "
                                         "first or choose another."};
    if (reason == ENOSPC || reason == EDQUOT)
        return {
            ErrorCode::NoRoom,
            "There is no room left on the disk for " + quoted(file) + "; make room or put the session on another disk.",
            {Obstacle::DiskFull, {file.string()}}};
    return {ErrorCode::Failed,
            quoted(file) + " cannot be made (" + std::strerror(reason) + "); choose a folder that you may write to."};
}

/// Makes the empty file: fails where there is one already, whoever else tries at the same moment.
Status makeFile(const fs::path& file) {
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (descriptor < 0) return cannotCreate(file, errno);
    ::close(descriptor);  // SQLite has not opened it yet, so no lock of its is lost
    return {};
}

}  // namespace

std::optional<FileIdentity> identityOf(const fs::path& file) {
    struct stat info {};
    if (::stat(file.c_str(), &info) != 0) return std::nullopt;
    return FileIdentity{std::uint64_t(info.st_dev), std::uint64_t(info.st_ino)};
}

SessionStore::SessionStore(std::unique_ptr<State> state) : m_state(std::move(state)) {}
SessionStore::SessionStore(SessionStore&&) noexcept = default;
SessionStore& SessionStore::operator=(SessionStore&&) noexcept = default;
SessionStore::~SessionStore() = default;

Result<SessionStore> SessionStore::create(const fs::path& file, const SessionIdentity& identity) {
    if (auto made = makeFile(file); !made) return made.error();
    auto state = std::make_unique<State>();
    const auto fill = [&]() -> Status {
        std::error_code failed;
        state->file = fs::canonical(file, failed);
        if (failed) return cannotCreate(file, failed.value());
        state->name = quoted(file);
        state->mode = OpenMode::ReadWrite;
        auto lock = WriterLock::take(state->file);
        if (!lock) return lock.error();
        state->lock = std::move(*lock);
        state->identity = identityOf(state->file).value_or(FileIdentity{});
        if (auto opened = state->db.open(state->file, true, kWriterPatienceMs); !opened) return opened;
        if (auto tables = createSchema(state->db); !tables) return tables;
        SealDeltas seals;
        if (auto stored = putRow(state->db, seals, identity); !stored) return stored;
        if (auto committed = state->finish(seals); !committed) return committed;
        return state->noteVersion();
    };
    if (auto filled = fill(); !filled) {
        const fs::path made = state->file.empty() ? file : state->file;
        state->db.rollback();
        std::error_code ignored;
        fs::remove(made, ignored);  // ours: makeFile() made it a moment ago
        return filled.error();
    }
    return SessionStore(std::move(state));
}

Result<SessionStore> SessionStore::open(const fs::path& file, OpenMode mode) {
    if (auto there = checkPlace(file); !there) return there.error();
    auto state = std::make_unique<State>();
    std::error_code failed;
    state->file = fs::canonical(file, failed);
    if (failed) return Error{ErrorCode::BadInput, "There is no session " + quoted(file) + "; check the path."};
    state->name = quoted(file);
    state->mode = mode;
    if (mode == OpenMode::ReadWrite) {
        if (::access(state->file.c_str(), W_OK) != 0)
            return Error{ErrorCode::Failed, state->name + " cannot be written (" + std::strerror(errno) +
                                                "); copy it to where you may write, or open it read-only."};
        auto lock = WriterLock::take(state->file);
        if (!lock) return lock.error();
        state->lock = std::move(*lock);
    }
    if (auto connected = state->connect(); !connected) return state->explain(connected.error());
    return SessionStore(std::move(state));
}

Status SessionStore::State::connect() {
    const bool write = mode == OpenMode::ReadWrite;
    identity = identityOf(file).value_or(FileIdentity{});
    if (auto opened = db.open(file, write, write ? kWriterPatienceMs : kReaderPatienceMs); !opened) return opened;
    if (write && db.readOnly())
        return Error{ErrorCode::Failed,
                     name +
                         " cannot be written: the file or its disk is read-only; copy it to where "
                         "you may write, or open it read-only.",
                     {Obstacle::ReadOnly, {file.string()}}};
    auto before = db.rawHeader();
    if (!before) return before.error();
    if (before->sqlite() && before->writeAheadLog())
        return Error{ErrorCode::Damaged, name +
                                             " was switched to a write-ahead log by another program, which sessions "
                                             "never use; switch it back with \"PRAGMA journal_mode=DELETE\" there."};
    ReadScope scope(db);
    if (!scope.begun()) return scope.begun();
    // The first read: what a killed writer left half done is rolled back here, and only then is the header the header.
    if (auto pages = db.number("PRAGMA page_count"); !pages) return pages.error();
    auto header = db.rawHeader();
    if (!header) return header.error();
    if (auto ours = checkHeader(*header, name); !ours) return ours;
    if (auto schema = checkSchema(db, name); !schema) return schema;
    return noteVersion();
}

Status SessionStore::State::noteVersion() {
    auto version = db.number("PRAGMA data_version");
    if (!version) return version.error();
    data_version = *version;
    return {};
}

Error SessionStore::State::explain(Error error) {
    if (error.code != ErrorCode::Damaged && error.code != ErrorCode::BadInput) return error;
    const auto header = db.rawHeader();
    if (!header) return error;
    if (const auto ours = checkHeader(*header, name); !ours) return ours.error();
    return error;
}

std::uint64_t SessionStore::fileBytes() const {
    std::error_code failed;
    const auto size = fs::file_size(m_state->file, failed);
    return failed ? 0 : size;
}

}  // namespace lectern
