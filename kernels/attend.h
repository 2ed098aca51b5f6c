// SPDX-License-Identifier: GPL-3.0-or-later
// Query rows of one KV head against one page: blocked (online) softmax.
#pragma once

#include "kernels/kv_layout.h"

namespace lectern::kernels {

/// Partial attention of some query rows. Natural base. The empty state is m = -inf, l = 0, o = 0, an explicit identity.
struct AttendState {
    float* m = nullptr;  ///< [rows] running maximum of the scores
    float* l = nullptr;  ///< [rows] sum of exp(score - m)
    float* o = nullptr;  ///< [rows][head_dim] sum of exp(score - m)·v
};

struct AttendArgs {
    const float* q = nullptr;  ///< [rows][head_dim] scaled queries, rotated relative to the page's first position
    int rows = 0;
    int head_dim = 0;
    const float* key_tile = nullptr;    ///< [head_dim][64] from KeyTileFn
    const float* value_tile = nullptr;  ///< [head_dim][64] from ValueTileFn
    int tokens = kPageTokens;           ///< tokens of the page that exist
    const int* limits = nullptr;  ///< [rows] row r sees tokens 0 … limits[r]-1 (causal mask), or null: all `tokens`
    const int* begins = nullptr;  ///< [rows] row r sees nothing before begins[r] (sliding window), or null: from 0
    float score_cap = 0;          ///< scores s become cap·tanh(s/cap) before all else; 0: they stay
    float* group_lse = nullptr;   ///< [rows][kMassGroups] log-sum-exp per 16 tokens (-inf where none), or null
    /// Keys and values come from codes of at most 4 bits: products of many rows may round their factors to bfloat16, an
    /// error far below theirs. Sums are f32. Instruction sets without it take no notice.
    bool coded = false;
};

/// Adds one page to the state of every row. Rows that see no token of the page are left as they are.
/// Source: KVQuant (arXiv:2401.18079), section 4; online softmax as in FlashAttention (arXiv:2205.14135).
using AttendFn = void(const AttendArgs& args, AttendState state);

/// dst = merge(dst, src) for `rows` rows; merge(empty, empty) is empty, never NaN.
using MergeFn = void(AttendState dst, AttendState src, int rows, int head_dim);

/// Rotates rows by the angles given as cos/sin: pair (a, b) -> (a·cos - b·sin, a·sin + b·cos); `inverse` rotates by
/// minus it.
///   x    [rows][stride] f32, the first head_dim of each row are rotated into out [rows][head_dim] (may be x when
///   stride = head_dim) cos, sin [pairs]: one angle per pair for all rows
using RotateFn = void(const float* x, int rows, int stride, int head_dim, const float* cos, const float* sin, int pairs,
                      bool interleaved, bool inverse, float* out);

AttendFn attendRef;
MergeFn mergeRef;
RotateFn rotateRef;

}  // namespace lectern::kernels
