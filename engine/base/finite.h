// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>

namespace lectern {

/// True where no element is an infinity or NaN. One pass without a branch: a sum of x·0 is 0 for finite numbers and NaN
/// otherwise.
inline bool allFinite(std::span<const float> x) {
    float sum = 0;
    for (const float value : x) sum += value * 0.0F;
    return sum == 0.0F;
}

}  // namespace lectern
