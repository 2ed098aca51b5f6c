// SPDX-License-Identifier: GPL-3.0-or-later
// The small random-weight models that are compared with Hugging Face's transformers, one for each architecture and
// trait.
#pragma once

#include <string>
#include <vector>

#include "tests/engine/infer/model_shapes.h"

namespace lectern::test {

struct ParityModel {
    std::string name;
    TinyModelOptions options;
    int prompt = 80;   ///< tokens: past the original context and the windows of all
    bool gguf = true;  ///< the format can say all of it
};

constexpr int kFar = 33'000;  ///< tokens of a prompt past 32K

/// Each is written to a folder of its name; the prompt is random tokens of the model's vocabulary.
inline std::vector<ParityModel> parityModels() {
    const TinyModelOptions tiny = {.vocab = 384};
    const auto with = [&](auto change) {
        TinyModelOptions options = tiny;
        change(options);
        return options;
    };
    // Seeds where no two tokens (or experts) come so near each other that the fp16 of the cache decides.
    const auto far = [&](auto change) {
        return with([&](auto& o) {
            o.layers = 1, o.heads = 2, o.kv_heads = 1, o.context = 65536, o.rope_theta = 500000;
            change(o);
        });
    };
    return {
        {"llama", tiny},
        {"llama-bias-tied", with([](auto& o) { o.attention_bias = o.tied = true; })},
        {"llama-mlp-bias", with([](auto& o) { o.attention_bias = o.mlp_bias = true; })},
        {"llama-far",
         far([](auto& o) { o.rope_type = "llama3", o.rope_factor = 8, o.original_context = 8192, o.seed = 4; }), kFar},
        {"llama-linear", with([](auto& o) { o.rope_factor = 4; })},
        {"llama-llama3", with([](auto& o) { o.rope_type = "llama3", o.rope_factor = 8; })},
        {"mistral", with([](auto& o) { o.architecture = "mistral"; })},
        {"mistral-window", with([](auto& o) { o.architecture = "mistral", o.window = 24; })},
        {"mistral-far", far([](auto& o) { o.architecture = "mistral", o.window = 4096, o.seed = 3; }), kFar},
        {"gemma2", with([](auto& o) { o = gemma2(), o.vocab = 384; })},
        {"gemma2-27b", with([](auto& o) { o = gemma2(24), o.vocab = 384; }), 80, false},
        {"gemma2-silent",
         with([](auto& o) { o = gemma2(), o.vocab = 384, o.window = 0, o.score_cap = o.logit_cap = 0; })},
        {"gemma2-far", far([](auto& o) {
             o.architecture = "gemma2", o.layers = 2, o.tied = true, o.window = 4096, o.score_cap = 1.5F,
             o.logit_cap = 2.5F, o.seed = 3;
         }),
         kFar},
        {"gemma3", with([](auto& o) { o = gemma(), o.vocab = 384; })},
        {"gemma3-27b", with([](auto& o) { o = gemma(24), o.vocab = 384; }), 80, false},
        {"mixtral", with([](auto& o) { o.architecture = "mixtral", o.experts = 8; })},
        {"mixtral-window", with([](auto& o) {
             o.architecture = "mixtral", o.experts = 5, o.experts_used = 3, o.window = 24, o.seed = 2;
         })},
        {"ministral3", with([](auto& o) { o = ministral3(), o.vocab = 384; })},
        {"ministral3-far", far([](auto& o) {
             o.architecture = "mistral3", o.rope_type = "yarn", o.rope_factor = 4, o.original_context = 8192,
             o.growth = 0.1F, o.seed = 2;
         }),
         kFar},
        {"smollm3", with([](auto& o) { o = smollm3(), o.vocab = 384; })},
        {"qwen2", with([](auto& o) { o.architecture = "qwen2"; })},
        {"qwen2-yarn", with([](auto& o) { o.architecture = "qwen2", o.rope_type = "yarn", o.rope_factor = 4; })},
        {"qwen3", with([](auto& o) { o.architecture = "qwen3", o.head_dim = 24; })},
        {"phi3", with([](auto& o) { o.architecture = "phi3"; })},
        {"phi3-window", with([](auto& o) { o.architecture = "phi3", o.window = 30; })},
        {"phi3-longrope",
         with([](auto& o) { o.architecture = "phi3", o.rope_type = "longrope", o.rope_factor = 2, o.rotated = 12; })},
    };
}

constexpr int kParityGreedy = 64;  ///< tokens generated after it

}  // namespace lectern::test
