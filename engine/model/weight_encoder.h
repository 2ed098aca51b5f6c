// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "kernels/weight_type.h"

namespace lectern {

/// "F32", "f16", "BF16", "q8_0", "Q4_0": the types that weights can be written as; nothing for others.
std::optional<kernels::WeightType> writableWeightType(std::string_view name);

/// Stores values as `type` (one of writableWeightType(); whole blocks), rounded as ggml's reference does.
///   values  [n] f32, finite                         (in)
///   out     kernels::rowBytes(type, n) bytes        (out)
void encodeWeights(kernels::WeightType type, std::span<const float> values, std::byte* out);

}  // namespace lectern
