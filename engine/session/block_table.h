// SPDX-License-Identifier: GPL-3.0-or-later
// Cache blocks in rows of about half a megabyte: small blocks would waste database pages and time.
#pragma once

#include <optional>
#include <vector>

#include "engine/session/seals.h"

namespace lectern {

/// A block where its row holds it.
struct StoredBlock {
    std::int64_t key = 0;
    int bits = 0, tokens = 0;
    std::uint32_t crc = 0;  ///< CRC-32C of its bytes, as stored
    std::span<const std::byte> bytes;

    bool intact() const { return crc32c(bytes) == crc; }
    BlockRecord record(bool with_bytes) const;
    std::string called() const;  ///< "the key block of layer 3, page 17"
};

/// One row of blocks, read. `blocks` point into `data`.
struct BlockRow {
    std::int64_t id = 0, last = 0;  ///< keys of its first and last block
    std::uint32_t crc = 0;
    bool intact = false;  ///< the directory is what was written; else there are no blocks
    std::vector<StoredBlock> blocks;

    int branch() const { return blockBranch(id); }
    std::string called() const;
};

/// Takes the current row of "SELECT kBlockColumns FROM blocks"; the bytes are borrowed from the query.
inline constexpr const char* kBlockColumns = "id, crc, last, directory, data";
BlockRow blockRow(const Query& query);

/// Writes blocks within a transaction. Rows of a branch never interleave: a row that holds a block to be replaced is
/// taken out, merged and written anew. Borrowed: the database and the seals.
class BlockTable {
public:
    static constexpr std::size_t kRowBytes = std::size_t(512) << 10;  ///< a row is closed before it grows past this
    static constexpr std::size_t kEntryBytes = 24;                    ///< of the directory

    BlockTable(Database& db, SealDeltas& seals) : m_db(&db), m_seals(&seals) {}
    /// Removes the blocks of pages >= `page`.
    Status truncate(int branch, std::uint32_t page);
    /// Inserts or replaces, the last one with a key wins.
    Status write(const std::vector<BlockRecord>& blocks);
    /// Removes everything.
    Status clear();

private:
    struct OldRow {
        std::int64_t last = 0;
        std::vector<std::byte> data;
        std::vector<StoredBlock> blocks;  ///< none where the directory was damaged
    };
    struct Pending {
        std::int64_t first = 0, last = 0;
        int page_bits = 0;  ///< of the first block of its last page
        std::vector<std::byte> directory, data;
    };

    Result<std::optional<OldRow>> take(std::int64_t key);
    Status mergeOld(const OldRow& old, std::span<const StoredBlock> blocks, std::size_t& next);
    Status addUntil(std::int64_t end, std::span<const StoredBlock> blocks, std::size_t& next);
    Result<std::int64_t> rowAfter(std::int64_t key);
    Result<bool> adjoins(std::int64_t last, std::int64_t key);
    Status add(const StoredBlock& block);
    bool closes(const StoredBlock& block) const;
    Status flush();
    Status remove(std::int64_t id, std::uint32_t crc);

    Database* m_db;
    SealDeltas* m_seals;
    Pending m_pending;
};

}  // namespace lectern
