// SPDX-License-Identifier: GPL-3.0-or-later
// Scores of the query rows of prefill attention against one page: the products, the cap, what is not seen. Base 2.
#pragma once

#include "kernels/cuda/attend_prefill_tiles.cuh"
#include "kernels/cuda/fragment.cuh"
#include "kernels/cuda/soft_cap.cuh"

namespace lectern::kernels {

inline constexpr int kPrefillWarps = 4;
inline constexpr int kPrefillThreads = kPrefillWarps * kWarpLanes;
inline constexpr int kScoreColumns = kPageTokens / 8;  // fragments of 8 tokens

template <int HeadDim>
struct PrefillShape {
    static constexpr int kTiles = HeadDim <= 128 ? 2 : 1;  ///< 16-row tiles of a warp
    static constexpr int kRows = kPrefillWarps * kTiles * 16;
    static constexpr int kPitch = HeadDim * 2 + 16;  ///< bytes of a query row: rows shift by four banks
    static constexpr std::size_t kShared = std::size_t(kRows) * kPitch + 2 * std::size_t(HeadDim) * kTileRowBytes;
    static constexpr std::size_t kQueriesAt = 2 * std::size_t(HeadDim) * kTileRowBytes;
};

__device__ __forceinline__ int laneIndex() {
    return int(threadIdx.x % kWarpLanes);
}

/// Positions a row sees: [from, to).
struct Sight {
    int from, to;
};
__device__ __forceinline__ Sight sightOf(const PrefillArgs& a, int row, int group) {
    const int position = a.first + row / group;
    return {a.window > 0 ? max(0, position + 1 - a.window) : 0, position + 1};
}

/// s = q · kᵀ for the rows of this warp.
template <int HeadDim, int Tiles>
__device__ void scorePage(const std::byte* queries, const std::byte* keys, FragmentD (&s)[Tiles][kScoreColumns]) {
    const int lane = laneIndex();
    LECTERN_UNROLL
    for (int m = 0; m < Tiles; ++m) LECTERN_UNROLL
    for (int n = 0; n < kScoreColumns; ++n) s[m][n] = {};
    LECTERN_UNROLL
    for (int k = 0; k < HeadDim; k += 16) {
        FragmentA q[Tiles];
        LECTERN_UNROLL
        for (int m = 0; m < Tiles; ++m)
            loadMatrices(q[m].x,
                         queries + (m * 16 + lane % 16) * PrefillShape<HeadDim>::kPitch + (k + lane / 16 * 8) * 2);
        LECTERN_UNROLL
        for (int n = 0; n < kScoreColumns; n += 2) {
            Half2 b[4];
            loadTransposed(b, keys + tileChunk(k + lane % 16, n + lane / 16));
            LECTERN_UNROLL
            for (int m = 0; m < Tiles; ++m) {
                multiplyAdd(s[m][n], q[m], {{b[0], b[1]}});
                multiplyAdd(s[m][n + 1], q[m], {{b[2], b[3]}});
            }
        }
    }
}

/// Bends the scores of this warp's rows below the cap.
template <int Tiles>
__device__ void capScores(const PrefillArgs& a, FragmentD (&s)[Tiles][kScoreColumns]) {
    const float share = 2 / a.score_cap, cap = a.score_cap * kLog2E;  // scores are to base 2
    LECTERN_UNROLL
    for (int m = 0; m < Tiles; ++m) LECTERN_UNROLL
    for (int n = 0; n < kScoreColumns; ++n) LECTERN_UNROLL
    for (float& x : s[m][n].x) x = softCap(x * share, cap);
}

/// Hides what the rows of this warp do not see of a page.
template <int Tiles>
__device__ void maskPage(const PrefillArgs& a, const PrefillPage& page, int warp_row, int group,
                         FragmentD (&s)[Tiles][kScoreColumns]) {
    const int lane = laneIndex();
    LECTERN_UNROLL
    for (int m = 0; m < Tiles; ++m) LECTERN_UNROLL
    for (int half = 0; half < 2; ++half) {
        const Sight sight = sightOf(a, warp_row + m * 16 + half * 8 + lane / 4, group);
        const int from = max(sight.from - page.begin, page.skip), to = min(sight.to - page.begin, page.tokens);
        LECTERN_UNROLL
        for (int n = 0; n < kScoreColumns; ++n) LECTERN_UNROLL
        for (int i = 0; i < 2; ++i) {
            const int token = tileToken(n * 8 + lane % 4 * 2 + i);
            if (token < from || token >= to) s[m][n].x[half * 2 + i] = -INFINITY;
        }
    }
}

}  // namespace lectern::kernels
