// SPDX-License-Identifier: GPL-3.0-or-later
// What both kernels of an append know: the parts of the scratch memory, and which tokens fall into a page.
#pragma once

#include "kernels/cuda/execution.cuh"
#include "kernels/cuda/pack.h"

namespace lectern::kernels {

inline constexpr int kWriteThreads = 256;

/// Parts of the scratch memory.
struct PackScratch {
    std::uint8_t* codes;         ///< [tokens][channels]
    std::uint32_t* lists;        ///< [tokens][slots] channel << 16 | delta, channels ascending
    std::uint32_t* counts;       ///< [tokens]
    std::uint32_t* old_entries;  ///< [64 · slots] what the first page's table held

    __device__ static PackScratch of(const PackArgs& a) {
        const std::size_t channels = std::size_t(a.layout.shape.channels()), tokens = std::size_t(a.tokens);
        PackScratch s;
        s.codes = reinterpret_cast<std::uint8_t*>(a.scratch);
        s.lists = reinterpret_cast<std::uint32_t*>(a.scratch + (channels * tokens + 15) / 16 * 16);
        s.counts = s.lists + tokens * std::size_t(a.layout.slots);
        s.old_entries = s.counts + tokens;
        return s;
    }
};

/// What one block of writePages knows of its page.
struct PageSpan {
    std::byte* block;
    int first, last;  ///< places that get tokens
    int from;         ///< the token at place `first`

    __device__ static PageSpan of(const PackArgs& a, int index) {
        const int begin = a.first, page = begin / kPageTokens + index, at = page * kPageTokens;
        PageSpan span;
        span.first = max(0, begin - at);
        span.last = min(kPageTokens, begin + a.tokens - at);
        span.from = at + span.first - begin;
        span.block = span.last > span.first ? a.pages[page] : nullptr;
        return span;
    }
};

}  // namespace lectern::kernels
