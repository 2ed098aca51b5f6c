// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/cache_load.h"

#include <gtest/gtest.h>

#include "engine/session/rows.h"

namespace lectern {
namespace {

/// Two runs of pages with two layers each, in a row for each layer and kind of 100 bytes, as reading writes them; given
/// in another order.
std::vector<BlockRow> twoRuns() {
    std::vector<BlockRow> rows;
    std::int64_t payload = 0;
    for (const int page : {0, 4})
        for (const int layer : {0, 1})
            for (const int kind : {0, 1}) {
                BlockRow row;
                row.id = row.last = blockKey(0, page, layer, kind);
                row.payload = ++payload;
                row.blocks = {{row.id, 4, 256, 100, 0}};
                rows.push_back(row);
            }
    std::swap(rows.front(), rows.back());
    return rows;
}

std::vector<std::int64_t> payloads(const std::vector<BlockRow>& rows) {
    std::vector<std::int64_t> all;
    for (const auto& row : rows) all.push_back(row.payload);
    return all;
}

TEST(CacheLoad, ReadsLayerAfterLayerWhereMemoryHoldsCacheAndFile) {
    auto rows = twoRuns();
    orderRows(rows, 2 * 800);
    EXPECT_EQ(payloads(rows), (std::vector<std::int64_t>{1, 5, 2, 6, 3, 7, 4, 8}));
}

TEST(CacheLoad, ReadsInTheOrderOfTheFileWhereMemoryDoesNotHoldBoth) {
    for (const std::uint64_t free : {std::uint64_t(0), std::uint64_t(2 * 800 - 1)}) {
        auto rows = twoRuns();
        orderRows(rows, free);
        EXPECT_EQ(payloads(rows), (std::vector<std::int64_t>{1, 2, 3, 4, 5, 6, 7, 8})) << free;
    }
}

}  // namespace
}  // namespace lectern
