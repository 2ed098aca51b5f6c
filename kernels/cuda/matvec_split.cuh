// SPDX-License-Identifier: GPL-3.0-or-later
// The vectors that weights are multiplied with, as tensor cores take them and yet as exact as f32: a value is the sum
// of two fp16 numbers, the second one 2^11 times too large, under a power of two for each 32 columns. Of the 8 columns
// of a fragment's B those are two: a product takes kMostTokens vectors at once.
#pragma once

#include "kernels/cuda/fragment.cuh"
#include "kernels/cuda/weight_eight.cuh"

namespace lectern::kernels {

inline constexpr int kSplitColumns = 4096;       ///< most columns, times vectors, in shared memory at once
inline constexpr float kSecondPart = 0x1p-11F;   ///< what the second part is worth
inline constexpr int kQuadColumns = 4 * kEight;  ///< those of four neighbouring eights: one B for each half of them

/// In shared memory, of `slots` vectors (1, 2 or 4) as many columns as fit. Part p of eight k (of the type's order) of
/// vector v is parts[(k·slots + v)·2 + p], its elements in the order 0, 2, 1, 3, 4, 6, 5, 7.
struct SplitVectors {
    static constexpr int kQuads = kSplitColumns / kQuadColumns;
    uint4 parts[kSplitColumns / kEight * 2];
    float scale[kQuads];    ///< [quad·slots + v]: what the parts' sum is to be multiplied with
    float sums[kQuads][2];  ///< [quad·slots + v][half]: of x over the 16 columns of a half of the quad's eights
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
    const float rest_a = a - halfBitsToFloat(std::uint16_t(first));
    const float rest_b = b - halfBitsToFloat(std::uint16_t(first >> 16));
    second = packHalf2(rest_a / kSecondPart, rest_b / kSecondPart);
}

/// Sum or maximum over four neighbouring lanes.
template <class Join>
__device__ __forceinline__ float overQuad(float x, Join join) {
    x = join(x, __shfl_xor_sync(kAllLanes, x, 1));
    return join(x, __shfl_xor_sync(kAllLanes, x, 2));
}

/// Columns [begin, begin + count) of `tokens` vectors x [tokens][cols], by all threads of a block; count is a multiple
/// of 32, and a barrier follows.
template <WeightType Type>
__device__ __forceinline__ void splitVectors(SplitVectors& to, const float* x, int cols, int tokens, int slots,
                                             int begin, int count) {
    using Columns = typename Eight<Type>::Columns;
    const auto larger = [](float p, float q) { return q > p ? q : p; };
    const auto sum = [](float p, float q) { return p + q; };
    const int eights = count / kEight, total = eights * tokens;
    for (int from = 0; from < total; from += int(blockDim.x)) {  // whole warps, for the shuffles
        const int i = from + int(threadIdx.x);
        const int at = min(i, total - 4 + int(threadIdx.x % 4)), token = at / eights, k = at % eights;
        const float* column = x + std::size_t(token) * std::size_t(cols) + begin;
        const float4 a = __ldg(reinterpret_cast<const float4*>(column + Columns::first(k)));
        const float4 b = __ldg(reinterpret_cast<const float4*>(column + Columns::second(k)));
        const float v[kEight] = {a.x, a.z, a.y, a.w, b.x, b.z, b.y, b.w};
        float largest = 0;
        LECTERN_UNROLL
        for (const float one : v) largest = larger(largest, fabsf(one));
        const PowerOfTwo power(overQuad(largest, larger));
        uint4 first, second;
        splitPair(v[0] * power.up, v[1] * power.up, first.x, second.x);
        splitPair(v[2] * power.up, v[3] * power.up, first.y, second.y);
        splitPair(v[4] * power.up, v[5] * power.up, first.z, second.z);
        splitPair(v[6] * power.up, v[7] * power.up, first.w, second.w);
        const int quad = k / 4 * slots + token;
        if (i < total) {
            to.parts[(k * slots + token) * 2] = first, to.parts[(k * slots + token) * 2 + 1] = second;
            if (k % 4 == 0) to.scale[quad] = power.down;
        }
        if constexpr (Eight<Type>::kOffset) {
            const float low = overQuad((v[0] + v[1]) + (v[2] + v[3]), sum);
            const float high = overQuad((v[4] + v[5]) + (v[6] + v[7]), sum);
            if (i < total && k % 4 == 0) to.sums[quad][0] = low, to.sums[quad][1] = high;
        }
    }
}

}  // namespace lectern::kernels
