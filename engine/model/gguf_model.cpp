// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>

#include "engine/model/architecture.h"
#include "engine/model/gguf.h"
#include "engine/model/gguf_fields.h"
#include "engine/model/gguf_parts.h"
#include "engine/model/gguf_tokenizer.h"
#include "engine/model/llama_weights.h"
#include "engine/model/model_limits.h"
#include "engine/model/model_readers.h"
#include "engine/model/model_storage.h"
#include "engine/model/vocabulary_checks.h"

namespace lectern {
namespace {

constexpr LlamaNames kNames = {.embedding = "token_embd.weight",
                               .final_norm = "output_norm.weight",
                               .output = "output.weight",
                               .layer_prefix = "blk.",
                               .attn_norm = "attn_norm",
                               .q = "attn_q",
                               .k = "attn_k",
                               .v = "attn_v",
                               .o = "attn_output",
                               .q_norm = "attn_q_norm",
                               .k_norm = "attn_k_norm",
                               .ffn_norm = "ffn_norm",
                               .gate = "ffn_gate",
                               .up = "ffn_up",
                               .down = "ffn_down",
                               .post_attn_norm = "post_attention_norm",
                               .pre_ffn_norm = "ffn_norm",
                               .post_ffn_norm = "post_ffw_norm",
                               .qkv = "attn_qkv",
                               .gate_up = "ffn_up",
                               .router = "ffn_gate_inp",
                               .expert_gate = "ffn_gate_exps",
                               .expert_up = "ffn_up_exps",
                               .expert_down = "ffn_down_exps",
                               .experts = {},
                               .rope_divisors = "rope_freqs.weight",
                               .long_divisors = "rope_factors_long.weight",
                               .short_divisors = "rope_factors_short.weight",
                               .ignored = {}};

/// Reads the keys of one architecture: "llama.block_count" for "block_count".
class ArchitectureFields {
public:
    ArchitectureFields(GgufFields& fields, const ArchitectureTraits& traits)
        : fields(fields), traits(traits), m_prefix(std::string(traits.name) + ".") {}

    std::string key(std::string_view name) const { return m_prefix + std::string(name); }
    bool has(std::string_view name) const { return fields.has(key(name)); }
    int count(std::string_view name) { return fields.count(key(name)); }
    int count(std::string_view name, int fallback) { return fields.count(key(name), fallback); }
    double real(std::string_view name, double fallback) { return fields.real(key(name), fallback); }
    std::string text(std::string_view name, std::string_view fallback) { return fields.text(key(name), fallback); }

