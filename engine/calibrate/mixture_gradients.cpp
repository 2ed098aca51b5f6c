// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/calibrate/mixture_gradients.h"

#include <algorithm>
#include <numeric>

#include "engine/calibrate/derivatives.h"

namespace lectern {

void MixtureGradients::addBackward(const LayerWeights& w, const float* x, const float* dy, int tokens, Matmul& matmul,
                                   float* dx) {
    m_logits.resize(std::size_t(tokens) * std::size_t(m_config.experts));
    matmul.run(w.router, {}, x, tokens, m_logits.data());
    route(m_logits.data(), tokens, m_config.experts, m_config.experts_used, m_routing);
    std::fill(m_logits.begin(), m_logits.end(), 0.0F);
    for (std::size_t expert = 0; expert < w.experts.size(); ++expert)
        if (!m_routing.experts[expert].empty()) addExpert(w, expert, x, dy, matmul, dx);
    throughSoftmax(tokens);
    matmul.addBackward(w.router, m_logits.data(), tokens, dx);
}

/// dx += what comes through one expert; m_logits get the derivative by its weights.
void MixtureGradients::addExpert(const LayerWeights& w, std::size_t number, const float* x, const float* dy,
                                 Matmul& matmul, float* dx) {
    const Expert& expert = w.experts[number];
    const auto& places = m_routing.experts[number];
    const int count = int(places.size()), hidden = m_config.hidden;
    for (auto* buffer : {&m_x, &m_y, &m_dy}) buffer->resize(places.size() * std::size_t(hidden));
    for (auto* buffer : {&m_gate, &m_up, &m_activated}) buffer->resize(places.size() * std::size_t(m_config.ffn));
    gatherRows(places, x, hidden, m_x.data());
    gatherRows(places, dy, hidden, m_dy.data());
    matmul.run(expert.gate, {}, m_x.data(), count, m_gate.data());
    matmul.run(expert.up, {}, m_x.data(), count, m_up.data());
    for (std::size_t i = 0; i < m_gate.size(); ++i)
        m_activated[i] = activation(m_config.activation, m_gate[i]).value * m_up[i];
    matmul.run(expert.down, {}, m_activated.data(), count, m_y.data());
    for (int row = 0; row < count; ++row) {
        const auto [token, weight] = places[std::size_t(row)];
        float* back = m_dy.data() + std::size_t(row) * std::size_t(hidden);
        const float* given = m_y.data() + std::size_t(row) * std::size_t(hidden);
        m_logits[std::size_t(token) * w.experts.size() + number] =
            std::inner_product(given, given + hidden, back, 0.0F);
        for (int i = 0; i < hidden; ++i) back[i] *= weight;
    }
    std::fill(m_activated.begin(), m_activated.end(), 0.0F);
    matmul.addBackward(expert.down, m_dy.data(), count, m_activated.data());
    for (std::size_t i = 0; i < m_gate.size(); ++i) {
        const auto [value, slope] = activation(m_config.activation, m_gate[i]);
        const float up = m_up[i];
        m_up[i] = m_activated[i] * value;
        m_gate[i] = m_activated[i] * up * slope;
    }
    std::fill(m_x.begin(), m_x.end(), 0.0F);
    matmul.addBackward(expert.gate, m_gate.data(), count, m_x.data());
    matmul.addBackward(expert.up, m_up.data(), count, m_x.data());
    for (int row = 0; row < count; ++row) {
        float* to = dx + std::size_t(places[std::size_t(row)].token) * std::size_t(hidden);
        const float* from = m_x.data() + std::size_t(row) * std::size_t(hidden);
        for (int i = 0; i < hidden; ++i) to[i] += from[i];
    }
}

/// m_logits: from the derivative by the weights of the chosen to that by the logits, 0 for the others.
void MixtureGradients::throughSoftmax(int tokens) {
    const std::size_t experts = m_routing.experts.size();
    std::vector<float> mean(std::size_t(tokens), 0.0F);
    for (std::size_t expert = 0; expert < experts; ++expert)
        for (const auto [token, weight] : m_routing.experts[expert])
            mean[std::size_t(token)] += weight * m_logits[std::size_t(token) * experts + expert];
    for (std::size_t expert = 0; expert < experts; ++expert)
        for (const auto [token, weight] : m_routing.experts[expert]) {
            float& derivative = m_logits[std::size_t(token) * experts + expert];
            derivative = weight * (derivative - mean[std::size_t(token)]);
        }
}

}  // namespace lectern
