// SPDX-License-Identifier: GPL-3.0-or-later
#include <cassert>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <span>
#include <sstream>

#include "tests/support/tiny_model.h"
#include "tests/support/tiny_vocabulary.h"
#include "tests/support/weight_bytes.h"

namespace lectern::test {
namespace {

using kernels::WeightType;

void writeFile(const std::filesystem::path& path, const std::string& bytes) {
    std::ofstream out(path, std::ios::binary);
    out << bytes;
    out.close();
    if (!out) std::abort();
}

std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\' || c == '\n') out += '\\';
        out += c == '\n' ? 'n' : c;
    }
    return out + '"';
}

const char* flag(bool value) {
    return value ? "true" : "false";
}

WeightType storedType(const TinyModelOptions& o) {
    return o.weights == WeightType::F16 || o.weights == WeightType::BF16 ? o.weights : WeightType::F32;
}

const char* safetensorsType(WeightType type) {
    return type == WeightType::F16 ? "F16" : type == WeightType::BF16 ? "BF16" : "F32";
}

const char* hfClass(const TinyModelOptions& o) {
    return o.architecture == "mistral"    ? "MistralForCausalLM"
           : o.architecture == "qwen2"    ? "Qwen2ForCausalLM"
           : o.architecture == "qwen3"    ? "Qwen3ForCausalLM"
           : o.architecture == "phi3"     ? "Phi3ForCausalLM"
           : o.architecture == "mixtral"  ? "MixtralForCausalLM"
           : o.architecture == "smollm3"  ? "SmolLM3ForCausalLM"
           : o.architecture == "mistral3" ? "Ministral3ForCausalLM"
           : o.architecture == "gemma2"   ? "Gemma2ForCausalLM"
           : o.architecture == "gemma3"   ? "Gemma3ForCausalLM"
                                          : "LlamaForCausalLM";
}

std::string scalingJson(const TinyModelOptions& o) {
    if (o.rope_factor == 1) return "null";
    std::ostringstream out;
    if (o.rope_type == "longrope") {
        for (const bool is_long : {false, true}) {
            out << (is_long ? ", \"long_factor\": [" : "{\"type\": \"longrope\", \"short_factor\": [");
            const auto divisors = longRopeDivisors(o, is_long);
            for (std::size_t i = 0; i < divisors.size(); ++i) out << (i > 0 ? ", " : "") << divisors[i];
            out << "]";
        }
        return out.str() + "}";
    }
    out << "{\"" << (o.rope_type == "linear" && !isGemma(o) ? "type" : "rope_type") << "\": " << quoted(o.rope_type)
        << ", \"factor\": " << o.rope_factor;
    if (o.rope_type != "linear") out << ", \"original_max_position_embeddings\": " << o.original_context;
    if (o.rope_type == "llama3") out << ", \"low_freq_factor\": 1.0, \"high_freq_factor\": 4.0";
    out << "}";
    return out.str();
}

/// Its place in config.json: Ministral 3 has all of it in one object.
std::string ropeJson(const TinyModelOptions& o) {
    std::ostringstream out;
    if (o.architecture == "mistral3")
        out << ",\n  \"rope_parameters\": {\"rope_type\": \"yarn\", \"rope_theta\": " << o.rope_theta
            << ", \"factor\": " << o.rope_factor << ", \"original_max_position_embeddings\": " << o.original_context
            << ", \"beta_fast\": 32.0, \"beta_slow\": 1.0, \"mscale\": 1.0, \"mscale_all_dim\": 1.0"
            << ", \"llama_4_scaling_beta\": " << o.growth << "}";
    else
        out << ",\n  \"rope_theta\": " << o.rope_theta << ",\n  \"rope_scaling\": " << scalingJson(o);
    return out.str();
}

std::string modelType(const TinyModelOptions& o) {
    return o.architecture == "gemma3" ? "gemma3_text" : o.architecture == "mistral3" ? "ministral3" : o.architecture;
}

/// Everything of it stands in text_config.
std::string imageConfigJson(const TinyModelOptions& o, const std::string& text) {
    const char* const name = o.architecture == "mistral" ? "Mistral3" : "Gemma3";
    return "{\"architectures\": [" + quoted(std::string(name) + "ForConditionalGeneration") +
           R"(], "model_type": "gemma3", "image_token_index": 300,
        "boi_token_index": 301, "eoi_token_index": 302, "mm_tokens_per_image": 4, "vision_config": {"hidden_size": 16,
        "image_size": 16, "intermediate_size": 16, "num_attention_heads": 2, "num_hidden_layers": 1, "patch_size": 4},
        "bos_token_id": 1, "eos_token_id": 2, "text_config": )" +
           text + "}\n";
}

