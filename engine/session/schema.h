// SPDX-License-Identifier: GPL-3.0-or-later
// Tables, keys and limits of the session file: FORMAT.md in code.
#pragma once

#include <cstdint>

#include "engine/session/sqlite.h"

namespace lectern {

inline constexpr std::uint32_t kApplicationId = 0x4C435452;  ///< "LCTR"
inline constexpr int kFormatVersion = 1;

inline constexpr int kBranchBits = 22, kPageBits = 24, kLayerBits = 12, kKindBits = 4, kBeginBits = 40;
inline constexpr int kMaxBranch = (1 << kBranchBits) - 1;
inline constexpr int kDocumentBranch = 1 << (kBranchBits - 1);  ///< + document: owner of its blocks in a shelf
inline constexpr std::uint32_t kMaxPage = (1U << kPageBits) - 1;
inline constexpr int kMaxLayer = (1 << kLayerBits) - 1;
inline constexpr int kMaxKind = (1 << kKindBits) - 1;
inline constexpr std::uint64_t kMaxTokens = std::uint64_t(1) << kBeginBits;  ///< of a branch
inline constexpr std::size_t kMaxValueBytes = std::size_t(64) << 20;         ///< one block, text or other value
inline constexpr int kMaxBlockBits = 255, kMaxBlockTokens = 65535;

/// branch | page | layer | kind, highest first: blocks of one page together, new pages of a branch at its end.
constexpr std::int64_t blockKey(int branch, std::uint32_t page, int layer, int kind) {
    std::int64_t key = std::int64_t(branch) << kPageBits | std::int64_t(page);
    key = key << kLayerBits | std::int64_t(layer);
    return key << kKindBits | std::int64_t(kind);
}
constexpr int blockBranch(std::int64_t key) {
    return int(key >> (kPageBits + kLayerBits + kKindBits));
}
constexpr std::uint32_t blockPage(std::int64_t key) {
    return std::uint32_t(key >> (kLayerBits + kKindBits)) & kMaxPage;
}
constexpr int blockLayer(std::int64_t key) {
    return int(key >> kKindBits) & kMaxLayer;
}
constexpr int blockKind(std::int64_t key) {
    return int(key) & kMaxKind;
}
static_assert(blockKey(kMaxBranch, kMaxPage, kMaxLayer, kMaxKind) > 0, "keys are positive 63-bit numbers");
static_assert(blockLayer(blockKey(3, 5, 7, 1)) == 7 && blockPage(blockKey(3, 5, 7, 1)) == 5);

/// What a row belongs to. Part of its checksum and of its seal's key: the numbers are the format.
enum class RowKind : std::uint8_t { Identity = 1, Document, Page, Tokens, Block, Branch, Message, Meta, Seal, Words };

/// Makes the tables in an empty database, in one transaction. Errors: as any write.
Status createSchema(Database& db);

/// Whether the file can be a session at all, from its first bytes. `name` quoted, for messages.
Status checkHeader(const RawHeader& header, const std::string& name);

/// Version, encoding and the text of every table: anything but exactly what createSchema() makes is refused.
Status checkSchema(Database& db, const std::string& name);

}  // namespace lectern
