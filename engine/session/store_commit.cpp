// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "engine/session/store_state.h"

namespace lectern {

namespace {

Error beyond(const std::string& what) {
    return {ErrorCode::Usage,
            "A session cannot hold " + what + ": a number or size is beyond the limits of its format."};
}

/// Non-negative, ordered and small enough to be stored.
bool saneRange(std::uint64_t begin, std::uint64_t end) {
    return begin <= end && end <= std::uint64_t(INT64_MAX);
}

bool sane(const DocumentRecord& r) {
    const std::size_t longest =
        std::max({r.name.size(), r.source.size(), r.kind.size(), r.title.size(), r.author.size(), r.content_hash.size(),
                  r.problem.size(), r.outline_json.size()});
    return r.id >= 0 && r.used >= 0 && r.place >= 0 && r.modified >= 0 && r.read_tokens < kMaxTokens &&
           r.file_bytes <= std::uint64_t(INT64_MAX) && saneRange(r.token_begin, r.token_end) &&
           longest <= kMaxValueBytes;
}

bool sane(const PageRecord& r) {
    const std::size_t longest =
        std::max({r.label.size(), r.text.size(), r.problem.size(), r.token_offsets.size() * sizeof(std::uint32_t)});
    return r.document >= 0 && r.page >= 0 && std::uint32_t(r.page) <= kMaxPage && r.words >= 0 &&
           saneRange(r.token_begin, r.token_end) && longest <= kMaxValueBytes;
}

bool sane(const WordsRecord& r) {
    return r.document >= 0 && r.page >= 0 && std::uint32_t(r.page) <= kMaxPage && r.boxes.size() <= kMaxValueBytes;
}

bool sane(const TokenRun& r) {
    return r.branch >= 0 && r.branch <= kMaxBranch && r.begin < kMaxTokens && r.ids.size() <= kMaxTokens - r.begin &&
           r.ids.size() * sizeof(std::int32_t) <= kMaxValueBytes;
}

bool sane(const BlockRecord& r) {
    return r.branch >= 0 && r.branch <= kMaxBranch && r.page <= kMaxPage && r.layer >= 0 && r.layer <= kMaxLayer &&
           r.kind >= 0 && r.kind <= kMaxKind && r.bits >= 0 && r.bits <= kMaxBlockBits && r.tokens >= 0 &&
           r.tokens <= kMaxBlockTokens && r.bytes.size() <= kMaxValueBytes;
}

bool sane(const BranchRecord& r) {
    return r.id >= 0 && r.id <= kMaxBranch && r.name.size() <= kMaxValueBytes && r.parent >= 0 && r.state >= 0 &&
           r.shared_messages >= 0 && r.base_tokens < kMaxTokens && r.shared_tokens < kMaxTokens &&
           r.stored_tokens < kMaxTokens;
}

bool sane(const MessageRecord& r) {
    return r.branch >= 0 && r.branch <= kMaxBranch && r.index >= 0 && saneRange(r.token_begin, r.token_end) &&
           r.json.size() <= kMaxValueBytes;
}

template <typename Record>
Status checkAll(const std::vector<Record>& records) {
    for (const auto& record : records) {
        if (!sane(record)) return beyond(Row<Record>::called(record));
    }
    return {};
}

template <typename Record>
Status putAll(Database& db, SealDeltas& seals, const std::vector<Record>& records) {
    for (const auto& record : records) {
        if (auto stored = putRow(db, seals, record); !stored) return stored;
    }
    return {};
}

/// Removes the rows of one owner from key `first` to `last`.
Status removeRows(Database& db, SealDeltas& seals, RowKind kind, int owner, const std::string& table,
                  std::int64_t first, std::int64_t last) {
    auto sum = countRows(db, table, first, last);
    if (!sum) return sum.error();
    if (sum->rows == 0) return {};
    seals.add(kind, owner, -sum->rows, -sum->sum);
    return Query(db, "DELETE FROM " + table + " WHERE id BETWEEN ? AND ?").bind(first).bind(last).run();
}

/// Where the tokens of a branch that begin before `token` end, and the chain of all of them; the last run's key.
struct TokensEnd {
    std::uint64_t end = 0;
    std::uint32_t chain = 0;
    std::optional<std::int64_t> key;
};

Result<TokensEnd> tokensBefore(Database& db, int branch, std::uint64_t token) {
    const std::int64_t first = Row<TokenRun>::firstKey(branch);
    Query query(db, "SELECT id, length(ids), chain FROM tokens WHERE id >= ? AND id < ? ORDER BY id DESC LIMIT 1");
    auto row = query.bind(first).bind(first + std::int64_t(token)).step();
    if (!row) return row.error();
    std::int64_t id = 0, bytes = 0, chain = 0;
    if (!*row || !query.get(0, id) || !query.get(1, bytes) || !query.get(2, chain)) return TokensEnd();
    return TokensEnd{std::uint64_t(id - first) + std::uint64_t(bytes) / sizeof(std::int32_t), std::uint32_t(chain), id};
}

Status truncateTokens(Database& db, SealDeltas& seals, int branch, std::uint64_t tokens, const std::string& name) {
    if (tokens >= kMaxTokens) return {};
    const std::int64_t first = Row<TokenRun>::firstKey(branch);
    const std::int64_t last = first | std::int64_t(kMaxTokens - 1);
    auto removed = removeRows(db, seals, RowKind::Tokens, branch, "tokens", first + std::int64_t(tokens), last);
    if (!removed) return removed;
    auto before = tokensBefore(db, branch, tokens);
    if (!before) return before.error();
    if (!before->key || before->end <= tokens) return {};
    TokenRun run;
    {
        RowScan<TokenRun> scan(db, *before->key, *before->key);
        auto row = scan.next();
        if (!row) return row.error();
        if (!*row || !scan.intact) return damagedRow(name, Row<TokenRun>::called(scan.record));
        run = std::move(scan.record);
    }
    auto earlier = tokensBefore(db, branch, run.begin);
    if (!earlier) return earlier.error();
    run.ids.resize(std::min<std::size_t>(run.ids.size(), tokens - run.begin));
    run.chain = chained(run, earlier->chain);
    return putRow(db, seals, run);
}

/// Tokens are only ever added at the end of their branch, so that the chain says which tokens come before them.
Status appendTokens(Database& db, SealDeltas& seals, const TokenRun& run) {
    auto stored = tokensBefore(db, run.branch, kMaxTokens);
    if (!stored) return stored.error();
    if (run.begin != stored->end)
        return Error{ErrorCode::Usage, "The tokens from " + std::to_string(run.begin) + " of branch " +
                                           std::to_string(run.branch) + " do not follow the " +
                                           std::to_string(stored->end) +
                                           " that are stored already; cut the branch back first."};
    if (run.ids.empty()) return {};
    TokenRun next = run;
    next.chain = chained(next, stored->chain);
    return putRow(db, seals, next);
}

Status dropCache(Database& db, SealDeltas& seals) {
    constexpr std::pair<const char*, RowKind> kCaches[] = {{"DELETE FROM tokens", RowKind::Tokens},
                                                           {"DELETE FROM branches", RowKind::Branch},
                                                           {"DELETE FROM messages", RowKind::Message}};
    for (const auto& [sql, kind] : kCaches) {
        if (auto gone = db.exec(sql); !gone) return gone;
        if (auto gone = seals.drop(db, kind); !gone) return gone;
    }
    return BlockTable(db, seals).clear();
}

Status truncateBranch(Database& db, SealDeltas& seals, const SessionCommit::Truncate& cut, const std::string& name) {
    if (auto done = truncateTokens(db, seals, cut.branch, cut.tokens, name); !done) return done;
    if (auto done = BlockTable(db, seals).truncate(cut.branch, cut.pages); !done) return done;
    const std::int64_t first = Row<MessageRecord>::firstKey(cut.branch);
    return removeRows(db, seals, RowKind::Message, cut.branch, "messages", first + cut.messages, first | INT32_MAX);
}

Status removeBranch(Database& db, SealDeltas& seals, int branch, const std::string& name) {
    if (auto done = truncateBranch(db, seals, {branch, 0, 0, 0}, name); !done) return done;
    return removeRows(db, seals, RowKind::Branch, 0, "branches", branch, branch);
}

Status removeDocument(Database& db, SealDeltas& seals, int document) {
    const std::int64_t first = Row<PageRecord>::firstKey(document);
    for (const auto& [kind, table] : {std::pair(RowKind::Page, "pages"), std::pair(RowKind::Words, "words")}) {
        if (auto done = removeRows(db, seals, kind, document, table, first, first | kMaxPage); !done) return done;
    }
    return removeRows(db, seals, RowKind::Document, 0, "documents", document, document);
}

Status putMeta(Database& db, SealDeltas& seals, const std::map<std::string, std::string>& meta) {
    for (const auto& [name, value] : meta) {
        const auto bytes = std::as_bytes(std::span(value.data(), value.size()));
        if (auto put = putRow(db, seals, MetaRecord{name, {bytes.begin(), bytes.end()}}); !put) return put;
    }
    return {};
}

template <typename Records>
std::size_t sizeOf(const Records& records, auto&& payload) {
    std::size_t bytes = records.size() * sizeof(*records.begin());
    for (const auto& record : records) bytes += payload(record);
    return bytes;
}

}  // namespace

std::size_t SessionCommit::bytes() const {
    std::size_t bytes = sizeof *this + sizeOf(branches, [](const BranchRecord& r) { return r.name.size(); });
    bytes += sizeOf(documents, [](const DocumentRecord& r) {
        return r.name.size() + r.source.size() + r.kind.size() + r.title.size() + r.author.size() +
               r.content_hash.size() + r.problem.size() + r.outline_json.size();
    });
    bytes += sizeOf(pages, [](const PageRecord& r) {
        return r.label.size() + r.text.size() + r.problem.size() + 4 * r.token_offsets.size();
    });
    bytes += sizeOf(words, [](const WordsRecord& r) { return r.boxes.size(); });
    bytes += sizeOf(tokens, [](const TokenRun& r) { return 4 * r.ids.size(); });
    bytes += sizeOf(blocks, [](const BlockRecord& r) { return r.bytes.size(); });
    bytes += sizeOf(messages, [](const MessageRecord& r) { return r.json.size(); });
    return bytes + sizeOf(meta, [](const auto& entry) { return entry.first.size() + entry.second.size(); });
}

Status checkCommit(const SessionCommit& c) {
    for (const auto& cut : c.truncate) {
        if (cut.branch < 0 || cut.branch > kMaxBranch || cut.messages < 0)
            return beyond("branch " + std::to_string(cut.branch));
    }
    for (const int document : c.removed_documents) {
        if (document < 0) return beyond("document " + std::to_string(document));
    }
    for (const int branch : c.removed_branches) {
        if (branch < 0 || branch > kMaxBranch) return beyond("branch " + std::to_string(branch));
    }
    for (const auto& block : c.blocks) {
        if (!sane(block))
            return beyond("a cache block of layer " + std::to_string(block.layer) + ", page " +
                          std::to_string(block.page));
    }
    for (const auto& [name, value] : c.meta) {
        if (name.size() + value.size() > kMaxValueBytes) return beyond("the value \"" + name.substr(0, 80) + "\"");
    }
    for (const Status& checked : {checkAll(c.documents), checkAll(c.pages), checkAll(c.words), checkAll(c.tokens),
                                  checkAll(c.branches), checkAll(c.messages)}) {
        if (!checked) return checked;
    }
    return {};
}

Status SessionStore::State::stillOurs() {
    if (mode != OpenMode::ReadWrite)
        return Error{ErrorCode::Usage, name + " was opened read-only; open it for writing to change it."};
    if (identityOf(file) != identity)
        return Error{ErrorCode::Failed, name +
                                            " was removed, renamed or replaced while it was open; put it back and "
                                            "open it again, or save to a new session."};
    return {};
}

Status SessionStore::State::begin() {
    if (auto ours = stillOurs(); !ours) return ours;
    if (auto begun = db.exec("BEGIN IMMEDIATE"); !begun) return begun;
    auto version = db.number("PRAGMA data_version");
    if (!version) return version.error();
    if (*version != data_version)
        return Error{ErrorCode::Busy, name + " was changed by another program while it was open here; open it again."};
    return {};
}

Status SessionStore::State::finish(SealDeltas& seals) {
    if (auto sealed = seals.write(db, name); !sealed) return sealed;
    return db.exec("COMMIT");
}

Status SessionStore::State::apply(const SessionCommit& commit, SealDeltas& seals) {
    if (commit.drop_cache) {
        if (auto dropped = dropCache(db, seals); !dropped) return dropped;
    }
    if (commit.drop_blocks) {
        if (auto dropped = BlockTable(db, seals).clear(); !dropped) return dropped;
    }
    for (const auto& cut : commit.truncate) {
        if (auto done = truncateBranch(db, seals, cut, name); !done) return done;
    }
    for (const int branch : commit.removed_branches) {
        if (auto done = removeBranch(db, seals, branch, name); !done) return done;
    }
    for (const int document : commit.removed_documents) {
        if (auto done = removeDocument(db, seals, document); !done) return done;
    }
    for (const auto& run : commit.tokens) {
        if (auto put = appendTokens(db, seals, run); !put) return put;
    }
    if (auto put = putAll(db, seals, commit.documents); !put) return put;
    if (auto put = putAll(db, seals, commit.pages); !put) return put;
    if (auto put = putAll(db, seals, commit.words); !put) return put;
    if (auto put = putAll(db, seals, commit.branches); !put) return put;
    if (auto put = putAll(db, seals, commit.messages); !put) return put;
    if (auto put = putMeta(db, seals, commit.meta); !put) return put;
    return BlockTable(db, seals).write(commit.blocks);
}

Status SessionStore::State::setIdentity(const SessionIdentity& identity) {
    if (auto begun = begin(); !begun) return begun;
    SealDeltas seals;
    if (auto put = putRow(db, seals, identity); !put) return put;
    return finish(seals);
}

Status SessionStore::setIdentity(const SessionIdentity& identity) {
    Status done = m_state->setIdentity(identity);
    m_state->db.rollback();
    return done;
}

Status SessionStore::commit(const SessionCommit& commit) {
    return this->commit(std::span(&commit, 1));
}

Status SessionStore::commit(std::span<const SessionCommit> group) {
    const auto write = [&]() -> Status {
        for (const auto& commit : group) {
            if (auto sane = checkCommit(commit); !sane) return sane;
        }
        if (auto begun = m_state->begin(); !begun) return begun;
        SealDeltas seals;
        for (const auto& commit : group) {
            if (auto applied = m_state->apply(commit, seals); !applied) return applied;
        }
        return m_state->finish(seals);
    };
    Status done = write();
    m_state->db.rollback();  // nothing to do after a COMMIT that succeeded
    return done;
}

}  // namespace lectern
