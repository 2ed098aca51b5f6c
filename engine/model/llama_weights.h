// SPDX-License-Identifier: GPL-3.0-or-later
// Binds the tensors of a LLaMA model to their places, whatever the file calls them.
#pragma once

#include <filesystem>
#include <string_view>

#include "engine/base/result.h"
#include "engine/model/architecture.h"
#include "engine/model/model.h"
#include "engine/model/stored_tensor.h"

namespace lectern {

/// How a format spells the tensors. Those of a layer follow `layer_prefix`, the layer's number and a dot; each ends in
/// ".weight" or ".bias".
struct LlamaNames {
    std::string_view embedding, final_norm, output, layer_prefix;
    std::string_view attn_norm, q, k, v, o, q_norm, k_norm, ffn_norm, gate, up, down;
    std::string_view post_attn_norm, pre_ffn_norm, post_ffn_norm;  ///< of architectures with post_norms
    std::string_view qkv, gate_up;                                 ///< of architectures that fuse them
    std::string_view router;                                       ///< of architectures with experts
    std::string_view expert_gate, expert_up, expert_down;  ///< of each: all of a layer stacked, or after `experts`
    std::string_view experts;                              ///< before the number of one and a dot; empty: stacked
    std::string_view rope_divisors;                  ///< one number for each rotary pair, or empty: the format has none
    std::string_view long_divisors, short_divisors;  ///< the same with LongRope
    std::string_view ignored;                        ///< tensors that end so repeat what the configuration says
};

/// Fills embedding, output, norms, layers, rope divisors, weights_bytes and `tied` of `model` from `tensors`;
/// model.config must be checked and model.config.vocab known; `traits` say which tensors a layer has. Without an output
/// matrix the embedding serves; where only the output matrix is there and `tie` is set, it is the other way round.
/// Errors: BadInput naming `file` and the tensor that is missing, has the wrong shape or a type Lectern does not
/// compute with, or that Lectern does not know.
Status bindLlamaWeights(Model& model, const TensorTable& tensors, const ArchitectureTraits& traits,
                        const LlamaNames& names, bool tie, const std::filesystem::path& file);

/// What GGUF leaves unsaid of Gemma: the largest of each kind divides scores by √(hidden / heads), not by √head_dim.
double ggufQueryScale(const ModelConfig& config);

}  // namespace lectern
