// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/session/block_row.h"

namespace lectern {

namespace {

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

/// Where a block stands in its row.
std::int64_t place(std::int64_t key) {
    return std::int64_t(blockLayer(key)) << (kKindBits + kPageBits) | std::int64_t(blockKind(key)) << kPageBits |
           std::int64_t(blockPage(key));
}

/// Entries in order, of the branch and the pages that the row's numbers name; false where the list says anything else.
bool readDirectory(const BlockRow& row, std::span<const std::byte> directory, std::vector<StoredBlock>& blocks) {
    if (directory.empty() || directory.size() % kBlockEntryBytes != 0) return false;
    while (!directory.empty()) {
        StoredBlock block;
        block.key = take<std::int64_t>(directory);
        block.bytes = take<std::uint32_t>(directory);
        block.crc = take<std::uint32_t>(directory);
        block.tokens = take<std::uint16_t>(directory);
        block.bits = take<std::uint16_t>(directory);
        if (take<std::uint32_t>(directory) != 0 || block.key < 0 || block.bytes > kMaxValueBytes) return false;
        if (!blocks.empty() && place(block.key) <= place(blocks.back().key)) return false;
        if (blockBranch(block.key) != row.branch() || blockPage(block.key) < blockPage(row.id) ||
            blockPage(block.key) > blockPage(row.last))
            return false;
        blocks.push_back(block);
    }
    const auto group = [](std::int64_t key) { return std::pair(blockLayer(key), blockKind(key)); };
    return blockBranch(row.last) == row.branch() && group(blocks.front().key) == group(row.id) &&
           group(blocks.back().key) == group(row.last);
}

std::string kindName(int kind) {
    return kind == 0 ? "key" : kind == 1 ? "value" : "kind " + std::to_string(kind);
}

std::string ofBranch(int branch) {
    return branch == 0 ? "" : " of branch " + std::to_string(branch);
}

}  // namespace

BlockRecord StoredBlock::record() const {
    BlockRecord record;
    record.branch = blockBranch(key);
    record.layer = blockLayer(key);
    record.kind = blockKind(key);
    record.page = blockPage(key);
    record.bits = bits;
    record.tokens = tokens;
    return record;
}

std::string StoredBlock::called() const {
    return "the " + kindName(blockKind(key)) + " block of layer " + std::to_string(blockLayer(key)) + ", page " +
           std::to_string(blockPage(key)) + ofBranch(blockBranch(key));
}

std::uint64_t BlockRow::bytes() const {
    std::uint64_t sum = 0;
    for (const auto& block : blocks) sum += block.bytes;
    return sum;
}

std::string BlockRow::called() const {
    return "the list of cache blocks of pages " + std::to_string(blockPage(id)) + " to " +
           std::to_string(blockPage(last)) + ", layers " + std::to_string(blockLayer(id)) + " to " +
           std::to_string(blockLayer(last)) + ofBranch(branch());
}

std::vector<std::byte> packDirectory(const std::vector<StoredBlock>& blocks) {
    std::vector<std::byte> directory;
    directory.reserve(blocks.size() * kBlockEntryBytes);
    for (const auto& block : blocks) {
        put(directory, block.key);
        put(directory, block.bytes);
        put(directory, block.crc);
        put(directory, std::uint16_t(block.tokens));
        put(directory, std::uint16_t(block.bits));
        put(directory, std::uint32_t(0));
    }
    return directory;
}

std::uint32_t blockRowCrc(const BlockRow& row, std::span<const std::byte> directory) {
    RowCrc crc(RowKind::Block);
    crc(row.id);
    crc(row.last);
    crc(row.payload);
    crc(directory);
    return crc.value();
}

BlockRow blockRow(const Query& query) {
    BlockRow row;
    std::span<const std::byte> directory;
    std::int64_t crc = 0;
    const bool typed = query.get(0, row.id) && query.get(1, crc) && query.get(2, row.last) &&
                       query.get(3, row.payload) && query.get(4, directory) && row.id >= 0 && row.last >= 0 &&
                       crc >= 0 && crc <= UINT32_MAX;
    row.crc = std::uint32_t(crc);
    row.intact = typed && blockRowCrc(row, directory) == row.crc && readDirectory(row, directory, row.blocks);
    if (!row.intact) row.blocks.clear();
    return row;
}

}  // namespace lectern
