// SPDX-License-Identifier: GPL-3.0-or-later
// Sums and maxima over a block of whole warps. `shared` has room for one value per warp; all threads call, all get the
// result, and shared memory may be reused at once.
#pragma once

#include "kernels/cuda/execution.cuh"

namespace lectern::kernels {

template <class T, class Join>
__device__ T blockReduce(T mine, T* shared, T none, Join join) {
    const int lane = int(threadIdx.x % kWarpLanes), warps = int(blockDim.x / kWarpLanes);
    mine = join(mine);
    if (lane == 0) shared[threadIdx.x / kWarpLanes] = mine;
    __syncthreads();
    const T all = join(lane < warps ? shared[lane] : none);
    __syncthreads();
    return all;
}

template <class T>
__device__ T blockSum(T mine, T* shared) {
    return blockReduce(mine, shared, T(0), [](T x) { return warpSum(x); });
}
__device__ inline float blockMax(float mine, float* shared) {
    return blockReduce(mine, shared, -INFINITY, [](float x) { return warpMax(x); });
}

}  // namespace lectern::kernels
