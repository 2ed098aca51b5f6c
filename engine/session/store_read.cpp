// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/session/store_state.h"

namespace lectern {

namespace {

constexpr std::size_t kBatchBytes = std::size_t(64) << 20;  ///< read under one lock: a writer waits no longer than this

/// Reads blocks row by row. What a batch leaves for the next is the key to go on from.
struct BlockReader {
    Database& db;
    const std::string& name;
    std::int64_t next, last;
    SealSum found;
    bool done = false;

    /// Gives blocks to `take` until about kBatchBytes were read or the end is reached.
    Status batch(const std::function<Status(BlockRecord&&)>& take) {
        Query query(db, "SELECT id, crc, last, directory, data FROM blocks WHERE id BETWEEN ? AND ? ORDER BY id");
        query.bind(next).bind(last);
        for (std::size_t bytes = 0; bytes < kBatchBytes;) {
            auto row = query.step();
            if (!row) return row.error();
            done = !*row;
            if (done) return {};
            const BlockRow blocks = blockRow(query);
            if (!blocks.intact) return damagedRow(name, blocks.called());
            found.add(blocks.crc);
            next = blocks.last + 1;
            for (const auto& block : blocks.blocks) {
                bytes += block.bytes.size();
                if (!block.intact()) return damagedRow(name, block.called());
                if (auto taken = take(block.record(true)); !taken) return taken;
            }
        }
        return {};
    }
};

}  // namespace

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

Result<std::vector<std::int32_t>> SessionStore::tokens(int branch) const {
    std::vector<std::int32_t> ids;
    if (branch < 0 || branch > kMaxBranch) return ids;
    const std::int64_t first = Row<TokenRun>::firstKey(branch);
    auto runs = m_state->rows<TokenRun>(first, first | std::int64_t(kMaxTokens - 1), branch, "runs of tokens");
    if (!runs) return runs.error();
    for (auto& run : *runs) {
        if (run.begin != ids.size())
            return Error{ErrorCode::Damaged, m_state->name + " is damaged: tokens " + std::to_string(ids.size()) +
                                                 " to " + std::to_string(run.begin) + " of branch " +
                                                 std::to_string(branch) +
                                                 " are missing; restore it from a backup or read the documents again."};
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

Status SessionStore::readBlocks(int branch, const std::function<Status(BlockRecord&&)>& take) const {
    if (branch < 0 || branch > kMaxBranch) return {};
    State& s = *m_state;
    BlockReader reader{s.db, s.name, blockKey(branch, 0, 0, 0), blockKey(branch, kMaxPage, kMaxLayer, kMaxKind), {}};
    std::optional<std::int64_t> begun_at;
    for (;;) {
        ReadScope scope(s.db);
        if (!scope.begun()) return scope.begun();
        auto version = s.db.number("PRAGMA data_version");
        if (!version) return version.error();
        if (begun_at.value_or(*version) != *version)
            return Error{ErrorCode::Busy, s.name + " was written to while it was read; read it again."};
        begun_at = *version;
        if (auto read = reader.batch(take); !read) return read;
        if (reader.done) return checkSeal(s.db, RowKind::Block, branch, reader.found, s.name, "rows of cache blocks");
    }
}

}  // namespace lectern
