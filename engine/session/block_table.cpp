// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/session/block_table.h"

#include <algorithm>
#include <tuple>

namespace lectern {

namespace {

/// Which of the same two comes first in a run.
auto runOrder(std::int64_t key) {
    return std::tuple(blockLayer(key), blockKind(key), blockPage(key));
}

}  // namespace

Status BlockTable::clear() {
    for (const char* sql : {"DELETE FROM blocks", "DELETE FROM payload"}) {
        if (auto gone = m_db->exec(sql); !gone) return gone;
    }
    return m_seals->drop(*m_db, RowKind::Block);
}

/// Takes the rows of every run that has pages of first … last, and remembers them in m_taken.
Status BlockTable::takeRuns(int branch, std::uint32_t first, std::uint32_t last) {
    std::int64_t begin = blockKey(branch, first, 0, 0);
    {  // the run that `first` lies in may begin before it
        Query query(*m_db, "SELECT id, last FROM blocks WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT 1");
        auto row = query.bind(blockKey(branch, 0, 0, 0)).bind(begin - 1).step();
        if (!row) return row.error();
        std::int64_t id = 0, end = 0;
        if (*row && query.get(0, id) && query.get(1, end) && blockPage(end) >= first)
            begin = blockKey(branch, blockPage(id), 0, 0);
    }
    if (!m_taken.empty()) begin = std::max(begin, m_taken.back().id + 1);
    Query query(*m_db, std::string("SELECT ") + kBlockColumns + " FROM blocks WHERE id BETWEEN ? AND ? ORDER BY id");
    query.bind(begin).bind(blockKey(branch, last, kMaxLayer, kMaxKind));
    for (;;) {
        auto row = query.step();
        if (!row) return row.error();
        if (!*row) return {};
        m_taken.push_back(blockRow(query));
        if (!m_taken.back().intact) m_seals->recountBlocks(branch);
    }
}

/// Adds the blocks of taken rows that no source replaces and that lie before page `end`.
Status BlockTable::keep(Sources& sources, std::uint32_t end) {
    std::vector<std::int64_t> replaced;
    for (const auto& source : sources) replaced.push_back(source.block.key);
    std::sort(replaced.begin(), replaced.end());
    const auto goes = [&](const StoredBlock& block) {
        return blockPage(block.key) >= end || std::binary_search(replaced.begin(), replaced.end(), block.key);
    };
    for (const auto& row : m_taken) {
        if (std::all_of(row.blocks.begin(), row.blocks.end(), goes)) continue;
        std::vector<std::byte> data(row.bytes());
        auto read = readBlob(*m_db, row.payload, data);
        if (!read) return read.error();
        if (!*read) continue;  // its bytes are gone, and so are its blocks
        std::size_t at = 0;
        for (const auto& block : row.blocks) {
            if (!goes(block)) sources.push_back({block, std::span<const std::byte>(data).subspan(at, block.bytes)});
            at += block.bytes;
        }
        m_kept.push_back(std::move(data));
    }
    return {};
}

Status BlockTable::truncate(int branch, std::uint32_t page) {
    if (page > kMaxPage) return {};
    if (auto taken = takeRuns(branch, page, kMaxPage); !taken) return taken;
    Sources sources;
    if (auto kept = keep(sources, page); !kept) return kept;
    if (auto written = writeRuns(sources); !written) return written;
    return finish();
}

Status BlockTable::write(const std::vector<BlockRecord>& records) {
    std::map<std::int64_t, Source> latest;
    for (const auto& r : records) {
        const std::int64_t key = blockKey(r.branch, r.page, r.layer, r.kind);
        latest[key] = {{key, r.bits, r.tokens, std::uint32_t(r.bytes.size()), crc32c(r.bytes)}, r.bytes};
    }
    for (auto at = latest.begin(); at != latest.end();) {
        const int branch = blockBranch(at->first);
        Sources sources;
        while (at != latest.end() && blockBranch(at->first) == branch) {
            const std::uint32_t first = blockPage(at->first);
            std::uint32_t last = first;  // as far as pages follow one another
            for (; at != latest.end() && blockBranch(at->first) == branch && blockPage(at->first) <= last + 1; ++at) {
                last = blockPage(at->first);
                sources.push_back(at->second);
            }
            if (auto taken = takeRuns(branch, first, last); !taken) return taken;
        }
        if (auto kept = keep(sources, kMaxPage + 1); !kept) return kept;
        if (auto written = writeRuns(sources); !written) return written;
        if (auto done = finish(); !done) return done;
    }
    return {};
}

/// Cuts blocks of one branch into runs: of consecutive pages, as wide as kGroupBytes allow, and no further than the
/// bits stay the same: the recent window is written again soon, and what is settled before it must not have to be.
Status BlockTable::writeRuns(Sources& sources) {
    std::sort(sources.begin(), sources.end(),
              [](const Source& a, const Source& b) { return a.block.key < b.block.key; });
    std::map<int, std::size_t> groups;  // bytes by layer and kind
    std::size_t begin = 0;
    int bits = 0;
    for (std::size_t i = 0; i < sources.size();) {
        const std::uint32_t page = blockPage(sources[i].block.key);
        std::size_t end = i, widest = 0;
        std::map<int, std::size_t> wider = groups;
        for (; end < sources.size() && blockPage(sources[end].block.key) == page; ++end) {
            auto& bytes = wider[blockLayer(sources[end].block.key) << kKindBits | blockKind(sources[end].block.key)];
            widest = std::max(widest, bytes += sources[end].block.bytes);
        }
        const bool closes = i > begin && (page != blockPage(sources[i - 1].block.key) + 1 || widest > kGroupBytes ||
                                          sources[i].block.bits != bits);
        if (closes) {
            if (auto written = writeRun(std::span(sources).subspan(begin, i - begin)); !written) return written;
            begin = i;
            groups.clear();
            continue;  // this page once more, as the first of its run
        }
        if (i == begin) bits = sources[i].block.bits;
        groups = std::move(wider);
        i = end;
    }
    return begin == sources.size() ? Status() : writeRun(std::span(sources).subspan(begin));
}

/// `run` comes by page and leaves by layer; its rows are cut between kinds.
Status BlockTable::writeRun(std::span<Source> run) {
    const std::int64_t first = run.front().block.key, last = run.back().block.key;
    std::sort(run.begin(), run.end(),
              [](const Source& a, const Source& b) { return runOrder(a.block.key) < runOrder(b.block.key); });
    const auto sameGroup = [](const Source& a, const Source& b) {
        return blockLayer(a.block.key) == blockLayer(b.block.key) && blockKind(a.block.key) == blockKind(b.block.key);
    };
    std::size_t begin = 0, bytes = 0;
    for (std::size_t i = 0; i < run.size();) {
        std::size_t end = i, group = 0;
        for (; end < run.size() && sameGroup(run[i], run[end]); ++end) group += run[end].block.bytes;
        if (i > begin && bytes + group > kRowBytes) {
            if (auto added = addRow(run.subspan(begin, i - begin), first, last); !added) return added;
            begin = i;
            bytes = 0;
        }
        bytes += group;
        i = end;
    }
    return addRow(run.subspan(begin), first, last);
}

/// Writes the bytes of a row of the run from block `first` to block `last`; the row itself waits for finish().
Status BlockTable::addRow(std::span<const Source> blocks, std::int64_t first, std::int64_t last) {
    BlockRow row;
    const auto label = [](std::int64_t page, std::int64_t block) {
        return blockKey(blockBranch(page), blockPage(page), blockLayer(block), blockKind(block));
    };
    row.id = label(first, blocks.front().block.key);
    row.last = label(last, blocks.back().block.key);
    m_data.clear();
    for (const auto& source : blocks) {
        row.blocks.push_back(source.block);
        m_data.insert(m_data.end(), source.bytes.begin(), source.bytes.end());
    }
    Query insert(*m_db, "INSERT INTO payload(data) VALUES(?)");
    if (auto written = insert.bind(std::span<const std::byte>(m_data)).run(); !written) return written;
    row.payload = m_db->lastRow();
    m_added.push_back(std::move(row));
    return {};
}

/// Exchanges the rows that were taken for those that were added.
Status BlockTable::finish() {
    for (const auto& row : m_taken) {
        m_seals->add(RowKind::Block, row.branch(), -1, -std::int64_t(row.crc));
        if (auto gone = Query(*m_db, "DELETE FROM blocks WHERE id = ?").bind(row.id).run(); !gone) return gone;
        if (!row.intact) continue;  // which bytes were its cannot be told: compacting drops what nobody names
        if (auto gone = Query(*m_db, "DELETE FROM payload WHERE id = ?").bind(row.payload).run(); !gone) return gone;
    }
    for (auto& row : m_added) {
        const auto directory = packDirectory(row.blocks);
        row.crc = blockRowCrc(row, directory);
        m_seals->add(RowKind::Block, row.branch(), 1, row.crc);
        Query insert(*m_db, "INSERT INTO blocks(id, crc, last, payload, directory) VALUES(?, ?, ?, ?, ?)");
        insert.bind(row.id).bind(std::int64_t(row.crc)).bind(row.last).bind(row.payload);
        if (auto put = insert.bind(std::span<const std::byte>(directory)).run(); !put) return put;
    }
    m_taken.clear();
    m_added.clear();
    m_kept.clear();
    return {};
}

}  // namespace lectern