std::string configJson(const TinyModelOptions& o) {
    std::ostringstream out;
    out << "{\n  \"architectures\": [" << quoted(hfClass(o)) << "],\n  \"model_type\": " << quoted(modelType(o))
        << (isGemma(o) ? ",\n  \"hidden_activation\": \"gelu_pytorch_tanh\"" : ",\n  \"hidden_act\": \"silu\"")
        << ",\n  \"hidden_size\": " << o.hidden << ",\n  \"intermediate_size\": " << o.ffn
        << ",\n  \"num_hidden_layers\": " << o.layers << ",\n  \"num_attention_heads\": " << o.heads
        << ",\n  \"num_key_value_heads\": " << o.kv_heads << ",\n  \"head_dim\": " << o.head_dim
        << ",\n  \"max_position_embeddings\": " << o.context << ",\n  \"rms_norm_eps\": " << o.rms_eps << ropeJson(o);
    if (o.experts > 0)
        out << ",\n  \"num_local_experts\": " << o.experts << ",\n  \"num_experts_per_tok\": " << o.experts_used;
    if (o.architecture == "phi3" || o.architecture == "smollm3") out << ",\n  \"pad_token_id\": null";
    if (o.rope_type == "longrope") out << ",\n  \"original_max_position_embeddings\": " << o.original_context;
    if (o.rotated > 0) out << ",\n  \"partial_rotary_factor\": " << double(o.rotated) / o.head_dim;
    if (o.architecture == "mistral" && o.window == 0) out << ",\n  \"sliding_window\": null";
    if (o.architecture == "gemma3") out << ",\n  \"rope_local_base_freq\": 10000.0,\n  \"sliding_window_pattern\": 6";
    if (isGemma(o))
        out << ",\n  \"query_pre_attn_scalar\": " << (o.query_scalar > 0 ? o.query_scalar : float(o.head_dim));
    if (o.score_cap > 0) out << ",\n  \"attn_logit_softcapping\": " << o.score_cap;
    if (o.logit_cap > 0) out << ",\n  \"final_logit_softcapping\": " << o.logit_cap;
    if (o.window > 0) out << ",\n  \"sliding_window\": " << o.window;
    out << ",\n  \"attention_bias\": " << flag(o.attention_bias) << ",\n  \"mlp_bias\": " << flag(o.mlp_bias)
        << ",\n  \"tie_word_embeddings\": " << flag(o.tied) << ",\n  \"vocab_size\": " << o.vocab
        << ",\n  \"bos_token_id\": 1,\n  \"eos_token_id\": 2\n}\n";
    return out.str();
}

std::string tokenizerJson(const TinyModelOptions& o) {
    const TinyVocabulary vocabulary = tinyVocabulary(o.vocab);
    std::ostringstream out;
    out << "{\n\"version\": \"1.0\",\n\"added_tokens\": [";
    for (int id = 0; id < 3; ++id)
        out << (id != 0 ? ", " : "") << "{\"id\": " << id
            << ", \"content\": " << quoted(vocabulary.tokens[std::size_t(id)])
            << R"(, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true})";
    out << "],\n"
        << R"("normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, )"
        << R"({"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},)"
        << "\n\"pre_tokenizer\": null,\n\"post_processor\": null,\n"
        << R"("decoder": {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, )"
        << R"("content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}, )"
        << R"({"type": "Strip", "content": " ", "start": 1, "stop": 0}]},)"
        << "\n\"model\": {\"type\": \"BPE\", \"dropout\": null, \"unk_token\": \"<unk>\", \"fuse_unk\": true, "
        << "\"byte_fallback\": true,\n\"vocab\": {";
    for (std::size_t id = 0; id < vocabulary.tokens.size(); ++id)
        out << (id != 0 ? ", " : "") << quoted(vocabulary.tokens[id]) << ": " << id;
    out << "},\n\"merges\": [";
    for (std::size_t rank = 0; rank < vocabulary.merges.size(); ++rank)
        out << (rank != 0 ? ", " : "") << quoted(vocabulary.merges[rank].first + " " + vocabulary.merges[rank].second);
    out << "]}}\n";
    return out.str();
}

std::string tokenizerConfigJson(const TinyModelOptions& o) {
    std::string out =
        "{\"add_bos_token\": true, \"add_eos_token\": false, \"bos_token\": \"<s>\", \"eos_token\": \"</s>\", "
        "\"unk_token\": \"<unk>\", \"legacy\": false, \"tokenizer_class\": \"LlamaTokenizer\"";
    if (!o.chat_template.empty()) out += ", \"chat_template\": " + quoted(o.chat_template);
    return out + "}\n";
}

