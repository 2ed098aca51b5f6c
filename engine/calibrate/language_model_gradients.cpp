// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/calibrate/language_model_gradients.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/base/finite.h"
#include "engine/calibrate/derivatives.h"
#include "engine/infer/activate_gate.h"
#include "engine/infer/gemm.h"

namespace lectern {

namespace {

constexpr int kQueryBlock = 128;  ///< queries whose scores are held at once
constexpr int kOutputBlock = 64;  ///< tokens whose logits are held at once
constexpr int kTokenBlock = 64;   ///< tokens of one task of row-wise work

}  // namespace

LanguageModelGradients::LanguageModelGradients(std::shared_ptr<const Model> model, ThreadPool& pool,
                                               const kernels::KernelTable& kernels)
    : m_model(std::move(model)),
      m_pool(pool),
      m_kernels(kernels),
      m_usual(m_model->config.rope, m_model->config.query_scale),
      m_other(m_model->config.other_rope, m_model->config.query_scale),
      m_matmul(pool, kernels),
      m_mixture(m_model->config, pool, kernels),
      m_mixture_back(m_model->config) {
    m_inputs.resize(std::size_t(m_model->config.layers) + 1);
    m_scores.resize(std::size_t(pool.threads()));
}

Status LanguageModelGradients::start(std::span<const std::int32_t> ids) {
    const ModelConfig& c = m_model->config;
    for (const auto id : ids) {
        if (id < 0 || id >= c.vocab)
            return Error{ErrorCode::BadInput, "Token " + std::to_string(id) + " is outside the model's vocabulary."};
    }
    m_tokens = int(ids.size());
    const auto size = [&](std::initializer_list<std::vector<float>*> buffers, int width) {
        for (auto* buffer : buffers) buffer->resize(ids.size() * std::size_t(width));
    };
    size({&m_middle, &m_norm, &m_y, &m_dx, &m_dnorm}, c.hidden);
    size({&m_q, &m_a, &m_da, &m_dq}, c.heads * c.head_dim);
    size({&m_k, &m_kr, &m_v, &m_dk, &m_dv}, c.kv_heads * c.head_dim);
    size({&m_gate, &m_up, &m_dgate, &m_dup}, c.experts > 0 ? 0 : c.ffn);
    for (Turning* turning : {&m_usual, &m_other}) size({&turning->cos, &turning->sin}, turning->rope.pairs());
    for (auto& input : m_inputs) input.resize(ids.size() * std::size_t(c.hidden));
    for (auto& scores : m_scores) {
        scores.p.resize(kQueryBlock * ids.size());
        scores.dp.resize(kQueryBlock * ids.size());
        scores.slope.resize(ids.size());
    }
    for (std::size_t t = 0; t < ids.size(); ++t) {
        m_kernels.weightRows(m_model->embedding, ids[t], ids[t] + 1, m_inputs[0].data() + t * std::size_t(c.hidden));
        for (Turning* turning : {&m_usual, &m_other}) {
            const std::size_t pairs = t * std::size_t(turning->rope.pairs());
            turning->rope.angles(t, turning->cos.data() + pairs, turning->sin.data() + pairs);
        }
    }
    for (float& x : m_inputs[0]) x *= c.embedding_scale;
    return {};
}

void LanguageModelGradients::normRows(const float* x, const std::vector<float>& weight, float* out) {
    const int hidden = m_model->config.hidden;
    m_pool.run((m_tokens + kTokenBlock - 1) / kTokenBlock, [&](int block, int) {
        for (int t = block * kTokenBlock; t < std::min(m_tokens, (block + 1) * kTokenBlock); ++t) {
            const std::size_t row = std::size_t(t) * std::size_t(hidden);
            m_kernels.rmsNorm(x + row, weight.data(), m_model->config.rms_eps, hidden, out + row);
        }
    });
}

void LanguageModelGradients::addNormBackward(const float* x, const std::vector<float>& weight, const float* dy,
                                             float* dx) {
    const int hidden = m_model->config.hidden;
    m_pool.run((m_tokens + kTokenBlock - 1) / kTokenBlock, [&](int block, int) {
        for (int t = block * kTokenBlock; t < std::min(m_tokens, (block + 1) * kTokenBlock); ++t) {
            const std::size_t row = std::size_t(t) * std::size_t(hidden);
            addRowNormBackward(x + row, weight.data(), m_model->config.rms_eps, dy + row, hidden, dx + row);
        }
    });
}

/// The derivative by what a sublayer gave, from m_dx, the one by what was added to the stream; `plain`: what it gave.
const float* LanguageModelGradients::throughPostNorm(const std::vector<float>& plain,
                                                     const std::vector<float>& weight) {
    if (weight.empty()) return m_dx.data();
    m_dy.assign(m_dx.size(), 0.0F);
    addNormBackward(plain.data(), weight, m_dx.data(), m_dy.data());
    return m_dy.data();
}

/// Turns every head of x [tokens][heads·d] to its position (sign 1) or back (-1, which is also the derivative).
void LanguageModelGradients::rotate(float* x, int heads, int sign) {
    const Turning& turning = this->turning();
    const int d = m_model->config.head_dim, pairs = turning.rope.pairs();
    const int step = turning.rope.interleaved() ? 2 : 1, apart = turning.rope.interleaved() ? 1 : pairs;
    m_pool.run((m_tokens + kTokenBlock - 1) / kTokenBlock, [&](int block, int) {
        for (int t = block * kTokenBlock; t < std::min(m_tokens, (block + 1) * kTokenBlock); ++t) {
            const float* cos = turning.cos.data() + std::size_t(t) * std::size_t(pairs);
            const float* sin = turning.sin.data() + std::size_t(t) * std::size_t(pairs);
            for (int head = 0; head < heads; ++head) {
                float* row = x + (std::size_t(t) * std::size_t(heads) + std::size_t(head)) * std::size_t(d);
                for (int pair = 0; pair < pairs; ++pair) {
                    float& a = row[pair * step];
                    float& b = row[pair * step + apart];
                    const float s = float(sign) * sin[pair], first = a;
                    a = first * cos[pair] - b * s;
                    b = first * s + b * cos[pair];
                }
            }
        }
    });
}

/// RMSNorm of every head of x, of which `plain` keeps a copy; nothing where the model has none.
void LanguageModelGradients::normHeads(std::vector<float>& x, const std::vector<float>& weight,
                                       std::vector<float>& plain) {
    if (weight.empty()) return;
    plain = x;
    const std::size_t d = weight.size();
    m_pool.run((m_tokens + kTokenBlock - 1) / kTokenBlock, [&](int block, int) {
        const std::size_t wide = x.size() / std::size_t(m_tokens), end = std::size_t(block + 1) * kTokenBlock * wide;
        for (std::size_t at = std::size_t(block) * kTokenBlock * wide; at < std::min(x.size(), end); at += d)
            m_kernels.rmsNorm(plain.data() + at, weight.data(), m_model->config.rms_eps, int(d), x.data() + at);
    });
}

/// dx: from the derivative by what normHeads() made to that by `plain`.
void LanguageModelGradients::normHeadsBackward(const std::vector<float>& plain, const std::vector<float>& weight,
                                               std::vector<float>& dx) {
    if (weight.empty()) return;
    const std::vector<float> dy = dx;
    std::fill(dx.begin(), dx.end(), 0.0F);
    const std::size_t d = weight.size();
    for (std::size_t at = 0; at < dx.size(); at += d)
        addRowNormBackward(plain.data() + at, weight.data(), m_model->config.rms_eps, dy.data() + at, int(d),
                           dx.data() + at);
}

/// Linear, and the same on the way back: a derivative by scaled queries becomes one by plain ones.
void LanguageModelGradients::scaleQueries(std::vector<float>& q) {
    const int d = m_model->config.head_dim;
    const auto heads = std::size_t(m_model->config.heads);
    for (std::size_t row = 0; row * std::size_t(d) < q.size(); ++row)
        turning().rope.scaleQuery(q.data() + row * std::size_t(d), d, row / heads);
}

/// Scores [columns] of query begin + row become probabilities over what it sees, 0 elsewhere. `slopes` [columns],
/// where given: of what caps the scores.
void LanguageModelGradients::softmaxRow(float* scores, int begin, int row, int columns, float* slopes) const {
    const int end = begin + row + 1, first = m_window == 0 ? 0 : std::max(0, end - m_window);
    const float cap = m_model->config.score_cap;
    if (cap > 0) m_kernels.softCap(scores + first, end - first, cap);
    for (int i = 0; slopes != nullptr && i < columns; ++i) slopes[i] = softCapSlope(scores[i], cap);
    std::fill(scores, scores + first, 0.0F);
    m_kernels.softmax(scores + first, end - first);
    std::fill(scores + end, scores + columns, 0.0F);
}

/// From m_inputs[layer]: keys and values, rotated keys, and queries rotated and scaled by 1/√d.
void LanguageModelGradients::attentionInputs(int layer) {
    const ModelConfig& c = m_model->config;
    const LayerWeights& w = m_model->layers[std::size_t(layer)];
    normRows(m_inputs[std::size_t(layer)].data(), w.attn_norm, m_norm.data());
    m_matmul.run(w.q, w.q_bias, m_norm.data(), m_tokens, m_q.data());
    m_matmul.run(w.k, w.k_bias, m_norm.data(), m_tokens, m_k.data());
    m_matmul.run(w.v, w.v_bias, m_norm.data(), m_tokens, m_v.data());
    normHeads(m_q, w.q_norm, m_q_plain);
    normHeads(m_k, w.k_norm, m_k_plain);
    m_kr = m_k;
    m_window = c.window(layer);
    m_turns_otherwise = c.turnsOtherwise(layer);
    rotate(m_q.data(), c.heads, 1);
    rotate(m_kr.data(), c.kv_heads, 1);
    scaleQueries(m_q);
    m_pool.run(c.kv_heads, [&](int kv_head, int worker) { attend(kv_head, worker); });
    m_matmul.run(w.o, w.o_bias, m_a.data(), m_tokens, m_y.data());
    if (!w.post_attn_norm.empty()) {
        m_attended = m_y;
        normRows(m_attended.data(), w.post_attn_norm, m_y.data());
    }
    std::transform(m_y.begin(), m_y.end(), m_inputs[std::size_t(layer)].begin(), m_middle.begin(), std::plus<>());
}

/// From m_middle: gate and up, before the activation; of a layer with experts what they read alone.
void LanguageModelGradients::feedForwardInputs(int layer) {
    const LayerWeights& w = m_model->layers[std::size_t(layer)];
    normRows(m_middle.data(), w.ffn_norm, m_norm.data());
    if (!w.experts.empty()) return;
    m_matmul.run(w.gate, w.gate_bias, m_norm.data(), m_tokens, m_gate.data());
    m_matmul.run(w.up, w.up_bias, m_norm.data(), m_tokens, m_up.data());
}

void LanguageModelGradients::attend(int kv_head, int worker) {
    const ModelConfig& c = m_model->config;
    const int d = c.head_dim, group = c.heads / c.kv_heads, wide = c.heads * d, narrow = c.kv_heads * d;
    float* p = m_scores[std::size_t(worker)].p.data();
    for (int head = kv_head * group; head < (kv_head + 1) * group; ++head) {
        for (int begin = 0; begin < m_tokens; begin += kQueryBlock) {
            const int rows = std::min(kQueryBlock, m_tokens - begin), columns = begin + rows;
            const std::size_t at = std::size_t(begin) * std::size_t(wide) + std::size_t(head * d);
            gemm({Transpose::B, rows, columns, d, m_q.data() + at, wide, m_kr.data() + kv_head * d, narrow, 0, p,
                  columns});
            for (int row = 0; row < rows; ++row)
                softmaxRow(p + std::size_t(row) * std::size_t(columns), begin, row, columns, nullptr);
            gemm({Transpose::None, rows, d, columns, p, columns, m_v.data() + kv_head * d, narrow, 0, m_a.data() + at,
                  wide});
        }
    }
}

/// From m_da: m_dq (of the scaled queries), m_dk (of the rotated keys), m_dv; those of one KV head.
void LanguageModelGradients::attendBackward(int kv_head, int worker) {
    const ModelConfig& c = m_model->config;
    const int d = c.head_dim, group = c.heads / c.kv_heads, wide = c.heads * d, narrow = c.kv_heads * d;
    float* p = m_scores[std::size_t(worker)].p.data();
    float* dp = m_scores[std::size_t(worker)].dp.data();
    float* slope = m_scores[std::size_t(worker)].slope.data();
    for (int head = kv_head * group; head < (kv_head + 1) * group; ++head) {
        for (int begin = 0; begin < m_tokens; begin += kQueryBlock) {
            const int rows = std::min(kQueryBlock, m_tokens - begin), columns = begin + rows;
            const std::size_t at = std::size_t(begin) * std::size_t(wide) + std::size_t(head * d);
            const float* keys = m_kr.data() + kv_head * d;
            gemm({Transpose::B, rows, columns, d, m_q.data() + at, wide, keys, narrow, 0, p, columns});
            gemm({Transpose::B, rows, columns, d, m_da.data() + at, wide, m_v.data() + kv_head * d, narrow, 0, dp,
                  columns});
            for (int row = 0; row < rows; ++row) {
                float* probabilities = p + std::size_t(row) * std::size_t(columns);
                float* derivative = dp + std::size_t(row) * std::size_t(columns);
                softmaxRow(probabilities, begin, row, columns, slope);
                const float mean = std::inner_product(probabilities, probabilities + begin + row + 1, derivative, 0.0F);
                for (int i = 0; i < columns; ++i) derivative[i] = probabilities[i] * (derivative[i] - mean) * slope[i];
            }
            gemm({Transpose::A, columns, d, rows, p, columns, m_da.data() + at, wide, 1, m_dv.data() + kv_head * d,
                  narrow});
            gemm({Transpose::None, rows, d, columns, dp, columns, keys, narrow, 0, m_dq.data() + at, wide});
            gemm({Transpose::A, columns, d, rows, dp, columns, m_q.data() + at, wide, 1, m_dk.data() + kv_head * d,
                  narrow});
        }
    }
}

Status LanguageModelGradients::readLayer(int layer, std::stop_token stop) {
    if (stop.stop_requested()) return Error{ErrorCode::Interrupted, "The calibration was stopped."};
    attentionInputs(layer);
    feedForwardInputs(layer);
    const LayerWeights& w = m_model->layers[std::size_t(layer)];
    if (w.experts.empty()) {
        activateGate(m_model->config, m_gate.data(), m_up.data(), m_tokens, m_pool, m_kernels);
        m_matmul.run(w.down, w.down_bias, m_gate.data(), m_tokens, m_y.data());
    } else {
        m_mixture.run(w, m_norm.data(), m_tokens, m_matmul, m_y.data());
    }
    if (!w.post_ffn_norm.empty()) normRows(m_y.data(), w.post_ffn_norm, m_y.data());
    std::transform(m_y.begin(), m_y.end(), m_middle.begin(), m_inputs[std::size_t(layer) + 1].begin(), std::plus<>());
    if (allFinite(m_k) && allFinite(m_v)) return {};
    return Error{ErrorCode::Failed,
                 "Layer " + std::to_string(layer) +
                     " of the model produced keys or values that are not numbers; its file is broken."};
}

Status LanguageModelGradients::forward(std::span<const std::int32_t> ids, const KvGradientVisitor& visit,
                                       std::stop_token stop) {
    if (auto started = start(ids); !started) return started;
    for (int layer = 0; layer < m_model->config.layers; ++layer) {
        if (auto read = readLayer(layer, stop); !read) return read;
        visit({layer, m_tokens, m_k.data(), m_v.data(), nullptr, nullptr});
    }
    return {};
}

/// The loss; m_dx becomes its derivative by the input of the output layer.
double LanguageModelGradients::outputBackward(std::span<const std::int32_t> ids) {
    const ModelConfig& c = m_model->config;
    const std::vector<float>& x = m_inputs.back();
    normRows(x.data(), m_model->final_norm, m_norm.data());
    std::fill(m_dnorm.begin(), m_dnorm.end(), 0.0F);
    std::vector<float> logits(std::size_t(kOutputBlock) * std::size_t(c.vocab));
    std::vector<double> losses(ids.size(), 0.0);
    const double share = 1.0 / double(ids.size() - 1);
    for (int begin = 0; begin + 1 < m_tokens; begin += kOutputBlock) {
        const int rows = std::min(kOutputBlock, m_tokens - 1 - begin);
        const std::size_t at = std::size_t(begin) * std::size_t(c.hidden);
        m_matmul.run(m_model->output, {}, m_norm.data() + at, rows, logits.data());
        m_pool.run(rows, [&](int row, int) {
            const std::size_t t = std::size_t(begin) + std::size_t(row);
            float* scores = logits.data() + std::size_t(row) * std::size_t(c.vocab);
            if (c.logit_cap > 0) m_kernels.softCap(scores, c.vocab, c.logit_cap);
            losses[t] = lossBackward(scores, c.vocab, ids[t + 1], share, c.logit_cap);
        });
        m_matmul.addBackward(m_model->output, logits.data(), rows, m_dnorm.data() + at);
    }
    std::fill(m_dx.begin(), m_dx.end(), 0.0F);
    addNormBackward(x.data(), m_model->final_norm, m_dnorm.data(), m_dx.data());
    return std::accumulate(losses.begin(), losses.end(), 0.0);
}

/// m_dx: from the derivative by the layer's result to that by m_middle.
void LanguageModelGradients::feedForwardBackward(int layer) {
    const LayerWeights& w = m_model->layers[std::size_t(layer)];
    std::fill(m_dnorm.begin(), m_dnorm.end(), 0.0F);
    if (w.experts.empty()) {
        oneNetworkBackward(w);
    } else {
        if (!w.post_ffn_norm.empty()) m_mixture.run(w, m_norm.data(), m_tokens, m_matmul, m_y.data());
        const float* dy = throughPostNorm(m_y, w.post_ffn_norm);
        m_mixture_back.addBackward(w, m_norm.data(), dy, m_tokens, m_matmul, m_dnorm.data());
    }
    addNormBackward(m_middle.data(), w.ffn_norm, m_dnorm.data(), m_dx.data());
}

/// m_dnorm += the derivative by what the one feed-forward network reads.
void LanguageModelGradients::oneNetworkBackward(const LayerWeights& w) {
    std::fill(m_dgate.begin(), m_dgate.end(), 0.0F);
    if (!w.post_ffn_norm.empty()) {
        std::vector<float> activated = m_gate;
        activateGate(m_model->config, activated.data(), m_up.data(), m_tokens, m_pool, m_kernels);
        m_matmul.run(w.down, w.down_bias, activated.data(), m_tokens, m_y.data());
    }
    m_matmul.addBackward(w.down, throughPostNorm(m_y, w.post_ffn_norm), m_tokens, m_dgate.data());
    const std::size_t ffn = std::size_t(m_model->config.ffn);
    const Activation kind = m_model->config.activation;
    m_pool.run((m_tokens + kTokenBlock - 1) / kTokenBlock, [&](int block, int) {
        const std::size_t end = std::min(m_gate.size(), std::size_t(block + 1) * kTokenBlock * ffn);
        for (std::size_t i = std::size_t(block) * kTokenBlock * ffn; i < end; ++i) {
            const auto [value, slope] = activation(kind, m_gate[i]);
            const float d = m_dgate[i];
            m_dup[i] = d * value;
            m_dgate[i] = d * m_up[i] * slope;
        }
    });
    m_matmul.addBackward(w.gate, m_dgate.data(), m_tokens, m_dnorm.data());
    m_matmul.addBackward(w.up, m_dup.data(), m_tokens, m_dnorm.data());
}

/// m_dk and m_dv of keys before RoPE and values; m_dx: from the derivative by m_middle to that by the layer's input.
void LanguageModelGradients::attentionBackward(int layer) {
    const ModelConfig& c = m_model->config;
    const LayerWeights& w = m_model->layers[std::size_t(layer)];
    for (auto* buffer : {&m_da, &m_dk, &m_dv}) std::fill(buffer->begin(), buffer->end(), 0.0F);
    m_matmul.addBackward(w.o, throughPostNorm(m_attended, w.post_attn_norm), m_tokens, m_da.data());
    m_pool.run(c.kv_heads, [&](int kv_head, int worker) { attendBackward(kv_head, worker); });
    rotate(m_dk.data(), c.kv_heads, -1);
    if (layer == 0) return;  // nothing reads its input's derivative
    scaleQueries(m_dq);
    rotate(m_dq.data(), c.heads, -1);
    normHeadsBackward(m_q_plain, w.q_norm, m_dq);
    std::vector<float> dk = m_dk;  // m_dk stays the derivative by what is cached
    normHeadsBackward(m_k_plain, w.k_norm, dk);
    std::fill(m_dnorm.begin(), m_dnorm.end(), 0.0F);
    m_matmul.addBackward(w.q, m_dq.data(), m_tokens, m_dnorm.data());
    m_matmul.addBackward(w.k, dk.data(), m_tokens, m_dnorm.data());
    m_matmul.addBackward(w.v, m_dv.data(), m_tokens, m_dnorm.data());
    addNormBackward(m_inputs[std::size_t(layer)].data(), w.attn_norm, m_dnorm.data(), m_dx.data());
}

Result<double> LanguageModelGradients::run(std::span<const std::int32_t> ids, const KvGradientVisitor& visit,
                                           std::stop_token stop) {
    if (ids.size() < 2) return Error{ErrorCode::BadInput, "A sequence to calibrate on needs at least 2 tokens."};
    if (auto read = forward(
            ids, [](const KvGradients&) {}, stop);
        !read)
        return read.error();
    const double loss = outputBackward(ids);
    if (!std::isfinite(loss))
        return Error{ErrorCode::Failed, "The model produced scores that are not numbers; its file is broken."};
    for (int layer = m_model->config.layers - 1; layer >= 0; --layer) {
        if (stop.stop_requested()) return Error{ErrorCode::Interrupted, "The calibration was stopped."};
        attentionInputs(layer);
        feedForwardInputs(layer);
        feedForwardBackward(layer);
        attentionBackward(layer);
        visit({layer, m_tokens, m_k.data(), m_v.data(), m_dk.data(), m_dv.data()});
    }
    return loss;
}

}  // namespace lectern
