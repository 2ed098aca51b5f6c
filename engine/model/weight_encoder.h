// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "kernels/weight_type.h"

namespace lectern {

/// "F32", "f16", "BF16", "q8_0", "Q4_K", "Q4_0": the types that weights can be written as; nothing for others.
std::optional<kernels::WeightType> writableWeightType(std::string_view name);

/// What a matrix with rows of `cols` elements is written as where `type` is asked for: Q5_0 for Q4_K whose rows are no
/// multiple of 256, F16 where they hold no whole blocks of that either.
kernels::WeightType writtenType(kernels::WeightType type, int cols);

/// Stores values as `type` (what writtenType() gives; whole blocks): Q4_K with little squared error (q4k_encoder.h),
/// the others rounded as ggml's reference does.
///   values  [n] f32, finite                         (in)
///   out     kernels::rowBytes(type, n) bytes        (out)
void encodeWeights(kernels::WeightType type, std::span<const float> values, std::byte* out);

}  // namespace lectern
