// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <vector>

#include "engine/calibrate/mixture_gradients.h"
#include "engine/infer/matmul.h"
#include "engine/infer/mixture.h"
#include "engine/infer/rope_table.h"
#include "engine/model/model.h"

namespace lectern {

/// Keys and values of one layer over one sequence, and what the loss says of them. Borrowed for one call.
struct KvGradients {
    int layer = 0, tokens = 0;
    const float* k = nullptr;   ///< [tokens][kv_heads·d] f32: before RoPE, after the bias and the norm of the head
    const float* v = nullptr;   ///< same shape
    const float* dk = nullptr;  ///< same shape: derivative of the loss; null in a forward pass
    const float* dv = nullptr;
};
using KvGradientVisitor = std::function<void(const KvGradients&)>;

/// The gradient of the language-model loss (mean negative log-likelihood of the next token over the sequence) with
/// respect to keys and values. f32 throughout, no cache and nothing quantized but the weights.
/// Memory: the input of each layer ([layers + 1][tokens][hidden]) and the activations of one layer at a time, which the
/// way back computes again; scores of 128 queries per worker, never tokens². One caller at a time.
/// Source: the Fisher information of KVQuant (arXiv:2401.18079), section 3.3.
class LanguageModelGradients {
public:
    LanguageModelGradients(std::shared_ptr<const Model> model, ThreadPool& pool, const kernels::KernelTable& kernels);

    /// Keys and values alone, layers in order. Errors: Failed where the model gives numbers that are not finite,
    /// BadInput for an id outside the vocabulary, Interrupted.
    Status forward(std::span<const std::int32_t> ids, const KvGradientVisitor& visit, std::stop_token stop);
    /// Forward and back; `visit` is called for the last layer first. Returns the loss in nats. Errors: as forward().
    Result<double> run(std::span<const std::int32_t> ids, const KvGradientVisitor& visit, std::stop_token stop);

private:
    Status start(std::span<const std::int32_t> ids);
    Status readLayer(int layer, std::stop_token stop);
    void attentionInputs(int layer);
    void feedForwardInputs(int layer);
    void normRows(const float* x, const std::vector<float>& weight, float* out);
    void addNormBackward(const float* x, const std::vector<float>& weight, const float* dy, float* dx);
    const float* throughPostNorm(const std::vector<float>& plain, const std::vector<float>& weight);
    void normHeads(std::vector<float>& x, const std::vector<float>& weight, std::vector<float>& plain);
    void normHeadsBackward(const std::vector<float>& plain, const std::vector<float>& weight, std::vector<float>& dx);
    void rotate(float* x, int heads, int sign);
    void scaleQueries(std::vector<float>& q);
    void softmaxRow(float* scores, int begin, int row, int columns, float* slopes) const;
    void attend(int kv_head, int worker);
    void attendBackward(int kv_head, int worker);
    double outputBackward(std::span<const std::int32_t> ids);
    void feedForwardBackward(int layer);
    void oneNetworkBackward(const LayerWeights& w);
    void attentionBackward(int layer);

    std::shared_ptr<const Model> m_model;
    ThreadPool& m_pool;
    const kernels::KernelTable& m_kernels;
    struct Turning {
        Turning(const RopeConfig& config, double query_scale) : rope(config, query_scale) {}
        RopeTable rope;
        std::vector<float> cos, sin;  ///< [tokens][pairs]
    };
    /// Of the layer at work.
    const Turning& turning() const { return m_turns_otherwise ? m_other : m_usual; }

    Turning m_usual, m_other;
    bool m_turns_otherwise = false;
    Matmul m_matmul;
    Mixture m_mixture;
    MixtureGradients m_mixture_back;
    int m_tokens = 0, m_window = 0;            ///< of the sequence; of the layer at work, 0 = all
    std::vector<std::vector<float>> m_inputs;  ///< [layers + 1]: [tokens][hidden], what each layer and the output read
    std::vector<float> m_middle, m_norm, m_y;  ///< [tokens][hidden]: after attention; normalised; a sublayer's result
    std::vector<float> m_q, m_k, m_v, m_kr, m_a;  ///< queries rotated and scaled; keys plain and rotated; attention
    std::vector<float> m_q_plain, m_k_plain;      ///< queries and keys before the norm of each head, where there is one
    std::vector<float> m_gate, m_up;              ///< [tokens][ffn]
    std::vector<float> m_dx, m_dnorm, m_da, m_dq, m_dk, m_dv, m_dgate, m_dup;  ///< derivatives, shaped as above
    std::vector<float> m_attended, m_dy;  ///< [tokens][hidden]: before a post norm what attention gave; a derivative
    struct Scores {
        std::vector<float> p, dp;  ///< [128][tokens]: probabilities of a block of queries, their derivative
        std::vector<float> slope;  ///< [tokens]: of what caps the scores of a query
    };
    std::vector<Scores> m_scores;  ///< [worker]
};

}  // namespace lectern
