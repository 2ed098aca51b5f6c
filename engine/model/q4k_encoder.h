// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <span>

namespace lectern {

inline constexpr std::size_t kQ4kElements = 256, kQ4kBytes = 144;

/// Stores values as one block of Q4_K (kernels/weight_type.h) with little squared error: scale and minimum of every 32
/// elements by least squares from several roundings, their six bits chosen among neighbours, the block's two factors
/// by least squares at last. Any thread.
///   values  [256] f32, finite  (in)
///   out     [144] bytes        (out)
void encodeQ4k(std::span<const float, kQ4kElements> values, std::byte* out);

}  // namespace lectern
