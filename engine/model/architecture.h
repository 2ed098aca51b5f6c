// SPDX-License-Identifier: GPL-3.0-or-later
// The kinds of model Lectern opens: one table of what sets them apart, and one transformer that runs them all.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace lectern {

/// Which layers see only the newest tokens.
enum class WindowRule : std::uint8_t {
    None,   ///< all layers see everything
    All,    ///< sliding_window holds for every layer
    Upper,  ///< where use_sliding_window says so, for the layers from max_window_layers on
    Most,   ///< for all but each layer at the end of a period (or as the file says)
};

/// Whether several feed-forward networks stand in each layer, of which a router chooses some for each token.
enum class Experts : std::uint8_t {
    None,    ///< one network
    Stated,  ///< where a GGUF file counts experts
    Always,  ///< always
};

/// What the feed-forward network gates with.
enum class Activation : std::uint8_t { Silu, GeluTanh };

/// What config.json may leave out because the model's class knows it; 0: it may not (or has another rule).
struct SilentShape {
    int heads = 0, kv_heads = 0, head_dim = 0, vocab = 0, context = 0;
};

struct ArchitectureTraits {
    std::string_view name;                 ///< general.architecture in GGUF, model_type in config.json
    std::string_view hf_class;             ///< architectures[0] in config.json
    std::string_view hf_image_class = {};  ///< of the model that reads images too: what is of text is in text_config
    bool in_gguf = true;                   ///< false: GGUF files of it carry another name
    bool gguf_interleaved = false;         ///< GGUF orders the rows of q and k for pairs (2i, 2i+1)
    bool qkv_bias = false;                 ///< q, k and v always have biases; otherwise the file says
    bool qk_norm = false;                  ///< RMSNorm of each head of q and k, before the rotation
    bool fused = false;                    ///< q, k and v are one matrix, gate and up another, in that order of rows
    WindowRule window = WindowRule::None;
    int window_period = 0;    ///< layers, of WindowRule::Most
    int silent_window = 0;    ///< sliding_window where config.json has no such key; 0 = none
    int old_gguf_window = 0;  ///< of GGUF files from before they said it
    Experts experts = Experts::None;
    Activation activation = Activation::Silu;
    bool post_norms = false;        ///< RMSNorm of what attention and the feed-forward network give, too
    bool shifted_norms = false;     ///< Hugging Face stores norms less 1
    bool scaled_embedding = false;  ///< embeddings are multiplied by √hidden
    bool capped = false;            ///< scores of attention and logits can be bent to stay below a cap
    float silent_score_cap = 0, silent_logit_cap = 0;  ///< the caps where the file has no such keys
    double silent_query_scalar = 0;  ///< query_pre_attn_scalar where config.json has no such key; 0: head_dim
    SilentShape silent_shape = {};
    double local_theta = 0;      ///< base of the rotation in layers with a window, never stretched; 0: the same
    double silent_theta = 1e4;   ///< rope_theta where the file has no such key
    bool silent_tie = false;     ///< tie_word_embeddings where config.json has no such key
    bool grown_queries = false;  ///< the file can say that queries grow with their position
    int still_period = 0;        ///< layers, of which the last does not turn (config.json may say others); 0: all turn
};

std::span<const ArchitectureTraits> architectures();
const ArchitectureTraits* findGgufArchitecture(std::string_view name);    ///< null: unknown
const ArchitectureTraits* findHfArchitecture(std::string_view hf_class);  ///< null: unknown
std::string ggufArchitectureNames();                                      ///< "llama, qwen2, …"
std::string hfArchitectureNames();

}  // namespace lectern
