// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/infer/rope_table.h"

#include <cmath>
#include <numbers>

namespace lectern {

RopeTable::RopeTable(const RopeConfig& config, double query_scale)
    : m_pairs(config.dims / 2),
      m_interleaved(config.interleaved),
      m_query_scale(query_scale),
      m_scaling(config.scaling),
      m_frequency(ropeFrequencies(config)) {
    m_offset_cos.resize(std::size_t(m_pairs) * kernels::kPageTokens);
    m_offset_sin.resize(m_offset_cos.size());
    for (int pair = 0; pair < m_pairs; ++pair) {
        const double frequency = m_frequency[std::size_t(pair)];
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

void RopeTable::scaleQuery(float* q, int head_dim, std::uint64_t position) const {
    const double scale = m_query_scale / std::sqrt(double(head_dim)) * growth(position);
    const auto plain = float(scale), rotated = float(scale * m_scaling.attention_factor * m_scaling.attention_factor);
    for (int i = 0; i < 2 * m_pairs; ++i) q[i] *= rotated;
    for (int i = 2 * m_pairs; i < head_dim; ++i) q[i] *= plain;
}

kernels::RopeOffsets RopeTable::offsets() const {
    return {m_offset_cos.data(), m_offset_sin.data(), m_pairs, m_interleaved};
}

}  // namespace lectern
