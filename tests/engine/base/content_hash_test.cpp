// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/content_hash.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace lectern {
namespace {

Hash128 hashOf(std::string_view text) {
    return contentHash(std::as_bytes(std::span(text)));
}

std::vector<std::byte> ramp(std::size_t size) {
    std::vector<std::byte> bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = std::byte(i * 131 >> 3 & 255);
    return bytes;
}

TEST(ContentHash, IsXxh3With128Bits) {
    // XXH128 of nothing, seed 0, as the specification of xxHash gives it.
    EXPECT_EQ(hashOf("").hex(), "99aa06d3014798d86001c324468d497f");
}

TEST(ContentHash, DoesNotDependOnHowBytesAreCut) {
    const auto bytes = ramp(5000);
    const Hash128 whole = contentHash(bytes);
    for (const std::size_t step : {1U, 7U, 64U, 255U, 256U, 1024U, 4999U}) {
        ContentHash hash;
        for (std::size_t at = 0; at < bytes.size(); at += step)
            hash.add(std::span(bytes).subspan(at, std::min(step, bytes.size() - at)));
        EXPECT_EQ(hash.digest(), whole) << "pieces of " << step;
    }
}

TEST(ContentHash, ChangesWithEveryByte) {
    auto bytes = ramp(1000);
    std::set<std::string> seen{contentHash(bytes).hex()};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] ^= std::byte(1);
        seen.insert(contentHash(bytes).hex());
        bytes[i] ^= std::byte(1);
    }
    EXPECT_EQ(seen.size(), 1001U);
}

TEST(ContentHash, KeepsNeighbouringTextsApart) {
    ContentHash one, other;
    one.addText("ab");
    one.addText("c");
    other.addText("a");
    other.addText("bc");
    EXPECT_NE(one.digest(), other.digest());
}

TEST(ContentHash, DigestLeavesTheStreamOpen) {
    ContentHash hash;
    hash.add(std::as_bytes(std::span(std::string_view("one "))));
    EXPECT_EQ(hash.digest(), hashOf("one "));
    ContentHash moved = std::move(hash);
    moved.add(std::as_bytes(std::span(std::string_view("two"))));
    EXPECT_EQ(moved.digest(), hashOf("one two"));
}

TEST(Hash128, ReadsOnlyWhatHexWrites) {
    const Hash128 hash{0x0123456789ABCDEF, 0xFEDCBA9876543210};
    EXPECT_EQ(hash.hex(), "0123456789abcdeffedcba9876543210");
    EXPECT_EQ(Hash128::fromHex(hash.hex()), hash);
    for (const char* bad : {"", "0123", "0123456789abcdeffedcba987654321g", "0123456789abcdeffedcba98765432100",
                            "-123456789abcdeffedcba9876543210", "0x23456789abcdeffedcba9876543210"})
        EXPECT_FALSE(Hash128::fromHex(bad)) << bad;
}

}  // namespace
}  // namespace lectern
