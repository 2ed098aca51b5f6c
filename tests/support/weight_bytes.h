// SPDX-License-Identifier: GPL-3.0-or-later
// Weights as model files store them, and back: plain code of the tests' own, to compare the engine's with.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "kernels/matvec.h"

namespace lectern::test {

/// Byte offsets of the fp16 numbers in a block; the scale first. Empty for plain types.
std::vector<int> halfPlaces(kernels::WeightType type);

/// Blocks of random codes and scales, with the root mean square `size` (0: zeros).
std::string randomBlocks(kernels::WeightType type, std::size_t blocks, double size, unsigned seed);

/// Bytes of `values` as `type`, in whole blocks. Plain types, Q8_0 and Q4_0: rounded as ggml does; others: random
/// blocks of the values' magnitude, always the same.
std::string encodeWeights(kernels::WeightType type, std::span<const float> values);

/// The values `bytes` stand for; `values` sizes the output.
void decodeWeights(kernels::WeightType type, const std::byte* bytes, std::span<float> values);

}  // namespace lectern::test
