// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/heap.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/sanitizers.h"

namespace lectern {
namespace {

/// Bytes of memory that the process has in use, by the kernel's count.
std::size_t residentBytes() {
    std::ifstream status("/proc/self/statm");
    std::size_t pages = 0;
    status >> pages >> pages;
    return pages * 4096;
}

TEST(Heap, LargePassingBuffersLeaveNoHolesBetweenSmallLastingBlocks) {
#if defined(LECTERN_ASAN) || defined(LECTERN_TSAN)
    GTEST_SKIP() << "a sanitizer has a heap of its own";
#endif
    keepHeapSmall();
    constexpr std::size_t kBlock = 16 << 10, kBlocks = 32, kRounds = 100;
    std::vector<std::unique_ptr<char[]>> blocks;
    const std::size_t before = residentBytes();
    for (std::size_t round = 0; round < kRounds; ++round) {  // as when chunks are read: buffers grow with the context
        std::vector<std::unique_ptr<char[]>> passing;
        for (std::size_t i = 0; i < kBlocks; ++i) {
            const std::size_t bytes = (round + 1) * (i % 8 + 1) * (8 << 10) + (128 << 10);
            std::memset(passing.emplace_back(std::make_unique<char[]>(bytes)).get(), 1, bytes);
            std::memset(blocks.emplace_back(std::make_unique<char[]>(kBlock)).get(), 1, kBlock);
            if (i % 3 == 2) passing.erase(passing.begin());
        }
    }
    EXPECT_LT(residentBytes() - before, kBlock * kBlocks * kRounds * 5 / 4);
}

}  // namespace
}  // namespace lectern
