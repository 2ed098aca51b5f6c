// SPDX-License-Identifier: GPL-3.0-or-later
// What lies between a layer's products of queries, keys and values and its attention, head by head: norms, the rotation
// of the queries, and, of few tokens, their way into the cache. Device memory, borrowed until the stream has passed.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cuda/stream.h"

namespace lectern::kernels {

/// Rows of several tokens, one after another: x [tokens][heads][head_dim] f32.
struct HeadsArgs {
    int tokens = 0, heads = 0, kv_heads = 0, head_dim = 0;
    float* q = nullptr;        ///< [tokens][heads][head_dim]: normed, rotated, multiplied (in/out)
    float* k = nullptr;        ///< [tokens][kv_heads][head_dim]: normed (in/out)
    const float* v = nullptr;  ///< [tokens][kv_heads][head_dim]; of no matter without pages
    const float *q_norm = nullptr, *k_norm = nullptr;  ///< [head_dim] weights of an RMSNorm of every head, or null
    float eps = 0;                                     ///< of the norms
    float* q_plain = nullptr;                          ///< as q: what q is before the rotation, or null

    // (a, b) -> (a·cos - b·sin, a·sin + b·cos): pair i is (2i, 2i+1) where interleaved, otherwise (i, i + pairs);
    // channels past 2·pairs do not turn.
    const float *cos = nullptr, *sin = nullptr;  ///< [tokens][pairs]
    int pairs = 0;
    bool interleaved = false;
    float turned_scale = 1, other_scale = 1;  ///< of the channels that turn, and of the others
    const float* growth = nullptr;            ///< [tokens] what all channels of a token are multiplied by too, or null

    /// If given, pages of raw blocks (kv_layout.h), 4-byte aligned, that get k and v as fp16; page p holds 64p …
    /// 64p+63.
    std::byte *const *key_pages = nullptr, *const *value_pages = nullptr;
    int first = 0;                     ///< place of the first token, counted from the beginning of the first page
    const int* first_later = nullptr;  ///< if given, read in its place when the kernel runs (captured graphs)
};

/// One launch. Pages get the bytes that packRef leaves there: nearest even, clamped to ±65504, zeros behind the last
/// token. A token takes the longer for the zeros, so many tokens go through pack(). Does not wait; any thread that may
/// use `stream`.
LaunchStatus finishHeads(const HeadsArgs& args, Stream stream);

}  // namespace lectern::kernels
