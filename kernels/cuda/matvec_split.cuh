// SPDX-License-Identifier: GPL-3.0-or-later
// The vectors that weights are multiplied with, as tensor cores take them and yet as exact as f32: a value is the sum
// of two fp16 numbers (22 bits, and no less than 2^-38 of the largest value), under a power of two for each 32 or 64
// columns. Of the 8 columns of a fragment's B those are two: a product takes kMostTokens vectors at once.
#pragma once

#include "kernels/cuda/fragment.cuh"
#include "kernels/cuda/matvec_ends.cuh"
#include "kernels/cuda/weight_eight.cuh"

namespace lectern::kernels {

inline constexpr int kSplitColumns = 4096;       ///< most columns, times vectors, in shared memory at once
inline constexpr int kQuadColumns = 4 * kEight;  ///< those of four neighbouring eights: one B for each half of them

/// In shared memory, of `slots` vectors (1, 2 or 4) as many columns as fit. Part p of eight k (of the type's order) of
/// vector v is parts[(k·slots + v)·2 + p], its elements in the order 0, 2, 1, 3, 4, 6, 5, 7. A group: kSameQuads quads.
struct SplitVectors {
    static constexpr int kQuads = kSplitColumns / kQuadColumns;
    static constexpr int kNothing = kSplitColumns / kEight * 2;  ///< where parts are zeros
    uint4 parts[kNothing + 1];
    float scale[kQuads];    ///< [group·slots + v]: what the parts' sum is to be multiplied with
    float sums[kQuads][2];  ///< [group·slots + v][half]: of x over the columns of a half of the group's eights
};

/// The power of two that takes `largest` into [2^14, 2^15), and what takes it back; both finite.
struct PowerOfTwo {
    float up, down;
    __device__ explicit PowerOfTwo(float largest) {
        const int exponent = max(int(__float_as_uint(largest) >> 23), 20);
        up = __uint_as_float(unsigned(268 - exponent) << 23), down = __uint_as_float(unsigned(exponent - 14) << 23);
    }
};

/// Both parts of two values, as pairs.
__device__ __forceinline__ void splitPair(float a, float b, unsigned& first, unsigned& second) {
    first = packHalf2(a, b);
    second = packHalf2(a - halfBitsToFloat(std::uint16_t(first)), b - halfBitsToFloat(std::uint16_t(first >> 16)));
}

/// Sum or maximum over `Lanes` neighbouring lanes.
template <int Lanes, class Join>
__device__ __forceinline__ float overLanes(float x, Join join) {
    LECTERN_UNROLL
    for (int apart = 1; apart < Lanes; apart *= 2) x = join(x, __shfl_xor_sync(kAllLanes, x, apart));
    return x;
}

/// One lane's eight, the first four elements and the others.
template <WeightType Type>
__device__ __forceinline__ void splitEight(SplitVectors& to, float4 a, float4 b, int place, int group, bool real) {
    constexpr int kLanes = 4 * Eight<Type>::kSameQuads;
    const auto larger = [](float p, float q) { return fmaxf(p, q); };
    const auto sum = [](float p, float q) { return p + q; };
    const float v[kEight] = {a.x, a.z, a.y, a.w, b.x, b.z, b.y, b.w};
    float largest = 0;
    LECTERN_UNROLL
    for (const float one : v) largest = fmaxf(largest, fabsf(one));
    const PowerOfTwo power(overLanes<kLanes>(largest, larger));
    uint4 first, second;
    splitPair(v[0] * power.up, v[1] * power.up, first.x, second.x);
    splitPair(v[2] * power.up, v[3] * power.up, first.y, second.y);
    splitPair(v[4] * power.up, v[5] * power.up, first.z, second.z);
    splitPair(v[6] * power.up, v[7] * power.up, first.w, second.w);
    if (real) to.parts[place * 2] = first, to.parts[place * 2 + 1] = second;
    const bool first_lane = real && threadIdx.x % kLanes == 0;
    if (first_lane) to.scale[group] = power.down;
    if constexpr (Eight<Type>::kOffset) {
        const float low = overLanes<kLanes>((v[0] + v[1]) + (v[2] + v[3]), sum);
        const float high = overLanes<kLanes>((v[4] + v[5]) + (v[6] + v[7]), sum);
        if (first_lane) to.sums[group][0] = low, to.sums[group][1] = high;
    }
}

/// Columns [begin, begin + count) of the vectors x of `args`, by `Threads` threads of a block; count is a multiple of
/// 32 (of 256 with super-blocks), and a barrier follows. `scales` [tokens]: normScale() of each, where they are normed.
/// What a thread reads is on its way at once, by plain loads (early_launch.cuh).
template <WeightType Type, int Threads>
__device__ __forceinline__ void splitVectors(SplitVectors& to, const MatvecArgs& args, const float* x,
                                             const float* scales, int slots, int begin, int count) {
    using Columns = typename Eight<Type>::Columns;
    constexpr int kAtOnce = 4, kLanes = 4 * Eight<Type>::kSameQuads;
    const int eights = count / kEight;
    for (int token = 0; token < args.tokens; ++token) {
        const float* column = x + std::size_t(token) * std::size_t(args.w[0].cols) + begin;
        const auto four = [&](int at) {
            const float4 v = *reinterpret_cast<const float4*>(column + at);
            if (args.norm == nullptr) return v;
            return normed(v, scales[token], *reinterpret_cast<const float4*>(args.norm + begin + at));
        };
        for (int from = int(threadIdx.x); from / kWarpLanes * kWarpLanes < eights; from += kAtOnce * Threads) {
            float4 a[kAtOnce], b[kAtOnce];
            LECTERN_UNROLL
            for (int i = 0; i < kAtOnce; ++i) {
                const int k =
                    min(from + i * Threads, eights - kLanes + from % kLanes);  // whole warps, for the shuffles
                a[i] = four(Columns::first(k)), b[i] = four(Columns::second(k));
            }
            LECTERN_UNROLL
            for (int i = 0; i < kAtOnce; ++i) {
                const int k = from + i * Threads;
                splitEight<Type>(to, a[i], b[i], k * slots + token, k / kLanes * slots + token, k < eights);
            }
        }
    }
}

}  // namespace lectern::kernels
