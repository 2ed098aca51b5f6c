// SPDX-License-Identifier: GPL-3.0-or-later
// The shapes and traits that the transformer and the calibration are checked in.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tests/support/tiny_model.h"

namespace lectern::test {

inline std::vector<std::int32_t> randomTokens(std::size_t count, int vocab) {
    std::mt19937 random(7);
    std::vector<std::int32_t> ids(count);
    for (auto& id : ids) id = std::int32_t(random() % unsigned(vocab));
    return ids;
}

inline TinyModelOptions shaped(int heads, int kv_heads, int head_dim,
                               kernels::WeightType type = kernels::WeightType::F32, bool tied = false,
                               bool bias = false) {
    TinyModelOptions options;
    options.heads = heads;
    options.kv_heads = kv_heads;
    options.head_dim = head_dim;
    options.weights = type;
    if (kernels::weightBlock(type).elements > 32) options.hidden = options.ffn = 256;
    options.tied = tied;
    options.attention_bias = bias;
    return options;
}

/// The traits of further architectures, one by one.
inline TinyModelOptions traited(const std::string& architecture, const std::string& rope_type = "linear",
                                float rope_factor = 1, int rotated = 0, int window = 0, int head_dim = 16) {
    TinyModelOptions options = shaped(4, 2, head_dim);
    options.architecture = architecture;
    options.rope_type = rope_type;
    options.rope_factor = rope_factor;
    options.rotated = rotated;
    options.window = window;
    return options;
}

/// Gemma-3: six layers with a window and one without.
inline TinyModelOptions gemma(float query_scalar = 0) {
    TinyModelOptions options = traited("gemma3", "linear", 8, 0, 24);
    options.layers = 7;
    options.tied = true;
    options.rope_theta = 1e6F;
    options.query_scalar = query_scalar;
    return options;
}

/// Gemma-2: every second layer with a window, and caps that bend what random weights give.
inline TinyModelOptions gemma2(float query_scalar = 0) {
    TinyModelOptions options = traited("gemma2", "linear", 1, 0, 24);
    options.layers = 3;
    options.tied = true;
    options.query_scalar = query_scalar;
    options.score_cap = 1.5F;
    options.logit_cap = 2.5F;
    return options;
}

/// Ministral 3: queries grow after every 64 tokens.
inline TinyModelOptions ministral3(int head_dim = 16) {
    TinyModelOptions options = traited("mistral3", "yarn", 4, 0, 0, head_dim);
    options.growth = 0.5F;
    return options;
}

/// SmolLM3: the fourth of five layers does not turn.
inline TinyModelOptions smollm3(int head_dim = 16) {
    TinyModelOptions options = traited("smollm3", "linear", 1, 0, 0, head_dim);
    options.layers = 5;
    options.tied = true;
    return options;
}

/// Four experts, two of them for each token.
inline TinyModelOptions mixtral(kernels::WeightType type = kernels::WeightType::F32) {
    TinyModelOptions options = shaped(4, 2, kernels::weightBlock(type).elements > 32 ? 64 : 16, type);
    options.architecture = "mixtral";
    options.experts = 4;
    return options;
}

/// An architecture with weights that come in blocks of 256.
inline TinyModelOptions wide(const std::string& architecture, kernels::WeightType type) {
    TinyModelOptions options = shaped(4, 2, 64, type);
    options.architecture = architecture;
    return options;
}

}  // namespace lectern::test
