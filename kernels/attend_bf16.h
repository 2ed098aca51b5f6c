// SPDX-License-Identifier: GPL-3.0-or-later
// The two matrix products of many rows in bfloat16 with f32 sums, twice the rate of f32. Part of attend_simd.cpp, for
// units compiled with AVX512-BF16. A dot product takes pairs: two channels for scores, two tokens for values.
#pragma once

#include "kernels/attend.h"
#include "kernels/simd.h"

namespace lectern::kernels::LECTERN_ISA {
namespace {

/// a in the low half of every lane, b in the high half, rounded to nearest even.
LECTERN_INLINE I bf16Pairs(F a, F b) {
    const auto low = reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(a));
    const auto high = reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(b));
    return reinterpret_cast<I>(_mm512_cvtepu16_epi32(low)) | reinterpret_cast<I>(_mm512_cvtepu16_epi32(high)) << 16;
}

/// n floats (a multiple of 8) to n / 2 pairs of neighbours.
LECTERN_INLINE void bf16Row(const float* x, int n, std::int32_t* pairs) {
    for (int i = 0; i < n; i += kW) {
        const int left = n - i < kW ? n - i : kW;
        const auto rounded = reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(loadPart(x + i, left)));
        _mm256_mask_storeu_epi32(pairs + i / 2, __mmask8((1U << (left / 2)) - 1), rounded);
    }
}

LECTERN_INLINE F dotPairs(F sum, I a, I b) {
    return _mm512_dpbf16_ps(sum, reinterpret_cast<__m512bh>(a), reinterpret_cast<__m512bh>(b));
}

/// One page and one block of rows as pairs.
struct Bf16Work {
    alignas(64) std::int32_t keys[kMaxHeadDim / 2 * kPageTokens];    ///< [head_dim / 2][64]: two channels of a token
    alignas(64) std::int32_t values[kPageTokens / 2 * kMaxHeadDim];  ///< [32][stride]: two tokens of a channel
    alignas(64) std::int32_t q[kRowBlock * kMaxHeadDim / 2];         ///< [rows][head_dim / 2]
    alignas(64) std::int32_t weights[kRowBlock * kPageTokens / 2];   ///< [rows][32]
};

void bf16Page(const AttendArgs& args, int stride, Bf16Work& work) {
    for (int c = 0; c < args.head_dim; c += 2) {
        const float* row = args.key_tile + std::size_t(c) * kPageTokens;
        for (int v = 0; v < kVecs; ++v)
            store(work.keys + std::size_t(c / 2) * kPageTokens + v * kW,
                  bf16Pairs(load(row + v * kW), load(row + kPageTokens + v * kW)));
    }
    alignas(64) std::int32_t rows[kMaxHeadDim * kPageTokens / 2];  // [head_dim][32], tokens that do not exist are 0
    const I lane = lanes();
    for (int c = 0; c < args.head_dim; ++c) {
        alignas(64) float row[kPageTokens];
        for (int v = 0; v < kVecs; ++v)
            store(row + v * kW,
                  lane + v * kW < args.tokens ? load(args.value_tile + std::size_t(c) * kPageTokens + v * kW) : F{});
        bf16Row(row, kPageTokens, rows + std::size_t(c) * kPageTokens / 2);
    }
    transpose(reinterpret_cast<const float*>(rows), kPageTokens / 2, args.head_dim, (args.tokens + 1) / 2, stride,
              reinterpret_cast<float*>(work.values));
}

template <int Rows>
void bf16ScorePanel(const std::int32_t* q, int pairs, const std::int32_t* keys, float* scores) {
    F acc[Rows][kCols] = {};
    for (int c = 0; c < pairs; ++c) {
        I k[kCols];
        LECTERN_UNROLL
        for (int v = 0; v < kCols; ++v) k[v] = load(keys + std::size_t(c) * kPageTokens + v * kW);
        LECTERN_UNROLL
        for (int r = 0; r < Rows; ++r) {
            const I x = set(q[std::size_t(r) * std::size_t(pairs) + std::size_t(c)]);
            LECTERN_UNROLL
            for (int v = 0; v < kCols; ++v) acc[r][v] = dotPairs(acc[r][v], k[v], x);
        }
    }
    LECTERN_UNROLL
    for (int r = 0; r < Rows; ++r) {
        LECTERN_UNROLL
        for (int v = 0; v < kCols; ++v) store(scores + r * kPageTokens + v * kW, acc[r][v]);
    }
}

void bf16ScoreRows(const float* q, int rows, const AttendArgs& args, Bf16Work& work, float* scores) {
    const int pairs = args.head_dim / 2;
    for (int r = 0; r < rows; ++r)
        bf16Row(q + std::size_t(r) * std::size_t(args.head_dim), args.head_dim, work.q + std::size_t(r * pairs));
    for (int r = 0; r < rows; r += kRows) {
        const int n = rows - r < kRows ? rows - r : kRows;
        for (int t = 0; t < args.tokens; t += kCols * kW)
            forCount<kRows>(n, [&]<int N>() {
                bf16ScorePanel<N>(work.q + std::size_t(r * pairs), pairs, work.keys + t, scores + r * kPageTokens + t);
            });
    }
}

/// o[Rows][Cols vectors] = o·keep + weights · values over pairs begin … end - 1.
template <int Rows, int Cols>
void bf16ValuePanel(const std::int32_t* weights, int begin, int end, const std::int32_t* values, int stride,
                    const float* keep, int head_dim, int part, float* o) {
    F acc[Rows][Cols];
    loadPanel<Rows, Cols>(o, head_dim, part, keep, acc);
    for (int t = begin; t < end; ++t) {
        I x[Cols];
        LECTERN_UNROLL
        for (int v = 0; v < Cols; ++v) x[v] = load(values + std::size_t(t) * std::size_t(stride) + v * kW);
        LECTERN_UNROLL
        for (int r = 0; r < Rows; ++r) {
            const I weight = set(weights[r * kPageTokens / 2 + t]);
            LECTERN_UNROLL
            for (int v = 0; v < Cols; ++v) acc[r][v] = dotPairs(acc[r][v], x[v], weight);
        }
    }
    storePanel<Rows, Cols>(acc, head_dim, part, o);
}

void bf16ValueRows(int stride, int rows, int head_dim, const Work& softmax, Bf16Work& work, float* o) {
    for (int r = 0; r < rows; ++r)
        bf16Row(softmax.scores + r * kPageTokens, kPageTokens, work.weights + r * kPageTokens / 2);
    eachPanel(rows, head_dim, softmax, [&]<int N, int V>(int r, int c, int begin, int end, int part) {
        bf16ValuePanel<N, V>(work.weights + r * kPageTokens / 2, begin / 2, (end + 1) / 2, work.values + c, stride,
                             softmax.keep + r, head_dim, part, o + std::size_t(r) * std::size_t(head_dim) + c);
    });
}

}  // namespace
}  // namespace lectern::kernels::LECTERN_ISA
