// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>

#include "engine/session/block_row.h"

namespace lectern {

/// Reads the bytes of blocks, each row under one short read lock, so that a writer waits no longer than that. One
/// thread.
class BlockReader {
public:
    /// Gives where the bytes of a block belong, block.bytes long; nothing where they are not wanted; an Error ends the
    /// reading.
    using Place = std::function<Result<std::span<std::byte>>(const StoredBlock& block)>;
    /// Called when they are there and match their checksum; an Error ends the reading.
    using Done = std::function<Status(const StoredBlock& block)>;

    /// With a connection of its own. `others_write`: another process may change the session meanwhile, which is then
    /// said instead of Damaged. SessionStore::blockReader() gives what belongs here.
    static Result<BlockReader> open(const std::filesystem::path& file, const std::string& name, bool others_write);
    /// On a connection that is borrowed.
    BlockReader(Database& db, std::string name, bool others_write, std::int64_t version)
        : m_db(&db), m_name(std::move(name)), m_others_write(others_write), m_version(version) {}
    /// Errors: Damaged, naming layer, kind and page; Busy; as any read.
    Status read(const BlockRow& row, const Place& place, const Done& done);
    /// Blocks of the row whose bytes are not what was written. Errors: as any read.
    Result<std::vector<StoredBlock>> damaged(const BlockRow& row);

private:
    Error differs(const StoredBlock& block);

    std::unique_ptr<Database> m_own;
    Database* m_db;
    std::string m_name;
    bool m_others_write = false;
    std::int64_t m_version = 0;
    std::vector<std::byte> m_data;
};

}  // namespace lectern
