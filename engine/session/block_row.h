// SPDX-License-Identifier: GPL-3.0-or-later
// Which cache blocks a session has, and where: rows of the table `blocks`, whose bytes are in rows of `payload`.
#pragma once

#include <vector>

#include "engine/session/row_io.h"

namespace lectern {

/// A block as its row lists it. `crc` is of its bytes, as stored.
struct StoredBlock {
    std::int64_t key = 0;
    int bits = 0, tokens = 0;
    std::uint32_t bytes = 0, crc = 0;

    BlockRecord record() const;  ///< without bytes
    std::string called() const;  ///< "the key block of layer 3, page 17"
};

/// One row of blocks: those of pages blockPage(id) … blockPage(last), some kinds and layers of them. Blocks come by
/// layer, then kind, then page; their bytes lie in this order in the row of `payload`.
struct BlockRow {
    std::int64_t id = 0, last = 0;  ///< first and last page of its run, with layer and kind of its first and last block
    std::int64_t payload = 0;
    std::uint32_t crc = 0;
    bool intact = false;  ///< the list is what was written; else there are no blocks
    std::vector<StoredBlock> blocks;

    int branch() const { return blockBranch(id); }
    std::uint64_t bytes() const;
    std::string called() const;
};

inline constexpr std::size_t kBlockEntryBytes = 24;

/// Takes the current row of "SELECT kBlockColumns FROM blocks".
inline constexpr const char* kBlockColumns = "id, crc, last, payload, directory";
BlockRow blockRow(const Query& query);
std::vector<std::byte> packDirectory(const std::vector<StoredBlock>& blocks);
std::uint32_t blockRowCrc(const BlockRow& row, std::span<const std::byte> directory);

}  // namespace lectern
