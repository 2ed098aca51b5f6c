// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/tiny_model.h"

#include <cassert>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <random>

#include "tests/support/gguf_writer.h"
#include "tests/support/tiny_vocabulary.h"
#include "tests/support/weight_bytes.h"

namespace lectern::test {
namespace {

using kernels::WeightType;

/// Draws tensors one after another from one seeded stream; std::mt19937_64 is the same everywhere.
class TensorMaker {
public:
    TensorMaker(const TinyModelOptions& options) : m_options(options), m_random(options.seed) {}

    void matrix(const std::string& gguf, const std::string& hf, int rows, int cols, int rotated_heads = 0,
                int stacked = 0) {
        TinyTensor tensor{gguf + ".weight", hf + ".weight", rows, cols, stacked, rotated_heads, {}};
        tensor.values = draw(std::size_t(rows) * std::size_t(cols), 0, float(1 / std::sqrt(double(cols))));
        const std::string stored = encodeWeights(m_options.weights, tensor.values);
        decodeWeights(m_options.weights, reinterpret_cast<const std::byte*>(stored.data()), tensor.values);
        tensors.push_back(std::move(tensor));
    }

    void vector(const std::string& gguf, const std::string& hf, int size, float mean, int rotated_heads = 0) {
        tensors.push_back({gguf, hf, 0, size, 0, rotated_heads, draw(std::size_t(size), mean, 0.1F)});
        if (m_options.weights != WeightType::F32) roundToHalf(tensors.back().values);
    }

    std::vector<TinyTensor> tensors;

private:
    std::vector<float> draw(std::size_t count, float mean, float deviation) {
        std::vector<float> values(count);
        for (float& value : values) {
            const double uniform = double(m_random() >> 11) * 0x1p-52 - 1;  // [-1, 1)
            value = mean + deviation * float(uniform * std::sqrt(3.0));
        }
        return values;
    }

    /// Hugging Face files of F16 and BF16 store vectors that way too: 6 bits of fraction fit both.
    static void roundToHalf(std::vector<float>& values) {
        for (float& value : values) value = std::nearbyint(value * 64) / 64;
    }

