// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/mixture.h"

#include "kernels/cuda/early_launch.cuh"
#include "kernels/cuda/matvec_ends.cuh"
#include "kernels/cuda/ordered_key.cuh"
#include "kernels/cuda/weight_dispatch.cuh"
#include "kernels/cuda/weight_elements.cuh"

namespace lectern::kernels {
namespace {

constexpr int kRouteWarps = 16;
constexpr int kRouteThreads = kRouteWarps * kWarpLanes;
constexpr int kParts = 2;  ///< of a row, one a warp: eight experts keep all of them busy
constexpr int kRowThreads = 256;

struct RouteShared {
    float reduce[kRouteWarps];
    float sums[kMostExperts][kParts];

    __device__ float logit(int expert) const { return sums[expert][0] + sums[expert][1]; }
};

/// One part of a router's row times the vector, by one warp. The vector is read with plain loads (early_launch.cuh).
template <WeightType Type>
__device__ __forceinline__ float partOfRow(const RouteArgs& args, const float* x, float scale, int row, int part) {
    using Columns = typename Eight<Type>::Columns;
    const int eights = args.router.cols / kEight, end = eights * (part + 1) / kParts;
    float sum = 0;
    LECTERN_UNROLL_BY(4)
    for (int k = eights * part / kParts + int(threadIdx.x % kWarpLanes); k < end; k += kWarpLanes) {
        float v[kEight];
        elements<Type>(args.router, row, k, v);
        const auto four = [&](int column) {
            return normed(*reinterpret_cast<const float4*>(x + column), scale,
                          __ldg(reinterpret_cast<const float4*>(args.norm + column)));
        };
        const float4 a = four(Columns::first(k)), b = four(Columns::second(k));
        sum +=
            (v[0] * a.x + v[1] * a.y + v[2] * a.z + v[3] * a.w) + (v[4] * b.x + v[5] * b.y + v[6] * b.z + v[7] * b.w);
    }
    return warpSum(sum);
}

/// As chooseExpertsRef(), by one warp: a lane has every 32nd expert.
__device__ void chooseExperts(const RouteShared& shared, int experts, int used, ExpertChoice* out) {
    constexpr int kEach = kMostExperts / kWarpLanes;
    const int lane = int(threadIdx.x % kWarpLanes);
    LargestKey keys[kEach];
    LECTERN_UNROLL
    for (int i = 0; i < kEach; ++i) {
        const int expert = lane + i * kWarpLanes;
        keys[i] = expert < experts ? keyOf(shared.logit(expert), expert) : 0;
    }
    float top = 0, sum = 0;
    for (int rank = 0; rank < used; ++rank) {
        LargestKey best = 0;
        LECTERN_UNROLL
        for (const LargestKey key : keys) best = key > best ? key : best;
        best = warpMax(best);
        LECTERN_UNROLL
        for (LargestKey& key : keys) key = key == best ? 0 : key;
        const float logit = shared.logit(indexOf(best));
        if (rank == 0) top = logit;
        sum += expf(logit - top);
        if (lane == rank % kWarpLanes) out[rank].expert = indexOf(best);
    }
    for (int rank = lane; rank < used; rank += kWarpLanes)  // those that this lane wrote
        out[rank].weight = expf(shared.logit(out[rank].expert) - top) / sum;
}

/// One block per token.
template <WeightType Type>
__global__ void __launch_bounds__(kRouteThreads) routeTokens(const __grid_constant__ RouteArgs args) {
    auto& shared = *dynamicShared<RouteShared>();
    const int warp = int(threadIdx.x / kWarpLanes), cols = args.router.cols;
    const float* x = args.x + std::size_t(blockIdx.x) * std::size_t(cols);
    waitForEarlier();
    const float scale = normScale<kRouteThreads>(x, cols, args.eps, shared.reduce);
    for (int item = warp; item < args.router.rows * kParts; item += kRouteWarps) {
        const int row = item / kParts, part = item % kParts;
        const float sum = partOfRow<Type>(args, x, scale, row, part);
        if (threadIdx.x % kWarpLanes == 0) shared.sums[row][part] = sum;
    }
    __syncthreads();
    if (warp == 0)
        chooseExperts(shared, args.router.rows, args.used,
                      args.choices + std::size_t(blockIdx.x) * std::size_t(args.used));
}

/// One block per row.
__global__ void gatherAll(const ExpertPlace* places, const std::uint16_t* x, int n, std::uint16_t* out) {
    const int eights = n / kEight;
    const auto* from = reinterpret_cast<const uint4*>(x) + std::size_t(places[blockIdx.x].token) * unsigned(eights);
    auto* to = reinterpret_cast<uint4*>(out) + std::size_t(blockIdx.x) * unsigned(eights);
    for (int i = int(threadIdx.x); i < eights; i += kRowThreads) to[i] = from[i];
}

/// One block per row.
__global__ void addAllRows(const ExpertPlace* places, const float* y, int n, float* x) {
    const ExpertPlace place = places[blockIdx.x];
    const float* from = y + std::size_t(blockIdx.x) * unsigned(n);
    float* to = x + std::size_t(place.token) * unsigned(n);
    for (int i = int(threadIdx.x); i < n; i += kRowThreads) to[i] += place.weight * from[i];
}

}  // namespace

LaunchStatus route(const RouteArgs& args, Stream stream) {
    const auto start = [&]<WeightType Type>() {
        return launchEarly(&routeTokens<Type>, dim3(unsigned(args.tokens)), dim3(kRouteThreads), sizeof(RouteShared),
                           stream, args);
    };
    return blocked(args.router.type) ? withQuantized(args.router.type, start) : withPlain(args.router.type, start);
}

LaunchStatus gatherRows(const ExpertPlace* places, int count, const std::uint16_t* x, int n, std::uint16_t* out,
                        Stream stream) {
    return launch(&gatherAll, dim3(unsigned(count)), dim3(kRowThreads), 0, stream, places, x, n, out);
}

LaunchStatus addExpertRows(const ExpertPlace* places, int count, const float* y, int n, float* x, Stream stream) {
    return launch(&addAllRows, dim3(unsigned(count)), dim3(kRowThreads), 0, stream, places, y, n, x);
}

}  // namespace lectern::kernels
