// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <limits>

#include "engine/model/model.h"
#include "tests/engine/model/expect_refused.h"
#include "tests/engine/model/micro_gguf.h"
#include "tests/engine/model/opened_model.h"
#include "tests/support/test_data.h"
#include "tests/support/tiny_model.h"

namespace lectern {
namespace {

using test::expectRefused;
using test::GgufKind;
using test::GgufWriter;
using test::MicroGguf;
using test::opened;
using test::TempDir;
using test::TinyModelOptions;
using test::writeTinyGguf;

void expectShape(const WeightView& view, int rows, int cols) {
    EXPECT_NE(view.data, nullptr);
    EXPECT_EQ(view.rows, rows);
    EXPECT_EQ(view.cols, cols);
}

TEST(GgufModel, GivesTheShapesThatWereWritten) {
    const TempDir folder;
    const auto model = opened(writeTinyGguf(
        folder.path(),
        {.layers = 3, .hidden = 96, .heads = 6, .kv_heads = 3, .head_dim = 24, .ffn = 160, .vocab = 400}));
    ASSERT_TRUE(model);
    EXPECT_EQ(model->config.layers, 3);
    EXPECT_EQ(model->config.head_dim, 24);
    EXPECT_EQ(model->config.vocab, 400);
    EXPECT_EQ(model->config.rope.dims, 24);
    EXPECT_TRUE(model->config.rope.interleaved);
    ASSERT_EQ(model->layers.size(), 3U);
    for (const LayerWeights& layer : model->layers) {
        expectShape(layer.q, 144, 96);
        expectShape(layer.k, 72, 96);
        expectShape(layer.v, 72, 96);
        expectShape(layer.o, 96, 144);
        expectShape(layer.gate, 160, 96);
        expectShape(layer.up, 160, 96);
        expectShape(layer.down, 96, 160);
        EXPECT_EQ(layer.attn_norm.size(), 96U);
        EXPECT_TRUE(layer.q_bias.empty());
    }
    expectShape(model->embedding, 400, 96);
    expectShape(model->output, 400, 96);
    EXPECT_FALSE(model->tied);
    EXPECT_NE(model->output.data, model->embedding.data);
}

TEST(GgufModel, KeepsEveryWeightTypeAsStored) {
    for (const WeightType type : kernels::kWeightTypes) {
        const TempDir folder;
        const auto model =
            opened(writeTinyGguf(folder.path(), {.hidden = 256, .head_dim = 64, .ffn = 512, .weights = type}));
        ASSERT_TRUE(model);
        EXPECT_EQ(model->layers[1].down.type, type);
        EXPECT_EQ(model->embedding.type, type);
    }
}

TEST(GgufModel, TakesTheEmbeddingWhereThereIsNoOutputMatrix) {
    const TempDir folder;
    const auto model = opened(writeTinyGguf(folder.path(), {.tied = true}));
    ASSERT_TRUE(model);
    EXPECT_TRUE(model->tied);
    EXPECT_EQ(model->output.data, model->embedding.data);
}

TEST(GgufModel, ReadsBiasesScalingAndTemplate) {
    const TempDir folder;
    const auto model = opened(writeTinyGguf(
        folder.path(), {.attention_bias = true, .rope_theta = 5e5F, .rope_factor = 4, .chat_template = "{{ x }}\n"}));
    ASSERT_TRUE(model);
    EXPECT_EQ(model->layers[0].q_bias.size(), 64U);
    EXPECT_EQ(model->layers[0].v_bias.size(), 32U);
    EXPECT_DOUBLE_EQ(model->config.rope.theta, 5e5);
    EXPECT_EQ(model->config.rope.scaling.type, RopeScalingType::Linear);
    EXPECT_DOUBLE_EQ(model->config.rope.scaling.factor, 4);
    EXPECT_EQ(model->chat_template, "{{ x }}\n");
}

TEST(GgufModel, OutlivesTheNameOfItsFile) {
    const TempDir folder;
    const auto path = writeTinyGguf(folder.path());
    const auto model = opened(path);
    ASSERT_TRUE(model);
    std::filesystem::remove(path);
    EXPECT_EQ(model->fingerprint().size(), 32U);
}

TEST(GgufModel, ReadsTheTokenizer) {
    const TempDir folder;
    MicroGguf file;
    file.u32("tokenizer.ggml.eot_token_id", 6);
    file.u32("tokenizer.ggml.padding_token_id", 0xFFFFFFFF);
    const auto model = opened(file.write(folder / "a.gguf"));
    ASSERT_TRUE(model);
    const TokenizerSpec& spec = model->tokenizer;
    EXPECT_EQ(spec.kind, TokenizerKind::SentencePieceBpe);
    EXPECT_EQ(spec.tokens[7], "\u2581a");
    EXPECT_EQ(spec.scores[7], -5);
    EXPECT_EQ(spec.types[1], TokenType::Control);
    EXPECT_EQ(spec.bos, 1);
    EXPECT_EQ(spec.eos, 2);
    EXPECT_EQ(spec.unknown, 0);
    EXPECT_EQ(spec.end_of_turn, std::vector<std::int32_t>{6});
    EXPECT_TRUE(spec.add_bos);
    EXPECT_TRUE(spec.add_space_prefix);
}

void makeByteLevel(MicroGguf& file) {
    file.string("tokenizer.ggml.model", "gpt2");
    file.string("tokenizer.ggml.pre", "llama-bpe");
    file.drop("tokenizer.ggml.scores");
    file.set("tokenizer.ggml.merges", [](GgufWriter& out, const std::string& key) {
        out.strings(key, {"a b", "  x"});
    });
}

TEST(GgufModel, ReadsAByteLevelTokenizer) {
    const TempDir folder;
    MicroGguf file;
    makeByteLevel(file);
    const auto model = opened(file.write(folder / "a.gguf"));
    ASSERT_TRUE(model);
    EXPECT_EQ(model->tokenizer.kind, TokenizerKind::ByteLevelBpe);
    EXPECT_EQ(model->tokenizer.pre, "llama-bpe");
    ASSERT_EQ(model->tokenizer.merges.size(), 2U);
    EXPECT_EQ(model->tokenizer.merges[0], std::pair(std::string("a"), std::string("b")));
    EXPECT_EQ(model->tokenizer.merges[1], std::pair(std::string(" "), std::string("x")));
    EXPECT_TRUE(model->tokenizer.ignore_merges);
    EXPECT_TRUE(model->tokenizer.add_bos);
    EXPECT_FALSE(model->tokenizer.add_space_prefix);
}

struct Defect {
    const char* name;
    std::function<void(MicroGguf&)> make;
    const char* phrase;
};

void PrintTo(const Defect& defect, std::ostream* out) {
    *out << defect.name;
}

class GgufModelDefect : public testing::TestWithParam<Defect> {};

TEST_P(GgufModelDefect, IsRefusedByName) {
    const TempDir folder;
    MicroGguf file;
    GetParam().make(file);
    expectRefused(file.write(folder / "damaged.gguf"), GetParam().phrase);
}

const float kNan = std::numeric_limits<float>::quiet_NaN();

/// Four experts, two of them for each token.
void makeMixture(MicroGguf& f) {
    f.u32("llama.expert_count", 4), f.u32("llama.expert_used_count", 2);
    for (const char* name : {"gate", "up", "down"}) f.dropTensor("blk.0.ffn_" + std::string(name) + ".weight");
    f.matrix("blk.0.ffn_gate_inp.weight", 4, 32);
    f.tensor("blk.0.ffn_gate_exps.weight", {32, 64, 4}, 0, 4 * 8192);
    f.tensor("blk.0.ffn_up_exps.weight", {32, 64, 4}, 0, 4 * 8192);
    f.tensor("blk.0.ffn_down_exps.weight", {64, 32, 4}, 0, 4 * 8192);
}

const Defect kDefects[] = {
    {"ForeignArchitecture", [](MicroGguf& f) { f.string("general.architecture", "foo"); },
     "general.architecture is 'foo'; Lectern opens: llama, mistral3, smollm3, qwen2, qwen3, phi3, gemma2, gemma3."},
    {"PartThatReadsImages", [](MicroGguf& f) { f.string("general.architecture", "clip"); },
     "this reads images for another model (general.architecture is 'clip'): open that model's own file."},
    {"NoArchitecture", [](MicroGguf& f) { f.drop("general.architecture"); }, "general.architecture is missing"},
    {"ArchitectureNumber", [](MicroGguf& f) { f.u32("general.architecture", 1); },
     "general.architecture is a 32-bit number, expected a text"},
    {"ControlCharacters", [](MicroGguf& f) { f.string("general.architecture", "a\nb\x1b[1m"); }, "'a?b?[1m'"},
    {"NoLayers", [](MicroGguf& f) { f.drop("llama.block_count"); }, "llama.block_count is missing"},
    {"ZeroLayers", [](MicroGguf& f) { f.u32("llama.block_count", 0); }, "the number of layers is 0"},
    {"TooManyLayers", [](MicroGguf& f) { f.u32("llama.block_count", 4000000000U); }, "llama.block_count"},
    {"MoreLayersThanTensors", [](MicroGguf& f) { f.u32("llama.block_count", 2); },
     "the tensor blk.1.attn_norm.weight is missing"},
    {"FewerLayersThanTensors", [](MicroGguf& f) { f.matrix("blk.1.attn_q.weight", 32, 32); },
     "the tensor blk.1.attn_q.weight belongs to"},
    {"NegativeLayers", [](MicroGguf& f) { f.raw("llama.block_count", GgufKind::I32, "\xFF\xFF\xFF\xFF"); },
     "llama.block_count is -1"},
    {"HeadsPerLayer",
     [](MicroGguf& f) {
         f.set("llama.attention.head_count", [](GgufWriter& out, const std::string& key) { out.ints(key, {4}); });
     },
     "llama.attention.head_count is an array"},
    {"ZeroHeads", [](MicroGguf& f) { f.u32("llama.attention.head_count", 0); }, "attention heads is 0"},
    {"ZeroKvHeads", [](MicroGguf& f) { f.u32("llama.attention.head_count_kv", 0); }, "key/value heads is 0"},
    {"UnevenHeads", [](MicroGguf& f) { f.u32("llama.attention.head_count_kv", 3); }, "is not a multiple of"},
    {"UnevenHidden", [](MicroGguf& f) { f.u32("llama.attention.head_count", 5); }, "is not a multiple of"},
    {"UnequalHeadDims", [](MicroGguf& f) { f.u32("llama.attention.value_length", 16); }, "Lectern needs them equal"},
    {"OddHeadDim",
     [](MicroGguf& f) { f.u32("llama.attention.key_length", 12), f.u32("llama.attention.value_length", 12); },
     "the head dimension is 12"},
    {"OddRotation", [](MicroGguf& f) { f.u32("llama.rope.dimension_count", 5); }, "rotated dimensions is 5"},
    {"TooMuchRotation", [](MicroGguf& f) { f.u32("llama.rope.dimension_count", 16); }, "rotated dimensions is 16"},
    {"NanEpsilon", [](MicroGguf& f) { f.f32("llama.attention.layer_norm_rms_epsilon", kNan); }, "the epsilon of"},
    {"NoEpsilon", [](MicroGguf& f) { f.drop("llama.attention.layer_norm_rms_epsilon"); }, "epsilon is missing"},
    {"NegativeTheta", [](MicroGguf& f) { f.f32("llama.rope.freq_base", -1); }, "the base of the rotary"},
    {"LongRope", [](MicroGguf& f) { f.string("llama.rope.scaling.type", "longrope"); },
     "the rotary scaling is longrope, but rope_factors_long.weight is missing."},
    {"UnknownRope", [](MicroGguf& f) { f.string("llama.rope.scaling.type", "bent"); },
     "llama.rope.scaling.type is 'bent'; Lectern knows: none, linear, yarn, longrope."},
    {"ZeroDivisors", [](MicroGguf& f) { f.vector("rope_freqs.weight", 4); },
     "the divisors of the rotary frequencies are not one positive number for each pair"},
    {"WrongDivisors", [](MicroGguf& f) { f.vector("rope_freqs.weight", 8); }, "rope_freqs.weight is [8], expected [4]"},
    {"NormsOfHeads", [](MicroGguf& f) { f.vector("blk.0.attn_k_norm.weight", 8); },
     "the tensor blk.0.attn_k_norm.weight belongs to a kind of model"},
    {"NegativeWindow", [](MicroGguf& f) { f.raw("llama.attention.sliding_window", GgufKind::I32, "\xFF\xFF\xFF\xFF"); },
     "llama.attention.sliding_window is -1"},
    {"ExpertsNobodyUses", [](MicroGguf& f) { f.u32("llama.expert_count", 8); },
     "the number of experts for each token is 0, Lectern takes 1 to 8."},
    {"UseOfMoreExperts", [](MicroGguf& f) { makeMixture(f), f.u32("llama.expert_used_count", 5); },
     "the number of experts for each token is 5, Lectern takes 1 to 4."},
    {"UseOfNoExperts", [](MicroGguf& f) { makeMixture(f), f.u32("llama.expert_count", 0); },
     "the number of experts for each token is 2, Lectern takes 0 to 0."},
    {"HugeExperts", [](MicroGguf& f) { makeMixture(f), f.u32("llama.expert_count", 2'000'000'000); },
     "the number of experts is 2000000000, Lectern takes 0 to 512."},
    {"MoreExpertsThanStored", [](MicroGguf& f) { makeMixture(f), f.u32("llama.expert_count", 512); },
     "blk.0.ffn_gate_inp.weight is [4, 32], expected [512, 32]."},
    {"FewerExpertsThanRouted",
     [](MicroGguf& f) {
         makeMixture(f), f.tensor("blk.0.ffn_up_exps.weight", {32, 64, 3}, 0, 3 * 8192);
     },
     "blk.0.ffn_up_exps.weight is [3, 64, 32], expected [4, 64, 32]."},
    {"ExpertsAsOneMatrix", [](MicroGguf& f) { makeMixture(f), f.matrix("blk.0.ffn_down_exps.weight", 128, 64); },
     "blk.0.ffn_down_exps.weight is [128, 64], expected [4, 32, 64]."},
    {"NoRouter", [](MicroGguf& f) { makeMixture(f), f.dropTensor("blk.0.ffn_gate_inp.weight"); },
     "the tensor blk.0.ffn_gate_inp.weight is missing"},
    {"ExpertsOfOldFiles",
     [](MicroGguf& f) {
         makeMixture(f);
         f.dropTensor("blk.0.ffn_gate_exps.weight");
         f.matrix("blk.0.ffn_gate.0.weight", 64, 32);
     },
     "blk.0.ffn_gate.0.weight is one expert by itself, as old files have them"},
    {"OneNetworkBesideExperts", [](MicroGguf& f) { makeMixture(f), f.matrix("blk.0.ffn_up.weight", 64, 32); },
     "the tensor blk.0.ffn_up.weight belongs to a kind of model"},
    {"ExpertsWithoutCount",
     [](MicroGguf& f) { makeMixture(f), f.drop("llama.expert_count"), f.drop("llama.expert_used_count"); },
     "the tensor blk.0.ffn_gate.weight is missing"},
    {"SplitUnderAnotherName", [](MicroGguf& f) { f.raw("split.count", GgufKind::U16, std::string("\3\0", 2)); },
     "this is part 1 of 3, but its name does not end in -00001-of-00003.gguf"},
    {"SplitBeyondItsParts", [](MicroGguf& f) { f.u32("split.count", 3), f.u32("split.no", 3); },
     "this says it is part 4 of 3"},
    {"WrongShape", [](MicroGguf& f) { f.matrix("blk.0.attn_q.weight", 64, 32); },
     "blk.0.attn_q.weight is [64, 32], expected [32, 32]."},
    {"SwappedShape", [](MicroGguf& f) { f.matrix("blk.0.ffn_down.weight", 64, 32); },
     "blk.0.ffn_down.weight is [64, 32], expected [32, 64]."},
    {"ThreeDimensions",
     [](MicroGguf& f) {
         f.tensor("blk.0.attn_q.weight", {32, 8, 4}, 0, 4096);
     },
     "blk.0.attn_q.weight is [4, 8, 32]"},
    {"MissingNorm", [](MicroGguf& f) { f.dropTensor("output_norm.weight"); },
     "the tensor output_norm.weight is missing"},
    {"MatrixAsNorm", [](MicroGguf& f) { f.matrix("output_norm.weight", 32, 1); }, "output_norm.weight is [32, 1]"},
    {"QuantizedNorm", [](MicroGguf& f) { f.tensor("output_norm.weight", {32}, 8, 34); },
     "output_norm.weight is a vector stored as Q8_0"},
    {"UnsupportedType",
     [](MicroGguf& f) {
         f.tensor("blk.0.attn_q.weight", {32, 32}, 9, 36 * 32);
     },
     "blk.0.attn_q.weight is stored as Q8_1; Lectern computes with F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q2_K, "
     "Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL, IQ4_XS."},
    {"SuperBlockTooWide",
     [](MicroGguf& f) {
         f.tensor("blk.0.attn_q.weight", {32, 32}, 12, 144 * 32);
     },
     "blk.0.attn_q.weight has rows of 32 elements, Q4_K needs multiples of 256."},
    {"NormBias", [](MicroGguf& f) { f.vector("blk.0.attn_norm.bias", 32); }, "blk.0.attn_norm.bias belongs to"},
    {"LongBias", [](MicroGguf& f) { f.vector("blk.0.ffn_up.bias", 33); }, "blk.0.ffn_up.bias is [33], expected ["},
    {"WrongBias", [](MicroGguf& f) { f.vector("blk.0.attn_k.bias", 32); }, "blk.0.attn_k.bias is [32], expected [16]"},
    {"NoTokenizer", [](MicroGguf& f) { f.drop("tokenizer.ggml.model"); }, "the file has no tokenizer"},
    {"ForeignTokenizer", [](MicroGguf& f) { f.string("tokenizer.ggml.model", "bert"); },
     "tokenizer.ggml.model is 'bert'; Lectern reads: llama, gpt2, t5."},
    {"NoTokens", [](MicroGguf& f) { f.drop("tokenizer.ggml.tokens"); }, "tokenizer.ggml.tokens is missing"},
    {"FewerTokens",
     [](MicroGguf& f) {
         f.set("tokenizer.ggml.tokens", [](GgufWriter& out, const std::string& key) { out.strings(key, {"a", "b"}); });
         for (const char* key : {"bos", "eos"}) f.drop("tokenizer.ggml." + std::string(key) + "_token_id");
     },
     "2 tokens and 8 scores"},
    {"NumbersAsTokens",
     [](MicroGguf& f) {
         f.set("tokenizer.ggml.tokens", [](GgufWriter& out, const std::string& key) { out.ints(key, {1, 2}); });
     },
     "tokenizer.ggml.tokens holds a 32-bit number per entry"},
    {"VocabularyAgainstEmbedding", [](MicroGguf& f) { f.matrix("token_embd.weight", 9, 32); },
     "token_embd.weight is [9, 32], expected [8, 32]"},
    {"VocabSizeKey", [](MicroGguf& f) { f.u32("llama.vocab_size", 9); }, "llama.vocab_size is 9"},
    {"NoScores", [](MicroGguf& f) { f.drop("tokenizer.ggml.scores"); }, "tokenizer.ggml.scores is missing"},
    {"NanScore",
     [](MicroGguf& f) {
         f.set("tokenizer.ggml.scores", [](GgufWriter& out, const std::string& key) {
             out.floats(key, {0, 0, 0, 0, kNan, 0, 0, 0});
         });
     },
     "token 4 of the tokenizer has no score"},
    {"TokenTypeSeven",
     [](MicroGguf& f) {
         f.set("tokenizer.ggml.token_type", [](GgufWriter& out, const std::string& key) {
             out.ints(key, {7, 1, 1, 1, 1, 1, 1, 1});
         });
     },
     "tokenizer.ggml.token_type holds 7"},
    {"BosOutside", [](MicroGguf& f) { f.u32("tokenizer.ggml.bos_token_id", 8); },
     "tokenizer.ggml.bos_token_id is 8, the vocabulary has 8 tokens"},
    {"BoolOfTwo", [](MicroGguf& f) { f.raw("tokenizer.ggml.add_bos_token", GgufKind::Bool, "\2"); },
     "tokenizer.ggml.add_bos_token is 2"},
    {"NoMerges", [](MicroGguf& f) { makeByteLevel(f), f.drop("tokenizer.ggml.merges"); },
     "tokenizer.ggml.merges is missing"},
    {"MergeOfOne",
     [](MicroGguf& f) {
         makeByteLevel(f);
         f.set("tokenizer.ggml.merges", [](GgufWriter& out, const std::string& key) {
             out.strings(key, {"a b", "ab"});
         });
     },
     "tokenizer.ggml.merges holds 'ab', which is no pair"},
};

INSTANTIATE_TEST_SUITE_P(All, GgufModelDefect, testing::ValuesIn(kDefects),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(GgufModel, ReadsWhatSetsQwenApart) {
    const TempDir folder;
    for (const std::string architecture : {"qwen2", "qwen3"}) {
        const auto model = opened(writeTinyGguf(folder.path(), {.architecture = architecture}));
        ASSERT_TRUE(model);
        EXPECT_EQ(model->config.architecture, architecture);
        EXPECT_FALSE(model->config.rope.interleaved);
        EXPECT_EQ(model->layers[1].k_bias.size(), architecture == "qwen2" ? 32U : 0U);
        EXPECT_EQ(model->layers[1].k_norm.size(), architecture == "qwen3" ? 16U : 0U);
    }
}

TEST(GgufModel, ReadsTheExpertsOfMixtral) {
    const TempDir folder;
    const auto model = opened(writeTinyGguf(folder.path(), {.architecture = "mixtral", .experts = 5}));
    ASSERT_TRUE(model);
    EXPECT_EQ(model->config.architecture, "llama");
    EXPECT_EQ(std::pair(model->config.experts, model->config.experts_used), std::pair(5, 2));
    for (const LayerWeights& layer : model->layers) {
        expectShape(layer.router, 5, 64);
        ASSERT_EQ(layer.experts.size(), 5U);
        EXPECT_EQ(layer.gate.data, nullptr);
        EXPECT_EQ(layer.matrices().size(), 4U + 1 + 3 * 5);
        expectShape(layer.experts[4].gate, 128, 64);
        expectShape(layer.experts[4].down, 64, 128);
        EXPECT_EQ(layer.experts[4].up.data - layer.experts[0].up.data, std::ptrdiff_t(4) * 128 * 64 * 4);
    }
}

TEST(GgufModel, RefusesAMixtureOfExpertsOfAnotherArchitectureByName) {
    const TempDir folder;
    expectRefused(writeTinyGguf(folder.path(), {.architecture = "qwen3", .experts = 4}),
                  "this is a mixture of experts of the architecture 'qwen3'; Lectern opens those of: llama (Mixtral).");
}

TEST(GgufModel, RefusesAWindowThatNamesNoLayers) {
    const TempDir folder;
    expectRefused(writeTinyGguf(folder.path(), {.architecture = "qwen2", .window = 64}),
                  "qwen2.attention.sliding_window is 64, but the file does not say for which layers");
}

TEST(GgufModel, ReadsYarnDivisorsAndWindow) {
    const TempDir folder;
    auto model = opened(writeTinyGguf(folder.path(), {.rope_factor = 4, .rope_type = "yarn", .window = 99}));
    ASSERT_TRUE(model);
    const RopeScaling yarn = model->config.rope.scaling;
    EXPECT_EQ(yarn.type, RopeScalingType::Yarn);
    EXPECT_EQ(yarn.original_context, 64);
    EXPECT_DOUBLE_EQ(yarn.attention_factor, yarnAttentionFactor(4));
    EXPECT_EQ(model->config.windows, std::vector<int>(2, 99));
    model = opened(writeTinyGguf(folder.path(), {.rope_factor = 8, .rope_type = "llama3"}));
    ASSERT_TRUE(model);
    ASSERT_EQ(model->config.rope.divisors.size(), 8U);
    EXPECT_EQ(model->config.rope.divisors.front(), 1);
    EXPECT_EQ(model->config.rope.divisors.back(), 8);
}

TEST(GgufModel, RefusesANormThatIsNotFinite) {
    const TempDir folder;
    auto bytes = MicroGguf().writer().bytes();
    std::memcpy(bytes.data() + bytes.size() - 4, &kNan, 4);  // the last element of output_norm.weight
    const auto damaged = folder / "nan.gguf";
    std::ofstream(damaged, std::ios::binary) << bytes;
    expectRefused(damaged, "output_norm.weight holds a number that is not finite");
}

}  // namespace
}  // namespace lectern
