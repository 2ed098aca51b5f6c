// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <limits>
#include <vector>

namespace lectern {

/// The smallest and the largest of many numbers: enough for exact quantiles near the ends.
class ChannelTails {
public:
    /// For quantiles up to `share` from either end of `count` numbers.
    ChannelTails(std::size_t count, double share);

    void add(float x);
    /// The `share` and 1 - `share` quantiles, linear between neighbours; all `count` numbers must have come.
    float low(double share);
    float high(double share);

private:
    float at(std::vector<float>& tail, bool smallest, double share) const;

    std::size_t m_count, m_keep;
    std::vector<float> m_low, m_high;                            ///< at most 2 · m_keep each
    float m_low_bound = std::numeric_limits<float>::infinity();  ///< what is beyond it is not among the kept
    float m_high_bound = -std::numeric_limits<float>::infinity();
};

}  // namespace lectern
