// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/infer/mixture.h"

#include <algorithm>
#include <cmath>

#include "engine/infer/activate_gate.h"

namespace lectern {

namespace {

constexpr int kTokenBlock = 16;  ///< tokens of one task of row-wise work

}  // namespace

void route(const float* logits, int tokens, int experts, int used, Routing& out) {
    out.experts.resize(std::size_t(experts));
    for (auto& places : out.experts) places.clear();
    std::vector<int> order(static_cast<std::size_t>(experts));
    for (int token = 0; token < tokens; ++token, logits += experts) {
        for (int i = 0; i < experts; ++i) order[std::size_t(i)] = i;
        float sum = 0;
        for (int rank = 0; rank < used; ++rank) {
            auto best = order.begin() + rank;
            for (auto at = best + 1; at != order.end(); ++at)
                if (logits[*at] > logits[*best]) best = at;
            std::rotate(order.begin() + rank, best, best + 1);
            sum += std::exp(logits[order[std::size_t(rank)]] - logits[order[0]]);
        }
        for (int rank = 0; rank < used; ++rank) {
            const int expert = order[std::size_t(rank)];
            out.experts[std::size_t(expert)].push_back({token, std::exp(logits[expert] - logits[order[0]]) / sum});
        }
    }
}

void gatherRows(const std::vector<Routing::Place>& places, const float* x, int width, float* out) {
    for (const Routing::Place& place : places)
        out = std::copy_n(x + std::size_t(place.token) * std::size_t(width), width, out);
}

void Mixture::run(const LayerWeights& w, const float* x, int tokens, Matmul& matmul, float* y) {
    const auto grow = [](std::vector<float>& buffer, std::size_t size) {
        buffer.resize(std::max(buffer.size(), size));
    };
    grow(m_logits, std::size_t(tokens) * std::size_t(m_config.experts));
    matmul.run(w.router, {}, x, tokens, m_logits.data());
    route(m_logits.data(), tokens, m_config.experts, m_config.experts_used, m_routing);
    std::fill_n(y, std::size_t(tokens) * std::size_t(m_config.hidden), 0.0F);
    for (std::size_t i = 0; i < w.experts.size(); ++i) {
        const auto& places = m_routing.experts[i];
        if (places.empty()) continue;
        for (auto* buffer : {&m_x, &m_y}) grow(*buffer, places.size() * std::size_t(m_config.hidden));
        for (auto* buffer : {&m_gate, &m_up}) grow(*buffer, places.size() * std::size_t(m_config.ffn));
        addExpert(w.experts[i], places, x, matmul, y);
    }
}

/// y += the expert's result for its tokens, weighted.
void Mixture::addExpert(const Expert& expert, const std::vector<Routing::Place>& places, const float* x, Matmul& matmul,
                        float* y) {
    const int count = int(places.size()), hidden = m_config.hidden;
    gatherRows(places, x, hidden, m_x.data());
    matmul.run(expert.gate, {}, m_x.data(), count, m_gate.data());
    matmul.run(expert.up, {}, m_x.data(), count, m_up.data());
    activateGate(m_config, m_gate.data(), m_up.data(), count, m_pool, m_kernels);
    matmul.run(expert.down, {}, m_gate.data(), count, m_y.data());
    m_pool.run((count + kTokenBlock - 1) / kTokenBlock, [&](int block, int) {
        for (int row = block * kTokenBlock; row < std::min(count, (block + 1) * kTokenBlock); ++row) {
            const auto [token, weight] = places[std::size_t(row)];
            const float* from = m_y.data() + std::size_t(row) * std::size_t(hidden);
            float* to = y + std::size_t(token) * std::size_t(hidden);
            for (int i = 0; i < hidden; ++i) to[i] += weight * from[i];
        }
    });
}

std::uint64_t Mixture::scratchBytes() const {
    std::size_t floats = 0;
    for (const auto* buffer : {&m_logits, &m_x, &m_y, &m_gate, &m_up}) floats += buffer->capacity();
    std::uint64_t bytes = floats * sizeof(float);
    for (const auto& places : m_routing.experts) bytes += places.capacity() * sizeof(Routing::Place);
    return bytes;
}

}  // namespace lectern
