// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <stop_token>

#include "engine/infer/attention.h"
#include "engine/infer/forward_pass.h"
#include "engine/infer/matmul.h"
#include "engine/infer/mixture.h"

namespace lectern {

/// Runs a model over tokens. Holds work buffers; the context lives in the KvCache given. One caller at a time.
class Transformer {
public:
    /// Longest run of tokens computed at once. Chunks end at multiples of it, so that an interrupted and resumed
    /// reading computes the same numbers as one that was never interrupted.
    static constexpr int kChunk = 512;

    /// `device`: what computes in the place of this machine's processor, or null.
    Transformer(std::shared_ptr<const Model> model, ThreadPool& pool, const kernels::KernelTable& kernels,
                std::unique_ptr<ForwardPass> device = nullptr);

    const Model& model() const { return *m_model; }
    ThreadPool& pool() const { return m_pool; }
    KvCache makeCache(const KvSettings& settings) const;

    /// Appends `tokens` (at most kChunk) to the cache. logits: [tokens or 1][vocab] f32 as asked for; null with
    /// Logits::None. Errors: Failed where the model produces numbers that are not finite, BadInput where an id is
    /// outside the vocabulary; those of the cache's source where layers are still to come. After an error the cache is
    /// as before.
    Status forward(KvCache& cache, std::span<const std::int32_t> tokens, Logits which, float* logits,
                   AttentionMass* mass = nullptr);

    /// forward() chunk by chunk; logits [vocab] of the last token, or null. `done` is called after each chunk with the
    /// tokens appended so far; an Error it returns ends the work. Errors: Interrupted at a chunk's end (what was done
    /// is kept).
    Status prefill(KvCache& cache, std::span<const std::int32_t> tokens, float* logits, std::stop_token stop,
                   const std::function<Status(std::size_t)>& done = {});

    std::uint64_t scratchBytes() const;

private:
    void embed(std::span<const std::int32_t> tokens);
    Status layer(KvCache& cache, int index, int tokens, AttentionMass* mass);
    void feedForward(const LayerWeights& w, int tokens);
    void oneNetwork(const LayerWeights& w, int tokens);
    void normRows(const std::vector<float>& weight, int tokens);
    void normResult(const std::vector<float>& weight, int tokens);
    void normHeads(const std::vector<float>& weight, int heads, int tokens, float* x);
    void output(int tokens, Logits which, float* logits);
    void capLogits(int rows, float* logits);
    void addRows(const float* y, int tokens);

    std::shared_ptr<const Model> m_model;
    std::unique_ptr<ForwardPass> m_device;
    ThreadPool& m_pool;
    const kernels::KernelTable& m_kernels;
    RopeTable m_rope, m_other_rope;
    Attention m_attention;
    std::unique_ptr<Attention> m_other_attention;  ///< of layers that turn otherwise; null: none does
    Matmul m_matmul;
    Mixture m_mixture;
    std::vector<float> m_x, m_norm;         ///< [tokens][hidden]: residual stream, normalised input
    std::vector<float> m_q, m_k, m_v, m_a;  ///< [tokens][heads·d], [tokens][kv_heads·d] ×2, attention's output
    std::vector<float> m_gate, m_up, m_y;   ///< [tokens][ffn] ×2, [tokens][hidden]
};

}  // namespace lectern
