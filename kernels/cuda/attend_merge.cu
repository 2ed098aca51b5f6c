// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/attend_merge.h"

#include <cmath>

#include "kernels/cuda/block_reduce.cuh"
#include "kernels/cuda/early_launch.cuh"

namespace lectern::kernels {
namespace {

constexpr int kMassPages = 4;  ///< of a block

/// One block per row, a thread per channel. Parts can be many: threads take them in turn for the largest m and for
/// their shares, then every thread adds up its channel over as many parts as there are threads.
__global__ void mergeRows(const __grid_constant__ MergeArgs a) {
    auto* reduce = dynamicShared<float>();
    float* shares = reduce + kWarpLanes;
    const int row = int(blockIdx.x), rows = int(gridDim.x), c = int(threadIdx.x), threads = int(blockDim.x);
    waitForEarlier();
    float largest = -INFINITY;
    for (int part = c; part < a.parts; part += threads) largest = fmaxf(largest, a.m[part * rows + row]);
    const float m = blockMax(largest, reduce);
    float l = 0, o = 0;
    for (int from = 0; from < a.parts; from += threads) {
        const int count = min(threads, a.parts - from), mine = (from + c) * rows + row;
        const bool there = c < count && a.m[mine] != -INFINITY;
        shares[c] = there ? expf(a.m[mine] - m) : 0.0F;
        if (there) l += a.l[mine] * shares[c];
        __syncthreads();
        const float* channel = a.o + (std::size_t(from) * rows + row) * a.head_dim + min(c, a.head_dim - 1);
        LECTERN_UNROLL_BY(8)
        for (int i = 0; i < count; ++i) {
            const float x = channel[std::size_t(i) * rows * a.head_dim];
            o += shares[i] == 0 ? 0.0F : x * shares[i];
        }
        __syncthreads();
    }
    l = blockSum(l, reduce);
    if (c == 0) a.total[row] = l > 0 ? m + logf(l) : -INFINITY;
    if (c >= a.head_dim) return;
    const float value = l > 0 ? o / l : 0.0F;
    const int token = row / a.group % a.tokens, head = row / (a.group * a.tokens) * a.group + row % a.group;
    const std::size_t to = (std::size_t(token) * a.heads + head) * a.head_dim + c;
    if (a.out.f32 != nullptr) a.out.f32[to] = value;
    if (a.out.f16 != nullptr) a.out.f16[to] = floatToHalfClamped(value);
}

/// A warp per page of part blockIdx.y: lanes l, l + 4 … share group l, and each adds up every eighth query head.
__global__ void addGroupMass(const __grid_constant__ MassArgs a) {
    static_assert(kMassGroups == 4);
    const MassArgs::Part& part = a.parts[blockIdx.y];
    const int page = int(blockIdx.x) * kMassPages + int(threadIdx.x) / kWarpLanes;
    const int lane = int(threadIdx.x) % kWarpLanes, g = lane % kMassGroups;
    if (page >= part.pages) return;
    float sum = 0;
    for (int head = lane / kMassGroups; head < a.kv_heads * a.group; head += kWarpLanes / kMassGroups) {
        const std::size_t at = (std::size_t(head / a.group) * part.pages + page) * a.group + head % a.group;
        sum += expf(part.group_lse[at * kMassGroups + g] - a.total[head]);
    }
    for (int apart = kMassGroups; apart < kWarpLanes; apart *= 2) sum += __shfl_xor_sync(kAllLanes, sum, apart);
    if (lane < kMassGroups) part.mass[std::size_t(page) * kMassGroups + g] += sum;
}

}  // namespace

LaunchStatus mergeStates(const MergeArgs& args, Stream stream) {
    const int threads = (args.head_dim + kWarpLanes - 1) / kWarpLanes * kWarpLanes;
    return launchEarly(&mergeRows, dim3(unsigned(args.tokens * args.heads)), dim3(unsigned(threads)),
                       std::size_t(kWarpLanes + threads) * sizeof(float), stream, args);
}

LaunchStatus addMass(const MassArgs& args, Stream stream) {
    int pages = 0;
    for (int i = 0; i < args.count; ++i) pages = args.parts[i].pages > pages ? args.parts[i].pages : pages;
    return launch(&addGroupMass, dim3(unsigned((pages + kMassPages - 1) / kMassPages), unsigned(args.count)),
                  dim3(kMassPages * kWarpLanes), 0, stream, args);
}

}  // namespace lectern::kernels
