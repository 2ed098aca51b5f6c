// SPDX-License-Identifier: GPL-3.0-or-later
// What decode attention of several parts of a context comes to: outputs, and the mass of 16 tokens each.
#pragma once

#include "kernels/cuda/elementwise.h"
#include "kernels/kv_layout.h"

namespace lectern::kernels {

/// States of query rows over `parts` parts of their context, as attendDecode() leaves those of one token, for each of
/// its splits, and attendPrefill() those of several. Rows: [kv_heads][tokens][group], which for one token are its
/// heads. Device memory, borrowed.
struct MergeArgs {
    const float* m = nullptr;  ///< [parts][rows] natural base; -inf where a part has no token
    const float* l = nullptr;  ///< [parts][rows]
    const float* o = nullptr;  ///< [parts][rows][head_dim]
    int parts = 0, heads = 0, head_dim = 0;
    DeviceOutput out;           ///< [tokens][heads][head_dim] sum of softmax·v; 0 where no part has a token
    float* total = nullptr;     ///< [rows] log-sum-exp over all parts, -inf where there is no token
    int tokens = 1, group = 1;  ///< rows = tokens · heads; query heads of a KV head, of no matter for one token
};

/// Merges as mergeRef does, then divides by l. Does not wait; any thread that may use `stream`.
/// Source: KVQuant (arXiv:2401.18079), section 4; merge by log-sum-exp.
LaunchStatus mergeStates(const MergeArgs& args, Stream stream);

/// Adds every head's share of the mass, of several parts of a context: mass[i] += sum over heads of exp(lse - total).
struct MassArgs {
    static constexpr int kMost = 4;
    struct Part {
        const float* group_lse = nullptr;  ///< [kv_heads][pages][group][4]
        float* mass = nullptr;             ///< [pages · 4] (in/out)
        int pages = 0;
    } parts[kMost];
    int count = 0;                 ///< 1 … kMost
    const float* total = nullptr;  ///< [kv_heads · group] of MergeArgs
    int kv_heads = 0, group = 0;
};
LaunchStatus addMass(const MassArgs& args, Stream stream);

}  // namespace lectern::kernels
