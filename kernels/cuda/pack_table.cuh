// SPDX-License-Identifier: GPL-3.0-or-later
// The table of corrections of one page, sorted by (head, token, channel): old entries keep their order, new ones come
// as one list per token. Counting sort: count the entries of each (head, token), sum, place. One block per page.
#pragma once

#include "kernels/cuda/pack_page.cuh"
#include "kernels/cuda/pack_select.cuh"

namespace lectern::kernels {

/// Exclusive sums of n counts, in place; all threads of the block.
__device__ inline void exclusiveSum(int* counts, int n, int* partial) {
    const int share = (n + kWriteThreads - 1) / kWriteThreads, begin = min(n, int(threadIdx.x) * share);
    const int end = min(n, begin + share);
    int sum = 0;
    for (int i = begin; i < end; ++i) sum += counts[i];
    partial[threadIdx.x] = sum;
    __syncthreads();
    for (int apart = 1; apart < kWriteThreads; apart *= 2) {
        const int other = int(threadIdx.x) >= apart ? partial[int(threadIdx.x) - apart] : 0;
        __syncthreads();
        partial[threadIdx.x] += other;
        __syncthreads();
    }
    int at = partial[threadIdx.x] - sum;
    for (int i = begin; i < end; ++i) {
        const int count = counts[i];
        counts[i] = at;
        at += count;
    }
    __syncthreads();
}

/// The table of corrections of one page while it is rebuilt. Positions are sums over (head, token), head-major.
struct TableWriter {
    const PackArgs& a;
    const PageSpan& span;
    PackScratch scratch;
    int* begin;      ///< [heads · 64 + 1] shared: counts, then where the run of (head, token) begins
    int* old_begin;  ///< [heads · 64 + 1] shared: the same of the table that lies there; used where span.first > 0
    int heads, head_dim, room;

    /// Calls what(run, entry, index) for each entry of the old table.
    template <class What>
    __device__ void forOld(const std::uint32_t* entries, What what) const {
        const auto* begins = reinterpret_cast<const std::uint16_t*>(span.block + a.layout.headsAt());
        for (int head = 0; head < heads; ++head) {
            const int end = min(int(begins[head + 1]), room);
            for (int i = begins[head] + int(threadIdx.x); i < end; i += kWriteThreads) {
                const int token = int(entries[i] & 63U);
                what(head * kPageTokens + token, entries[i], i);
            }
        }
    }
    /// Calls what(run, entry, index in the token's list, list) for each new entry; a warp takes a token.
    template <class What>
    __device__ void forNew(What what) const {
        const int warp = int(threadIdx.x / kWarpLanes);
        for (int place = span.first + warp; place < span.last; place += kWriteThreads / kWarpLanes) {
            const std::size_t token = std::size_t(span.from + place - span.first);
            const std::uint32_t* list = scratch.lists + token * std::size_t(a.layout.slots);
            const int count = int(scratch.counts[token]);
            for (int i = int(laneOf()); i < count; i += kWarpLanes) {
                const int channel = int(list[i] >> 16), head = channel / head_dim;
                const unsigned where = unsigned(place) | unsigned(channel - head * head_dim) << 6;
                what(head * kPageTokens + place, where | list[i] << 16, i);
            }
        }
    }
    __device__ std::uint32_t* table() const {
        return reinterpret_cast<std::uint32_t*>(span.block + a.layout.entriesAt());
    }
    __device__ void count() const {
        for (int i = int(threadIdx.x); i <= heads * kPageTokens; i += kWriteThreads) begin[i] = old_begin[i] = 0;
        __syncthreads();
        if (span.first > 0) {
            for (int i = int(threadIdx.x); i < room; i += kWriteThreads) scratch.old_entries[i] = table()[i];
            __syncthreads();
            forOld(scratch.old_entries, [&](int run, std::uint32_t, int) {
                atomicAdd(&old_begin[run], 1);
                if (run % kPageTokens < span.first) atomicAdd(&begin[run], 1);
            });
        }
        forNew([&](int run, std::uint32_t, int) { atomicAdd(&begin[run], 1); });
        __syncthreads();
    }
    /// Entries to their places. A token's list holds its heads one after another: `lead` is how many come before.
    __device__ void place(int* lead) const {
        if (span.first > 0) {
            forOld(scratch.old_entries, [&](int run, std::uint32_t entry, int index) {
                const int at = begin[run] + index - old_begin[run];
                if (run % kPageTokens < span.first && at < room) table()[at] = entry;
            });
        }
        __syncthreads();  // the old begins are read; the leads take their memory
        const int end = heads * kPageTokens;
        for (int t = span.first + int(threadIdx.x); t < span.last; t += kWriteThreads) {
            int before = 0;
            for (int run = t; run < end; run += kPageTokens) {
                lead[run] = before;
                before += begin[run + 1] - begin[run];
            }
        }
        __syncthreads();
        forNew([&](int run, std::uint32_t entry, int index) {
            const int at = begin[run] + index - lead[run];
            if (at < room) table()[at] = entry;
        });
    }
    __device__ int total() const { return begin[heads * kPageTokens]; }
};

/// Rebuilds the table of one page and clears what lies behind the last token.
__device__ inline void rebuildTable(const PackArgs& a, const PageSpan& span) {
    const int heads = a.layout.shape.kv_heads, runs = heads * kPageTokens, room = a.layout.slots * kPageTokens;
    int* shared = dynamicShared<int>();
    int* partial = shared + 2 * (runs + 1);
    const TableWriter writer{a,   span, PackScratch::of(a), shared, shared + runs + 1, heads, a.layout.shape.head_dim,
                             room};
    writer.count();
    exclusiveSum(writer.begin, runs + 1, partial);
    exclusiveSum(writer.old_begin, runs + 1, partial);
    writer.place(writer.old_begin);
    __syncthreads();
    const int total = min(writer.total(), room);
    for (int i = total + int(threadIdx.x); i < room; i += kWriteThreads) writer.table()[i] = 0;
    auto* begins = reinterpret_cast<std::uint16_t*>(span.block + a.layout.headsAt());
    const int words = int((a.layout.entriesAt() - a.layout.headsAt()) / 2);
    for (int i = int(threadIdx.x); i < words; i += kWriteThreads)
        begins[i] = i <= heads ? std::uint16_t(writer.begin[i * kPageTokens]) : std::uint16_t(0);
    if (a.layout.kind == KvKind::Key) return;
    auto* scales = reinterpret_cast<std::uint32_t*>(span.block + a.layout.scalesAt());
    for (int t = span.last + int(threadIdx.x); t < kPageTokens; t += kWriteThreads) scales[t] = 0;
}

}  // namespace lectern::kernels
