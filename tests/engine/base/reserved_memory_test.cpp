// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/reserved_memory.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <vector>

namespace lectern {
namespace {

const auto kPage = std::size_t(::sysconf(_SC_PAGESIZE));

/// Pages of the system from `begin` on that have memory.
std::size_t resident(std::byte* begin, std::size_t pages) {
    std::vector<unsigned char> there(pages);
    EXPECT_EQ(::mincore(begin, pages * kPage, there.data()), 0);
    return std::size_t(std::count_if(there.begin(), there.end(), [](unsigned char page) { return (page & 1) != 0; }));
}

TEST(ReservedMemory, PiecesAreZerosApartAndOutliveTheReservationsOwner) {
    auto memory = ReservedMemory::make(3 * kPage);
    ASSERT_TRUE(memory);
    const auto first = memory->piece(0, 100), second = memory->piece(100, 2 * kPage);
    memory.reset();
    ASSERT_TRUE(first && second);
    EXPECT_EQ(second.get() - first.get(), 100);
    EXPECT_TRUE(std::all_of(second.get(), second.get() + 2 * kPage, [](std::byte b) { return b == std::byte(0); }));
    std::memset(first.get(), 1, 100);
    std::memset(second.get(), 2, 2 * kPage);
    EXPECT_EQ(first.get()[99], std::byte(1));
}

TEST(ReservedMemory, OnlyPiecesTakeMemoryAndTheSystemHasItBackPieceByPiece) {
    const auto memory = ReservedMemory::make(16 * kPage);
    ASSERT_TRUE(memory);
    auto first = memory->piece(0, 4 * kPage), second = memory->piece(4 * kPage, 4 * kPage);
    ASSERT_TRUE(first && second);
    std::byte* begin = first.get();
    std::memset(begin, 1, 8 * kPage);
    EXPECT_EQ(resident(begin, 16), 8U);
    const std::shared_ptr<std::byte> part(first, begin + 64);
    first.reset();
    EXPECT_EQ(resident(begin, 16), 8U) << "a part of it is still held";
    second.reset();
    EXPECT_EQ(resident(begin, 16), 4U);
}

TEST(ReservedMemory, APageThatTwoPiecesShareStaysForTheOther) {
    const auto memory = ReservedMemory::make(2 * kPage);
    ASSERT_TRUE(memory);
    auto first = memory->piece(0, kPage / 2);
    const auto second = memory->piece(kPage / 2, kPage);
    ASSERT_TRUE(first && second);
    second.get()[0] = std::byte(7);
    first.reset();
    EXPECT_EQ(second.get()[0], std::byte(7));
}

TEST(ReservedMemory, WhatNoMachineHasIsRefused) {
    EXPECT_FALSE(ReservedMemory::make(std::size_t(1) << 60));
    ASSERT_TRUE(ReservedMemory::make(0));
}

}  // namespace
}  // namespace lectern
