// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/infer/rope_table.h"

#include <cmath>
#include <numbers>

namespace lectern {

RopeTable::RopeTable(const RopeConfig& config) : m_pairs(config.dims / 2), m_interleaved(config.interleaved) {
    m_frequency.resize(std::size_t(m_pairs));
    m_offset_cos.resize(std::size_t(m_pairs) * kernels::kPageTokens);
    m_offset_sin.resize(m_offset_cos.size());
    for (int pair = 0; pair < m_pairs; ++pair) {
        const double frequency = std::pow(config.theta, -2.0 * pair / config.dims) / config.linear_factor;
        m_frequency[std::size_t(pair)] = frequency;
        for (int offset = 0; offset < kernels::kPageTokens; ++offset) {
            const auto i = std::size_t(pair) * kernels::kPageTokens + std::size_t(offset);
            m_offset_cos[i] = float(std::cos(offset * frequency));
            m_offset_sin[i] = float(std::sin(offset * frequency));
        }
    }
}

void RopeTable::angles(std::uint64_t position, float* cos, float* sin) const {
    for (std::size_t pair = 0; pair < m_frequency.size(); ++pair) {
        const double angle = std::remainder(double(position) * m_frequency[pair], 2 * std::numbers::pi);
        cos[pair] = float(std::cos(angle));
        sin[pair] = float(std::sin(angle));
    }
}

kernels::RopeOffsets RopeTable::offsets() const {
    return {m_offset_cos.data(), m_offset_sin.data(), m_pairs, m_interleaved};
}

}  // namespace lectern
