// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/model/hf_config.h"

#include <algorithm>

#include "engine/model/json_object.h"
#include "engine/model/model_limits.h"
#include "engine/model/stored_tensor.h"

namespace lectern {
namespace {

constexpr int kMistralWindow = 4096;  // what MistralConfig takes where config.json is silent

std::string architectureOf(JsonObject& json) {
    const auto names = json.texts("architectures");
    const std::string name = names.empty() ? std::string() : names.front();
    if (name != "LlamaForCausalLM" && name != "MistralForCausalLM")
        json.fail(name.empty() ? "architectures is missing."
                               : "the architecture is '" + printable(name) +
                                     "'; Lectern opens: LlamaForCausalLM, MistralForCausalLM.");
    return name;
}

/// Says what the model does that Lectern would do wrong.
void refuseUnknown(JsonObject& json, const std::string& architecture) {
    if (const auto act = json.text("hidden_act", "silu"); act != "silu" && act != "swish")
        json.fail("hidden_act is '" + printable(act) + "'; Lectern knows: silu.");
    if (json.flag("mlp_bias", false)) json.fail("mlp_bias is true, which Lectern does not do.");
    if (json.has("quantization_config"))
        json.fail(
            "the weights are quantized (quantization_config); Lectern opens F32, F16 and BF16 safetensors, and "
            "quantized weights as GGUF.");
    if (json.real("partial_rotary_factor", 1.0) != 1.0)
        json.fail("partial_rotary_factor is not 1, which Lectern does not do.");
    if (architecture != "MistralForCausalLM") return;
    const bool silent = std::ranges::count(json.keys(), "sliding_window") == 0;
    const int context = json.count("max_position_embeddings", 0);
    const int window = json.count("sliding_window", silent ? kMistralWindow : context);
    if (window < context)
        json.fail("sliding_window is " + std::to_string(window) + " of " + std::to_string(context) +
                  " tokens; Lectern opens models that attend to everything.");
}

/// rope_scaling, or rope_parameters as newer configurations have it.
void readScaling(JsonObject json, RopeConfig& rope) {
    const std::string type = json.text("rope_type", json.text("type", "default"));
    rope.theta = json.real("rope_theta", rope.theta);
    if (type == "linear")
        rope.linear_factor = json.real("factor", 1.0);
    else if (type != "default")
        json.fail("the rotary scaling is '" + printable(type) + "'; Lectern knows: default, linear.");
}

void readRope(JsonObject& json, ModelConfig& c) {
    c.rope.dims = c.head_dim;
    c.rope.interleaved = false;
    c.rope.theta = json.real("rope_theta", 10000.0);
    for (const std::string_view key : {"rope_scaling", "rope_parameters"})
        if (const auto scaling = json.object(key)) readScaling(*scaling, c.rope);
}

ModelConfig readShape(JsonObject& json) {
    ModelConfig c;
    c.architecture = "llama";
    c.layers = json.count("num_hidden_layers");
    c.hidden = json.count("hidden_size");
    c.ffn = json.count("intermediate_size");
    c.vocab = json.count("vocab_size");
    c.heads = json.count("num_attention_heads");
    c.kv_heads = json.count("num_key_value_heads", c.heads);
    c.head_dim = json.count("head_dim", c.heads > 0 ? c.hidden / c.heads : 0);
    c.trained_context = json.count("max_position_embeddings", 0);
    c.rms_eps = float(json.real("rms_norm_eps", 1e-6));
    if (!json.has("head_dim") && c.heads > 0 && c.hidden % c.heads != 0)
        json.fail("hidden_size (" + std::to_string(c.hidden) + ") is not a multiple of num_attention_heads (" +
                  std::to_string(c.heads) + ").");
    readRope(json, c);
    return c;
}

/// The ids that end an answer may stand in generation_config.json alone; without that file nothing is lost.
void readGeneration(const std::filesystem::path& folder, HfConfig& config) {
    const auto json = JsonObject::read(folder / "generation_config.json", limits::kConfigBytes);
    if (!json) return;
    const auto more = json->oneOrMore("eos_token_id");
    config.eos.insert(config.eos.end(), more.begin(), more.end());
}

}  // namespace

Result<HfConfig> readHfConfig(const std::filesystem::path& folder) {
    const auto file = folder / "config.json";
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(file, ignored))
        return Error{ErrorCode::BadInput,
                     folder.string() + " has no config.json: choose a GGUF file or a Hugging Face folder."};
    auto json = JsonObject::read(file, limits::kConfigBytes);
    if (!json) return std::move(json).error();
    refuseUnknown(*json, architectureOf(*json));
    HfConfig config;
    config.model = readShape(*json);
    config.tie = json->flag("tie_word_embeddings", false);
    config.attention_bias = json->flag("attention_bias", false);
    config.bos = json->oneOrMore("bos_token_id");
    config.eos = json->oneOrMore("eos_token_id");
    if (!json->status()) return json->status().error();
    if (const auto sane = checkConfig(config.model); !sane)
        return Error{sane.error().code, file.string() + ": " + sane.error().message};
    readGeneration(folder, config);
    return config;
}

}  // namespace lectern
