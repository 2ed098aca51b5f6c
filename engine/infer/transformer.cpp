// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/infer/transformer.h"

#include <algorithm>

#include "engine/infer/activate_gate.h"

namespace lectern {

Transformer::Transformer(std::shared_ptr<const Model> model, ThreadPool& pool, const kernels::KernelTable& kernels,
                         std::unique_ptr<ForwardPass> device)
    : m_model(std::move(model)),
      m_device(std::move(device)),
      m_pool(pool),
      m_kernels(kernels),
      m_rope(m_model->config.rope, m_model->config.query_scale),
      m_other_rope(m_model->config.other_rope, m_model->config.query_scale),
      m_attention(m_model->config, m_rope, pool, kernels),
      m_matmul(pool, kernels),
      m_mixture(m_model->config, pool, kernels) {
    if (!m_model->config.otherwise.empty())
        m_other_attention = std::make_unique<Attention>(m_model->config, m_other_rope, pool, kernels);
}

KvCache Transformer::makeCache(const KvSettings& settings) const {
    const ModelConfig& c = m_model->config;
    return {c.layers, KvShape{c.kv_heads, c.head_dim}, settings, m_kernels};
}

void Transformer::embed(std::span<const std::int32_t> tokens) {
    const auto hidden = std::size_t(m_model->config.hidden);
    for (std::size_t t = 0; t < tokens.size(); ++t)
        m_kernels.weightRows(m_model->embedding, tokens[t], tokens[t] + 1, m_x.data() + t * hidden);
    const float scale = m_model->config.embedding_scale;
    if (scale == 1) return;
    for (std::size_t i = 0; i < tokens.size() * hidden; ++i) m_x[i] *= scale;
}

void Transformer::normRows(const std::vector<float>& weight, int tokens) {
    const auto hidden = std::size_t(m_model->config.hidden);
    m_pool.run((tokens + 63) / 64, [&](int block, int) {
        for (int t = block * 64; t < std::min(tokens, block * 64 + 64); ++t) {
            m_kernels.rmsNorm(m_x.data() + std::size_t(t) * hidden, weight.data(), m_model->config.rms_eps, int(hidden),
                              m_norm.data() + std::size_t(t) * hidden);
        }
    });
}

/// RMSNorm of every head of x [tokens][heads·d] with one weight [d]; nothing where the model has none.
void Transformer::normHeads(const std::vector<float>& weight, int heads, int tokens, float* x) {
    if (weight.empty()) return;
    const auto d = weight.size();
    m_pool.run((tokens + 63) / 64, [&](int block, int) {
        const auto end = std::size_t(std::min(tokens, block * 64 + 64)) * std::size_t(heads);
        for (auto row = std::size_t(block) * 64 * std::size_t(heads); row < end; ++row)
            m_kernels.rmsNorm(x + row * d, weight.data(), m_model->config.rms_eps, int(d), x + row * d);
    });
}

/// RMSNorm of what a sublayer gave (m_y), in place; nothing where the model has none.
void Transformer::normResult(const std::vector<float>& weight, int tokens) {
    const auto hidden = weight.size();
    for (int t = 0; !weight.empty() && t < tokens; ++t) {
        float* row = m_y.data() + std::size_t(t) * hidden;
        m_kernels.rmsNorm(row, weight.data(), m_model->config.rms_eps, int(hidden), row);
    }
}

void Transformer::addRows(const float* y, int tokens) {
    m_kernels.add(m_x.data(), y, tokens * m_model->config.hidden);
}

Status Transformer::layer(KvCache& cache, int index, int tokens, AttentionMass* mass) {
    const LayerWeights& w = m_model->layers[std::size_t(index)];
    if (auto there = cache.ready(index); !there) return there;
    normRows(w.attn_norm, tokens);
    m_matmul.run(w.q, w.q_bias, m_norm.data(), tokens, m_q.data());
    m_matmul.run(w.k, w.k_bias, m_norm.data(), tokens, m_k.data());
    m_matmul.run(w.v, w.v_bias, m_norm.data(), tokens, m_v.data());
    normHeads(w.q_norm, m_model->config.heads, tokens, m_q.data());
    normHeads(w.k_norm, m_model->config.kv_heads, tokens, m_k.data());
    if (auto appended = cache.append(index, m_k.data(), m_v.data(), tokens, m_pool); !appended) return appended;
    Attention& attention = m_model->config.turnsOtherwise(index) ? *m_other_attention : m_attention;
    attention.run(cache, index, m_q.data(), tokens, m_a.data(), mass);
    m_matmul.run(w.o, w.o_bias, m_a.data(), tokens, m_y.data());
    normResult(w.post_attn_norm, tokens);
    addRows(m_y.data(), tokens);
    feedForward(w, tokens);
    return {};
}

void Transformer::feedForward(const LayerWeights& w, int tokens) {
    normRows(w.ffn_norm, tokens);
    if (w.experts.empty())
        oneNetwork(w, tokens);
    else
        m_mixture.run(w, m_norm.data(), tokens, m_matmul, m_y.data());
    normResult(w.post_ffn_norm, tokens);
    addRows(m_y.data(), tokens);
}

/// m_y: what the feed-forward network gives for m_norm, in layers that have one alone.
void Transformer::oneNetwork(const LayerWeights& w, int tokens) {
    m_matmul.run(w.gate, w.gate_bias, m_norm.data(), tokens, m_gate.data());
    m_matmul.run(w.up, w.up_bias, m_norm.data(), tokens, m_up.data());
    activateGate(m_model->config, m_gate.data(), m_up.data(), tokens, m_pool, m_kernels);
    m_matmul.run(w.down, w.down_bias, m_gate.data(), tokens, m_y.data());
}

void Transformer::output(int tokens, Logits which, float* logits) {
    if (which == Logits::None) return;
    const auto hidden = std::size_t(m_model->config.hidden);
    const int rows = which == Logits::All ? tokens : 1;
    if (rows == 1) std::copy_n(m_x.data() + std::size_t(tokens - 1) * hidden, hidden, m_x.data());
    normRows(m_model->final_norm, rows);
    m_matmul.run(m_model->output, {}, m_norm.data(), rows, logits);
    capLogits(rows, logits);
}

/// Bounds what either processor gave, where the model does.
void Transformer::capLogits(int rows, float* logits) {
    const ModelConfig& c = m_model->config;
    if (c.logit_cap == 0) return;
    m_pool.run(rows, [&](int row, int) {
        m_kernels.softCap(logits + std::size_t(row) * std::size_t(c.vocab), c.vocab, c.logit_cap);
    });
}

Status Transformer::forward(KvCache& cache, std::span<const std::int32_t> tokens, Logits which, float* logits,
                            AttentionMass* mass) {
    const ModelConfig& c = m_model->config;
    for (const auto id : tokens) {
        if (id < 0 || id >= c.vocab)
            return Error{ErrorCode::BadInput, "Token " + std::to_string(id) + " is outside the model's vocabulary."};
    }
    if (m_device) {
        auto done = m_device->forward(cache, tokens, which, logits, mass);
        if (done && which != Logits::None && !tokens.empty())
            capLogits(which == Logits::All ? int(tokens.size()) : 1, logits);
        return done;
    }
    const auto grow = [&](std::vector<float>& buffer, int width) {
        buffer.resize(std::max(buffer.size(), tokens.size() * std::size_t(width)));
    };
    for (auto* buffer : {&m_x, &m_norm, &m_y}) grow(*buffer, c.hidden);
    for (auto* buffer : {&m_q, &m_a}) grow(*buffer, c.heads * c.head_dim);
    for (auto* buffer : {&m_k, &m_v}) grow(*buffer, c.kv_heads * c.head_dim);
    for (auto* buffer : {&m_gate, &m_up}) grow(*buffer, c.experts > 0 ? 0 : c.ffn);
    embed(tokens);
    for (int index = 0; index < c.layers; ++index) {
        if (auto done = layer(cache, index, int(tokens.size()), mass); !done) return done;
    }
    cache.advance(int(tokens.size()));
    cache.settle(m_pool);
    output(int(tokens.size()), which, logits);
    return {};
}

Status Transformer::prefill(KvCache& cache, std::span<const std::int32_t> tokens, float* logits, std::stop_token stop,
                            const std::function<Status(std::size_t)>& done) {
    for (std::size_t at = 0; at < tokens.size();) {
        if (stop.stop_requested()) return Error{ErrorCode::Interrupted, "Reading was stopped; what was read is kept."};
        const auto room = std::size_t(kChunk) - std::size_t(cache.tokens() % kChunk);
        const auto chunk = tokens.subspan(at, std::min(room, tokens.size() - at));
        const bool last = at + chunk.size() == tokens.size() && logits != nullptr;
        auto status = forward(cache, chunk, last ? Logits::Last : Logits::None, logits);
        at += chunk.size();
        if (status && done) status = done(at);
        if (!status) return status;
    }
    return {};
}

std::uint64_t Transformer::scratchBytes() const {
    if (m_device) return m_device->scratchBytes();
    std::size_t floats = 0;
    for (const auto* buffer : {&m_x, &m_norm, &m_q, &m_k, &m_v, &m_a, &m_gate, &m_up, &m_y})
        floats += buffer->capacity();
    const std::uint64_t other = m_other_attention ? m_other_attention->scratchBytes() : 0;
    return floats * sizeof(float) + m_attention.scratchBytes() + other + m_matmul.scratchBytes() +
           m_mixture.scratchBytes();
}

}  // namespace lectern
