// SPDX-License-Identifier: GPL-3.0-or-later
// Layers with experts on the device: which experts compute a token, and rows to an expert and back. The products with
// those chosen are matvecs() (few tokens) and gemm() (many). Device memory, borrowed until the stream has passed.
#pragma once

#include "kernels/cuda/matvec.h"
#include "kernels/mixture.h"

namespace lectern::kernels {

/// The router of a layer, and the tokens that it is asked for.
struct RouteArgs {
    DeviceWeights router;         ///< [experts][cols], at most kMostExperts
    int tokens = 0, used = 0;     ///< used: experts of each token, 1 … experts
    const float* x = nullptr;     ///< [tokens][cols] 16-byte aligned
    const float* norm = nullptr;  ///< [cols] f32, 16-byte aligned: vectors are x / sqrt(mean(x²) + eps) · norm
    float eps = 0;
    ExpertChoice* choices = nullptr;  ///< [tokens][used] as chooseExpertsRef() orders them (out)
};
/// Logits are f32 sums in an order that depends on cols alone: the same choices however many tokens there are. One
/// launch. Does not wait; any thread that may use `stream`.
LaunchStatus route(const RouteArgs& args, Stream stream);

/// As gatherRowsRef(); n is a multiple of 8, x and out 16-byte aligned.
LaunchStatus gatherRows(const ExpertPlace* places, int count, const std::uint16_t* x, int n, std::uint16_t* out,
                        Stream stream);
/// As addExpertRowsRef().
LaunchStatus addExpertRows(const ExpertPlace* places, int count, const float* y, int n, float* x, Stream stream);

}  // namespace lectern::kernels
