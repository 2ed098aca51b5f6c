// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/calibrate/channel_tails.h"

#include <algorithm>
#include <functional>

namespace lectern {

ChannelTails::ChannelTails(std::size_t count, double share)
    : m_count(count), m_keep(std::size_t(share * double(count - 1)) + 2) {}

void ChannelTails::add(float x) {
    if (x <= m_low_bound) {
        m_low.push_back(x);
        if (m_low.size() == 2 * m_keep) {
            std::nth_element(m_low.begin(), m_low.begin() + std::ptrdiff_t(m_keep) - 1, m_low.end());
            m_low.resize(m_keep);
            m_low_bound = m_low.back();
        }
    }
    if (x >= m_high_bound) {
        m_high.push_back(x);
        if (m_high.size() == 2 * m_keep) {
            std::nth_element(m_high.begin(), m_high.begin() + std::ptrdiff_t(m_keep) - 1, m_high.end(),
                             std::greater<>());
            m_high.resize(m_keep);
            m_high_bound = m_high.back();
        }
    }
}

float ChannelTails::at(std::vector<float>& tail, bool smallest, double share) const {
    if (smallest)
        std::sort(tail.begin(), tail.end());
    else
        std::sort(tail.begin(), tail.end(), std::greater<>());
    const double place = share * double(m_count - 1);
    const auto below = std::size_t(place);
    const float first = tail[below], second = tail[std::min(below + 1, tail.size() - 1)];
    return first + (second - first) * float(place - double(below));
}

float ChannelTails::low(double share) {
    return at(m_low, true, share);
}
float ChannelTails::high(double share) {
    return at(m_high, false, share);
}

}  // namespace lectern
