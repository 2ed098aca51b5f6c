// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/crc32c.h"

#include <gtest/gtest.h>

#include <random>
#include <string_view>
#include <vector>

namespace lectern {
namespace {

std::span<const std::byte> bytesOf(std::string_view text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}

std::vector<std::byte> randomBytes(std::size_t size, std::uint32_t seed) {
    std::mt19937 random(seed);
    std::vector<std::byte> bytes(size);
    for (auto& b : bytes) b = std::byte(random());
    return bytes;
}

/// The definition, a bit at a time.
std::uint32_t bitwise(std::span<const std::byte> bytes) {
    std::uint32_t crc = 0xFFFFFFFF;
    for (const auto b : bytes) {
        crc ^= std::to_integer<std::uint32_t>(b);
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78U : 0U);
    }
    return ~crc;
}

TEST(Crc32c, GivesThePublishedValues) {  // RFC 3720, appendix B.4, and the usual check value
    EXPECT_EQ(crc32c(bytesOf("123456789")), 0xE3069283U);
    EXPECT_EQ(crc32c(std::vector<std::byte>(32, std::byte{0})), 0x8A9136AAU);
    EXPECT_EQ(crc32c(std::vector<std::byte>(32, std::byte{0xFF})), 0x62A8AB43U);
    EXPECT_EQ(crc32c({}), 0U);
}

TEST(Crc32c, InstructionAndTablesAgreeWithTheDefinitionAtEveryLengthAndAlignment) {
    const auto bytes = randomBytes(10'000, 1);
    for (const std::size_t size : {0, 1, 7, 8, 9, 63, 1023, 1024, 3071, 3072, 3073, 6144, 6151, 9990}) {
        for (std::size_t begin = 0; begin < 9; ++begin) {
            const auto part = std::span(bytes).subspan(begin, size);
            const auto expected = bitwise(part);
            ASSERT_EQ(crc32cPortable(part), expected) << size << " from " << begin;
            ASSERT_EQ(crc32c(part), expected) << size << " from " << begin;
        }
    }
}

TEST(Crc32c, PartsGiveTheWhole) {
    const auto bytes = randomBytes(9'000, 2);
    const auto whole = crc32c(bytes);
    for (const std::size_t cut : {0, 1, 13, 3072, 4096, 8999, 9000}) {
        const auto head = std::span(bytes).first(cut), tail = std::span(bytes).subspan(cut);
        EXPECT_EQ(crc32c(tail, crc32c(head)), whole) << cut;
        EXPECT_EQ(crc32cPortable(tail, crc32cPortable(head)), whole) << cut;
    }
}

TEST(Crc32c, NoticesEveryFlippedBit) {
    auto bytes = randomBytes(4'000, 3);
    const auto whole = crc32c(bytes);
    for (std::size_t bit = 0; bit < bytes.size() * 8; bit += 7) {
        bytes[bit / 8] ^= std::byte(1 << (bit % 8));
        ASSERT_NE(crc32c(bytes), whole) << bit;
        bytes[bit / 8] ^= std::byte(1 << (bit % 8));
    }
}

}  // namespace
}  // namespace lectern
