// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <set>

#include "engine/session/row_io.h"

namespace lectern {

/// How many rows there are of one kind and owner, and the sum of their checksums. A row that vanished (a cell count
/// with a flipped bit) leaves no checksum behind that could differ; the seal of its scope does.
struct SealSum {
    std::int64_t rows = 0, sum = 0;
    void add(std::uint32_t crc) { ++rows, sum += crc; }
    bool operator==(const SealSum&) const = default;
};

constexpr std::int64_t sealKey(RowKind kind, int owner) {
    return std::int64_t(kind) << 40 | std::int64_t(owner);
}

/// What a transaction changes in the seals; written once at its end.
class SealDeltas {
public:
    void add(RowKind kind, int owner, std::int64_t rows, std::int64_t sum);
    /// Every row of this kind is gone, and so are its seals.
    Status drop(Database& db, RowKind kind);
    /// A damaged row of blocks was replaced: what it added to the seal is not known, so the seal is counted anew.
    void recountBlocks(int branch) { m_recount.insert(branch); }
    Status write(Database& db, const std::string& name);

private:
    Status store(Database& db, std::int64_t key, const SealSum& now);

    std::map<std::int64_t, SealSum> m_deltas;
    std::set<int> m_recount;
};

/// Counts rows of a table with integer keys first … last and sums their checksums.
Result<SealSum> countRows(Database& db, const std::string& table, std::int64_t first, std::int64_t last);
/// The stored seal; none is {0, 0}. Errors: Damaged where it does not match its own checksum.
Result<SealSum> readSeal(Database& db, RowKind kind, int owner, const std::string& name);
/// Errors: Damaged, saying how many of `what` are there and should be.
Status checkSeal(Database& db, RowKind kind, int owner, const SealSum& found, const std::string& name,
                 const std::string& what);

/// "\"notes.lectern\" is damaged: WHAT does not match its checksum; …"
Error damagedRow(const std::string& name, const std::string& what);

/// Inserts or replaces one row, uncounted.
template <typename Record>
Status replaceRow(Database& db, const Record& record, std::uint32_t crc) {
    static const std::string sql = [] {
        const std::string columns = Row<Record>::kColumns;
        std::string text = std::string("INSERT OR REPLACE INTO ") + Row<Record>::kTable + "(" + Row<Record>::kKey +
                           ", crc, " + columns + ") VALUES(?, ?, ?";
        for (const char c : columns) text += c == ',' ? ", ?" : "";
        return text + ")";
    }();
    Query insert(db, sql);
    insert.bind(Row<Record>::key(record)).bind(std::int64_t(crc));
    Row<Record>::fields(record, [&](const auto& field) { return insert.bind(asColumn(field)), true; });
    return insert.run();
}

/// Inserts or replaces one row and counts it. Errors: as any write.
template <typename Record>
Status putRow(Database& db, SealDeltas& seals, const Record& record) {
    const std::string table = Row<Record>::kTable, key = Row<Record>::kKey;
    {
        Query old(db, "SELECT crc FROM " + table + " WHERE " + key + " = ?");
        auto row = old.bind(Row<Record>::key(record)).step();
        if (!row) return row.error();
        std::int64_t crc = 0;
        if (*row && old.get(0, crc)) seals.add(Row<Record>::kKind, Row<Record>::owner(record), -1, -crc);
    }
    const std::uint32_t crc = rowCrc(record);
    seals.add(Row<Record>::kKind, Row<Record>::owner(record), 1, crc);
    return replaceRow(db, record, crc);
}

}  // namespace lectern
