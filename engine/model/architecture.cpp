// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/model/architecture.h"

#include <array>

namespace lectern {
namespace {

constexpr std::array kArchitectures = {
    ArchitectureTraits{.name = "llama",
                       .hf_class = "LlamaForCausalLM",
                       .gguf_interleaved = true,
                       .window = WindowRule::None,
                       .experts = Experts::Stated},
    ArchitectureTraits{.name = "mistral",
                       .hf_class = "MistralForCausalLM",
                       .in_gguf = false,
                       .window = WindowRule::All,
                       .silent_window = 4096},
    ArchitectureTraits{.name = "mistral3",
                       .hf_class = "Ministral3ForCausalLM",
                       .hf_image_class = "Mistral3ForConditionalGeneration",
                       .gguf_interleaved = true,
                       .window = WindowRule::All,
                       .grown_queries = true},
    ArchitectureTraits{.name = "smollm3",
                       .hf_class = "SmolLM3ForCausalLM",
                       .gguf_interleaved = true,
                       .silent_shape = {16, 4, 0, 128256, 32768},
                       .silent_theta = 2e6,
                       .silent_tie = true,
                       .still_period = 4},
    ArchitectureTraits{.name = "mixtral",
                       .hf_class = "MixtralForCausalLM",
                       .in_gguf = false,
                       .window = WindowRule::All,
                       .experts = Experts::Always,
                       .silent_theta = 1e6},
    ArchitectureTraits{.name = "qwen2",
                       .hf_class = "Qwen2ForCausalLM",
                       .qkv_bias = true,
                       .window = WindowRule::Upper,
                       .silent_window = 4096},
    ArchitectureTraits{.name = "qwen3",
                       .hf_class = "Qwen3ForCausalLM",
                       .qk_norm = true,
                       .window = WindowRule::Upper,
                       .silent_window = 4096},
    ArchitectureTraits{.name = "phi3", .hf_class = "Phi3ForCausalLM", .fused = true, .window = WindowRule::All},
    ArchitectureTraits{.name = "gemma2",
                       .hf_class = "Gemma2ForCausalLM",
                       .window = WindowRule::Most,
                       .window_period = 2,
                       .silent_window = 4096,
                       .old_gguf_window = 4096,
                       .activation = Activation::GeluTanh,
                       .post_norms = true,
                       .shifted_norms = true,
                       .scaled_embedding = true,
                       .capped = true,
                       .silent_score_cap = 50,
                       .silent_logit_cap = 30,
                       .silent_query_scalar = 256,
                       .silent_shape = {8, 4, 256, 256000, 8192},
                       .silent_tie = true},
    ArchitectureTraits{.name = "gemma3",
                       .hf_class = "Gemma3ForCausalLM",
                       .hf_image_class = "Gemma3ForConditionalGeneration",
                       .qk_norm = true,
                       .window = WindowRule::Most,
                       .window_period = 6,
                       .silent_window = 4096,
                       .activation = Activation::GeluTanh,
                       .post_norms = true,
                       .shifted_norms = true,
                       .scaled_embedding = true,
                       .capped = true,
                       .silent_query_scalar = 256,
                       .silent_shape = {8, 4, 256, 262208, 131072},
                       .local_theta = 10000,
                       .silent_theta = 1e6,
                       .silent_tie = true},
};

template <class Matches>
const ArchitectureTraits* find(Matches matches) {
    for (const ArchitectureTraits& traits : kArchitectures)
        if (matches(traits)) return &traits;
    return nullptr;
}

}  // namespace

std::span<const ArchitectureTraits> architectures() {
    return kArchitectures;
}

const ArchitectureTraits* findGgufArchitecture(std::string_view name) {
    return find([&](const ArchitectureTraits& traits) { return traits.in_gguf && traits.name == name; });
}

const ArchitectureTraits* findHfArchitecture(std::string_view hf_class) {
    return find([&](const ArchitectureTraits& traits) {
        return traits.hf_class == hf_class || (traits.hf_image_class == hf_class && !hf_class.empty());
    });
}

std::string ggufArchitectureNames() {
    std::string names;
    for (const ArchitectureTraits& traits : kArchitectures)
        if (traits.in_gguf) names += (names.empty() ? "" : ", ") + std::string(traits.name);
    return names;
}

std::string hfArchitectureNames() {
    std::string names;
    for (const ArchitectureTraits& traits : kArchitectures)
        for (const std::string_view name : {traits.hf_class, traits.hf_image_class})
            if (!name.empty()) names += (names.empty() ? "" : ", ") + std::string(name);
    return names;
}

}  // namespace lectern
