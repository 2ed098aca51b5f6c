// SPDX-License-Identifier: GPL-3.0-or-later
// An opened language model: configuration, weights where they lie in the file, tokenizer description.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/model/architecture.h"
#include "engine/model/rope.h"
#include "engine/text/tokenizer_spec.h"
#include "kernels/matvec.h"

namespace lectern {

using kernels::WeightType;
using kernels::WeightView;

/// Every number was checked against the limits in model_limits (config.cpp): a Model never holds an absurd shape.
struct ModelConfig {
    std::string architecture;  ///< a name of the table in architecture.h
    std::string name;
    int layers = 0, hidden = 0, heads = 0, kv_heads = 0, head_dim = 0, ffn = 0, vocab = 0;
    int experts = 0, experts_used = 0;  ///< of each layer, and of them for each token; 0: one feed-forward network
    int trained_context = 0;            ///< tokens; 0 = unknown
    float rms_eps = 1e-5F;
    RopeConfig rope;
    std::vector<bool> otherwise;  ///< [layers] that turn as other_rope says, in place of rope; empty: none
    RopeConfig other_rope;        ///< dims 0: they do not turn at all
    float embedding_scale = 1;    ///< what embeddings are multiplied by
    double query_scale = 1;       ///< of scores, beside 1/√head_dim
    float score_cap = 0;          ///< scores s of attention become cap·tanh(s/cap); 0: they stay
    float logit_cap = 0;          ///< the same of logits
    Activation activation = Activation::Silu;
    std::vector<int> windows;  ///< [layers] newest tokens a layer sees, its own included; 0 = all. Empty: all see all

    int window(int layer) const { return windows.empty() ? 0 : windows[std::size_t(layer)]; }
    bool turnsOtherwise(int layer) const { return !otherwise.empty() && otherwise[std::size_t(layer)]; }
};

/// One of several feed-forward networks of a layer.
struct Expert {
    WeightView gate, up, down;  ///< [ffn, hidden] ×2, [hidden, ffn]
};

/// Weights of one layer. `data == nullptr` marks an absent optional one (biases). Norms are f32 vectors.
struct LayerWeights {
    std::vector<float> attn_norm, ffn_norm;  ///< [hidden]
    WeightView q, k, v, o;                   ///< [heads·d, hidden], [kv_heads·d, hidden] ×2, [hidden, heads·d]
    WeightView gate, up, down;               ///< [ffn, hidden] ×2, [hidden, ffn]; absent where there are experts
    WeightView router;                       ///< [experts, hidden], or absent
    std::vector<Expert> experts;             ///< [experts], or empty
    std::vector<float> q_bias, k_bias, v_bias, o_bias;  ///< empty, or [heads·d], [kv_heads·d] ×2, [hidden]
    std::vector<float> gate_bias, up_bias, down_bias;   ///< empty, or [ffn] ×2, [hidden]
    std::vector<float> q_norm, k_norm;                  ///< [d] of each head, before the rotation; empty: none
    std::vector<float> post_attn_norm, post_ffn_norm;   ///< [hidden] of what is added to the stream; empty: none

    std::vector<const WeightView*> matrices() const;  ///< those that are there
};

/// Immutable once opened; any thread may read it. Owns the mapped files the views point into.
class Model {
public:
    /// Opens a GGUF file (v2, v3; of a split one the first part) or a Hugging Face directory (config.json +
    /// *.safetensors, sharded or not). Errors: BadInput with one sentence naming the file and the defect or the
    /// unsupported feature.
    static Result<std::shared_ptr<const Model>> open(const std::filesystem::path& path);

    ModelConfig config;
    WeightView embedding;           ///< [vocab, hidden]
    WeightView output;              ///< [vocab, hidden]; the embedding where tied
    std::vector<float> final_norm;  ///< [hidden]
    std::vector<LayerWeights> layers;
    TokenizerSpec tokenizer;
    std::string chat_template;  ///< Jinja source as the file has it, or empty
    std::string quote_absent;   ///< of a model trained to quote: what it says where nothing answers; else empty
    std::filesystem::path path;
    std::uint64_t weights_bytes = 0;  ///< bytes of all tensors as stored
    bool tied = false;
    bool text_alone = false;  ///< it reads images too: that part of its files is left out

    /// 32 hex digits over the content: configuration, tensor names, types, shapes and all weight bytes (a fast 128-bit
    /// hash). Computed on the first call (reads the whole file once), then remembered; thread safe. Empty where
    /// another program cut a file short before the first call: equal to no model's.
    std::string fingerprint() const;

    class Storage;  ///< mapped files and converted tensors
    std::shared_ptr<const Storage> storage;
};

/// True where `path` looks like a model (GGUF magic and no later part of one, or a directory with config.json).
bool looksLikeModel(const std::filesystem::path& path);

}  // namespace lectern
