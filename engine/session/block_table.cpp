// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/session/block_table.h"

#include <algorithm>
#include <cassert>
#include <limits>

namespace lectern {

namespace {

constexpr std::int64_t kNoRow = std::numeric_limits<std::int64_t>::max();

template <typename T>
void put(std::vector<std::byte>& to, T value) {
    const auto bytes = std::as_bytes(std::span(&value, 1));
    to.insert(to.end(), bytes.begin(), bytes.end());
}

template <typename T>
T take(std::span<const std::byte>& from) {
    T value{};
    std::memcpy(&value, from.data(), sizeof value);
    from = from.subspan(sizeof value);
    return value;
}

std::uint32_t directoryCrc(std::int64_t id, std::int64_t last, std::span<const std::byte> directory) {
    RowCrc crc(RowKind::Block);
    crc(id);
    crc(last);
    crc(directory);
    return crc.value();
}

/// Entries in key order from `id` to `last` that cover `data` exactly; false where the directory says anything else.
bool readDirectory(std::int64_t id, std::int64_t last, std::span<const std::byte> directory,
                   std::span<const std::byte> data, std::vector<StoredBlock>& blocks) {
    if (directory.empty() || directory.size() % BlockTable::kEntryBytes != 0) return false;
    std::int64_t before = -1;
    while (!directory.empty()) {
        StoredBlock block;
        block.key = take<std::int64_t>(directory);
        const auto size = take<std::uint32_t>(directory);
        block.crc = take<std::uint32_t>(directory);
        block.tokens = take<std::uint16_t>(directory);
        block.bits = take<std::uint16_t>(directory);
        const auto reserved = take<std::uint32_t>(directory);
        if (block.key <= before || size > data.size() || reserved != 0) return false;
        block.bytes = data.first(size);
        data = data.subspan(size);
        before = block.key;
        blocks.push_back(block);
    }
    return data.empty() && blocks.front().key == id && blocks.back().key == last &&
           blockBranch(id) == blockBranch(last);
}

std::string kindName(int kind) {
    return kind == 0 ? "key" : kind == 1 ? "value" : "kind " + std::to_string(kind);
}

std::string ofBranch(int branch) {
    return branch == 0 ? "" : " of branch " + std::to_string(branch);
}

}  // namespace

BlockRecord StoredBlock::record(bool with_bytes) const {
    BlockRecord record;
    record.branch = blockBranch(key);
    record.layer = blockLayer(key);
    record.kind = blockKind(key);
    record.page = blockPage(key);
    record.bits = bits;
    record.tokens = tokens;
    if (with_bytes) record.bytes.assign(bytes.begin(), bytes.end());
    return record;
}

std::string StoredBlock::called() const {
    return "the " + kindName(blockKind(key)) + " block of layer " + std::to_string(blockLayer(key)) + ", page " +
           std::to_string(blockPage(key)) + ofBranch(blockBranch(key));
}

std::string BlockRow::called() const {
    return "the list of cache blocks from page " + std::to_string(blockPage(id)) + ", layer " +
           std::to_string(blockLayer(id)) + " to page " + std::to_string(blockPage(last)) + ", layer " +
           std::to_string(blockLayer(last)) + ofBranch(branch());
}

BlockRow blockRow(const Query& query) {
    BlockRow row;
    std::span<const std::byte> directory, data;
    std::int64_t crc = 0;
    const bool typed = query.get(0, row.id) && query.get(1, crc) && query.get(2, row.last) && query.get(3, directory) &&
                       query.get(4, data) && row.id >= 0 && crc >= 0 && crc <= UINT32_MAX;
    row.crc = std::uint32_t(crc);
    row.intact = typed && directoryCrc(row.id, row.last, directory) == row.crc &&
                 readDirectory(row.id, row.last, directory, data, row.blocks);
    if (!row.intact) row.blocks.clear();
    return row;
}

Status BlockTable::clear() {
    if (auto gone = m_db->exec("DELETE FROM blocks"); !gone) return gone;
    return m_seals->drop(*m_db, RowKind::Block);
}

Status BlockTable::truncate(int branch, std::uint32_t page) {
    if (page > kMaxPage) return {};
    const std::int64_t first = blockKey(branch, page, 0, 0);
    const std::int64_t last = blockKey(branch, kMaxPage, kMaxLayer, kMaxKind);
    auto old = take(first);
    if (!old) return old.error();
    if (*old) {
        for (const auto& block : (*old)->blocks) {
            if (block.key >= first) break;
            if (auto added = add(block); !added) return added;
        }
        if (auto written = flush(); !written) return written;
    }
    auto count = countRows(*m_db, "blocks", first, last);
    if (!count) return count.error();
    if (count->rows == 0) return {};
    m_seals->add(RowKind::Block, branch, -count->rows, -count->sum);
    return Query(*m_db, "DELETE FROM blocks WHERE id BETWEEN ? AND ?").bind(first).bind(last).run();
}

Status BlockTable::write(const std::vector<BlockRecord>& records) {
    if (records.empty()) return {};
    m_pending.data.reserve(kRowBytes);
    std::vector<StoredBlock> blocks;
    blocks.reserve(records.size());
    for (const auto& r : records)
        blocks.push_back({blockKey(r.branch, r.page, r.layer, r.kind), r.bits, r.tokens, crc32c(r.bytes), r.bytes});
    std::stable_sort(blocks.begin(), blocks.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
    std::size_t kept = 0;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        if (i + 1 == blocks.size() || blocks[i + 1].key != blocks[i].key) blocks[kept++] = blocks[i];
    }
    blocks.resize(kept);
    for (std::size_t next = 0; next < blocks.size();) {
        auto old = take(blocks[next].key);
        if (!old) return old.error();
        if (*old) {
            if (auto merged = mergeOld(**old, blocks, next); !merged) return merged;
        } else {
            auto end = rowAfter(blocks[next].key);
            if (!end) return end.error();
            if (auto added = addUntil(*end, blocks, next); !added) return added;
        }
        if (next == blocks.size()) break;
        auto same = adjoins(m_pending.last, blocks[next].key);
        if (!same) return same.error();
        if (!*same) {
            if (auto written = flush(); !written) return written;
        }
    }
    return flush();
}

/// Takes out the row that holds `key` between its first and last block, if there is one.
Result<std::optional<BlockTable::OldRow>> BlockTable::take(std::int64_t key) {
    std::optional<OldRow> old;
    std::int64_t id = 0;
    std::uint32_t crc = 0;
    {
        Query query(*m_db, "SELECT id, crc, last, directory, data FROM blocks WHERE id <= ? ORDER BY id DESC LIMIT 1");
        auto row = query.bind(key).step();
        if (!row) return row.error();
        std::int64_t last = 0;
        if (!*row || !query.get(2, last) || last < key) return old;
        BlockRow found = blockRow(query);
        if (!found.intact) m_seals->recountBlocks(blockBranch(key));
        id = found.id;
        crc = found.crc;
        old.emplace();
        old->last = last;
        old->blocks = std::move(found.blocks);
        for (auto& block : old->blocks) old->data.insert(old->data.end(), block.bytes.begin(), block.bytes.end());
        std::size_t at = 0;
        for (auto& block : old->blocks) {
            block.bytes = std::span(old->data).subspan(at, block.bytes.size());
            at += block.bytes.size();
        }
    }
    if (auto removed = remove(id, crc); !removed) return removed.error();
    return old;
}

Status BlockTable::mergeOld(const OldRow& old, std::span<const StoredBlock> blocks, std::size_t& next) {
    for (const auto& block : old.blocks) {
        if (auto added = addUntil(block.key, blocks, next); !added) return added;
        const bool replaced = next < blocks.size() && blocks[next].key == block.key;
        if (auto added = add(replaced ? blocks[next++] : block); !added) return added;
    }
    return old.blocks.empty() ? addUntil(old.last + 1, blocks, next) : Status();
}

/// Adds blocks of the same branch with keys before `end`.
Status BlockTable::addUntil(std::int64_t end, std::span<const StoredBlock> blocks, std::size_t& next) {
    const int branch = next < blocks.size() ? blockBranch(blocks[next].key) : 0;
    while (next < blocks.size() && blocks[next].key < end && blockBranch(blocks[next].key) == branch) {
        if (auto added = add(blocks[next++]); !added) return added;
    }
    return {};
}

Result<std::int64_t> BlockTable::rowAfter(std::int64_t key) {
    Query query(*m_db, "SELECT id FROM blocks WHERE id > ? ORDER BY id LIMIT 1");
    auto row = query.bind(key).step();
    if (!row) return row.error();
    std::int64_t id = kNoRow;
    if (*row) query.get(0, id);
    return id;
}

/// Whether a block `key` may follow `last` in one row: same branch, and no row that stays lies between.
Result<bool> BlockTable::adjoins(std::int64_t last, std::int64_t key) {
    if (blockBranch(last) != blockBranch(key)) return false;
    auto after = rowAfter(last);
    if (!after) return after.error();
    if (*after > key) return true;
    Query query(*m_db, "SELECT last FROM blocks WHERE id = ?");
    auto row = query.bind(*after).step();
    if (!row) return row.error();
    std::int64_t end = 0;
    return *row && query.get(0, end) && end >= key;
}

/// Rows end where they are full, and at a page where the bits change: the recent window is written again soon, and
/// what is settled before it must not have to be.
bool BlockTable::closes(const StoredBlock& block) const {
    if (m_pending.directory.empty()) return false;
    if (blockBranch(m_pending.last) != blockBranch(block.key)) return true;
    const std::size_t size = m_pending.data.size();
    if (size + block.bytes.size() > kRowBytes) return true;
    return blockPage(m_pending.last) != blockPage(block.key) &&
           (size > kRowBytes / 2 || block.bits != m_pending.page_bits);
}

Status BlockTable::add(const StoredBlock& block) {
    if (closes(block)) {
        if (auto written = flush(); !written) return written;
    }
    const bool first = m_pending.directory.empty();
    assert(first || block.key > m_pending.last);
    if (first) m_pending.first = block.key;
    if (first || blockPage(m_pending.last) != blockPage(block.key)) m_pending.page_bits = block.bits;
    m_pending.last = block.key;
    put(m_pending.directory, block.key);
    put(m_pending.directory, std::uint32_t(block.bytes.size()));
    put(m_pending.directory, block.crc);
    put(m_pending.directory, std::uint16_t(block.tokens));
    put(m_pending.directory, std::uint16_t(block.bits));
    put(m_pending.directory, std::uint32_t(0));
    m_pending.data.insert(m_pending.data.end(), block.bytes.begin(), block.bytes.end());
    return {};
}

Status BlockTable::flush() {
    if (m_pending.directory.empty()) return {};
    const std::uint32_t crc = directoryCrc(m_pending.first, m_pending.last, m_pending.directory);
    m_seals->add(RowKind::Block, blockBranch(m_pending.first), 1, crc);
    Query insert(*m_db, "INSERT INTO blocks(id, crc, last, directory, data) VALUES(?, ?, ?, ?, ?)");
    insert.bind(m_pending.first).bind(std::int64_t(crc)).bind(m_pending.last);
    Status done = insert.bind(std::span<const std::byte>(m_pending.directory))
                      .bind(std::span<const std::byte>(m_pending.data))
                      .run();
    m_pending.directory.clear();
    m_pending.data.clear();
    return done;
}

Status BlockTable::remove(std::int64_t id, std::uint32_t crc) {
    m_seals->add(RowKind::Block, blockBranch(id), -1, -std::int64_t(crc));
    return Query(*m_db, "DELETE FROM blocks WHERE id = ?").bind(id).run();
}

}  // namespace lectern
