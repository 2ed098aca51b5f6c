// SPDX-License-Identifier: GPL-3.0-or-later
// Writing cache blocks: in rows of one run of pages and a few layers, so that a layer can be read without the others.
#pragma once

#include "engine/session/block_row.h"
#include "engine/session/seals.h"

namespace lectern {

/// Writes blocks within a transaction. A *run* is some consecutive pages of a branch; it has one row or several, each
/// with whole kinds of layers. Runs never overlap: one that holds a block to be replaced is taken out and written anew
/// with what stays of it. Bytes of rows that come are written before those of rows that go are given up: pages of the
/// file that this transaction frees would have to be journaled to be used again. Borrowed: database and seals.
class BlockTable {
public:
    static constexpr std::size_t kGroupBytes = std::size_t(512) << 10;  ///< of one kind and layer, where a run ends
    static constexpr std::size_t kRowBytes = 2 * kGroupBytes;           ///< a row ends before it grows past this

    BlockTable(Database& db, SealDeltas& seals) : m_db(&db), m_seals(&seals) {}
    /// Removes the blocks of pages >= `page`.
    Status truncate(int branch, std::uint32_t page);
    /// Inserts or replaces, the last one with a key wins.
    Status write(const std::vector<BlockRecord>& blocks);
    /// Removes everything.
    Status clear();

private:
    /// A block to be written, its bytes borrowed.
    struct Source {
        StoredBlock block;
        std::span<const std::byte> bytes;
    };
    using Sources = std::vector<Source>;

    Status takeRuns(int branch, std::uint32_t first, std::uint32_t last);
    Status keep(Sources& sources, std::uint32_t end);
    Status writeRuns(Sources& sources);
    Status writeRun(std::span<Source> run);
    Status addRow(std::span<const Source> blocks, std::int64_t first, std::int64_t last);
    Status finish();

    Database* m_db;
    SealDeltas* m_seals;
    std::vector<BlockRow> m_taken, m_added;      ///< rows that go and rows that come
    std::vector<std::vector<std::byte>> m_kept;  ///< bytes of taken rows, while they are written anew
    std::vector<std::byte> m_data;
};

}  // namespace lectern
