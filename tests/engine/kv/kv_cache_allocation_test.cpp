// SPDX-License-Identifier: GPL-3.0-or-later
// A decoded token takes no memory from the heap but where a page begins or is coded. The program's own operator new
// counts.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "engine/base/thread_pool.h"
#include "engine/kv/kv_cache.h"

namespace {

std::atomic<int> g_allocations{0};

void* counted(std::size_t bytes, std::size_t alignment) {
    g_allocations.fetch_add(1, std::memory_order_relaxed);
    void* memory = std::aligned_alloc(alignment, (bytes + alignment) / alignment * alignment);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}

}  // namespace

void* operator new(std::size_t bytes) {
    return counted(bytes, alignof(std::max_align_t));
}
void* operator new(std::size_t bytes, std::align_val_t alignment) {
    return counted(bytes, std::size_t(alignment));
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
    std::free(memory);
}

namespace lectern::test {
namespace {

constexpr int kLayers = 2;
constexpr KvShape kShape{2, 64};

class KvCacheAllocation : public testing::TestWithParam<const char*> {};

TEST_P(KvCacheAllocation, OfATokenInsideAPageIsNone) {
    ThreadPool alone(1), pool(2);  // whose second thread gets its first task while allocations are counted
    for (const int window : {0, 128}) {
        KvSettings settings = *parseKvSettings(GetParam());
        settings.window = window;
        KvCache cache(kLayers, kShape, settings, kernels::bestKernels());
        std::vector<float> x(std::size_t(kShape.channels()));
        const auto append = [&](ThreadPool& pool) {
            for (std::size_t i = 0; i < x.size(); ++i) x[i] = float((i * 37 + cache.tokens() * 11) % 101) / 50.0F - 1;
            for (int layer = 0; layer < kLayers; ++layer) ASSERT_TRUE(cache.append(layer, x.data(), x.data(), 1, pool));
            cache.advance(1);
            cache.settle(pool);
        };
        while (cache.tokens() < std::uint64_t(KvCache::kFitTokens + 200)) append(alone);
        int inside = 0, at_ends = 0;
        for (int token = 0; token < 2 * kernels::kPageTokens; ++token) {
            const int pages = cache.pageCount(cache.tokens());
            const bool begins = cache.pageCount(cache.tokens() + 1) > pages;
            const bool fills = cache.pageCount(cache.tokens() + 2) > cache.pageCount(cache.tokens() + 1);
            g_allocations = 0;
            append(pool);
            (begins || fills ? at_ends : inside) += g_allocations;
        }
        EXPECT_EQ(inside, 0) << "window " << window;
        EXPECT_GT(at_ends, 0) << "what is counted counts";
    }
}

INSTANTIATE_TEST_SUITE_P(Settings, KvCacheAllocation, testing::Values("fp16", "nuq4", "nuq3", "nuq2-0%"));

}  // namespace
}  // namespace lectern::test