    GgufFields& fields;
    const ArchitectureTraits& traits;

private:
    std::string m_prefix;
};

/// What kind of model this is; null where it is one that Lectern does not open, which is said.
const ArchitectureTraits* architectureOf(GgufFields& fields) {
    const std::string name = fields.text("general.architecture");
    const ArchitectureTraits* traits = findGgufArchitecture(name);
    if (name == "clip")
        fields.fail(
            "this reads images for another model (general.architecture is 'clip'): open that model's own file.");
    else if (traits == nullptr)
        fields.fail(name.empty() ? "general.architecture is missing."
                                 : "general.architecture is '" + printable(name) +
                                       "'; Lectern opens: " + ggufArchitectureNames() + ".");
    return traits;
}

void readExperts(ArchitectureFields& keys, ModelConfig& c) {
    c.experts = keys.count("expert_count", 0);
    c.experts_used = keys.count("expert_used_count", 0);
    if (c.experts > 0 && keys.traits.experts == Experts::None)
        keys.fields.fail("this is a mixture of experts of the architecture '" + c.architecture +
                         "'; Lectern opens those of: llama (Mixtral).");
}

void readHeads(ArchitectureFields& keys, ModelConfig& c) {
    c.heads = keys.count("attention.head_count");
    c.kv_heads = keys.count("attention.head_count_kv", c.heads);
    const int plain = c.heads > 0 ? c.hidden / c.heads : 0;
    c.head_dim = keys.count("attention.key_length", plain);
    if (!keys.has("attention.key_length") && c.heads > 0 && c.hidden % c.heads != 0)
        keys.fields.fail(keys.key("embedding_length") + " (" + std::to_string(c.hidden) + ") is not a multiple of " +
                         keys.key("attention.head_count") + " (" + std::to_string(c.heads) + ").");
    const int values = keys.count("attention.value_length", c.head_dim);
    if (values != c.head_dim)
        keys.fields.fail(keys.key("attention.key_length") + " is " + std::to_string(c.head_dim) + " and " +
                         keys.key("attention.value_length") + " " + std::to_string(values) +
                         "; Lectern needs them equal.");
}

void readYarn(ArchitectureFields& keys, const ModelConfig& c, RopeScaling& s) {
    s.type = RopeScalingType::Yarn;
    s.original_context = keys.count("rope.scaling.original_context_length", c.trained_context);
    s.beta_fast = keys.real("rope.scaling.yarn_beta_fast", s.beta_fast);
    s.beta_slow = keys.real("rope.scaling.yarn_beta_slow", s.beta_slow);
    const double share = keys.real("rope.scaling.attn_factor", keys.real("rope.scaling.yarn_attn_factor", 1.0));
    const double grown = yarnAttentionFactor(s.factor) - 1, all = keys.real("rope.scaling.yarn_log_multiplier", 0);
    s.attention_factor = share * (1 + grown) / (1 + all * grown);
}

/// Phi-3's files of long contexts carry divisors; older ones of them do not name the scaling. Those of short contexts
/// have none of it.
void readLongRope(ArchitectureFields& keys, const GgufFile& file, ModelConfig& c) {
    RopeScaling& s = c.rope.scaling;
    s.original_context = keys.count("rope.scaling.original_context_length", c.trained_context);
    if (file.tensors().count(std::string(kNames.long_divisors)) == 0) {
        keys.fields.fail("the rotary scaling is longrope, but " + std::string(kNames.long_divisors) + " is missing.");
        return;
    }
    s.type = RopeScalingType::LongRope;
    s.attention_factor =
        keys.real("rope.scaling.attn_factor", longRopeAttentionFactor(s.original_context, c.trained_context));
}

void readRope(ArchitectureFields& keys, const GgufFile& file, ModelConfig& c) {
    c.rope.interleaved = keys.traits.gguf_interleaved;
    c.rope.theta = keys.real("rope.freq_base", keys.real("rope.global.freq_base", keys.traits.silent_theta));
    c.rope.dims = keys.count("rope.dimension_count", c.head_dim);
    const bool divided = file.tensors().count(std::string(kNames.long_divisors)) != 0;
    const std::string scaling = keys.text("rope.scaling.type", divided ? "longrope" : "linear");
    if (scaling != "none" && scaling != "linear" && scaling != "yarn" && scaling != "longrope")
        keys.fields.fail(keys.key("rope.scaling.type") + " is '" + printable(scaling) +
                         "'; Lectern knows: none, linear, yarn, longrope.");
    if (scaling == "longrope") return readLongRope(keys, file, c);
    if (scaling == "none") return;
    RopeScaling& s = c.rope.scaling;
    s.factor = keys.real("rope.scaling.factor", keys.real("rope.scale_linear", 1.0));
    if (s.factor == 0) s.factor = 1;  // some converters write 0 for none
    if (scaling == "yarn")
        readYarn(keys, c, s);
    else if (s.factor != 1)
        s.type = RopeScalingType::Linear;
}

/// Which layers have a window, where not all of them do: as a period, at whose ends they have none, or one by one.
std::vector<bool> layersWithWindow(ArchitectureFields& keys, int layers) {
    const std::string key = keys.key("attention.sliding_window_pattern");
    if (keys.fields.isArray(key)) {
        auto flags = keys.fields.flags(key);
        if (flags.size() != std::size_t(layers))
            keys.fields.fail(key + " has " + std::to_string(flags.size()) + " entries, the model has " +
                             std::to_string(layers) + " layers.");
        flags.resize(std::size_t(layers));
        return flags;
    }
    const int period = keys.fields.count(key, keys.traits.window_period);
    std::vector<bool> flags(std::size_t(layers), true);
    for (int layer = period - 1; period > 0 && layer < layers; layer += period) flags[std::size_t(layer)] = false;
    return flags;
}

void readWindow(ArchitectureFields& keys, ModelConfig& c) {
    const int window = keys.count("attention.sliding_window", keys.traits.old_gguf_window);
    if (window == 0 || c.layers > limits::kLayers) return;
    if (keys.traits.window == WindowRule::Upper)
        return keys.fields.fail(keys.key("attention.sliding_window") + " is " + std::to_string(window) +
                                ", but the file does not say for which layers.");
    c.windows.assign(std::size_t(c.layers), window);
    if (keys.traits.window != WindowRule::Most) return;
    const auto with = layersWithWindow(keys, c.layers);
    for (std::size_t layer = 0; layer < with.size(); ++layer)
        if (!with[layer]) c.windows[layer] = 0;
    if (std::ranges::all_of(c.windows, [](int w) { return w == 0; })) c.windows.clear();
}

/// What sets some families apart.
void readFamily(ArchitectureFields& keys, ModelConfig& c) {
    const ArchitectureTraits& traits = keys.traits;
    c.activation = traits.activation;
    if (traits.scaled_embedding) c.embedding_scale = std::sqrt(float(c.hidden));
    if (traits.local_theta > 0 && !c.windows.empty()) {
        c.other_rope.dims = c.rope.dims;
        c.other_rope.interleaved = c.rope.interleaved;
        c.other_rope.theta = keys.real("rope.freq_base_swa", keys.real("rope.local.freq_base", traits.local_theta));
        for (const int window : c.windows) c.otherwise.push_back(window > 0);
    }
    for (int layer = 1; traits.still_period > 0 && layer <= std::min(c.layers, limits::kLayers); ++layer)
        c.otherwise.push_back(layer % traits.still_period == 0);
    c.query_scale = ggufQueryScale(c);
    c.score_cap = float(keys.real("attn_logit_softcapping", traits.silent_score_cap));
    c.logit_cap = float(keys.real("final_logit_softcapping", traits.silent_logit_cap));
    for (const char* name : {"attn_logit_softcapping", "final_logit_softcapping"})
        if (!traits.capped && keys.real(name, 0) != 0)
            keys.fields.fail(keys.key(name) + " is set, which Lectern does not do.");
    RopeScaling& s = c.rope.scaling;
    s.growth = keys.real("attention.temperature_scale", 0);
    if (s.growth == 0) return;
    s.growth_step = keys.count("attention.temperature_length",
                               keys.count("rope.scaling.original_context_length", c.trained_context));
    if (!traits.grown_queries)
        keys.fields.fail(keys.key("attention.temperature_scale") +
                         " is set: the model scales queries by their position, which Lectern does not do.");
}

ModelConfig readConfig(ArchitectureFields& keys, const GgufFile& file) {
    ModelConfig c;
    c.architecture = keys.traits.name;
    c.name = keys.fields.text("general.name");
    c.layers = keys.count("block_count");
    c.hidden = keys.count("embedding_length");
    c.ffn = keys.count("feed_forward_length");
    c.trained_context = keys.count("context_length", 0);
    if (!keys.has("attention.layer_norm_rms_epsilon"))
        keys.fields.fail(keys.key("attention.layer_norm_rms_epsilon") + " is missing.");
    c.rms_eps = float(keys.real("attention.layer_norm_rms_epsilon", 0));
    readExperts(keys, c);
    readHeads(keys, c);
    readRope(keys, file, c);
    readWindow(keys, c);
    readFamily(keys, c);
    return c;
}

Error inFile(const GgufFile& file, const Error& error) {
    return {error.code, file.path().string() + ": " + error.message};
}

/// Everything but the weights. `model.path` is set.
Result<const ArchitectureTraits*> readDescription(Model& model, const GgufFile& file) {
    GgufFields fields(file);
    const ArchitectureTraits* traits = architectureOf(fields);
    if (traits == nullptr) return fields.status().error();
    ArchitectureFields keys(fields, *traits);
    model.config = readConfig(keys, file);
    model.tokenizer = readGgufTokenizer(fields);
    model.chat_template = fields.text("tokenizer.chat_template");
    model.quote_absent = fields.text("lectern.quotes.absent");
    model.config.vocab = int(model.tokenizer.tokens.size());
    if (model.chat_template.size() > limits::kChatTemplateBytes)
        fields.fail("tokenizer.chat_template is longer than any template; the file is damaged.");
    if (const int vocab = keys.count("vocab_size", model.config.vocab); vocab != model.config.vocab)
        fields.fail(keys.key("vocab_size") + " is " + std::to_string(vocab) + ", tokenizer.ggml.tokens has " +
                    std::to_string(model.config.vocab) + " entries.");
    if (!fields.status()) return fields.status().error();
    if (auto done = checkConfig(model.config); !done) return inFile(file, done.error());
    if (auto done = fitVocabulary(model.tokenizer, model.config.vocab); !done) return inFile(file, done.error());
    return traits;
}

}  // namespace

Result<std::shared_ptr<const Model>> readGgufModel(const std::filesystem::path& path) {
    auto parts = openGgufParts(path);
    if (!parts) return std::move(parts).error();
    auto model = std::make_shared<Model>();
    model->path = path;
    const auto traits = readDescription(*model, parts->front());
    if (!traits) return traits.error();
    auto tensors = takeTensors(*parts);
    if (!tensors) return std::move(tensors).error();
    const bool tie = tensors->count(std::string(kNames.output)) == 0;
    if (auto done = bindLlamaWeights(*model, *tensors, **traits, kNames, tie, path); !done)
        return std::move(done).error();
    std::vector<MappedFile> files;
    for (GgufFile& part : *parts) files.push_back(part.takeFile());
    model->storage = std::make_shared<Model::Storage>(std::move(files), *std::move(tensors));
    return std::shared_ptr<const Model>(std::move(model));
}

}  // namespace lectern
