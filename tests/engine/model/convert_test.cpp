// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/model/convert.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <random>

#include "engine/model/weight_encoder.h"
#include "engine/text/pre_tokenizer_families.h"
#include "engine/text/tokenizer.h"
#include "kernels/dispatch.h"
#include "tests/support/test_data.h"
#include "tests/support/tiny_model.h"
#include "tests/support/weight_bytes.h"

namespace lectern {
namespace {

using test::TempDir;
using test::TinyModelOptions;

std::shared_ptr<const Model> opened(const std::filesystem::path& path) {
    auto model = Model::open(path);
    EXPECT_TRUE(model) << (model ? "" : model.error().message);
    return model ? *model : nullptr;
}

std::shared_ptr<const Model> converted(const Model& model, WeightType type, const std::filesystem::path& out) {
    const auto bytes = convertModel(model, type, out, {}, {});
    EXPECT_TRUE(bytes) << (bytes ? "" : bytes.error().message);
    EXPECT_EQ(bytes ? *bytes : 0, std::filesystem::file_size(out));
    return bytes ? opened(out) : nullptr;
}

std::vector<float> valuesOf(const WeightView& w) {
    std::vector<float> values(std::size_t(w.rows) * std::size_t(w.cols));
    kernels::bestKernels().weightRows(w, 0, w.rows, values.data());
    return values;
}

std::string tokenizerOf(const Model& model) {
    return (*Tokenizer::make(model.tokenizer))->fingerprint();
}

TEST(WeightEncoder, StoresAsTheReferenceDoes) {
    std::mt19937 random(3);
    std::normal_distribution<float> normal;
    std::vector<float> values(32 * 40);
    for (float& value : values) value = normal(random);
    std::fill_n(values.begin(), 32, 0.0F);
    std::fill_n(values.begin() + 32, 32, -3.0F);
    for (const char* name : {"f32", "F16", "bf16", "q8_0", "Q4_0"}) {
        const auto type = writableWeightType(name);
        ASSERT_TRUE(type) << name;
        std::string stored(kernels::rowBytes(*type, int(values.size())), '\0');
        encodeWeights(*type, values, reinterpret_cast<std::byte*>(stored.data()));
        EXPECT_EQ(stored, test::encodeWeights(*type, values)) << name;
    }
    EXPECT_FALSE(writableWeightType("Q6_K"));
    EXPECT_FALSE(writableWeightType(""));
}

struct Case {
    const char* name;
    TinyModelOptions options;
};

const Case kCases[] = {
    {"llama", {.kv_heads = 1, .attention_bias = true, .chat_template = "{{ messages }}"}},
    {"partial", {.rotated = 8}},
    {"linear", {.tied = true, .rope_factor = 4}},
    {"llama3", {.rope_factor = 8, .rope_type = "llama3"}},
    {"yarn", {.rope_factor = 4, .rope_type = "yarn", .architecture = "qwen2"}},
    {"mistral", {.architecture = "mistral", .window = 100}},
    {"qwen3", {.architecture = "qwen3"}},
    {"phi3", {.architecture = "phi3"}},
    {"gemma3", {.layers = 7, .tied = true, .rope_factor = 8, .architecture = "gemma3", .window = 100}},
    {"biases", {.attention_bias = true, .mlp_bias = true}},
};

TEST(Convert, OfAFolderIsTheGgufThatSaysTheSame) {
    for (const Case& one : kCases) {
        const TempDir folder;
        const auto source = opened(test::writeTinyHfFolder(folder.path(), one.options));
        ASSERT_TRUE(source) << one.name;
        const auto made = converted(*source, WeightType::F32, folder / "out.gguf");
        ASSERT_TRUE(made) << one.name;
        EXPECT_EQ(tokenizerOf(*made), tokenizerOf(*source)) << one.name;
        EXPECT_EQ(made->tokenizer.end_of_turn, source->tokenizer.end_of_turn);
        EXPECT_EQ(made->chat_template, source->chat_template);
        EXPECT_EQ(made->config.trained_context, source->config.trained_context);
        EXPECT_EQ(made->config.windows, source->config.windows) << one.name;
        EXPECT_EQ(made->tied, source->tied);
        const auto a = ropeFrequencies(made->config.rope), b = ropeFrequencies(source->config.rope);
        ASSERT_EQ(a.size(), b.size());
        for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i] / b[i], 1, 1e-6) << one.name;
        EXPECT_NEAR(made->config.rope.scaling.attention_factor, source->config.rope.scaling.attention_factor, 1e-6);
        EXPECT_EQ(valuesOf(made->embedding), valuesOf(source->embedding));
        for (std::size_t layer = 0; layer < source->layers.size(); ++layer) {
            EXPECT_EQ(valuesOf(made->layers[layer].v), valuesOf(source->layers[layer].v)) << one.name;
            EXPECT_EQ(valuesOf(made->layers[layer].gate), valuesOf(source->layers[layer].gate)) << one.name;
            EXPECT_EQ(valuesOf(made->layers[layer].down), valuesOf(source->layers[layer].down)) << one.name;
        }
    }
}

