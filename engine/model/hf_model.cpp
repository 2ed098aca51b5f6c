// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "engine/model/hf_config.h"
#include "engine/model/hf_tokenizer.h"
#include "engine/model/json_object.h"
#include "engine/model/llama_weights.h"
#include "engine/model/model_limits.h"
#include "engine/model/model_readers.h"
#include "engine/model/model_storage.h"
#include "engine/model/safetensors.h"

namespace lectern {
namespace {

constexpr LlamaNames kNames = {.embedding = "model.embed_tokens.weight",
                               .final_norm = "model.norm.weight",
                               .output = "lm_head.weight",
                               .layer_prefix = "model.layers.",
                               .attn_norm = "input_layernorm",
                               .q = "self_attn.q_proj",
                               .k = "self_attn.k_proj",
                               .v = "self_attn.v_proj",
                               .o = "self_attn.o_proj",
                               .q_norm = "self_attn.q_norm",
                               .k_norm = "self_attn.k_norm",
                               .ffn_norm = "post_attention_layernorm",
                               .gate = "mlp.gate_proj",
                               .up = "mlp.up_proj",
                               .down = "mlp.down_proj",
                               .post_attn_norm = "post_attention_layernorm",
                               .pre_ffn_norm = "pre_feedforward_layernorm",
                               .post_ffn_norm = "post_feedforward_layernorm",
                               .qkv = "self_attn.qkv_proj",
                               .gate_up = "mlp.gate_up_proj",
                               .router = "block_sparse_moe.gate",
                               .expert_gate = "w1",
                               .expert_up = "w3",
                               .expert_down = "w2",
                               .experts = "block_sparse_moe.experts.",
                               .rope_divisors = {},
                               .long_divisors = {},
                               .short_divisors = {},
                               .ignored = ".rotary_emb.inv_freq"};

constexpr const char* kSingle = "model.safetensors";
constexpr const char* kIndex = "model.safetensors.index.json";

Error bad(const std::filesystem::path& place, const std::string& sentence) {
    return {ErrorCode::BadInput, place.string() + ": " + sentence};
}

bool isFile(const std::filesystem::path& path) {
    std::error_code ignored;
    return std::filesystem::is_regular_file(path, ignored);
}

struct Weights {
    std::vector<MappedFile> files;
    TensorTable tensors;
    std::filesystem::path named;  ///< what messages about a tensor name
};

/// Opens one shard and adds its tensors to `out`.
Status addShard(Weights& out, const std::filesystem::path& path) {
    auto shard = SafetensorsFile::open(path);
    if (!shard) return std::move(shard).error();
    for (auto& [name, tensor] : shard->takeTensors())
        if (!out.tensors.emplace(name, std::move(tensor)).second)
            return bad(path, printable(name) + " stands in another shard too.");
    out.files.push_back(shard->takeFile());
    return {};
}

/// A shard is named by its plain file name, so that an index cannot reach out of its folder.
bool isPlainName(const std::string& name) {
    return name.ends_with(".safetensors") && name.find('/') == std::string::npos &&
           name.find('\0') == std::string::npos;
}

/// tensor → shard, as the index has it.
Result<std::map<std::string, std::string>> readIndex(const std::filesystem::path& file) {
    auto json = JsonObject::read(file, limits::kConfigBytes);
    if (!json) return std::move(json).error();
    auto map = json->object("weight_map");
    if (!json->status()) return json->status().error();
    if (!map) return bad(file, "weight_map is missing.");
    std::map<std::string, std::string> index;
    for (const std::string& name : map->keys()) {
        index[name] = map->text(name);
        if (!isPlainName(index[name]))
            map->fail("weight_map puts " + printable(name) + " into '" + printable(index[name]) +
                      "', which is no file of this folder.");
    }
    if (!map->status()) return map->status().error();
    return index;
}

Result<Weights> openShards(const std::filesystem::path& folder) {
    const auto index = readIndex(folder / kIndex);
    if (!index) return index.error();
    std::set<std::string> shards;
    for (const auto& [name, shard] : *index) shards.insert(shard);
    if (shards.size() > limits::kShards) return bad(folder / kIndex, "the index names too many shards.");
    Weights weights;
    weights.named = folder;
    for (const std::string& shard : shards)
        if (auto done = addShard(weights, folder / shard); !done) return std::move(done).error();
    for (const auto& [name, shard] : *index)
        if (weights.tensors.count(name) == 0)
            return bad(folder / shard, printable(name) + " is missing, although the index puts it here.");
    return weights;
}

Result<Weights> openWeights(const std::filesystem::path& folder) {
    if (isFile(folder / kSingle)) {
        Weights weights;
        weights.named = folder / kSingle;
        if (auto done = addShard(weights, weights.named); !done) return std::move(done).error();
        return weights;
    }
    if (isFile(folder / kIndex)) return openShards(folder);
    return Error{ErrorCode::BadInput, folder.string() + " has neither " + kSingle + " nor " + kIndex +
                                          ": Lectern reads weights as safetensors."};
}

/// Of a model that reads images too, the tensors of its text part, named as in a model of text alone. Both places that
/// transformers has written them to are known.
Status keepText(Weights& weights) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kPlaces = {
        {{"model.language_model.", "model."},
         {"language_model.model.", "model."},
         {"language_model.lm_head.", "lm_head."}}};
    constexpr std::array<std::string_view, 4> kOfImages = {"vision_tower.", "multi_modal_projector.",
                                                           "model.vision_tower.", "model.multi_modal_projector."};
    TensorTable kept;
    for (auto& [name, tensor] : weights.tensors) {
        const auto begins = [&name = name](std::string_view prefix) { return name.starts_with(prefix); };
        if (std::ranges::any_of(kOfImages, begins)) continue;
        const auto* place = std::ranges::find_if(kPlaces, [&](const auto& p) { return begins(p.first); });
        const std::string here =
            place == kPlaces.end() ? name : std::string(place->second) + name.substr(place->first.size());
        if (!kept.emplace(here, std::move(tensor)).second)
            return bad(weights.named, printable(here) + " is there twice.");
    }
    weights.tensors = std::move(kept);
    return {};
}

/// Biases are there where the configuration says so, and nowhere else.
Status checkBiases(const Model& model, const HfConfig& config, const std::filesystem::path& folder) {
    if (config.traits->qkv_bias) return {};
    for (std::size_t layer = 0; layer < model.layers.size(); ++layer) {
        const LayerWeights& w = model.layers[layer];
        const auto contradicts = [&](const char* key) {
            return bad(folder / "config.json",
                       std::string(key) + " contradicts the biases of layer " + std::to_string(layer) + ".");
        };
        for (const auto* bias : {&w.q_bias, &w.k_bias, &w.v_bias})
            if (bias->empty() == config.attention_bias) return contradicts("attention_bias");
        if (!w.o_bias.empty() && !config.attention_bias) return contradicts("attention_bias");
        for (const auto* bias : {&w.gate_bias, &w.up_bias, &w.down_bias})
            if (bias->empty() == config.mlp_bias) return contradicts("mlp_bias");
    }
    return {};
}

/// Norms as they are multiplied, where the folder has them less 1.
void shiftNorms(Model& model) {
    const auto shift = [](std::vector<float>& norm) {
        for (float& weight : norm) weight += 1;
    };
    shift(model.final_norm);
    for (LayerWeights& w : model.layers)
        for (auto* norm : {&w.attn_norm, &w.ffn_norm, &w.q_norm, &w.k_norm, &w.post_attn_norm, &w.post_ffn_norm})
            shift(*norm);
}

std::string nameOf(const std::filesystem::path& folder) {
    const auto name = folder.filename().empty() ? folder.parent_path().filename() : folder.filename();
    return name.string();
}

}  // namespace

Result<std::shared_ptr<const Model>> readHfModel(const std::filesystem::path& folder) {
    auto config = readHfConfig(folder);
    if (!config) return std::move(config).error();
    auto weights = openWeights(folder);
    if (!weights) return std::move(weights).error();
    if (config->with_images)
        if (auto done = keepText(*weights); !done) return std::move(done).error();
    auto model = std::make_shared<Model>();
    model->text_alone = config->with_images;
    model->path = folder;
    model->config = config->model;
    model->config.name = nameOf(folder);
    if (auto done = bindLlamaWeights(*model, weights->tensors, *config->traits, kNames, config->tie, weights->named);
        !done)
        return std::move(done).error();
    if (auto done = checkBiases(*model, *config, folder); !done) return std::move(done).error();
    if (config->traits->shifted_norms) shiftNorms(*model);
    auto tokenizer = readHfTokenizer(folder, *config);
    if (!tokenizer) return std::move(tokenizer).error();
    model->tokenizer = *std::move(tokenizer);
    model->chat_template = readHfChatTemplate(folder);
    model->storage = std::make_shared<Model::Storage>(std::move(weights->files), std::move(weights->tensors));
    return std::shared_ptr<const Model>(std::move(model));
}

}  // namespace lectern
