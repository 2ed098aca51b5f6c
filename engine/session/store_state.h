// SPDX-License-Identifier: GPL-3.0-or-later
// What SessionStore's source files share.
#pragma once

#include "engine/session/block_table.h"
#include "engine/session/session_store.h"
#include "engine/session/writer_lock.h"

namespace lectern {

/// Which file a path named when it was opened.
struct FileIdentity {
    std::uint64_t device = 0, inode = 0;
    bool operator==(const FileIdentity&) const = default;
};

struct SessionStore::State {
    std::filesystem::path file;  ///< absolute, links resolved
    std::string name;            ///< the path as it was given, quoted
    OpenMode mode = OpenMode::ReadOnly;
    FileIdentity identity;
    WriterLock lock;  ///< before the database: it outlives the connection
    Database db;
    std::int64_t data_version = 0;

    Status connect();                   ///< opens `file` and checks that it is a session
    Status noteVersion();               ///< of the data, to notice other writers
    Error explain(Error error);         ///< says "cut short" where SQLite only says "malformed"
    Status stillOurs();                 ///< the file is where it was, and nobody else wrote
    Status begin();                     ///< of a transaction that writes
    Status finish(SealDeltas& deltas);  ///< seals and COMMIT
    Status apply(const SessionCommit& commit, SealDeltas& seals);
    Status setIdentity(const SessionIdentity& identity);

    /// Rows with keys first … last, all intact and complete by their seal. `what`: for messages, plural.
    template <typename Record>
    Result<std::vector<Record>> rows(std::int64_t first, std::int64_t last, int owner, const char* what) {
        ReadScope scope(db);
        if (!scope.begun()) return scope.begun().error();
        RowScan<Record> scan(db, first, last);
        return collect<Record>(scan, owner, what);
    }
    template <typename Record>
    Result<std::vector<Record>> rows(const char* what) {
        ReadScope scope(db);
        if (!scope.begun()) return scope.begun().error();
        RowScan<Record> scan(db);
        return collect<Record>(scan, 0, what);
    }

private:
    template <typename Record>
    Result<std::vector<Record>> collect(RowScan<Record>& scan, int owner, const char* what) {
        std::vector<Record> records;
        SealSum found;
        for (;;) {
            auto row = scan.next();
            if (!row) return row.error();
            if (!*row) break;
            if (!scan.intact) return damagedRow(name, Row<Record>::called(scan.record));
            found.add(scan.crc);
            records.push_back(std::move(scan.record));
        }
        if (auto whole = checkSeal(db, Row<Record>::kKind, owner, found, name, what); !whole) return whole.error();
        return records;
    }
};

/// Limits of a commit's numbers and sizes. Errors: Usage, naming the record.
Status checkCommit(const SessionCommit& commit);

/// The file's identity, or nothing where the path names nothing.
std::optional<FileIdentity> identityOf(const std::filesystem::path& file);

}  // namespace lectern
