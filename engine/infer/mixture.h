// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "engine/infer/matmul.h"
#include "engine/model/model.h"

namespace lectern {

/// Which tokens each expert computes, and how much its result counts for each of them.
struct Routing {
    struct Place {
        int token = 0;
        float weight = 0;
    };
    std::vector<std::vector<Place>> experts;  ///< [experts]: tokens in order
};

/// Each token goes to the `used` experts with the largest logits, the lower number first on a tie; their weights are
/// the softmax over all experts, divided by the sum of those chosen.
///   logits  [tokens][experts] f32  (in)
/// Source: Mixtral of Experts (arXiv:2401.04088), section 2.1.
void route(const float* logits, int tokens, int experts, int used, Routing& out);

/// Rows of x [tokens][width] that an expert computes, one after another into out [places][width].
void gatherRows(const std::vector<Routing::Place>& places, const float* x, int width, float* out);

/// The feed-forward network of layers with experts: each computes its tokens in one product, no other expert's weights
/// are read. Holds work buffers; one caller at a time.
class Mixture {
public:
    Mixture(const ModelConfig& config, ThreadPool& pool, const kernels::KernelTable& kernels)
        : m_config(config), m_pool(pool), m_kernels(kernels) {}

    /// y = the chosen experts' results, weighted.  x, y [tokens][hidden] f32; w has experts.
    void run(const LayerWeights& w, const float* x, int tokens, Matmul& matmul, float* y);

    std::uint64_t scratchBytes() const;

private:
    void addExpert(const Expert& expert, const std::vector<Routing::Place>& places, const float* x, Matmul& matmul,
                   float* y);

    const ModelConfig& m_config;
    ThreadPool& m_pool;
    const kernels::KernelTable& m_kernels;
    Routing m_routing;
    std::vector<float> m_logits;      ///< [tokens][experts]
    std::vector<float> m_x, m_y;      ///< [places][hidden] of one expert
    std::vector<float> m_gate, m_up;  ///< [places][ffn]
};

}  // namespace lectern
