// SPDX-License-Identifier: GPL-3.0-or-later
// What a session's file holds of its documents' cache, to compare two files byte for byte.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <tuple>
#include <vector>

#include "engine/session/session_store.h"

namespace lectern::test {

using Blocks = std::map<std::tuple<std::uint32_t, int, int>, std::vector<std::byte>>;

/// The blocks before the end of the documents, by page, layer and kind.
inline Blocks storedBlocks(const std::filesystem::path& file) {
    Blocks blocks;
    const auto store = SessionStore::open(file, OpenMode::ReadOnly);
    EXPECT_TRUE(store);
    const auto read = store->readBlocks(0, [&](BlockRecord&& b) -> Status {
        blocks[{b.page, b.layer, b.kind}] = std::move(b.bytes);
        return {};
    });
    EXPECT_TRUE(read) << (read ? "" : read.error().message);
    return blocks;
}

}  // namespace lectern::test
