// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/model/convert.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <random>

#include "engine/model/weight_encoder.h"
#include "engine/text/pre_tokenizer_families.h"
#include "engine/text/tokenizer.h"
#include "kernels/dispatch.h"
#include "tests/engine/model/allocation_watch.h"
#include "tests/engine/model/opened_model.h"
#include "tests/support/test_data.h"
#include "tests/support/tiny_model.h"
#include "tests/support/weight_bytes.h"

namespace lectern {
namespace {

using test::opened;
using test::TempDir;
using test::TinyModelOptions;

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

/// How far `values` are from what they are stored as, as a share of their size.
double errorOf(WeightType type, const std::vector<float>& values) {
    std::vector<std::byte> stored(kernels::rowBytes(type, int(values.size())));
    encodeWeights(type, values, stored.data());
    std::vector<float> back(values.size());
    test::decodeWeights(type, stored.data(), back);
    double off = 0, size = 1e-300;
    for (std::size_t i = 0; i < values.size(); ++i) {
        off += std::pow(double(values[i]) - double(back[i]), 2);
        size += std::pow(double(values[i]), 2);
    }
    return std::sqrt(off / size);
}

std::vector<float> madeUp(float (*next)(std::mt19937& random, std::size_t i)) {
    std::mt19937 random(9);
    std::vector<float> values(256 * 40);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = next(random, i);
    return values;
}

float normalOf(std::mt19937& random) {
    return std::normal_distribution<float>()(random);
}

TEST(WeightEncoder, SuperBlocksAreCloserThanBlocksOfTheSameBits) {
    const auto normal = madeUp([](auto& random, std::size_t) { return 0.02F * normalOf(random); });
    EXPECT_LT(errorOf(WeightType::Q4_K, normal), 0.85 * errorOf(WeightType::Q4_0, normal));
    EXPECT_LT(errorOf(WeightType::Q4_K, normal), 0.072);
    const auto heavy = madeUp([](auto& random, std::size_t) { return std::pow(0.3F * normalOf(random), 3.0F); });
    EXPECT_LT(errorOf(WeightType::Q4_K, heavy), 0.85 * errorOf(WeightType::Q4_0, heavy));
    const auto shifted = madeUp([](auto& random, std::size_t) { return 0.3F - 0.01F * normalOf(random); });
    EXPECT_LT(errorOf(WeightType::Q4_K, shifted), errorOf(WeightType::Q4_0, shifted));
    const auto negative = madeUp([](auto& random, std::size_t) { return -0.3F + 0.02F * normalOf(random); });
    EXPECT_LT(errorOf(WeightType::Q4_K, negative), 0.4 * errorOf(WeightType::Q4_0, negative));
    const auto uneven =
        madeUp([](auto& random, std::size_t i) { return (i / 32 % 8 == 0 ? 8 : 1) * normalOf(random); });
    EXPECT_LT(errorOf(WeightType::Q4_K, uneven), 0.85 * errorOf(WeightType::Q4_0, uneven));
    EXPECT_LT(errorOf(WeightType::Q5_0, normal), 0.6 * errorOf(WeightType::Q4_0, normal));
}

TEST(WeightEncoder, SuperBlocksOfPlainValuesAreExactOrNearlySo) {
    EXPECT_EQ(errorOf(WeightType::Q4_K, std::vector<float>(256, 0.0F)), 0);
    for (const float value : {1.0F, -3.0F, 1e-3F, 6e4F})
        EXPECT_LT(errorOf(WeightType::Q4_K, std::vector<float>(256, value)), 2e-3) << value;
    std::vector<float> lonely(256, 0.0F);
    lonely[100] = -7;
    EXPECT_LT(errorOf(WeightType::Q4_K, lonely), 1e-3) << "one number among zeros";
    std::vector<float> steps(256);
    for (std::size_t i = 0; i < steps.size(); ++i) steps[i] = 0.25F * float(i % 16) - 1;
    EXPECT_LT(errorOf(WeightType::Q4_K, steps), 2e-3) << "sixteen levels";
    for (const float value : {3e38F, std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
        std::vector<float> broken(256, 1.0F);
        broken[40] = value;
        std::vector<std::byte> stored(kernels::rowBytes(WeightType::Q4_K, 256));
        encodeWeights(WeightType::Q4_K, broken, stored.data());
        std::vector<float> back(256);
        test::decodeWeights(WeightType::Q4_K, stored.data(), back);
        EXPECT_TRUE(std::all_of(back.begin(), back.end(), [](float x) { return std::isfinite(x); })) << value;
    }
}

TEST(WeightEncoder, RowsWithoutWholeBlocksAreWrittenAsWhatTheyHold) {
    EXPECT_EQ(writtenType(WeightType::Q4_K, 512), WeightType::Q4_K);
    EXPECT_EQ(writtenType(WeightType::Q4_K, 896), WeightType::Q5_0);
    EXPECT_EQ(writtenType(WeightType::Q4_K, 80), WeightType::F16);
    EXPECT_EQ(writtenType(WeightType::Q4_0, 896), WeightType::Q4_0);
    EXPECT_EQ(writtenType(WeightType::Q8_0, 80), WeightType::F16);
    EXPECT_EQ(writtenType(WeightType::F32, 7), WeightType::F32);
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
    {"mixtral", {.architecture = "mixtral", .experts = 3}},
    {"phi3", {.architecture = "phi3"}},
    {"gemma3", {.layers = 7, .tied = true, .rope_factor = 8, .architecture = "gemma3", .window = 100}},
    {"gemma2",
     {.layers = 3, .tied = true, .score_cap = 1.5F, .logit_cap = 2.5F, .architecture = "gemma2", .window = 100}},
    {"mistral3", {.kv_heads = 1, .rope_factor = 4, .rope_type = "yarn", .growth = 0.25F, .architecture = "mistral3"}},
    {"smollm3", {.layers = 5, .tied = true, .architecture = "smollm3"}},
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
        EXPECT_EQ(made->config.otherwise, source->config.otherwise) << one.name;
        EXPECT_EQ(made->config.rope.scaling.growth, source->config.rope.scaling.growth) << one.name;
        EXPECT_EQ(made->config.rope.scaling.growth_step, source->config.rope.scaling.growth_step) << one.name;
        EXPECT_EQ(made->tied, source->tied);
        const auto a = ropeFrequencies(made->config.rope), b = ropeFrequencies(source->config.rope);
        ASSERT_EQ(a.size(), b.size());
        for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i] / b[i], 1, 1e-6) << one.name;
        EXPECT_NEAR(made->config.rope.scaling.attention_factor, source->config.rope.scaling.attention_factor, 1e-6);
        EXPECT_EQ(valuesOf(made->embedding), valuesOf(source->embedding));
        for (std::size_t layer = 0; layer < source->layers.size(); ++layer) {
            EXPECT_EQ(valuesOf(made->layers[layer].v), valuesOf(source->layers[layer].v)) << one.name;
            const auto matrices = source->layers[layer].matrices(), written = made->layers[layer].matrices();
            ASSERT_EQ(written.size(), matrices.size()) << one.name;
            for (std::size_t i = 2; i < matrices.size(); ++i)  // queries and keys have their rows turned
                EXPECT_EQ(valuesOf(*written[i]), valuesOf(*matrices[i])) << one.name << ", matrix " << i;
        }
        EXPECT_EQ(made->config.experts, source->config.experts);
        EXPECT_EQ(made->config.score_cap, source->config.score_cap);
        EXPECT_EQ(made->config.logit_cap, source->config.logit_cap);
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
    for (const float scalar : {24.0F, 20.0F}) {  // √(hidden / heads), which its largest size divides by, and another
        const TempDir folder;
        const TinyModelOptions options{
            .layers = 62, .hidden = 96, .tied = true, .query_scalar = scalar, .architecture = "gemma3", .window = 100};
        const auto source = opened(test::writeTinyHfFolder(folder.path(), options));
        ASSERT_TRUE(source);
        const auto made = converted(*source, WeightType::F32, folder / "out.gguf");
        ASSERT_TRUE(made);
        for (std::size_t i = 0; i < 16; ++i)
            EXPECT_NEAR(made->layers[1].q_norm[i] * made->config.query_scale,
                        source->layers[1].q_norm[i] * source->config.query_scale, 1e-6);
        EXPECT_EQ(made->layers[1].post_ffn_norm, source->layers[1].post_ffn_norm);
        EXPECT_EQ(made->config.other_rope.theta, source->config.other_rope.theta);
    }
}

TEST(Convert, SmolLm3IsRefusedWhereGgufCannotSayWhichLayersTurn) {
    const TempDir folder;
    const auto place = test::writeTinyHfFolder(folder.path(), {.layers = 4, .tied = true, .architecture = "smollm3"});
    for (const char* turns : {"[1, 0, 1, 1]", "[1, 1, 1, 1]"}) {
        test::edit(place / "config.json", "\"hidden_size\"",
                   "\"no_rope_layers\": " + std::string(turns) + ", \"hidden_size\"");
        const auto source = opened(place);
        ASSERT_TRUE(source);
        const auto done = convertModel(*source, WeightType::F32, folder / "out.gguf", {}, {}, nullptr);
        ASSERT_FALSE(done) << turns;
        EXPECT_NE(done.error().message.find("cannot say which of its layers do not turn"), std::string::npos)
            << done.error().message;
        test::edit(place / "config.json", "\"no_rope_layers\": " + std::string(turns) + ", ", "");
    }
}

TEST(Convert, Gemma2IsRefusedWhereGgufCannotSayTheScaleOfItsScores) {
    const auto options = [](int layers, float scalar) {
        return TinyModelOptions{.layers = layers,
                                .hidden = 96,
                                .tied = true,
                                .query_scalar = scalar,
                                .architecture = "gemma2",
                                .window = 100};
    };
    const TempDir folder;
    const auto largest = opened(test::writeTinyHfFolder(folder.path(), options(46, 24)));
    ASSERT_TRUE(largest);
    const auto made = converted(*largest, WeightType::F32, folder / "out.gguf");
    ASSERT_TRUE(made);
    EXPECT_NEAR(made->config.query_scale, largest->config.query_scale, 1e-12);
    const auto odd = opened(test::writeTinyHfFolder(folder.path(), options(3, 24)));
    ASSERT_TRUE(odd);
    const auto refused = convertModel(*odd, WeightType::F32, folder / "odd.gguf", {}, {}, nullptr);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("by what it divides scores"), std::string::npos);
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

TEST(Convert, ToSuperBlocksTakesTheFinerTypeForRowsThatHoldNone) {
    const TempDir folder;
    const auto source =
        opened(test::writeTinyGguf(folder.path(), {.hidden = 256, .heads = 4, .head_dim = 32, .ffn = 80}));
    const auto made = converted(*source, WeightType::Q4_K, folder / "super.gguf");
    ASSERT_TRUE(made);
    EXPECT_EQ(made->embedding.type, WeightType::Q8_0);
    EXPECT_EQ(made->output.type, WeightType::Q8_0);
    EXPECT_EQ(made->layers[0].q.type, WeightType::Q4_K);
    EXPECT_EQ(made->layers[0].o.type, WeightType::Q5_0) << "rows of 128";
    EXPECT_EQ(made->layers[0].down.type, WeightType::F16) << "rows of 80";
    const auto wanted = valuesOf(source->layers[1].q), got = valuesOf(made->layers[1].q);
    double off = 0, size = 0;
    for (std::size_t i = 0; i < wanted.size(); ++i)
        off += std::pow(double(wanted[i] - got[i]), 2), size += std::pow(double(wanted[i]), 2);
    EXPECT_LT(std::sqrt(off / size), 0.08);
}

TEST(Convert, GivesTheSameFileWithManyThreads) {
    const TempDir folder;
    ThreadPool pool(3);
    const auto source = opened(test::writeTinyGguf(folder.path(), {.hidden = 256}));
    for (const WeightType type : {WeightType::Q4_K, WeightType::F16}) {
        ASSERT_TRUE(convertModel(*source, type, folder / "alone.gguf", {}, {}));
        ASSERT_TRUE(convertModel(*source, type, folder / "together.gguf", {}, {}, &pool));
        const auto bytesOf = [&](const char* name) {
            std::ifstream file(folder / name, std::ios::binary);
            return std::string(std::istreambuf_iterator<char>(file), {});
        };
        EXPECT_EQ(bytesOf("alone.gguf"), bytesOf("together.gguf"));
    }
}

/// However large a matrix is, a few MiB of it are in memory at once.
TEST(Convert, HoldsAChunkOfAMatrixAtATime) {
    const TempDir folder;
    const auto source = opened(test::writeTinyGguf(folder.path(), {.layers = 1, .vocab = 60000}));
    for (const WeightType type : {WeightType::Q4_K, WeightType::F32}) {
        std::size_t largest = 0;
        {
            const test::AllocationWatch watch;
            ASSERT_TRUE(convertModel(*source, type, folder / "out.gguf", {}, {}));
            largest = watch.largest();
        }
        EXPECT_LE(largest, std::size_t(5) << 20) << "the embedding has 15 MiB as F32";
    }
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
