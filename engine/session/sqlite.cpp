// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/session/sqlite.h"

#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>

namespace lectern {

namespace {

constexpr int kLongestValue = 256 << 20;  ///< bytes of one row: what a hostile file can make us allocate

std::uint32_t bigEndian(const std::uint8_t* p, int bytes) {
    std::uint32_t value = 0;
    for (int i = 0; i < bytes; ++i) value = value << 8 | p[i];
    return value;
}

std::string reason(int system_error) {
    return system_error != 0 ? " (" + std::string(std::strerror(system_error)) + ")" : std::string();
}

Error ioError(const std::string& name, int code, int system_error) {
    if (system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG)
        return {ErrorCode::NoRoom,
                "There is no room left on the disk for " + name + reason(system_error) +
                    "; nothing saved was lost: make room and do it again.",
                {Obstacle::DiskFull, {unquoted(name)}}};
    const bool writing = code == SQLITE_IOERR_WRITE || code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_TRUNCATE ||
                         code == SQLITE_IOERR_DIR_FSYNC || code == SQLITE_IOERR_DELETE;
    return {ErrorCode::Failed, name + " could not be " + (writing ? "written" : "read") +
                                   ": the disk reports an error" + reason(system_error) +
                                   "; nothing saved before was lost: check the disk, then open the session again."};
}

Error openError(const std::string& name, int code, int system_error) {
    if (code == SQLITE_CANTOPEN_ISDIR)
        return {ErrorCode::BadInput, name + " is a folder, not a session; choose a .lectern file."};
    return {ErrorCode::Failed, name + " or its journal beside it could not be opened" + reason(system_error) +
                                   "; check that the folder still exists and is yours to write to."};
}

Error readOnlyError(const std::string& name, int code) {
    if (code == SQLITE_READONLY_DBMOVED)
        return {ErrorCode::Failed, name +
                                       " was removed, renamed or replaced while it was open; put it back and open it "
                                       "again, or save to a new session."};
    if (code == SQLITE_READONLY_ROLLBACK || code == SQLITE_READONLY_RECOVERY || code == SQLITE_READONLY_CANTINIT)
        return {ErrorCode::Failed, name +
                                       " was being written when its program stopped and must be put right first; copy "
                                       "it together with its -journal file to a disk that can be written and open it "
                                       "there."};
    return {ErrorCode::Failed,
            name +
                " cannot be written: the file, its folder or the disk is read-only; copy it to "
                "where you may write and open the copy.",
            {Obstacle::ReadOnly, {unquoted(name)}}};
}

Error sqliteError(const std::string& name, int code, int system_error, const std::string& detail) {
    switch (code & 0xFF) {
        case SQLITE_FULL:
            return ioError(name, code, ENOSPC);
        case SQLITE_IOERR:
            if (code == SQLITE_IOERR_NOMEM) break;
            if (code != SQLITE_IOERR_CORRUPTFS) return ioError(name, code, system_error);
            return {ErrorCode::Failed, name + " lies on a damaged file system; check the disk."};
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return {ErrorCode::Busy,
                    name +
                        " is being used by another program and did not become free; wait until that "
                        "has finished and do it again.",
                    {Obstacle::OpenElsewhere, {unquoted(name)}}};
        case SQLITE_NOTADB:
            return {ErrorCode::BadInput,
                    name + " is not a Lectern session; choose a .lectern file.",
                    {Obstacle::NoSession, {unquoted(name)}}};
        case SQLITE_CANTOPEN:
            return openError(name, code, system_error);
        case SQLITE_READONLY:
            return readOnlyError(name, code);
        case SQLITE_PERM:
        case SQLITE_AUTH:
            return readOnlyError(name, SQLITE_READONLY);
        case SQLITE_INTERRUPT:
            return {ErrorCode::Interrupted, "Work on " + name + " was interrupted."};
        case SQLITE_NOMEM:
            break;
        default:
            return {
                ErrorCode::Damaged,
                name + " is damaged (" + detail + "); verify it, restore it from a backup or read the documents again.",
                {Obstacle::DamagedFile, {unquoted(name)}}};
    }
    return {ErrorCode::NoRoom,
            "There is not enough memory to work on " + name + "; close other programs and try again."};
}

}  // namespace

std::string unquoted(const std::string& name) {
    return name.size() < 2 ? name : name.substr(1, name.size() - 2);
}

bool RawHeader::sqlite() const {
    static constexpr char kMagic[] = "SQLite format 3";  // 16 bytes with its zero
    return file_bytes >= sizeof kMagic && std::memcmp(bytes.data(), kMagic, sizeof kMagic) == 0;
}

bool RawHeader::zero() const {
    return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
}

bool RawHeader::writeAheadLog() const {
    return bytes[18] == 2 || bytes[19] == 2;
}

std::uint32_t RawHeader::applicationId() const {
    return bigEndian(&bytes[68], 4);
}

std::uint64_t RawHeader::claimedBytes() const {
    const std::uint64_t page = bigEndian(&bytes[16], 2);
    return bigEndian(&bytes[28], 4) * (page == 1 ? 65536 : page);
}

Database::~Database() {
    for (auto& [sql, statement] : m_statements) sqlite3_finalize(statement);
    sqlite3_close_v2(m_db);
}

Status Database::open(const std::filesystem::path& file, bool write, int busy_ms) {
    assert(m_db == nullptr);
    m_name = "\"" + file.string() + "\"";
    // A reader opens for writing too where it may: only so can SQLite roll back what a killed writer left. query_only
    // keeps our own statements from changing anything.
    const bool may_write = write || ::access(file.c_str(), W_OK) == 0;
    const int flags = (may_write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOMUTEX |
                      SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
    const int opened = sqlite3_open_v2(file.c_str(), &m_db, flags, nullptr);
    if (opened != SQLITE_OK) return error(opened);
    sqlite3_busy_timeout(m_db, busy_ms);
    sqlite3_limit(m_db, SQLITE_LIMIT_LENGTH, kLongestValue);
    sqlite3_limit(m_db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_db_config(m_db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(m_db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(m_db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
    sqlite3_db_config(m_db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
    // secure_delete FAST: what is deleted is overwritten where that needs no further write. Debian's default overwrites
    // whole blocks of the recent window with zeros each time they are replaced.
    if (auto set = exec("PRAGMA temp_store=MEMORY; PRAGMA cell_size_check=ON; PRAGMA foreign_keys=OFF; "
                        "PRAGMA secure_delete=FAST");
        !set)
        return set;
    // EXTRA: as FULL, and the folder is synced once the journal is gone, so that a commit that has returned stays.
    // The cache is given in pages of 64 KiB: SQLite turns a size in bytes into pages of 4 KiB before it knows ours, and
    // then keeps 16 times as much.
    return exec(write ? "PRAGMA synchronous=EXTRA; PRAGMA cache_size=512"
                      : "PRAGMA query_only=ON; PRAGMA cache_size=64");
}

Status Database::exec(const char* sql) {
    const int code = sqlite3_exec(m_db, sql, nullptr, nullptr, nullptr);
    return code == SQLITE_OK ? Status() : error(code);
}

Status Database::copyInto(const std::filesystem::path& file) {
    sqlite3_limit(m_db, SQLITE_LIMIT_ATTACHED, 1);  // the copy is attached while it is made
    Query copy(*this, "VACUUM INTO ?");
    Status done = copy.bind(std::string_view(file.native())).run();
    sqlite3_limit(m_db, SQLITE_LIMIT_ATTACHED, 0);
    return done;
}

Result<std::int64_t> Database::number(const char* sql) {
    Query query(*this, sql);
    auto row = query.step();
    if (!row) return row.error();
    std::int64_t value = 0;
    if (*row) query.get(0, value);
    return value;
}

Result<std::string> Database::text(const char* sql) {
    Query query(*this, sql);
    auto row = query.step();
    if (!row) return row.error();
    std::string value;
    if (*row) query.get(0, value);
    return value;
}

Result<RawHeader> Database::rawHeader() {
    // Through SQLite's own descriptor: closing one of ours would drop the locks SQLite holds for this process.
    RawHeader header;
    if (m_db == nullptr) return error(SQLITE_CANTOPEN);
    sqlite3_file* file = nullptr;
    int code = sqlite3_file_control(m_db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (code != SQLITE_OK || file == nullptr || file->pMethods == nullptr) return error(SQLITE_CANTOPEN);
    sqlite3_int64 size = 0;
    code = file->pMethods->xFileSize(file, &size);
    if (code == SQLITE_OK) code = file->pMethods->xRead(file, header.bytes.data(), int(RawHeader::kBytes), 0);
    if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ) return error(code);
    header.file_bytes = std::uint64_t(size);
    return header;
}

bool Database::readOnly() const {
    return sqlite3_db_readonly(m_db, "main") != 0;
}

bool Database::inTransaction() const {
    return sqlite3_get_autocommit(m_db) == 0;
}

std::int64_t Database::lastRow() const {
    return sqlite3_last_insert_rowid(m_db);
}

void Database::rollback() {
    if (inTransaction()) sqlite3_exec(m_db, "ROLLBACK", nullptr, nullptr, nullptr);
}

void Database::interrupt() const {
    sqlite3_interrupt(m_db);
}

Error Database::error(int code) const {
    const int system_error = m_db != nullptr ? sqlite3_system_errno(m_db) : 0;
    const char* detail =
        m_db != nullptr && sqlite3_errcode(m_db) != SQLITE_OK ? sqlite3_errmsg(m_db) : sqlite3_errstr(code);
    return sqliteError(m_name, code, system_error, detail);
}

int Database::prepare(std::string_view sql, sqlite3_stmt*& statement) {
    if (const auto known = m_statements.find(sql); known != m_statements.end()) {
        statement = known->second;
        assert(sqlite3_stmt_busy(statement) == 0);
        return SQLITE_OK;
    }
    const int code =
        sqlite3_prepare_v3(m_db, sql.data(), int(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code == SQLITE_OK) m_statements.emplace(sql, statement);
    return code;
}

Query::Query(Database& db, std::string_view sql) : m_db(&db) {
    m_failed = db.prepare(sql, m_statement);
}

Query::~Query() {
    if (m_statement == nullptr) return;
    sqlite3_reset(m_statement);
    sqlite3_clear_bindings(m_statement);
}

Query& Query::bind(std::int64_t value) {
    if (m_failed == SQLITE_OK) m_failed = sqlite3_bind_int64(m_statement, ++m_bound, value);
    return *this;
}

Query& Query::bind(std::string_view text) {
    if (m_failed == SQLITE_OK)
        m_failed = sqlite3_bind_text64(m_statement, ++m_bound, text.empty() ? "" : text.data(), text.size(),
                                       SQLITE_STATIC, SQLITE_UTF8);
    return *this;
}

Query& Query::bind(std::span<const std::byte> blob) {
    if (m_failed != SQLITE_OK) return *this;
    m_failed = blob.empty() ? sqlite3_bind_zeroblob(m_statement, ++m_bound, 0)
                            : sqlite3_bind_blob64(m_statement, ++m_bound, blob.data(), blob.size(), SQLITE_STATIC);
    return *this;
}

Result<bool> Query::step() {
    if (m_failed == SQLITE_OK) {
        const int code = sqlite3_step(m_statement);
        if (code == SQLITE_ROW || code == SQLITE_DONE) return code == SQLITE_ROW;
        m_failed = code;
    }
    return m_db->error(m_failed);
}

Status Query::run() {
    for (;;) {
        auto row = step();
        if (!row) return row.error();
        if (!*row) return {};
    }
}

bool Query::get(int column, std::int64_t& value) const {
    if (sqlite3_column_type(m_statement, column) != SQLITE_INTEGER) return false;
    value = sqlite3_column_int64(m_statement, column);
    return true;
}

bool Query::get(int column, std::string& text) const {
    if (sqlite3_column_type(m_statement, column) != SQLITE_TEXT) return false;
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(m_statement, column));
    if (bytes == nullptr) return false;
    text.assign(bytes, std::size_t(sqlite3_column_bytes(m_statement, column)));
    return true;
}

bool Query::get(int column, std::span<const std::byte>& blob) const {
    if (sqlite3_column_type(m_statement, column) != SQLITE_BLOB) return false;
    const void* bytes = sqlite3_column_blob(m_statement, column);
    const auto size = std::size_t(sqlite3_column_bytes(m_statement, column));
    if (bytes == nullptr && size != 0) return false;
    blob = {static_cast<const std::byte*>(bytes), size};
    return true;
}

BlobReader::~BlobReader() {
    sqlite3_blob_close(m_blob);
}

Result<bool> BlobReader::open(std::int64_t row) {
    const int code = m_blob == nullptr ? sqlite3_blob_open(m_db->m_db, "main", "payload", "data", row, 0, &m_blob)
                                       : sqlite3_blob_reopen(m_blob, row);
    if (code == SQLITE_OK) return true;
    sqlite3_blob_close(m_blob);
    m_blob = nullptr;
    if (code == SQLITE_ERROR) return false;
    return m_db->error(code);
}

std::uint64_t BlobReader::bytes() const {
    return std::uint64_t(sqlite3_blob_bytes(m_blob));
}

Status BlobReader::read(std::uint64_t at, std::span<std::byte> to) {
    const int code = sqlite3_blob_read(m_blob, to.data(), int(to.size()), int(at));
    return code == SQLITE_OK ? Status() : m_db->error(code);
}

Result<bool> readBlob(Database& db, std::int64_t row, std::span<std::byte> to) {
    BlobReader blob(db);
    auto found = blob.open(row);
    if (!found || !*found || blob.bytes() != to.size()) return found ? Result<bool>(false) : found;
    if (auto read = blob.read(0, to); !read) return read.error();
    return true;
}

}  // namespace lectern
