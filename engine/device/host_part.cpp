// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/device/host_part.h"

#include <algorithm>

namespace lectern {

HostPart::HostPart(std::shared_ptr<Device> device, const ModelConfig& config, const RopeTable& rope,
                   const RopeTable& other_rope, ThreadPool& pool)
    : m_device(std::move(device)),
      m_config(config),
      m_group(std::size_t(config.heads / config.kv_heads)),
      m_attention(config, rope, pool, kernels::bestKernels()) {
    if (!config.otherwise.empty())
        m_other_attention = std::make_unique<Attention>(config, other_rope, pool, kernels::bestKernels());
}

Status HostPart::done(const Steps& steps) const {
    return steps.failure() == 0 ? Status() : m_device->error(steps.failure());
}

Status HostPart::begin(int pages, int tokens, const AttentionMass* mass) {
    m_pages = pages;
    m_tokens = std::size_t(tokens);
    m_mass = mass != nullptr;
    m_by_layer = m_mass && mass->by_layer;
    m_shares_open = false;
    m_found.assign(m_by_layer ? std::size_t(m_config.layers) : 1, {});
    if (pages == 0) return {};
    const std::size_t rows = m_tokens * std::size_t(m_config.heads), d = std::size_t(m_config.head_dim);
    const char* const what = "The part of attention that the CPU computes";
    if (auto grown = m_q.grow(m_device, rows * d * sizeof(float), what); !grown) return grown;
    if (auto grown = m_states.grow(m_device, rows * (d + 2) * sizeof(float), what); !grown) return grown;
    if (auto grown = m_totals.grow(m_device, rows * sizeof(float), what); !grown) return grown;
    if (m_has_event) return {};
    if (const std::int32_t failure = m_arrived.make(m_device); failure != 0) return m_device->error(failure);
    m_has_event = true;
    return {};
}

Status HostPart::take(const float* q) {
    const std::size_t bytes = m_tokens * std::size_t(m_config.heads) * std::size_t(m_config.head_dim) * sizeof(float);
    Steps steps;
    steps << m_device->table().copyOut(m_q.data(), q, bytes, m_device->stream())
          << m_device->table().recordEvent(m_arrived.get(), m_device->stream());
    return done(steps);
}

Status HostPart::attend(const KvCache& cache, int layer) {
    Steps steps;
    steps << m_device->table().waitForEvent(m_arrived.get());
    if (steps.failure() != 0) return done(steps);
    addShares();  // the total of the layer before was enqueued before these queries
    m_state = attention(layer).runPart(cache, layer, m_q.as<float>(), int(m_tokens), m_pages, m_mass);
    m_shares_open = m_mass;
    m_layer = layer;
    return {};
}

Status HostPart::put(int token, float* m, float* l, float* o) {
    const auto kv_heads = std::size_t(m_config.kv_heads), d = std::size_t(m_config.head_dim);
    const std::size_t count = token == kAll ? m_tokens * m_group : m_group, rows = kv_heads * count;
    // Each token has its own place: what was enqueued for the one before may still be on its way.
    const std::size_t first = token == kAll ? 0 : std::size_t(token);
    float* to = m_states.as<float>() + first * rows * (d + 2);
    for (std::size_t head = 0; head < kv_heads; ++head) {
        const std::size_t from = (head * m_tokens + first) * m_group, at = head * count;
        std::copy_n(m_state.m + from, count, to + at);
        std::copy_n(m_state.l + from, count, to + rows + at);
        std::copy_n(m_state.o + from * d, count * d, to + 2 * rows + at * d);
    }
    const auto& t = m_device->table();
    const auto stream = m_device->stream();
    Steps steps;
    steps << t.copyIn(m, to, rows * sizeof(float), stream) << t.copyIn(l, to + rows, rows * sizeof(float), stream)
          << t.copyIn(o, to + 2 * rows, rows * d * sizeof(float), stream);
    return done(steps);
}

Status HostPart::takeTotal(int token, const float* total) {
    const auto heads = std::size_t(m_config.heads);
    Steps steps;
    steps << m_device->table().copyOut(m_totals.as<float>() + std::size_t(token) * heads, total, heads * sizeof(float),
                                       m_device->stream());
    return done(steps);
}

/// Of the layer attended to last, whose totals are there.
void HostPart::addShares() {
    if (!m_shares_open) return;
    m_shares_open = false;
    const auto heads = std::size_t(m_config.heads);
    m_total.resize(m_tokens * heads);
    for (std::size_t token = 0; token < m_tokens; ++token)
        for (std::size_t head = 0; head < heads; ++head)
            m_total[(head / m_group * m_tokens + token) * m_group + head % m_group] =
                m_totals.as<float>()[token * heads + head];
    attention(m_layer).addPartMass(m_total.data(), m_found[m_by_layer ? std::size_t(m_layer) : 0]);
}

void HostPart::addMass(AttentionMass& mass) {
    addShares();
    for (std::size_t layer = 0; layer < m_found.size(); ++layer) mass.add(int(layer), m_config.layers, m_found[layer]);
}

std::uint64_t HostPart::scratchBytes() const {
    const std::uint64_t other = m_other_attention ? m_other_attention->scratchBytes() : 0;
    return m_q.size() + m_states.size() + m_totals.size() + m_attention.scratchBytes() + other;
}

}  // namespace lectern
