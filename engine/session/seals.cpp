// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/session/seals.h"

namespace lectern {

Error damagedRow(const std::string& name, const std::string& what) {
    return {ErrorCode::Damaged,
            name + " is damaged: " + what +
                " does not match its checksum; verify the session, restore it from a backup or read "
                "the documents again."};
}

void SealDeltas::add(RowKind kind, int owner, std::int64_t rows, std::int64_t sum) {
    SealSum& delta = m_deltas[sealKey(kind, owner)];
    delta.rows += rows;
    delta.sum += sum;
}

Status SealDeltas::drop(Database& db, RowKind kind) {
    const std::int64_t first = sealKey(kind, 0), last = sealKey(RowKind(int(kind) + 1), 0) - 1;
    m_deltas.erase(m_deltas.lower_bound(first), m_deltas.upper_bound(last));
    Query query(db, "DELETE FROM seals WHERE id BETWEEN ? AND ?");
    return query.bind(first).bind(last).run();
}

Status SealDeltas::store(Database& db, std::int64_t key, const SealSum& now) {
    if (now.rows == 0) return Query(db, "DELETE FROM seals WHERE id = ?").bind(key).run();
    const SealRecord record{key, std::uint64_t(now.rows), std::uint64_t(now.sum)};
    return replaceRow(db, record, rowCrc(record));
}

Status SealDeltas::write(Database& db, const std::string& name) {
    for (const int branch : m_recount) {
        const std::int64_t first = blockKey(branch, 0, 0, 0), last = blockKey(branch, kMaxPage, kMaxLayer, kMaxKind);
        auto now = countRows(db, "blocks", first, last);
        if (!now) return now.error();
        m_deltas.erase(sealKey(RowKind::Block, branch));
        if (auto stored = store(db, sealKey(RowKind::Block, branch), *now); !stored) return stored;
    }
    for (const auto& [key, delta] : m_deltas) {
        auto old = readSeal(db, RowKind(key >> 40), int(key & INT32_MAX), name);
        if (!old) return old.error();
        const SealSum now{old->rows + delta.rows, old->sum + delta.sum};
        if (now.rows < 0 || now.sum < 0) return damagedRow(name, "a count of its rows");
        if (auto stored = store(db, key, now); !stored) return stored;
    }
    m_recount.clear();
    m_deltas.clear();
    return {};
}

Result<SealSum> countRows(Database& db, const std::string& table, std::int64_t first, std::int64_t last) {
    Query query(db, "SELECT count(*), coalesce(sum(crc), 0) FROM " + table + " WHERE id BETWEEN ? AND ?");
    auto row = query.bind(first).bind(last).step();
    if (!row) return row.error();
    SealSum sum;
    if (!*row || !query.get(0, sum.rows) || !query.get(1, sum.sum))
        return Error{ErrorCode::Damaged, "The rows of table " + table + " cannot be counted; verify the session."};
    return sum;
}

Result<SealSum> readSeal(Database& db, RowKind kind, int owner, const std::string& name) {
    const std::int64_t key = sealKey(kind, owner);
    RowScan<SealRecord> scan(db, key, key);
    auto row = scan.next();
    if (!row) return row.error();
    if (!*row) return SealSum{};
    if (!scan.intact) return damagedRow(name, "a count of its rows");
    return SealSum{std::int64_t(scan.record.rows), std::int64_t(scan.record.sum)};
}

Status checkSeal(Database& db, RowKind kind, int owner, const SealSum& found, const std::string& name,
                 const std::string& what) {
    auto seal = readSeal(db, kind, owner, name);
    if (!seal) return seal.error();
    if (*seal == found) return {};
    return Error{ErrorCode::Damaged,
                 name + " is damaged: " + std::to_string(found.rows) + " of " + std::to_string(seal->rows) + " " +
                     what +
                     " are as they were written; verify the session, restore it from a backup or read the documents "
                     "again."};
}

}  // namespace lectern