TEST(Convert, UnigramTokenizersKeepTheirIds) {
    for (const char* name : {"hf-map", "hf-bytes"}) {
        const TempDir folder;
        const auto place = test::writeTinyHfFolder(folder.path(), {.vocab = 704});
        std::filesystem::copy_file(
            std::filesystem::path(LECTERN_SOURCE_DIR) / "tests/parity/tokenizers" / name / "tokenizer.json",
            place / "tokenizer.json", std::filesystem::copy_options::overwrite_existing);
        const auto source = opened(place);
        ASSERT_TRUE(source) << name;
        const auto made = converted(*source, WeightType::F16, folder / "out.gguf");
        ASSERT_TRUE(made) << name;
        EXPECT_EQ(made->tokenizer.kind, TokenizerKind::SentencePieceUnigram);
        EXPECT_EQ(tokenizerOf(*made), tokenizerOf(*source)) << name;
    }
}

TEST(Convert, Gemma3KeepsItsScoresWhereGgufCannotSayTheirScale) {
    const TempDir folder;
    const TinyModelOptions options{
        .layers = 62, .hidden = 96, .tied = true, .query_scalar = 24, .architecture = "gemma3", .window = 100};
    const auto source = opened(test::writeTinyHfFolder(folder.path(), options));
    ASSERT_TRUE(source);
    const auto made = converted(*source, WeightType::F32, folder / "out.gguf");
    ASSERT_TRUE(made);
    for (std::size_t i = 0; i < 16; ++i)
        EXPECT_NEAR(made->layers[1].q_norm[i], source->layers[1].q_norm[i], 1e-6F * source->layers[1].q_norm[i]);
    EXPECT_EQ(made->layers[1].post_ffn_norm, source->layers[1].post_ffn_norm);
    EXPECT_EQ(made->config.local_rope.theta, source->config.local_rope.theta);
}

/// The tiny GGUF and the tiny folder of the same options are the same model: rows of q and k must lie alike.
TEST(Convert, TurnsTheRowsOfQueriesAndKeysAsGgufHasThem) {
    for (const int rotated : {0, 8}) {
        const TempDir folder;
        const TinyModelOptions options{.attention_bias = true, .rotated = rotated};
        const auto made =
            converted(*opened(test::writeTinyHfFolder(folder.path(), options)), WeightType::F32, folder / "out.gguf");
        const auto direct = opened(test::writeTinyGguf(folder.path(), options));
        ASSERT_TRUE(made && direct);
        for (std::size_t layer = 0; layer < direct->layers.size(); ++layer) {
            EXPECT_EQ(valuesOf(made->layers[layer].q), valuesOf(direct->layers[layer].q));
            EXPECT_EQ(valuesOf(made->layers[layer].k), valuesOf(direct->layers[layer].k));
            EXPECT_EQ(made->layers[layer].q_bias, direct->layers[layer].q_bias);
            EXPECT_EQ(made->layers[layer].k_bias, direct->layers[layer].k_bias);
        }
    }
}

