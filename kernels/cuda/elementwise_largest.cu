// SPDX-License-Identifier: GPL-3.0-or-later
// One block. Every logit becomes a key of its own (ordered_key.cuh): the k-th largest of the threads' maxima bounds the
// k-th largest key, the few keys up to it are collected and ranked by counting. Where a hostile order crowds the list,
// the bound is searched over all logits instead.
#include "kernels/cuda/block_reduce.cuh"
#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/ordered_key.cuh"

namespace lectern::kernels {
namespace {

constexpr int kThreads = 1024;
constexpr int kListed = 4096;

using Key = LargestKey;

/// Shared memory of the block.
struct Lists {
    Key keys[kListed];
    int counts[kWarpLanes];
    float floats[kWarpLanes];
    int found;
};

/// The k-th largest key. atLeast(limit) counts this thread's keys that are not below a limit.
template <class AtLeast>
__device__ Key kthLargest(int k, int* shared, AtLeast atLeast) {
    Key bound = 0;
    for (Key bit = Key(1) << 63; bit != 0; bit >>= 1)
        if (blockSum(atLeast(bound | bit), shared) >= k) bound |= bit;
    return bound;
}

/// Collects the keys that are not below the bound; returns how many there are, which may be more than the list holds.
__device__ int collect(const float* logits, int n, Key bound, Lists& lists) {
    if (threadIdx.x == 0) lists.found = 0;
    __syncthreads();
    for (int i = int(threadIdx.x); i < n; i += kThreads) {
        const Key key = keyOf(logits[i], i);
        if (key < bound) continue;
        const int at = atomicAdd(&lists.found, 1);
        if (at < kListed) lists.keys[at] = key;
    }
    __syncthreads();
    return lists.found;
}

__global__ void __launch_bounds__(kThreads)
    largestOf(const float* logits, int n, int k, float* values, std::int32_t* indices, float* lse) {
    Lists& lists = *dynamicShared<Lists>();
    Key mine = 0;
    for (int i = int(threadIdx.x); i < n; i += kThreads) {
        const Key key = keyOf(logits[i], i);
        mine = key > mine ? key : mine;
    }
    Key bound = kthLargest(k, lists.counts, [&](Key limit) { return int(mine >= limit); });
    int found = collect(logits, n, bound, lists);
    if (found > kListed) {
        bound = kthLargest(k, lists.counts, [&](Key limit) {
            int count = 0;
            for (int i = int(threadIdx.x); i < n; i += kThreads) count += int(keyOf(logits[i], i) >= limit);
            return count;
        });
        found = collect(logits, n, bound, lists);
    }
    for (int i = int(threadIdx.x); i < found; i += kThreads) {
        int rank = 0;
        for (int other = 0; other < found; ++other) rank += int(lists.keys[other] > lists.keys[i]);
        if (rank >= k) continue;
        indices[rank] = indexOf(lists.keys[i]);
        values[rank] = logits[indexOf(lists.keys[i])];
    }
    const float top = blockMax(mine == 0 ? -INFINITY : logits[indexOf(mine)], lists.floats);
    float sum = 0;
    for (int i = int(threadIdx.x); i < n; i += kThreads) sum += expf(logits[i] - top);
    sum = blockSum(sum, lists.floats);
    if (threadIdx.x == 0) *lse = top + logf(sum);
}

}  // namespace

LaunchStatus largest(const float* logits, int n, int k, float* values, std::int32_t* indices, float* lse,
                     Stream stream) {
    return launch(&largestOf, dim3(1), dim3(kThreads), sizeof(Lists), stream, logits, n, k, values, indices, lse);
}

}  // namespace lectern::kernels
