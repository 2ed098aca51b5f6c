// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/attend_merge.h"

#include <cmath>

#include "kernels/cuda/execution.cuh"

namespace lectern::kernels {
namespace {

constexpr int kMassPages = 4;  ///< of a block

/// One block per row, a thread per channel.
__global__ void mergeRows(MergeArgs a) {
    const int row = int(blockIdx.x), rows = int(gridDim.x), c = int(threadIdx.x);
    float m = -INFINITY, l = 0, o = 0;
    for (int part = 0; part < a.parts; ++part) m = fmaxf(m, a.m[part * rows + row]);
    for (int part = 0; part < a.parts && m != -INFINITY; ++part) {
        const int at = part * rows + row;
        const float share = expf(a.m[at] - m);
        l += a.l[at] * share;
        o += share == 0 ? 0.0F : a.o[std::size_t(at) * a.head_dim + c] * share;
    }
    const float value = l > 0 ? o / l : 0.0F;
    const int token = row / a.group % a.tokens, head = row / (a.group * a.tokens) * a.group + row % a.group;
    const std::size_t to = (std::size_t(token) * a.heads + head) * a.head_dim + c;
    if (a.out.f32 != nullptr) a.out.f32[to] = value;
    if (a.out.f16 != nullptr) a.out.f16[to] = floatToHalfClamped(value);
    if (c == 0) a.total[row] = l > 0 ? m + logf(l) : -INFINITY;
}

/// A warp per page: lanes l, l + 4 … share group l, and each adds up every eighth query head.
__global__ void addGroupMass(MassArgs a) {
    static_assert(kMassGroups == 4);
    const int page = int(blockIdx.x) * kMassPages + int(threadIdx.x) / kWarpLanes;
    const int lane = int(threadIdx.x) % kWarpLanes, g = lane % kMassGroups;
    if (page >= a.pages) return;
    float sum = 0;
    for (int head = lane / kMassGroups; head < a.kv_heads * a.group; head += kWarpLanes / kMassGroups) {
        const std::size_t at = (std::size_t(head / a.group) * a.pages + page) * a.group + head % a.group;
        sum += expf(a.group_lse[at * kMassGroups + g] - a.total[head]);
    }
    for (int apart = kMassGroups; apart < kWarpLanes; apart *= 2) sum += __shfl_xor_sync(kAllLanes, sum, apart);
    if (lane < kMassGroups) a.mass[std::size_t(page) * kMassGroups + g] += sum;
}

}  // namespace

LaunchStatus mergeStates(const MergeArgs& args, Stream stream) {
    return launch(&mergeRows, dim3(unsigned(args.tokens * args.heads)), dim3(unsigned(args.head_dim)), 0, stream, args);
}

LaunchStatus addMass(const MassArgs& args, Stream stream) {
    const dim3 blocks(unsigned((args.pages + kMassPages - 1) / kMassPages));
    return launch(&addGroupMass, blocks, dim3(kMassPages * kWarpLanes), 0, stream, args);
}

}  // namespace lectern::kernels
