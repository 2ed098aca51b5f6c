// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/attend_merge.h"

#include <cmath>

#include "kernels/cuda/execution.cuh"

namespace lectern::kernels {
namespace {

constexpr int kThreads = 128;

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

/// A thread per group of 16 tokens.
__global__ void addGroupMass(MassArgs a) {
    const int i = int(blockIdx.x) * kThreads + int(threadIdx.x);
    if (i >= a.pages * kMassGroups) return;
    const int page = i / kMassGroups, g = i % kMassGroups;
    float sum = 0;
    for (int head = 0; head < a.kv_heads; ++head)
        for (int r = 0; r < a.group; ++r) {
            const std::size_t at = (std::size_t(head) * a.pages + page) * a.group + r;
            sum += expf(a.group_lse[at * kMassGroups + g] - a.total[head * a.group + r]);
        }
    a.mass[i] += sum;
}

}  // namespace

LaunchStatus mergeStates(const MergeArgs& args, Stream stream) {
    return launch(&mergeRows, dim3(unsigned(args.tokens * args.heads)), dim3(unsigned(args.head_dim)), 0, stream, args);
}

LaunchStatus addMass(const MassArgs& args, Stream stream) {
    const int groups = args.pages * kMassGroups;
    return launch(&addGroupMass, dim3(unsigned((groups + kThreads - 1) / kThreads)), dim3(kThreads), 0, stream, args);
}

}  // namespace lectern::kernels