    const TinyModelOptions& m_options;
    std::mt19937_64 m_random;
};

/// Those of a layer, as the one tensor of GGUF.
void makeExperts(TensorMaker& make, const TinyModelOptions& o, const std::string& gguf, const std::string& hf) {
    const auto stack = [&](const char* of, const char* name, int rows, int cols) {
        make.matrix(gguf + of, hf + "block_sparse_moe.experts.#." + name, o.experts * rows, cols, 0, o.experts);
    };
    make.matrix(gguf + "ffn_gate_inp", hf + "block_sparse_moe.gate", o.experts, o.hidden);
    stack("ffn_gate_exps", "w1", o.ffn, o.hidden);
    stack("ffn_up_exps", "w3", o.ffn, o.hidden);
    stack("ffn_down_exps", "w2", o.hidden, o.ffn);
}

void makeLayer(TensorMaker& make, const TinyModelOptions& o, int layer) {
    const std::string gguf = "blk." + std::to_string(layer) + ".", hf = "model.layers." + std::to_string(layer) + ".";
    const int queries = o.heads * o.head_dim, keys = o.kv_heads * o.head_dim;
    make.vector(gguf + "attn_norm.weight", hf + "input_layernorm.weight", o.hidden, 1);
    const bool fused = o.architecture == "phi3";
    if (fused) {
        make.matrix(gguf + "attn_qkv", hf + "self_attn.qkv_proj", queries + 2 * keys, o.hidden);
    } else {
        make.matrix(gguf + "attn_q", hf + "self_attn.q_proj", queries, o.hidden, o.heads);
        make.matrix(gguf + "attn_k", hf + "self_attn.k_proj", keys, o.hidden, o.kv_heads);
        make.matrix(gguf + "attn_v", hf + "self_attn.v_proj", keys, o.hidden);
    }
    make.matrix(gguf + "attn_output", hf + "self_attn.o_proj", o.hidden, queries);
    if (o.attention_bias || o.architecture == "qwen2") {
        make.vector(gguf + "attn_q.bias", hf + "self_attn.q_proj.bias", queries, 0, o.heads);
        make.vector(gguf + "attn_k.bias", hf + "self_attn.k_proj.bias", keys, 0, o.kv_heads);
        make.vector(gguf + "attn_v.bias", hf + "self_attn.v_proj.bias", keys, 0);
    }
    if (o.attention_bias) make.vector(gguf + "attn_output.bias", hf + "self_attn.o_proj.bias", o.hidden, 0);
    if (o.mlp_bias) {
        make.vector(gguf + "ffn_gate.bias", hf + "mlp.gate_proj.bias", o.ffn, 0);
        make.vector(gguf + "ffn_up.bias", hf + "mlp.up_proj.bias", o.ffn, 0);
        make.vector(gguf + "ffn_down.bias", hf + "mlp.down_proj.bias", o.hidden, 0);
    }
    if (o.architecture == "qwen3" || o.architecture == "gemma3") {
        make.vector(gguf + "attn_q_norm.weight", hf + "self_attn.q_norm.weight", o.head_dim, 1);
        make.vector(gguf + "attn_k_norm.weight", hf + "self_attn.k_norm.weight", o.head_dim, 1);
    }
    if (isGemma(o)) {
        make.vector(gguf + "post_attention_norm.weight", hf + "post_attention_layernorm.weight", o.hidden, 1);
        make.vector(gguf + "ffn_norm.weight", hf + "pre_feedforward_layernorm.weight", o.hidden, 1);
        make.vector(gguf + "post_ffw_norm.weight", hf + "post_feedforward_layernorm.weight", o.hidden, 1);
    } else {
        make.vector(gguf + "ffn_norm.weight", hf + "post_attention_layernorm.weight", o.hidden, 1);
    }
    if (o.experts > 0) return makeExperts(make, o, gguf, hf);
    if (fused) {
        make.matrix(gguf + "ffn_up", hf + "mlp.gate_up_proj", 2 * o.ffn, o.hidden);
    } else {
        make.matrix(gguf + "ffn_gate", hf + "mlp.gate_proj", o.ffn, o.hidden);
        make.matrix(gguf + "ffn_up", hf + "mlp.up_proj", o.ffn, o.hidden);
    }
    make.matrix(gguf + "ffn_down", hf + "mlp.down_proj", o.hidden, o.ffn);
}

/// Mixtral's files say llama.
std::string ggufArchitecture(const TinyModelOptions& o) {
    return o.architecture == "mixtral" ? "llama" : o.architecture;
}

/// Rows (or elements of a bias) of each head from halves (i, i + r/2) of the r rotated ones to pairs (2i, 2i + 1).
std::vector<float> interleaved(const TinyTensor& tensor, const TinyModelOptions& o) {
    const std::string architecture = ggufArchitecture(o);
    if (tensor.rotated_heads == 0 ||
        (architecture != "llama" && architecture != "mistral3" && architecture != "smollm3"))
        return tensor.values;
    const int rotated = o.rotated > 0 ? o.rotated : o.head_dim;
    const int rows = tensor.rows > 0 ? tensor.rows : tensor.cols, width = tensor.rows > 0 ? tensor.cols : 1;
    const int head_dim = rows / tensor.rotated_heads;
    std::vector<float> out;
    out.reserve(tensor.values.size());
    for (int row = 0; row < rows; ++row) {
        const int head = row / head_dim, place = row % head_dim;
        const int from = head * head_dim + (place < rotated ? place / 2 + place % 2 * (rotated / 2) : place);
        const auto begin = tensor.values.begin() + std::ptrdiff_t(from) * width;
        out.insert(out.end(), begin, begin + width);
    }
    return out;
}

void putHyperparameters(GgufWriter& file, const TinyModelOptions& o) {
    const std::string architecture = ggufArchitecture(o);
    const auto key = [&](const char* name) { return architecture + "." + name; };
    file.string("general.architecture", architecture);
    file.string("general.name", "tiny");
    file.u32(key("block_count"), std::uint32_t(o.layers));
    file.u32(key("context_length"), std::uint32_t(o.context));
    file.u32(key("embedding_length"), std::uint32_t(o.hidden));
    file.u32(key("feed_forward_length"), std::uint32_t(o.ffn));
    if (o.experts > 0) {
        file.u32(key("expert_count"), std::uint32_t(o.experts));
        file.u32(key("expert_used_count"), std::uint32_t(o.experts_used));
    }
    file.u32(key("attention.head_count"), std::uint32_t(o.heads));
    file.u32(key("attention.head_count_kv"), std::uint32_t(o.kv_heads));
    file.u32(key("attention.key_length"), std::uint32_t(o.head_dim));
    file.u32(key("attention.value_length"), std::uint32_t(o.head_dim));
    file.f32(key("attention.layer_norm_rms_epsilon"), o.rms_eps);
    file.u32(key("rope.dimension_count"), std::uint32_t(o.rotated > 0 ? o.rotated : o.head_dim));
    file.f32(key("rope.freq_base"), o.rope_theta);
    if (o.window > 0) file.u32(key("attention.sliding_window"), std::uint32_t(o.window));
    if (o.score_cap > 0) file.f32(key("attn_logit_softcapping"), o.score_cap);
    if (o.logit_cap > 0) file.f32(key("final_logit_softcapping"), o.logit_cap);
    if (o.rope_factor == 1 || o.rope_type == "llama3") return;
    if (o.rope_type == "longrope") {
        file.u32(key("rope.scaling.original_context_length"), std::uint32_t(o.original_context));
        return;
    }
    file.string(key("rope.scaling.type"), o.rope_type);
    file.f32(key("rope.scaling.factor"), o.rope_factor);
    if (o.rope_type == "yarn") file.u32(key("rope.scaling.original_context_length"), std::uint32_t(o.original_context));
    if (o.growth == 0) return;
    file.f32(key("rope.scaling.yarn_log_multiplier"), 1);
    file.f32(key("attention.temperature_scale"), o.growth);
}

/// Llama 3's and Phi-3's scaling as GGUF spells it: by what each frequency is divided.
void putDivisors(GgufWriter& file, const TinyModelOptions& o) {
    const int pairs = (o.rotated > 0 ? o.rotated : o.head_dim) / 2;
    if (o.rope_factor != 1 && o.rope_type == "longrope") {
        for (const bool is_long : {false, true})
            file.tensor(is_long ? "rope_factors_long.weight" : "rope_factors_short.weight", {std::uint64_t(pairs)}, 0,
                        encodeWeights(WeightType::F32, longRopeDivisors(o, is_long)));
    }
    if (o.rope_factor == 1 || o.rope_type != "llama3") return;
    std::vector<float> divisors;
    for (int i = 0; i < pairs; ++i) {
        const double wave = 2 * 3.14159265358979323846 * std::pow(double(o.rope_theta), double(i) / pairs);
        const double low = double(o.original_context) / 1, high = double(o.original_context) / 4;
        const double smooth = (o.original_context / wave - 1) / (4 - 1);
        divisors.push_back(wave < high  ? 1.0F
                           : wave > low ? o.rope_factor
                                        : float(1 / ((1 - smooth) / double(o.rope_factor) + smooth)));
    }
    file.tensor("rope_freqs.weight", {std::uint64_t(pairs)}, 0, encodeWeights(WeightType::F32, divisors));
}

void putTokenizer(GgufWriter& file, const TinyModelOptions& o) {
    const TinyVocabulary vocabulary = tinyVocabulary(o.vocab);
    file.string("tokenizer.ggml.model", "llama");
    file.string("tokenizer.ggml.pre", "default");
    file.strings("tokenizer.ggml.tokens", vocabulary.tokens);
    file.floats("tokenizer.ggml.scores", vocabulary.scores);
    file.ints("tokenizer.ggml.token_type", vocabulary.types);
    file.u32("tokenizer.ggml.unknown_token_id", 0);
    file.u32("tokenizer.ggml.bos_token_id", 1);
    file.u32("tokenizer.ggml.eos_token_id", 2);
    file.boolean("tokenizer.ggml.add_bos_token", true);
    file.boolean("tokenizer.ggml.add_eos_token", false);
    if (!o.chat_template.empty()) file.string("tokenizer.chat_template", o.chat_template);
}

std::uint32_t ggmlNumber(WeightType type) {
    constexpr std::uint32_t kNumbers[] = {0, 1, 30, 8, 2, 3, 6, 7, 10, 11, 12, 13, 14, 20, 23};
    static_assert(std::size(kNumbers) == kernels::kWeightTypes.size());
    return kNumbers[std::size_t(type)];
}

}  // namespace

std::vector<float> longRopeDivisors(const TinyModelOptions& o, bool is_long) {
    std::vector<float> divisors;
    for (int pair = 0; pair < (o.rotated > 0 ? o.rotated : o.head_dim) / 2; ++pair)
        divisors.push_back(1 + float(pair) * (is_long ? 0.5F : 0.0625F));
    return divisors;
}

std::vector<TinyTensor> tinyTensors(const TinyModelOptions& options) {
    TensorMaker make(options);
    make.matrix("token_embd", "model.embed_tokens", options.vocab, options.hidden);
    for (int layer = 0; layer < options.layers; ++layer) makeLayer(make, options, layer);
    make.vector("output_norm.weight", "model.norm.weight", options.hidden, 1);
    if (!options.tied) make.matrix("output", "lm_head", options.vocab, options.hidden);
    return std::move(make.tensors);
}

std::filesystem::path writeTinyGguf(const std::filesystem::path& folder, const TinyModelOptions& options) {
    assert(options.vocab >= kTinyVocabMin);
    GgufWriter file;
    putHyperparameters(file, options);
    putTokenizer(file, options);
    for (const TinyTensor& tensor : tinyTensors(options)) {
        const auto cols = std::uint64_t(tensor.cols), rows = std::uint64_t(tensor.rows);
        const auto values = interleaved(tensor, options);
        const auto stacked = std::uint64_t(tensor.stacked);
        if (tensor.stacked > 0)
            file.tensor(tensor.gguf_name, {cols, rows / stacked, stacked}, ggmlNumber(options.weights),
                        encodeWeights(options.weights, values));
        else if (tensor.rows > 0)
            file.tensor(tensor.gguf_name, {cols, rows}, ggmlNumber(options.weights),
                        encodeWeights(options.weights, values));
        else
            file.tensor(tensor.gguf_name, {cols}, ggmlNumber(WeightType::F32), encodeWeights(WeightType::F32, values));
    }
    putDivisors(file, options);
    const auto path = folder / "tiny.gguf";
    std::ofstream out(path, std::ios::binary);
    out << file.bytes();
    out.close();
    if (!out) std::abort();
    return path;
}

}  // namespace lectern::test
