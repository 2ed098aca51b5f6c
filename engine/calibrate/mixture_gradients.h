// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "engine/infer/mixture.h"

namespace lectern {

/// The way back through the feed-forward network of a layer with experts. Holds work buffers; one caller at a time.
class MixtureGradients {
public:
    explicit MixtureGradients(const ModelConfig& config) : m_config(config) {}

    /// dx += the derivative by x, from dy, the one by what Mixture::run() gives; through the experts chosen and through
    /// their weights, the choice itself being constant.  x, dy, dx [tokens][hidden] f32; w has experts.
    void addBackward(const LayerWeights& w, const float* x, const float* dy, int tokens, Matmul& matmul, float* dx);

private:
    void addExpert(const LayerWeights& w, std::size_t expert, const float* x, const float* dy, Matmul& matmul,
                   float* dx);
    void throughSoftmax(int tokens);

    const ModelConfig& m_config;
    Routing m_routing;
    std::vector<float> m_logits;                   ///< [tokens][experts], then their derivative
    std::vector<float> m_x, m_y, m_dy;             ///< [places][hidden] of one expert
    std::vector<float> m_gate, m_up, m_activated;  ///< [places][ffn], the first two then their derivatives
};

}  // namespace lectern
