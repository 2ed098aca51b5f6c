// SPDX-License-Identifier: GPL-3.0-or-later
// Weights as model files store them, and back: plain code of the tests' own, to compare the engine's with.
#pragma once

#include <span>
#include <string>

#include "kernels/matvec.h"

namespace lectern::test {

/// Bytes of `values` as `type` (whole blocks of 32 for Q8_0 and Q4_0), rounded as ggml does.
std::string encodeWeights(kernels::WeightType type, std::span<const float> values);

/// The values `bytes` stand for; `values` sizes the output.
void decodeWeights(kernels::WeightType type, const std::byte* bytes, std::span<float> values);

}  // namespace lectern::test
