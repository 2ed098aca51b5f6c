// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <set>

#include "engine/model/model.h"
#include "tests/engine/model/expect_refused.h"
#include "tests/engine/model/opened_model.h"
#include "tests/support/test_data.h"
#include "tests/support/tiny_model.h"
#include "tests/support/weight_bytes.h"

namespace lectern {
namespace {

using std::filesystem::path;
using test::edit;
using test::expectRefused;
using test::opened;
using test::TempDir;
using test::TinyModelOptions;
using test::writeTinyGguf;
using test::writeTinyHfFolder;

void write(const path& file, const std::string& text) {
    std::ofstream(file, std::ios::binary) << text;
}

std::vector<float> values(const WeightView& view) {
    std::vector<float> out(std::size_t(view.rows) * std::size_t(view.cols));
    test::decodeWeights(view.type, view.data, out);
    return out;
}

/// Rows of each head from pairs (2i, 2i + 1) to halves (i, i + d/2).
std::vector<float> halves(const std::vector<float>& rows, int heads, int head_dim, int cols) {
    std::vector<float> out;
    for (int row = 0; row < heads * head_dim; ++row) {
        const int place = row % head_dim, half = head_dim / 2;
        const int from = row - place + (place < half ? 2 * place : 2 * (place - half) + 1);
        const auto begin = rows.begin() + std::ptrdiff_t(from) * cols;
        out.insert(out.end(), begin, begin + cols);
    }
    return out;
}

void expectSameWeights(const Model& gguf, const Model& hf) {
    const ModelConfig& c = gguf.config;
    EXPECT_EQ(values(gguf.embedding), values(hf.embedding));
    EXPECT_EQ(values(gguf.output), values(hf.output));
    EXPECT_EQ(gguf.final_norm, hf.final_norm);
    ASSERT_EQ(gguf.layers.size(), hf.layers.size());
    for (std::size_t i = 0; i < gguf.layers.size(); ++i) {
        const LayerWeights &a = gguf.layers[i], &b = hf.layers[i];
        EXPECT_EQ(halves(values(a.q), c.heads, c.head_dim, c.hidden), values(b.q));
        EXPECT_EQ(halves(values(a.k), c.kv_heads, c.head_dim, c.hidden), values(b.k));
        EXPECT_EQ(values(a.v), values(b.v));
        EXPECT_EQ(values(a.o), values(b.o));
        EXPECT_EQ(values(a.gate), values(b.gate));
        EXPECT_EQ(values(a.up), values(b.up));
        EXPECT_EQ(values(a.down), values(b.down));
        EXPECT_EQ(a.attn_norm, b.attn_norm);
        EXPECT_EQ(a.ffn_norm, b.ffn_norm);
        EXPECT_EQ(a.v_bias, b.v_bias);
        if (!a.q_bias.empty()) {
            EXPECT_EQ(halves(a.q_bias, c.heads, c.head_dim, 1), b.q_bias);
        }
        if (!a.k_bias.empty()) {
            EXPECT_EQ(halves(a.k_bias, c.kv_heads, c.head_dim, 1), b.k_bias);
        }
    }
}

TEST(HfModel, HoldsTheSameWeightsAsTheGguf) {
    for (const auto type : {WeightType::F32, WeightType::F16, WeightType::BF16, WeightType::Q8_0, WeightType::Q4_0})
        for (const bool odd : {false, true}) {
            const TempDir folder;
            const TinyModelOptions options{.weights = type, .tied = odd, .attention_bias = odd, .shards = odd ? 3 : 1};
            const auto gguf = opened(writeTinyGguf(folder.path(), options));
            const auto hf = opened(writeTinyHfFolder(folder.path(), options));
            ASSERT_TRUE(gguf && hf);
            EXPECT_EQ(hf->tied, odd);
            EXPECT_EQ(hf->layers[0].q_bias.empty(), !odd);
            EXPECT_FALSE(hf->config.rope.interleaved);
            expectSameWeights(*gguf, *hf);
        }
}

TEST(HfModel, SaysTheSameOfItselfAsTheGguf) {
    const TempDir folder;
    const TinyModelOptions options{
        .rms_eps = 1e-6F, .rope_theta = 5e5F, .rope_factor = 2.5F, .chat_template = "{{ \"x\" }}\n"};
    const auto gguf = opened(writeTinyGguf(folder.path(), options));
    const auto hf = opened(writeTinyHfFolder(folder.path(), options));
    ASSERT_TRUE(gguf && hf);
    for (const auto member :
         {&ModelConfig::layers, &ModelConfig::hidden, &ModelConfig::heads, &ModelConfig::kv_heads,
          &ModelConfig::head_dim, &ModelConfig::ffn, &ModelConfig::vocab, &ModelConfig::trained_context})
        EXPECT_EQ(gguf->config.*member, hf->config.*member);
    EXPECT_EQ(gguf->config.rms_eps, hf->config.rms_eps);
    EXPECT_EQ(gguf->config.rope.theta, hf->config.rope.theta);
    EXPECT_EQ(gguf->config.rope.scaling, hf->config.rope.scaling);
    EXPECT_EQ(gguf->config.rope.dims, hf->config.rope.dims);
    EXPECT_EQ(gguf->chat_template, hf->chat_template);
    EXPECT_EQ(gguf->tokenizer.tokens, hf->tokenizer.tokens);
    EXPECT_EQ(gguf->tokenizer.bos, hf->tokenizer.bos);
    EXPECT_EQ(gguf->tokenizer.eos, hf->tokenizer.eos);
}

TEST(HfModel, TakesTheOutputMatrixForATiedEmbeddingStoredUnderItsName) {
    const TempDir folder;
    const auto place = writeTinyHfFolder(folder.path(), {.tied = true});
    edit(place / "model.safetensors", "\"model.embed_tokens.weight\"", "\"lm_head.weight\"           ");
    const auto model = opened(place);
    ASSERT_TRUE(model);
    EXPECT_EQ(model->embedding.data, model->output.data);
}

TEST(HfModel, TakesFurtherEndsOfTheAnswerFromGenerationConfig) {
    const TempDir folder;
    const auto place = writeTinyHfFolder(folder.path());
    write(place / "generation_config.json", R"({"eos_token_id": [2, 300, 99999, -4]})");
    const auto model = opened(place);
    ASSERT_TRUE(model);
    EXPECT_EQ(model->tokenizer.eos, 2);
    EXPECT_EQ(model->tokenizer.end_of_turn, std::vector<std::int32_t>{300});
}

TEST(HfModel, PicksTheDefaultOfSeveralChatTemplates) {
    const TempDir folder;
    const auto place = writeTinyHfFolder(folder.path());
    edit(place / "tokenizer_config.json", "\"legacy\"",
         R"("chat_template": [{"name": "tools", "template": "T"}, {"name": "default", "template": "D"}], "legacy")");
    const auto model = opened(place);
    ASSERT_TRUE(model);
    EXPECT_EQ(model->chat_template, "D");
}

TEST(HfModel, ReadsRopeParametersOfNewerConfigurations) {
    const TempDir folder;
    const auto place = writeTinyHfFolder(folder.path());
    edit(place / "config.json", "\"rope_scaling\": null",
         R"("rope_parameters": {"rope_type": "default", "rope_theta": 123.5})");
    const auto model = opened(place);
    ASSERT_TRUE(model);
    EXPECT_DOUBLE_EQ(model->config.rope.theta, 123.5);
}

TEST(HfModel, GivesMistralItsWindow) {
    const TempDir folder;
    const auto windows = [&](const std::string& what, const std::string& by) {
        const auto place = writeTinyHfFolder(folder.path(), {.context = 8192, .architecture = "mistral"});
        edit(place / "config.json", what, by);
        const auto model = opened(place);
        return model ? model->config.windows : std::vector<int>{-1};
    };
    EXPECT_EQ(windows("\"sliding_window\": null", "\"sliding_window\": 1024"), std::vector<int>(2, 1024));
    EXPECT_EQ(windows("\"sliding_window\": null", "\"silent\": null"), std::vector<int>(2, 4096));
    EXPECT_EQ(windows("\"sliding_window\": null", "\"sliding_window\": null"), std::vector<int>{});
}

TEST(HfModel, GivesQwenAWindowOnlyWhereItIsAskedFor) {
    const TempDir folder;
    const auto place = writeTinyHfFolder(folder.path(), {.architecture = "qwen2", .window = 512});
    EXPECT_EQ(opened(place)->config.windows, std::vector<int>{});
    edit(place / "config.json", "\"mlp_bias\"", "\"use_sliding_window\": true, \"max_window_layers\": 1, \"mlp_bias\"");
    EXPECT_EQ(opened(place)->config.windows, (std::vector<int>{0, 512}));
    edit(place / "config.json", "\"mlp_bias\"",
         R"("layer_types": ["sliding_attention", "full_attention"], "mlp_bias")");
    EXPECT_EQ(opened(place)->config.windows, (std::vector<int>{512, 0}));
    edit(place / "config.json", "full_attention", "linear_attention");
    expectRefused(place, "layer_types has 'linear_attention'; Lectern knows: full_attention, sliding_attention.");
}

TEST(HfModel, ReadsTheExpertsOfMixtral) {
    const TempDir folder;
    const TinyModelOptions options{.architecture = "mixtral", .experts = 4};
    const auto hf = opened(writeTinyHfFolder(folder.path(), options));
    const auto gguf = opened(writeTinyGguf(folder.path(), options));
    ASSERT_TRUE(hf && gguf);
    EXPECT_EQ(hf->config.architecture, "mixtral");
    EXPECT_EQ(std::pair(hf->config.experts, hf->config.experts_used), std::pair(4, 2));
    for (std::size_t layer = 0; layer < hf->layers.size(); ++layer) {
        const auto a = hf->layers[layer].matrices(), b = gguf->layers[layer].matrices();
        ASSERT_EQ(a.size(), 4U + 1 + 3 * 4);
        ASSERT_EQ(b.size(), a.size());
        for (std::size_t i = 2; i < a.size(); ++i) EXPECT_EQ(values(*a[i]), values(*b[i]));
    }
}

TEST(HfModel, RefusesExpertsThatAreNotThere) {
    const TempDir folder;
    const TinyModelOptions options{.architecture = "mixtral", .experts = 4};
    const std::pair<const char*, const char*> defects[] = {
        {"\"num_local_experts\": 0", "num_local_experts is 0, but the model is a mixture of experts."},
        {"\"num_local_experts\": 1", "the number of experts for each token is 2, Lectern takes 1 to 1."},
        {"\"num_local_experts\": 3", "block_sparse_moe.gate.weight is [4, 64], expected [3, 64]."},
        {"\"num_local_experts\": 1000", "the number of experts is 1000, Lectern takes 0 to 512."},
    };
    for (const auto& [by, phrase] : defects) {
        const auto place = writeTinyHfFolder(folder.path(), options);
        edit(place / "config.json", "\"num_local_experts\": 4", by);
        expectRefused(place, phrase);
    }
    const auto place = writeTinyHfFolder(folder.path(), options);
    edit(place / "model.safetensors", "experts.3.w2", "experts.4.w2");
    expectRefused(place, "the tensor model.layers.0.block_sparse_moe.experts.3.w2.weight is missing");
}

TEST(HfModel, BiasesOfTheOutputMayBeAbsent) {
    const TempDir folder;
    const auto place = writeTinyHfFolder(folder.path(), {.attention_bias = true, .mlp_bias = true});
    const auto whole = opened(place);
    ASSERT_TRUE(whole);
    EXPECT_EQ(whole->layers[1].o_bias.size(), 64U);
    EXPECT_EQ(whole->layers[1].up_bias.size(), 128U);
    edit(place / "config.json", "\"attention_bias\": true", "\"attention_bias\": false");
    expectRefused(place, "attention_bias contradicts the biases of layer 0.");
}

TEST(HfModel, DualChunksReachAsFarAsPlainAttentionWasTrained) {
    const TempDir folder;
    const auto place = writeTinyHfFolder(folder.path(), {.context = 1010000, .architecture = "qwen2"});
    edit(place / "config.json", "\"mlp_bias\"",
         R"("dual_chunk_attention_config": {"chunk_size": 262144, "local_size": 8192,
             "original_max_position_embeddings": 262144}, "mlp_bias")");
    EXPECT_EQ(opened(place)->config.trained_context, 262144);
}

TEST(HfModel, ReadsEveryScaling) {
    const TempDir folder;
    for (const auto& [name, type] :
         {std::pair{"linear", RopeScalingType::Linear}, std::pair{"dynamic", RopeScalingType::Dynamic},
          std::pair{"yarn", RopeScalingType::Yarn}, std::pair{"llama3", RopeScalingType::Llama3}}) {
        const auto model = opened(writeTinyHfFolder(folder.path(), {.rope_factor = 4, .rope_type = name}));
        ASSERT_TRUE(model);
        EXPECT_EQ(model->config.rope.scaling.type, type);
        EXPECT_EQ(model->config.rope.scaling.factor, 4);
        EXPECT_EQ(model->config.rope.scaling.original_context, type == RopeScalingType::Linear ? 0 : 64);
        EXPECT_EQ(model->config.rope.scaling.attention_factor,
                  type == RopeScalingType::Yarn ? yarnAttentionFactor(4) : 1);
    }
}

TEST(HfModel, HasAnotherFingerprintWithAnotherRotationOrWindow) {
    const TempDir folder;
    std::set<std::string> seen;
    const TinyModelOptions kinds[] = {{},
                                      {.rope_factor = 4},
                                      {.rope_factor = 4, .rope_type = "dynamic"},
                                      {.rope_factor = 4, .rope_type = "yarn"},
                                      {.rope_factor = 8, .rope_type = "yarn"},
                                      {.rope_factor = 4, .rope_type = "yarn", .original_context = 128},
                                      {.rope_factor = 4, .rope_type = "llama3"},
                                      {.rotated = 8},
                                      {.architecture = "mistral"},
                                      {.architecture = "mistral", .window = 64},
                                      {.architecture = "mistral", .window = 65}};
    for (const TinyModelOptions& kind : kinds) {
        const auto model = opened(writeTinyHfFolder(folder.path(), kind));
        ASSERT_TRUE(model);
        EXPECT_TRUE(seen.insert(model->fingerprint()).second);
    }
}

TEST(HfModel, ReadsPartialRotation) {
    const TempDir folder;
    EXPECT_EQ(opened(writeTinyHfFolder(folder.path(), {.rotated = 8}))->config.rope.dims, 8);
    const auto place = writeTinyHfFolder(folder.path(), {.rotated = 8});
    edit(place / "config.json", "\"partial_rotary_factor\": 0.5", "\"partial_rotary_factor\": 1.5");
    expectRefused(place, "partial_rotary_factor is 1.5");
}

TEST(HfModel, RefusesQwenWithoutItsTensors) {
    const TempDir folder;
    const auto place = writeTinyHfFolder(folder.path());
    edit(place / "config.json", "LlamaForCausalLM", "Qwen2ForCausalLM");
    expectRefused(place, "the tensor model.layers.0.self_attn.q_proj.bias is missing");
    edit(place / "config.json", "Qwen2ForCausalLM", "Qwen3ForCausalLM");
    expectRefused(place, "the tensor model.layers.0.self_attn.q_norm.weight is missing");
}

struct Defect {
    const char* name;
    std::function<void(const path& folder)> make;
    const char* phrase;
    int shards = 1;
};

void PrintTo(const Defect& defect, std::ostream* out) {
    *out << defect.name;
}

std::function<void(const path&)> inConfig(const std::string& what, const std::string& by) {
    return [=](const path& folder) { edit(folder / "config.json", what, by); };
}

std::function<void(const path&)> inWeights(const std::string& what, const std::string& by) {
    return [=](const path& folder) { edit(folder / "model.safetensors", what, by); };
}

std::function<void(const path&)> inIndex(const std::string& what, const std::string& by) {
    return [=](const path& folder) { edit(folder / "model.safetensors.index.json", what, by); };
}

class HfModelDefect : public testing::TestWithParam<Defect> {};

TEST_P(HfModelDefect, IsRefusedByName) {
    const TempDir folder;
    const auto place = writeTinyHfFolder(folder.path(), {.vocab = 352, .shards = GetParam().shards});
    GetParam().make(place);
    expectRefused(place, GetParam().phrase);
}

const Defect kDefects[] = {
    {"ForeignArchitecture", inConfig("LlamaForCausalLM", "PhiForCausalLM"),
     "the architecture is 'PhiForCausalLM'; Lectern opens: LlamaForCausalLM, MistralForCausalLM, "
     "Ministral3ForCausalLM, Mistral3ForConditionalGeneration, SmolLM3ForCausalLM, MixtralForCausalLM, "
     "Qwen2ForCausalLM, "
     "Qwen3ForCausalLM, Phi3ForCausalLM, Gemma2ForCausalLM, Gemma3ForCausalLM, "
     "Gemma3ForConditionalGeneration."},
    {"NoArchitecture", inConfig("\"LlamaForCausalLM\"", ""), "architectures is missing"},
    {"NoConfig", [](const path& f) { std::filesystem::remove(f / "config.json"); }, "has no config.json"},
    {"BrokenConfig", [](const path& f) { write(f / "config.json", "{"); }, "this is no JSON object"},
    {"DeepConfig", [](const path& f) { write(f / "config.json", std::string(100000, '[')); }, "nests deeper"},
    {"LongRope", inConfig("\"rope_scaling\": null", R"("rope_scaling": {"rope_type": "longrope", "factor": 8})"),
     "the rotary scaling is longrope, but long_factor is missing."},
    {"LongRopeOfWrongSize",
     inConfig("\"rope_scaling\": null", R"("rope_scaling": {"rope_type": "longrope", "long_factor": [1, 2]})"),
     "the divisors of the rotary frequencies are not one positive number for each pair."},
    {"LongRopeOfWords",
     inConfig("\"rope_scaling\": null", R"("rope_scaling": {"rope_type": "su", "long_factor": ["a"]})"),
     "long_factor is"},
    {"BentRope", inConfig("\"rope_scaling\": null", R"("rope_scaling": {"rope_type": "bent"})"),
     "the rotary scaling is 'bent'; Lectern knows: default, linear, dynamic, yarn, llama3, longrope."},
    {"ScalingNumber", inConfig("\"rope_scaling\": null", "\"rope_scaling\": 2"),
     "rope_scaling is number, expected an object"},
    {"BentLogits", inConfig("\"mlp_bias\": false", "\"final_logit_softcapping\": 30"),
     "final_logit_softcapping is set, which Lectern does not do."},
    {"Gelu", inConfig("silu", "gelu"), "the activation is 'gelu'"},
    {"MlpBias", inConfig("\"mlp_bias\": false", "\"mlp_bias\": true"), "mlp_bias contradicts the biases of layer 0"},
    {"Quantized", inConfig("\"mlp_bias\": false", R"("quantization_config": {"quant_method": "gptq"})"),
     "quantization_config"},
    {"NegativeHeads", inConfig("\"num_attention_heads\": 4", "\"num_attention_heads\": -4"),
     "num_attention_heads is number, expected an integer"},
    {"FractionalLayers", inConfig("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 2.5"), "num_hidden_layers"},
    {"NoLayers", inConfig("\"num_hidden_layers\": 2,", ""), "num_hidden_layers is missing"},
    {"HugeHidden", inConfig("\"hidden_size\": 64", "\"hidden_size\": 2000000000"), "the hidden size is 2000000000"},
    {"ZeroTheta", inConfig("\"rope_theta\": 10000", "\"rope_theta\": 0"), "the base of the rotary"},
    {"MissingBiases", inConfig("\"attention_bias\": false", "\"attention_bias\": true"), "attention_bias contradicts"},
    {"Untied", inWeights("\"lm_head.weight\"", "\"lm_neck.weight\""), "the tensor lm_head.weight is missing"},
    {"WrongShape", inConfig("\"num_key_value_heads\": 2", "\"num_key_value_heads\": 1"),
     "model.layers.0.self_attn.k_proj.weight is [32, 64], expected [16, 64]."},
    {"SmallerVocabulary", inConfig("\"vocab_size\": 352", "\"vocab_size\": 351"),
     "model.embed_tokens.weight is [352, 64]"},
    {"NoWeights", [](const path& f) { std::filesystem::remove(f / "model.safetensors"); },
     "has neither model.safetensors"},
    {"NoTokenizer", [](const path& f) { std::filesystem::remove(f / "tokenizer.json"); }, "has no tokenizer.json"},
    {"MissingShard", [](const path& f) { std::filesystem::remove(f / "model-00002-of-00002.safetensors"); },
     "model-00002-of-00002.safetensors cannot be read", 2},
    {"ShardOutside", inIndex("model-00001-of-00002", "../../tmp/x"), "which is no file of this folder", 2},
    {"IndexNamesMore", inIndex("\"weight_map\": {", R"("weight_map": {"extra": "model-00001-of-00002.safetensors", )"),
     "extra is missing, although the index puts it here", 2},
    {"NoWeightMap", inIndex("weight_map", "weight_mop"), "weight_map is missing", 2},
    {"SameTensorInTwoShards",
     [](const path& f) {
         std::filesystem::copy(f / "model-00001-of-00002.safetensors", f / "model-00003.safetensors");
         edit(f / "model.safetensors.index.json", "model-00001-of-00002", "model-00003");
     },
     "stands in another shard too", 2},
    {"CutShort", [](const path& f) { std::filesystem::resize_file(f / "model.safetensors", 100000); }, "cut short"},
};

INSTANTIATE_TEST_SUITE_P(All, HfModelDefect, testing::ValuesIn(kDefects),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(HfModel, RefusesTensorsItDoesNotKnow) {
    const TempDir folder;
    const auto place = writeTinyHfFolder(folder.path(), {.tied = true});
    edit(place / "config.json", "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1");
    expectRefused(place, "the tensor model.layers.1.input_layernorm.weight belongs to a kind of model");
}

TEST(HfModel, FillsUpAVocabularyThatIsSmallerThanTheEmbedding) {
    const TempDir folder;
    const auto place = writeTinyHfFolder(folder.path(), {.vocab = 400});
    const TempDir smaller;
    std::filesystem::copy_file(writeTinyHfFolder(smaller.path(), {.vocab = 380}) / "tokenizer.json",
                               place / "tokenizer.json", std::filesystem::copy_options::overwrite_existing);
    const auto model = opened(place);
    ASSERT_TRUE(model);
    ASSERT_EQ(model->tokenizer.tokens.size(), 400U);
    EXPECT_EQ(model->tokenizer.tokens[399], "[PAD399]");
    EXPECT_EQ(model->tokenizer.types[399], TokenType::Unused);
    std::filesystem::copy_file(writeTinyHfFolder(smaller.path(), {.vocab = 401}) / "tokenizer.json",
                               place / "tokenizer.json", std::filesystem::copy_options::overwrite_existing);
    expectRefused(place, "the tokenizer has 401 tokens, the embedding only 400 rows");
}

}  // namespace
}  // namespace lectern