TEST(Convert, QuantizesMatricesAndKeepsTheEndsFiner) {
    const TempDir folder;
    const auto source = opened(test::writeTinyGguf(folder.path(), {.ffn = 80}));
    const auto eight = converted(*source, WeightType::Q8_0, folder / "eight.gguf");
    const auto four = converted(*source, WeightType::Q4_0, folder / "four.gguf");
    ASSERT_TRUE(eight && four);
    EXPECT_EQ(eight->layers[0].q.type, WeightType::Q8_0);
    EXPECT_EQ(eight->layers[0].down.type, WeightType::F16) << "rows of 80 hold no whole blocks";
    EXPECT_EQ(four->layers[0].q.type, WeightType::Q4_0);
    EXPECT_EQ(four->output.type, WeightType::Q8_0);
    EXPECT_EQ(four->embedding.type, WeightType::Q8_0);
    EXPECT_LT(four->weights_bytes, eight->weights_bytes);
    EXPECT_LT(eight->weights_bytes, source->weights_bytes / 2);
}

TEST(Convert, OfItsOwnFileOrWhatGgufCannotSayIsRefused) {
    const TempDir folder;
    const auto path = test::writeTinyGguf(folder.path());
    const auto model = opened(path);
    const auto same = convertModel(*model, WeightType::F16, path, {}, {});
    ASSERT_FALSE(same);
    EXPECT_EQ(same.error().code, ErrorCode::Usage);
    const auto dynamic = opened(test::writeTinyHfFolder(folder.path(), {.rope_factor = 4, .rope_type = "dynamic"}));
    const auto refused = convertModel(*dynamic, WeightType::F16, folder / "a.gguf", {}, {});
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("cannot say its rotary scaling (dynamic)"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(folder / "a.gguf"));
}

TEST(Convert, LeavesNothingBehindWhereItFailsOrIsStopped) {
    const TempDir folder;
    const auto model = opened(test::writeTinyGguf(folder.path()));
    const auto nowhere = convertModel(*model, WeightType::F16, folder / "absent/a.gguf", {}, {});
    ASSERT_FALSE(nowhere);
    EXPECT_EQ(nowhere.error().code, ErrorCode::Failed);
    const auto out = folder / "a.gguf";
    std::ofstream(out) << "an older file";
    std::stop_source stop;
    const auto stopped = convertModel(
        *model, WeightType::F16, out, [&](double) { stop.request_stop(); }, stop.get_token());
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, ErrorCode::Interrupted);
    EXPECT_EQ(std::filesystem::file_size(out), 13U) << "the older file stays";
    EXPECT_FALSE(std::filesystem::exists(out.string() + ".part"));
}

TEST(Convert, KeepsWhatGgufHasNoKeyFor) {
    const TempDir folder;
    Model source = *opened(test::writeTinyGguf(folder.path()));
    source.tokenizer.normal_form = NormalForm::Nfkc;
    source.tokenizer.prefix_after_special = false;
    source.tokenizer.prefix_if_missing = true;
    source.tokenizer.end_of_turn = {5, 7};
    source.quote_absent = "Nothing.";
    const auto made = converted(source, WeightType::F16, folder / "out.gguf");
    ASSERT_TRUE(made);
    EXPECT_EQ(tokenizerOf(*made), tokenizerOf(source));
    EXPECT_EQ(made->tokenizer.end_of_turn, source.tokenizer.end_of_turn);
    EXPECT_EQ(made->quote_absent, "Nothing.");
}

TEST(Convert, NamesThePreTokenizerOthersKnow) {
    EXPECT_EQ(preTokenizerName("qwen2", {}), "qwen2");
    EXPECT_EQ(preTokenizerName("", preTokenizerFamily("llama-bpe")->regexes), "llama-bpe");
    EXPECT_EQ(preTokenizerName("", {"[abc]+"}), "unnamed");
}

TEST(Convert, KeepsTokenizersOfEveryKind) {
    const TempDir folder;
    for (const char* name : {"models/stories260K/stories260K.gguf", "models/TinyStories-656K"}) {
        const auto path = test::testData(name);
        if (!path) GTEST_SKIP() << "no public test data";
        const auto source = opened(*path);
        const auto made = converted(*source, WeightType::F16, folder / "out.gguf");
        ASSERT_TRUE(made);
        EXPECT_EQ(tokenizerOf(*made), tokenizerOf(*source)) << name;
    }
}

}  // namespace
}  // namespace lectern
