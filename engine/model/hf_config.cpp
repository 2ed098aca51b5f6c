// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/model/hf_config.h"

#include <algorithm>
#include <cmath>

#include "engine/model/json_object.h"
#include "engine/model/model_limits.h"
#include "engine/model/stored_tensor.h"

namespace lectern {
namespace {

constexpr int kSilentWindowLayers = 28;  // max_window_layers where config.json is silent: what Qwen2Config takes

const ArchitectureTraits* architectureOf(JsonObject& json) {
    const auto names = json.texts("architectures");
    const std::string name = names.empty() ? std::string() : names.front();
    const ArchitectureTraits* traits = findHfArchitecture(name);
    if (traits == nullptr)
        json.fail(name.empty()
                      ? "architectures is missing."
                      : "the architecture is '" + printable(name) + "'; Lectern opens: " + hfArchitectureNames() + ".");
    return traits;
}

void refuseQuantized(JsonObject& json) {
    if (json.has("quantization_config"))
        json.fail(
            "the weights are quantized (quantization_config); Lectern opens F32, F16 and BF16 safetensors, and "
            "quantized weights as GGUF.");
}

/// Says what the model does that Lectern would do wrong.
void refuseUnknown(JsonObject& json, const ArchitectureTraits& traits) {
    const bool gelu = traits.activation == Activation::GeluTanh;
    const std::string known = gelu ? "gelu_pytorch_tanh" : "silu";
    const std::string act = json.text(gelu ? "hidden_activation" : "hidden_act", known);
    if (act != known && !(act == "swish" && !gelu))
        json.fail("the activation is '" + printable(act) + "'; Lectern knows: " + known + ".");
    for (const char* key : {"attn_logit_softcapping", "final_logit_softcapping"})
        if (json.has(key) && !traits.capped) json.fail(std::string(key) + " is set, which Lectern does not do.");
    const auto rope = json.object("rope_parameters");
    if (rope && rope->has("llama_4_scaling_beta") && !traits.grown_queries)
        json.fail("queries are scaled by their position (llama_4_scaling_beta), which Lectern does not do.");
    if (!rope && json.text("model_type") == "ministral3")
        json.fail("rope_parameters is missing, which says how the model turns.");
    if (json.flag("use_bidirectional_attention", false))
        json.fail("tokens attend to later ones (use_bidirectional_attention), which Lectern does not do.");
    refuseQuantized(json);
}

/// layer_types, as newer configurations spell each layer out. Errors: a kind of attention Lectern does not know.
void readLayerTypes(JsonObject& json, const std::vector<std::string>& types, int window, ModelConfig& c) {
    c.windows.clear();
    for (const std::string& type : types) {
        if (type != "full_attention" && type != "sliding_attention")
            json.fail("layer_types has '" + printable(type) + "'; Lectern knows: full_attention, sliding_attention.");
        if (type == "sliding_attention" && window == 0)
            json.fail("layer_types has sliding_attention, but sliding_window is none.");
        c.windows.push_back(type == "sliding_attention" ? window : 0);
    }
}

/// Null is not silence: it says that there is none.
bool silent(const JsonObject& json, std::string_view key) {
    return std::ranges::count(json.keys(), key) == 0;
}

void readWindows(JsonObject& json, const ArchitectureTraits& traits, ModelConfig& c) {
    const int window = json.count("sliding_window", silent(json, "sliding_window") ? traits.silent_window : 0);
    const auto types = json.texts("layer_types");
    const bool most = traits.window == WindowRule::Most;
    const bool asked = traits.window == WindowRule::All || most ||
                       (traits.window == WindowRule::Upper && json.flag("use_sliding_window", false));
    if (asked && window > 0 && c.layers <= limits::kLayers) {
        const int first = traits.window == WindowRule::Upper ? json.count("max_window_layers", kSilentWindowLayers) : 0;
        for (int layer = 0; layer < c.layers; ++layer) c.windows.push_back(layer < first ? 0 : window);
    }
    const auto period = std::size_t(most ? std::max(1, json.count("sliding_window_pattern", traits.window_period)) : 1);
    for (std::size_t layer = period - 1; most && layer < c.windows.size(); layer += period) c.windows[layer] = 0;
    if (!types.empty()) readLayerTypes(json, types, window, c);
    if (std::ranges::all_of(c.windows, [](int w) { return w == 0; })) c.windows.clear();
}

void readYarn(JsonObject& json, RopeScaling& s) {
    s.beta_fast = json.real("beta_fast", s.beta_fast);
    s.beta_slow = json.real("beta_slow", s.beta_slow);
    s.whole_pairs = json.flag("truncate", true);
    const auto share = [&](const char* key) { return 1 + json.real(key, 0) * (yarnAttentionFactor(s.factor) - 1); };
    const bool both = json.has("mscale") && json.has("mscale_all_dim");
    s.attention_factor = both ? share("mscale") / share("mscale_all_dim") : yarnAttentionFactor(s.factor);
    s.attention_factor = json.real("attention_factor", s.attention_factor);
}

/// LongRoPE (Phi-3), which configurations of short contexts leave out.
void readLongRope(JsonObject& json, int original, ModelConfig& c) {
    RopeScaling& s = c.rope.scaling;
    s.type = RopeScalingType::LongRope;
    s.factor = 1;
    s.original_context = json.count("original_max_position_embeddings", original);
    s.attention_factor = json.real("attention_factor", longRopeAttentionFactor(s.original_context, c.trained_context));
    c.rope.divisors = json.reals("long_factor");
    if (c.rope.divisors.empty()) json.fail("the rotary scaling is longrope, but long_factor is missing.");
}

/// rope_scaling, or rope_parameters as newer configurations have it.
void readScaling(JsonObject json, int original, ModelConfig& c) {
    const std::string type = json.text("rope_type", json.text("type", "default"));
    c.rope.theta = json.real("rope_theta", c.rope.theta);
    RopeScaling& s = c.rope.scaling;
    s.growth = json.real("llama_4_scaling_beta", 0);
    if (s.growth != 0) s.growth_step = json.count("original_max_position_embeddings", original);
    if (type == "default") return;
    if (type == "longrope" || type == "su") return readLongRope(json, original, c);
    s.original_context = json.count("original_max_position_embeddings", c.trained_context);
    s.factor = json.real("factor", s.original_context > 0 ? double(c.trained_context) / s.original_context : 1.0);
    if (type == "linear") {
        s.type = RopeScalingType::Linear;
        s.original_context = 0;
    } else if (type == "dynamic") {
        s.type = RopeScalingType::Dynamic;
    } else if (type == "yarn") {
        s.type = RopeScalingType::Yarn;
        readYarn(json, s);
    } else if (type == "llama3") {
        s.type = RopeScalingType::Llama3;
        s.low_freq_factor = json.real("low_freq_factor", s.low_freq_factor);
        s.high_freq_factor = json.real("high_freq_factor", s.high_freq_factor);
    } else {
        json.fail("the rotary scaling is '" + printable(type) +
                  "'; Lectern knows: default, linear, dynamic, yarn, llama3, longrope.");
    }
}

void readRope(JsonObject& json, double silent_theta, ModelConfig& c) {
    double share = json.real("partial_rotary_factor", 1.0);
    c.rope.interleaved = false;
    c.rope.theta = json.real("rope_theta", silent_theta);
    for (const std::string_view key : {"rope_scaling", "rope_parameters"}) {
        if (auto scaling = json.object(key)) {
            readScaling(*scaling, json.count("original_max_position_embeddings", c.trained_context), c);
            share = scaling->real("partial_rotary_factor", share);
        }
    }
    if (!(share > 0 && share <= 1))
        json.fail("partial_rotary_factor is " + std::to_string(share) + ", it must lie between 0 and 1.");
    else
        c.rope.dims = int(c.head_dim * share);
}

/// Layers that do not turn (SmolLM3): 0 in no_rope_layers, or the last of every no_rope_layer_interval.
void readStillLayers(JsonObject& json, const ArchitectureTraits& traits, ModelConfig& c) {
    if (traits.still_period == 0 || c.layers > limits::kLayers) return;
    const auto turns = json.reals("no_rope_layers");
    const int period = json.count("no_rope_layer_interval", traits.still_period);
    if (!turns.empty() && turns.size() < std::size_t(c.layers))
        json.fail("no_rope_layers has " + std::to_string(turns.size()) + " entries, the model has " +
                  std::to_string(c.layers) + " layers.");
    else if (turns.empty() && period == 0)
        json.fail("no_rope_layer_interval is 0.");
    else
        for (int layer = 0; layer < c.layers; ++layer)
            c.otherwise.push_back(turns.empty() ? (layer + 1) % period == 0 : turns[std::size_t(layer)] == 0);
    if (std::ranges::count(c.otherwise, true) == 0) c.otherwise.clear();
    if (json.flag("use_sliding_window", false))
        json.fail("layers that do not turn have windows (use_sliding_window), which Lectern does not do.");
}

/// What sets Gemma's family apart; its newer configurations have rotary numbers for each kind of layer.
void readFamily(JsonObject& json, const ArchitectureTraits& traits, ModelConfig& c) {
    c.activation = traits.activation;
    if (traits.scaled_embedding) c.embedding_scale = std::sqrt(float(c.hidden));
    const double scalar = json.real("query_pre_attn_scalar", traits.silent_query_scalar);
    if (traits.silent_query_scalar > 0 && scalar > 0) c.query_scale = std::sqrt(c.head_dim / scalar);
    const auto cap = [&](std::string_view key, float usual) {
        return float(json.real(key, silent(json, key) ? double(usual) : 0));
    };
    c.score_cap = cap("attn_logit_softcapping", traits.silent_score_cap);
    c.logit_cap = cap("final_logit_softcapping", traits.silent_logit_cap);
    if (traits.local_theta == 0 || c.windows.empty()) return;
    c.other_rope.dims = c.rope.dims;
    c.other_rope.theta = json.real("rope_local_base_freq", traits.local_theta);
    for (const int window : c.windows) c.otherwise.push_back(window > 0);
    auto kinds = json.object("rope_parameters");
    if (!kinds) return;
    if (auto full = kinds->object("full_attention")) readScaling(*full, c.trained_context, c);
    if (auto local = kinds->object("sliding_attention")) {
        c.other_rope.theta = local->real("rope_theta", c.other_rope.theta);
        if (local->text("rope_type", "default") != "default")
            json.fail("the rotation of layers with a window is stretched, which Lectern does not do.");
    }
}

ModelConfig readShape(JsonObject& json, const ArchitectureTraits& traits) {
    ModelConfig c;
    c.architecture = traits.name;
    c.layers = json.count("num_hidden_layers");
    c.hidden = json.count("hidden_size");
    c.ffn = json.count("intermediate_size");
    const SilentShape& usual = traits.silent_shape;
    const auto count = [&](const char* key, int silent) {
        return silent > 0 ? json.count(key, silent) : json.count(key);
    };
    c.vocab = count("vocab_size", usual.vocab);
    if (traits.experts == Experts::Always) {
        c.experts = json.count("num_local_experts");
        c.experts_used = json.count("num_experts_per_tok");
        if (c.experts == 0) json.fail("num_local_experts is 0, but the model is a mixture of experts.");
    }
    c.heads = count("num_attention_heads", usual.heads);
    c.kv_heads = json.count("num_key_value_heads", usual.kv_heads > 0 ? usual.kv_heads : c.heads);
    const int plain = c.heads > 0 ? c.hidden / c.heads : 0;
    c.head_dim = json.count("head_dim", usual.head_dim > 0 ? usual.head_dim : plain);
    c.trained_context = json.count("max_position_embeddings", usual.context);
    // Qwen2.5-1M reaches further with another attention (dual chunk); with this one it is as it was trained up to here.
    if (auto chunks = json.object("dual_chunk_attention_config"))
        c.trained_context = chunks->count("original_max_position_embeddings", c.trained_context);
    c.rms_eps = float(json.real("rms_norm_eps", 1e-6));
    if (!json.has("head_dim") && usual.head_dim == 0 && c.heads > 0 && c.hidden % c.heads != 0)
        json.fail("hidden_size (" + std::to_string(c.hidden) + ") is not a multiple of num_attention_heads (" +
                  std::to_string(c.heads) + ").");
    readRope(json, traits.silent_theta, c);
    readWindows(json, traits, c);
    readStillLayers(json, traits, c);
    readFamily(json, traits, c);
    return c;
}

/// Of a model that reads images too, what is of text; the object itself where it has no such part.
JsonObject textConfig(JsonObject& json) {
    refuseQuantized(json);
    auto text = json.object("text_config");
    if (!text) json.fail("text_config is missing.");
    return text ? *text : json;
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
    HfConfig config;
    config.traits = architectureOf(*json);
    if (config.traits == nullptr) return json->status().error();
    config.with_images = json->texts("architectures").front() == config.traits->hf_image_class;
    JsonObject text = config.with_images ? textConfig(*json) : *json;
    refuseUnknown(text, *config.traits);
    config.model = readShape(text, *config.traits);
    config.tie = text.flag("tie_word_embeddings", json->flag("tie_word_embeddings", config.traits->silent_tie));
    config.attention_bias = text.flag("attention_bias", false);
    config.mlp_bias = text.flag("mlp_bias", false);
    config.bos = (json->has("bos_token_id") ? *json : text).oneOrMore("bos_token_id");
    config.eos = (json->has("eos_token_id") ? *json : text).oneOrMore("eos_token_id");
    if (!json->status()) return json->status().error();
    if (const auto sane = checkConfig(config.model); !sane)
        return Error{sane.error().code, file.string() + ": " + sane.error().message};
    readGeneration(folder, config);
    return config;
}

}  // namespace lectern