/// `less_one`: vectors, all of them norms, are stored so.
std::string safetensors(std::span<const TinyTensor> tensors, WeightType type, bool less_one) {
    std::string header = "{\"__metadata__\":{\"format\":\"pt\"}", data;
    for (const TinyTensor& tensor : tensors) {
        const std::size_t begin = data.size();
        std::vector<float> values = tensor.values;
        if (less_one && tensor.rows == 0)
            for (float& value : values) value -= 1;
        data += encodeWeights(type, values);
        header += "," + quoted(tensor.hf_name) + ":{\"dtype\":\"" + safetensorsType(type) + "\",\"shape\":[";
        if (tensor.rows > 0) header += std::to_string(tensor.rows) + ",";
        header += std::to_string(tensor.cols) + "],\"data_offsets\":[" + std::to_string(begin) + "," +
                  std::to_string(data.size()) + "]}";
    }
    header += "}";
    while (header.size() % 8 != 0) header += ' ';
    const std::uint64_t length = header.size();
    char raw[sizeof length];
    std::memcpy(raw, &length, sizeof length);
    return std::string(raw, sizeof raw) + header + data;
}

/// Each expert has tensors of its own.
std::vector<TinyTensor> unstacked(std::vector<TinyTensor> tensors) {
    std::vector<TinyTensor> all;
    for (TinyTensor& tensor : tensors) {
        if (tensor.stacked == 0) {
            all.push_back(std::move(tensor));
            continue;
        }
        const auto size = std::ptrdiff_t(tensor.values.size()) / tensor.stacked;
        for (int i = 0; i < tensor.stacked; ++i) {
            TinyTensor one = tensor;
            one.hf_name.replace(one.hf_name.find('#'), 1, std::to_string(i));
            one.rows /= tensor.stacked;
            one.values.assign(tensor.values.begin() + i * size, tensor.values.begin() + (i + 1) * size);
            all.push_back(std::move(one));
        }
    }
    return all;
}

/// As they stand in a model that reads images too, with some of that part.
std::vector<TinyTensor> amongImages(std::vector<TinyTensor> tensors, const std::string& text_part) {
    const std::string outer = text_part.starts_with("model.") ? "model." : "";
    for (TinyTensor& tensor : tensors)
        if (tensor.hf_name.starts_with("model.")) tensor.hf_name.replace(0, 6, text_part);
    for (const char* name :
         {"vision_tower.vision_model.post_layernorm.bias", "multi_modal_projector.mm_soft_emb_norm.weight"})
        tensors.push_back({"", outer + name, 0, 16, 0, 0, std::vector<float>(16, 1.0F)});
    return tensors;
}

void writeShards(const std::filesystem::path& folder, const TinyModelOptions& o) {
    auto tensors = unstacked(tinyTensors(o));
    if (!o.text_part.empty()) tensors = amongImages(std::move(tensors), o.text_part);
    const std::span<const TinyTensor> all(tensors);
    std::string map;
    for (int shard = 0; shard < o.shards; ++shard) {
        const auto begin = all.size() * std::size_t(shard) / std::size_t(o.shards);
        const auto end = all.size() * std::size_t(shard + 1) / std::size_t(o.shards);
        const auto part = all.subspan(begin, end - begin);
        char name[64] = "model.safetensors";
        if (o.shards > 1) std::snprintf(name, sizeof name, "model-%05d-of-%05d.safetensors", shard + 1, o.shards);
        writeFile(folder / name, safetensors(part, storedType(o), isGemma(o)));
        for (const TinyTensor& tensor : part)
            map += (map.empty() ? "" : ", ") + quoted(tensor.hf_name) + ": " + quoted(name);
    }
    if (o.shards > 1)
        writeFile(folder / "model.safetensors.index.json", "{\"metadata\": {}, \"weight_map\": {" + map + "}}\n");
}

}  // namespace

std::filesystem::path writeTinyHfFolder(const std::filesystem::path& folder, const TinyModelOptions& options) {
    assert(options.vocab >= kTinyVocabMin);
    const auto path = folder / "tiny-hf";
    std::filesystem::create_directories(path);
    const std::string config = configJson(options);
    writeFile(path / "config.json", options.text_part.empty() ? config : imageConfigJson(options, config));
    writeFile(path / "tokenizer.json", tokenizerJson(options));
    writeFile(path / "tokenizer_config.json", tokenizerConfigJson(options));
    writeShards(path, options);
    return path;
}

}  // namespace lectern::test
