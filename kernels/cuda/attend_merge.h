// SPDX-License-Identifier: GPL-3.0-or-later
// What decode attention of several parts of a context comes to: outputs, and the mass of 16 tokens each.
#pragma once

#include "kernels/cuda/elementwise.h"
#include "kernels/kv_layout.h"

namespace lectern::kernels {

/// States of one token over `parts` parts of its context, as attendDecode() leaves them. Device memory, borrowed.
struct MergeArgs {
    const float* m = nullptr;  ///< [parts][heads] natural base; -inf where a part has no token
    const float* l = nullptr;  ///< [parts][heads]
    const float* o = nullptr;  ///< [parts][heads][head_dim]
    int parts = 0, heads = 0, head_dim = 0;
    DeviceOutput out;        ///< [heads][head_dim] sum of softmax·v; 0 where no part has a token
    float* total = nullptr;  ///< [heads] log-sum-exp over all parts, -inf where there is no token
};

/// Merges as mergeRef does, then divides by l. Does not wait; any thread that may use `stream`.
/// Source: KVQuant (arXiv:2401.18079), section 4; merge by log-sum-exp.
LaunchStatus mergeStates(const MergeArgs& args, Stream stream);

/// Adds every head's share of the mass: mass[i] += sum over heads of exp(lse - total).
///   group_lse  [kv_heads][pages][group][4] of one part      (in)
///   total      [kv_heads · group] of MergeArgs              (in)
///   mass       [pages · 4]                                  (in/out)
struct MassArgs {
    const float* group_lse = nullptr;
    const float* total = nullptr;
    int kv_heads = 0, group = 0, pages = 0;
    float* mass = nullptr;
};
LaunchStatus addMass(const MassArgs& args, Stream stream);

}  // namespace lectern::kernels
