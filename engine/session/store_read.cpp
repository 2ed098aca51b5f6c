// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/session/block_reader.h"
#include "engine/session/store_state.h"

namespace lectern {

Result<SessionIdentity> SessionStore::identity() const {
    auto rows = m_state->rows<SessionIdentity>("descriptions of the model");
    if (!rows) return rows.error();
    if (rows->size() != 1) return damagedRow(m_state->name, "the description of its model");
    return std::move(rows->front());
}

Result<std::vector<DocumentRecord>> SessionStore::documents() const {
    return m_state->rows<DocumentRecord>("documents");
}

Result<std::vector<PageRecord>> SessionStore::pages(int document) const {
    if (document < 0) return std::vector<PageRecord>();
    const std::int64_t first = Row<PageRecord>::firstKey(document);
    return m_state->rows<PageRecord>(first, first | kMaxPage, document, "pages of a document");
}

Result<WordsRecord> SessionStore::words(int document, int page) const {
    ReadScope scope(m_state->db);
    if (!scope.begun()) return scope.begun().error();
    const WordsRecord wanted{document, page, {}};
    const std::int64_t key = Row<WordsRecord>::key(wanted);
    RowScan<WordsRecord> scan(m_state->db, key, key);
    auto row = scan.next();
    if (!row) return row.error();
    if (!*row || !scan.intact) return damagedRow(m_state->name, Row<WordsRecord>::called(wanted));
    return std::move(scan.record);
}

Result<std::vector<std::int32_t>> SessionStore::tokens(int branch) const {
    std::vector<std::int32_t> ids;
    if (branch < 0 || branch > kMaxBranch) return ids;
    const std::int64_t first = Row<TokenRun>::firstKey(branch);
    auto runs = m_state->rows<TokenRun>(first, first | std::int64_t(kMaxTokens - 1), branch, "runs of tokens");
    if (!runs) return runs.error();
    std::uint32_t chain = 0;
    for (auto& run : *runs) {
        chain = chained(run, chain);
        if (run.begin != ids.size() || run.chain != chain)
            return Error{ErrorCode::Damaged,
                         m_state->name + " is damaged: " + Row<TokenRun>::called(run) +
                             " does not follow what comes before it; restore it from a backup or read the documents "
                             "again."};
        if (ids.empty()) {
            ids = std::move(run.ids);
        } else {
            ids.insert(ids.end(), run.ids.begin(), run.ids.end());
        }
    }
    return ids;
}

Result<std::vector<BranchRecord>> SessionStore::branches() const {
    return m_state->rows<BranchRecord>("branches");
}

Result<std::vector<MessageRecord>> SessionStore::messages(int branch) const {
    if (branch < 0 || branch > kMaxBranch) return std::vector<MessageRecord>();
    const std::int64_t first = Row<MessageRecord>::firstKey(branch);
    return m_state->rows<MessageRecord>(first, first | INT32_MAX, branch, "messages of a conversation");
}

Result<std::map<std::string, std::string>> SessionStore::meta() const {
    auto rows = m_state->rows<MetaRecord>("named values");
    if (!rows) return rows.error();
    std::map<std::string, std::string> values;
    for (const auto& row : *rows)
        values.emplace(row.name, std::string(reinterpret_cast<const char*>(row.value.data()), row.value.size()));
    return values;
}

Result<std::vector<BlockRow>> SessionStore::blockRows(int branch) const {
    std::vector<BlockRow> rows;
    if (branch < 0 || branch > kMaxBranch) return rows;
    State& s = *m_state;
    ReadScope scope(s.db);
    if (!scope.begun()) return scope.begun().error();
    SealSum found;
    Query query(s.db, std::string("SELECT ") + kBlockColumns + " FROM blocks WHERE id BETWEEN ? AND ? ORDER BY id");
    query.bind(blockKey(branch, 0, 0, 0)).bind(blockKey(branch, kMaxPage, kMaxLayer, kMaxKind));
    for (;;) {
        auto row = query.step();
        if (!row) return row.error();
        if (!*row) break;
        rows.push_back(blockRow(query));
        if (!rows.back().intact) return damagedRow(s.name, rows.back().called());
        found.add(rows.back().crc);
    }
    if (auto whole = checkSeal(s.db, RowKind::Block, branch, found, s.name, "rows of cache blocks"); !whole)
        return whole.error();
    return rows;
}

Result<std::uint64_t> SessionStore::blockBytes() const {
    ReadScope scope(m_state->db);
    if (!scope.begun()) return scope.begun().error();
    std::uint64_t bytes = 0;
    Query query(m_state->db, std::string("SELECT ") + kBlockColumns + " FROM blocks ORDER BY id");
    for (;;) {
        auto row = query.step();
        if (!row) return row.error();
        if (!*row) return bytes;
        bytes += blockRow(query).bytes();
    }
}

Result<BlockReader> SessionStore::blockReader() const {
    if (identityOf(m_state->file) != m_state->identity)
        return Error{ErrorCode::Failed, m_state->name +
                                            " was removed, renamed or replaced while it was open; put it "
                                            "back and open it again."};
    return BlockReader::open(m_state->file, m_state->name, m_state->mode == OpenMode::ReadOnly);
}

Status SessionStore::readBlocks(int branch, const std::function<Status(BlockRecord&&)>& take) const {
    auto version = m_state->db.number("PRAGMA data_version");
    if (!version) return version.error();
    auto rows = blockRows(branch);
    if (!rows) return rows.error();
    BlockReader reader(m_state->db, m_state->name, m_state->mode == OpenMode::ReadOnly, *version);
    for (const auto& row : *rows) {
        BlockRecord record;
        const auto place = [&](const StoredBlock& block) -> Result<std::span<std::byte>> {
            record = block.record();
            record.bytes.resize(block.bytes);
            return std::span(record.bytes);
        };
        const auto done = [&](const StoredBlock&) { return take(std::move(record)); };
        if (auto read = reader.read(row, place, done); !read) return read;
    }
    return {};
}

}  // namespace lectern
