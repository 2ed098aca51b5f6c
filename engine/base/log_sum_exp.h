// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cmath>
#include <span>

namespace lectern {

/// ln of the sum of exp(x), summed in double precision in order; `x` [n], n > 0. A logit less it is a log-probability.
inline double logSumExp(std::span<const float> x) {
    const float highest = *std::max_element(x.begin(), x.end());
    double sum = 0;
    for (const float value : x) sum += std::exp(double(value) - highest);
    return highest + std::log(sum);
}

}  // namespace lectern
