// SPDX-License-Identifier: GPL-3.0-or-later
// The little of SQLite's interface that sessions need, with its failures as sentences.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

struct sqlite3;
struct sqlite3_blob;
struct sqlite3_stmt;

namespace lectern {

/// The first 100 bytes of a database file, as far as the file goes.
struct RawHeader {
    static constexpr std::size_t kBytes = 100;
    std::array<std::uint8_t, kBytes> bytes{};
    std::uint64_t file_bytes = 0;

    bool sqlite() const;         ///< begins with SQLite's magic
    bool zero() const;           ///< nothing but zeros
    bool writeAheadLog() const;  ///< switched to WAL, which sessions never are
    std::uint32_t applicationId() const;
    std::uint64_t claimedBytes() const;  ///< pages times page size
};

/// The path in a file's name as sentences have it, in quotes.
std::string unquoted(const std::string& name);

/// One connection with its prepared statements. Used by one thread at a time; interrupt() from any.
class Database {
public:
    Database() = default;
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// Opens an existing file. `write` false opens it so that nothing of ours can change it, but a transaction that a
    /// dead process left half written is still rolled back where the disk allows.
    Status open(const std::filesystem::path& file, bool write, int busy_ms);
    Status exec(const char* sql);
    Status copyInto(const std::filesystem::path& file);  ///< all rows, into a new database without unused pages
    Result<std::int64_t> number(const char* sql);        ///< first column of the first row; 0 where there is none
    Result<std::string> text(const char* sql);
    Result<RawHeader> rawHeader();  ///< as it lies on the disk, without any lock
    bool readOnly() const;
    bool inTransaction() const;
    std::int64_t lastRow() const;  ///< key of the row inserted last
    void rollback();               ///< leaves the transaction if there is one
    void interrupt() const;        ///< what runs on another thread ends with Interrupted
    Error error(int code) const;

private:
    friend class Query;
    friend class BlobReader;
    int prepare(std::string_view sql, sqlite3_stmt*& statement);

    std::string m_name;
    sqlite3* m_db = nullptr;
    std::map<std::string, sqlite3_stmt*, std::less<>> m_statements;
};

/// One run of a prepared statement; its destructor resets it, which ends the read lock. What is bound is borrowed until
/// then. One Query of the same text at a time.
class Query {
public:
    Query(Database& db, std::string_view sql);
    ~Query();
    Query(const Query&) = delete;
    Query& operator=(const Query&) = delete;

    Query& bind(std::int64_t value);
    Query& bind(std::string_view text);
    Query& bind(std::span<const std::byte> blob);
    Result<bool> step();  ///< true: there is a row
    Status run();         ///< to the end, rows are dropped

    // False where the column holds another type. A blob is borrowed until the next step.
    bool get(int column, std::int64_t& value) const;
    bool get(int column, std::string& text) const;
    bool get(int column, std::span<const std::byte>& blob) const;

private:
    Database* m_db;
    sqlite3_stmt* m_statement = nullptr;
    int m_failed = 0, m_bound = 0;
};

/// Reads column `data` of rows of `payload` piece by piece, straight to where the bytes belong. Use inside a ReadScope
/// that ends after it.
class BlobReader {
public:
    explicit BlobReader(Database& db) : m_db(&db) {}
    ~BlobReader();
    BlobReader(const BlobReader&) = delete;
    BlobReader& operator=(const BlobReader&) = delete;
    Result<bool> open(std::int64_t row);  ///< false: there is no such row, or it is no blob
    std::uint64_t bytes() const;          ///< of the row that is open
    Status read(std::uint64_t at, std::span<std::byte> to);

private:
    Database* m_db;
    sqlite3_blob* m_blob = nullptr;
};

/// All of a row of `payload` into `to`; false where the row is not there or has another size.
Result<bool> readBlob(Database& db, std::int64_t row, std::span<std::byte> to);

/// A read transaction: what is read inside fits together. Ends with the object. Readers hold back a writer's commit, so
/// keep it short.
class ReadScope {
public:
    explicit ReadScope(Database& db) : m_db(&db), m_outer(db.inTransaction()) {
        if (!m_outer) m_begun = db.exec("BEGIN");
    }
    ~ReadScope() {
        if (!m_outer) m_db->rollback();
    }
    ReadScope(const ReadScope&) = delete;
    ReadScope& operator=(const ReadScope&) = delete;
    const Status& begun() const { return m_begun; }

private:
    Database* m_db;
    bool m_outer;
    Status m_begun;
};

}  // namespace lectern
