// SPDX-License-Identifier: GPL-3.0-or-later
// Attention of many queries over the pages of one layer: prefill on the device.
#pragma once

#include "kernels/cuda/stream.h"
#include "kernels/kv_tile.h"

namespace lectern::kernels {

/// One page of one layer, or a run of its tokens. In ascending order of `begin`; runs of one page follow each other and
/// do not overlap.
struct PrefillPage {
    const std::byte* key = nullptr;    ///< a block of key_layout, or raw
    const std::byte* value = nullptr;  ///< a block of value_layout, or raw
    int begin = 0;                     ///< position of its first token
    int tokens = 0;                    ///< tokens of it that exist, 1 … 64
    bool key_raw = false, value_raw = false;
    int skip = 0;    ///< its first tokens that no query sees
    int angle = -1;  ///< row of page_cos and page_sin; -1: its own number in the list
};

/// All pointers are device memory, borrowed until the stream has passed.
struct PrefillArgs {
    KvBlockLayout key_layout, value_layout;  ///< of coded pages; bits 16 where every page is raw
    CodecParams key_params, value_params;
    const PrefillPage* pages = nullptr;  ///< [page_count]
    int page_count = 0;
    RopeOffsets offsets;  ///< rotation by the place in a page
    const float* page_cos =
        nullptr;  ///< [page_count or more][offsets.pairs] rotation to the position of a page's first token
    const float* page_sin = nullptr;  ///< the same

    const float* q = nullptr;  ///< [tokens][heads][head_dim] f32, rotated to their positions, not scaled
    int heads = 0;             ///< query heads, a multiple of kv_heads
    int tokens = 0;            ///< queries
    int first = 0;        ///< position of the first; query i sees positions 0 … first + i (its own page included)
    int window = 0;       ///< sees the newest `window` positions only (sliding window); 0: all
    float scale = 0;      ///< of the scores, usually 1/sqrt(head_dim)
    float score_cap = 0;  ///< scaled scores s become cap·tanh(s/cap); 0: they stay

    float* out = nullptr;               ///< [tokens][heads][head_dim] f32; or null
    std::uint16_t* half_out = nullptr;  ///< the same as fp16, for a matrix product that follows; or null
    /// [kv_heads][page_count][tokens · heads / kv_heads][4] log-sum-exp (natural) of the scores of each 16 tokens of a
    /// page, -inf where none is seen or where all lie far (about 87) below the maximum so far; rows count queries
    /// first, then heads. Null: not wanted. Written for the pages a block of queries sees; the caller clears the rest.
    float* group_lse = nullptr;
    float* m =
        nullptr;  ///< [kv_heads][rows] running maximum, natural base: the state that is left (AttendState), or null
    float* l = nullptr;               ///< [kv_heads][rows]
    float* o = nullptr;               ///< [kv_heads][rows][head_dim]
    std::byte* workspace = nullptr;   ///< 128-byte aligned
    std::size_t workspace_bytes = 0;  ///< prefillWorkspaceBytes() of as many pages as shall be expanded at once
};

/// Workspace that holds `pages` expanded pages; context is read in windows of as many as fit. Where a context takes
/// more than one window, m, l and o must be given.
std::size_t prefillWorkspaceBytes(const KvShape& shape, int pages);

/// Why attendPrefill() will not take these arguments, in words (static storage), or null where it will.
const char* prefillRefusal(const PrefillArgs& args);

/// Attention with blocked softmax; products on tensor cores with fp16 operands and f32 sums. Queries that see nothing
/// give 0 (m = -inf, l = 0). Does not wait; any thread that may use `stream`.
/// Source: KVQuant (arXiv:2401.18079), section 4; blocked softmax as in FlashAttention-2 (arXiv:2307.08691).
LaunchStatus attendPrefill(const PrefillArgs& args, Stream stream);

}  // namespace lectern::kernels
