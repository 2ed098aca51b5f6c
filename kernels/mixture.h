// SPDX-License-Identifier: GPL-3.0-or-later
// What lies between the products of a layer with experts: which of them compute a token, and how much each counts.
#pragma once

#include <cstdint>

namespace lectern::kernels {

inline constexpr int kMostExperts = 512;  ///< of a layer

/// One of the experts that compute a token.
struct ExpertChoice {
    std::int32_t expert = 0;
    float weight = 0;  ///< of what it gives
};

/// One of the tokens that an expert computes.
struct ExpertPlace {
    std::int32_t token = 0;
    float weight = 0;  ///< of what it gets
};

/// The `used` experts with the largest logits in falling order, the lower number first on a tie. Weights are the
/// softmax over all experts, divided by the sum of those chosen.  logits [experts] f32, out [used]; used is at most
/// experts. Logits that are no numbers leave the order open; the experts chosen are different ones all the same.
/// Source: Mixtral of Experts (arXiv:2401.04088), section 2.1.
using ChooseExpertsFn = void(const float* logits, int experts, int used, ExpertChoice* out);
/// Row i of out is the row of x that places[i] names.  x [tokens][n], out [count][n] fp16.
using GatherRowsFn = void(const ExpertPlace* places, int count, const std::uint16_t* x, int n, std::uint16_t* out);
/// Adds row i of y, times the weight of places[i], to the row of x that it names.  y [count][n], x [tokens][n] f32; no
/// token has two places.
using AddExpertRowsFn = void(const ExpertPlace* places, int count, const float* y, int n, float* x);

ChooseExpertsFn chooseExpertsRef;
GatherRowsFn gatherRowsRef;
AddExpertRowsFn addExpertRowsRef;

}  // namespace lectern::kernels
