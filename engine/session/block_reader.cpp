// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/session/block_reader.h"

#include "engine/session/seals.h"

namespace lectern {

namespace {

constexpr int kPatienceMs = 15'000;

}  // namespace

Result<BlockReader> BlockReader::open(const std::filesystem::path& file, const std::string& name, bool others_write) {
    auto own = std::make_unique<Database>();
    if (auto opened = own->open(file, false, kPatienceMs); !opened) return opened.error();
    auto version = own->number("PRAGMA data_version");
    if (!version) return version.error();
    BlockReader reader(*own, name, others_write, *version);
    reader.m_own = std::move(own);
    return reader;
}

Error BlockReader::differs(const StoredBlock& block) {
    const auto version = m_db->number("PRAGMA data_version");
    if (m_others_write && version && *version != m_version)
        return {ErrorCode::Busy, m_name + " was written to while it was read; read it again."};
    return damagedRow(m_name, block.called());
}

Status BlockReader::read(const BlockRow& row, const Place& place, const Done& done) {
    const ReadScope scope(*m_db);
    if (!scope.begun()) return scope.begun();
    BlobReader blob(*m_db);
    auto found = blob.open(row.payload);
    if (!found) return found.error();
    std::uint64_t at = 0;
    for (const auto& block : row.blocks) {
        if (!*found || at + block.bytes > blob.bytes()) return differs(block);
        auto to = place(block);
        if (!to) return to.error();
        if (!to->empty()) {
            if (auto read = blob.read(at, *to); !read) return read;
            if (crc32c(*to) != block.crc) return differs(block);
            if (auto taken = done(block); !taken) return taken;
        }
        at += block.bytes;
    }
    return at == blob.bytes() ? Status() : Status(differs(row.blocks.back()));
}

Result<std::vector<StoredBlock>> BlockReader::damaged(const BlockRow& row) {
    const ReadScope scope(*m_db);
    if (!scope.begun()) return scope.begun().error();
    BlobReader blob(*m_db);
    auto found = blob.open(row.payload);
    if (!found) return found.error();
    if (!*found || blob.bytes() != row.bytes()) return row.blocks;
    std::vector<StoredBlock> all;
    std::uint64_t at = 0;
    for (const auto& block : row.blocks) {
        m_data.resize(block.bytes);
        if (auto read = blob.read(at, m_data); !read) return read.error();
        if (crc32c(m_data) != block.crc) all.push_back(block);
        at += block.bytes;
    }
    return all;
}

}  // namespace lectern
