// SPDX-License-Identifier: GPL-3.0-or-later
// Small models with random weights, written to disk so that tests need no external data.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "kernels/matvec.h"

namespace lectern::test {

/// Shape and spelling of a tiny model. The same options give the same bytes on every machine.
struct TinyModelOptions {
    int layers = 2, hidden = 64, heads = 4, kv_heads = 2, head_dim = 16, ffn = 128;
    int vocab = 512;                                         ///< at least kTinyVocabMin
    int context = 2048;                                      ///< tokens
    kernels::WeightType weights = kernels::WeightType::F32;  ///< of matrices; rows hold whole blocks
    bool tied = false;                                       ///< no output matrix: the embedding serves
    bool attention_bias = false;                             ///< of q, k, v and the output
    bool mlp_bias = false;
    float rms_eps = 1e-5F;
    float rope_theta = 10000.0F;
    float query_scalar = 0;              ///< gemma as Hugging Face: scores are divided by its root; 0: head_dim
    float score_cap = 0, logit_cap = 0;  ///< gemma2: of attention's scores and of logits; 0: the file is silent
    float rope_factor = 1.0F;            ///< of the scaling; 1 = none
    std::string rope_type = "linear";    ///< "linear", "yarn", "llama3", "longrope"; Hugging Face also "dynamic"
    int original_context = 64;           ///< tokens; of the scalings that ask for it
    int rotated = 0;                     ///< dimensions of a head that turn; 0 = all
    float growth = 0;                    ///< mistral3: of queries, with every original_context tokens
    /// "llama", "mistral" (Hugging Face), "mistral3" (yarn), "smollm3", "qwen2", "qwen3", "phi3", "gemma2", "gemma3"
    std::string architecture = "llama";
    int experts = 0, experts_used = 2;  ///< "mixtral" (as GGUF "llama"): of each layer, and of them for each token
    int window = 0;                     ///< sliding window of all layers (llama as GGUF, mistral; gemma: most), or none
    std::uint64_t seed = 1;
    std::string chat_template = {};  ///< Jinja source, or empty
    int shards = 1;                  ///< Hugging Face: number of *.safetensors files
    /// Hugging Face, gemma3 and mistral: what the names of a model that reads images too begin with,
    /// "language_model.model." or "model.language_model."; empty: it reads text alone
    std::string text_part = {};
};

constexpr int kTinyVocabMin = 352;

/// One tensor in Hugging Face's order of rows (rotary pairs half a head apart).
struct TinyTensor {
    std::string gguf_name, hf_name;
    int rows = 0;               ///< 0: a vector of `cols` elements, always f32 in GGUF
    int cols = 0;               ///< contiguous dimension
    int stacked = 0;            ///< experts whose rows these are, one after another; Hugging Face has # for each
    int rotated_heads = 0;      ///< query and key: heads whose rows GGUF interleaves; 0 = none
    std::vector<float> values;  ///< [rows or 1][cols], already rounded to what `weights` can hold
};

/// Of the kinds that have norms after attention and feed-forward network, too.
inline bool isGemma(const TinyModelOptions& options) {
    return options.architecture.starts_with("gemma");
}

/// By what LongRoPE divides the frequency of each pair, for long contexts or for short ones.
std::vector<float> longRopeDivisors(const TinyModelOptions& options, bool is_long);

/// The weights of a tiny model as both writers store them.
std::vector<TinyTensor> tinyTensors(const TinyModelOptions& options);

/// Writes `folder`/tiny.gguf (GGUF v3, rotary pairs interleaved) and returns its path. Aborts where it cannot.
std::filesystem::path writeTinyGguf(const std::filesystem::path& folder, const TinyModelOptions& options = {});

/// Writes the same model in Hugging Face's form into `folder`/tiny-hf (config.json, safetensors, tokenizer.json,
/// tokenizer_config.json) and returns that folder. Quantized weights are stored as the F32 values they stand for.
std::filesystem::path writeTinyHfFolder(const std::filesystem::path& folder, const TinyModelOptions& options = {});

}  // namespace lectern::test
