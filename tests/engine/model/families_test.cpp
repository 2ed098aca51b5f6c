// SPDX-License-Identifier: GPL-3.0-or-later
// What files of well-known families say beyond the usual, as different converters write them.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "engine/model/model.h"
#include "engine/text/tokenizer.h"
#include "tests/engine/model/expect_refused.h"
#include "tests/engine/model/micro_gguf.h"
#include "tests/engine/model/opened_model.h"
#include "tests/support/test_data.h"
#include "tests/support/tiny_model.h"

namespace lectern {
namespace {

using test::edit;
using test::expectRefused;
using test::GgufKind;
using test::GgufWriter;
using test::MicroGguf;
using test::opened;
using test::TempDir;
using test::TinyModelOptions;
using test::writeTinyHfFolder;

constexpr int kLayers = 4;

/// The smallest file of another architecture, with four layers.
MicroGguf micro(const std::string& architecture) {
    using M = MicroGguf;
    MicroGguf f;
    const std::string key = architecture + ".";
    f.string("general.architecture", architecture);
    f.u32(key + "block_count", kLayers), f.u32(key + "context_length", 4096);
    f.u32(key + "embedding_length", M::kHidden), f.u32(key + "feed_forward_length", M::kFfn);
    f.u32(key + "attention.head_count", M::kHeads), f.u32(key + "attention.head_count_kv", M::kKvHeads);
    f.f32(key + "attention.layer_norm_rms_epsilon", 1e-6F);
    for (int layer = 0; layer < kLayers; ++layer) {
        const std::string blk = "blk." + std::to_string(layer) + ".";
        f.vector(blk + "attn_norm.weight", M::kHidden), f.vector(blk + "ffn_norm.weight", M::kHidden);
        f.matrix(blk + "attn_q.weight", M::kHeads * M::kHeadDim, M::kHidden);
        f.matrix(blk + "attn_k.weight", M::kKvHeads * M::kHeadDim, M::kHidden);
        f.matrix(blk + "attn_v.weight", M::kKvHeads * M::kHeadDim, M::kHidden);
        f.matrix(blk + "attn_output.weight", M::kHidden, M::kHeads * M::kHeadDim);
        f.matrix(blk + "ffn_gate.weight", M::kFfn, M::kHidden), f.matrix(blk + "ffn_up.weight", M::kFfn, M::kHidden);
        f.matrix(blk + "ffn_down.weight", M::kHidden, M::kFfn);
        if (architecture != "gemma3") continue;
        f.vector(blk + "attn_q_norm.weight", M::kHeadDim), f.vector(blk + "attn_k_norm.weight", M::kHeadDim);
        f.vector(blk + "post_attention_norm.weight", M::kHidden), f.vector(blk + "post_ffw_norm.weight", M::kHidden);
    }
    return f;
}

void setPattern(MicroGguf& f, const std::string& flags) {
    const std::uint32_t element = 7;  // truth values
    const std::uint64_t count = flags.size();
    std::string payload(reinterpret_cast<const char*>(&element), 4);
    payload.append(reinterpret_cast<const char*>(&count), 8);
    f.raw("gemma3.attention.sliding_window_pattern", GgufKind::Array, payload + flags);
}

TEST(Families, Gemma3SaysInSeveralWaysWhichLayersHaveWindows) {
    const TempDir folder;
    MicroGguf file = micro("gemma3");
    const auto windows = [&] { return opened(file.write(folder / "a.gguf"))->config.windows; };
    file.u32("gemma3.attention.sliding_window", 512);
    EXPECT_EQ(windows(), (std::vector<int>{512, 512, 512, 512}));  // every sixth has none
    file.u32("gemma3.attention.sliding_window_pattern", 3);
    EXPECT_EQ(windows(), (std::vector<int>{512, 512, 0, 512}));
    file.u32("gemma3.attention.sliding_window_pattern", 1);
    EXPECT_EQ(windows(), std::vector<int>());
    setPattern(file, std::string("\1\0\0\1", 4));
    EXPECT_EQ(windows(), (std::vector<int>{512, 0, 0, 512}));
    setPattern(file, "\1\1\1");
    expectRefused(file.write(folder / "b.gguf"), "sliding_window_pattern has 3 entries, the model has 4 layers.");
    file.set("gemma3.attention.sliding_window_pattern", [](GgufWriter& out, const std::string& key) {
        out.ints(key, {1, 1, 1, 0});
    });
    expectRefused(file.write(folder / "b.gguf"), "holds a 32-bit number per entry, expected truth values.");
    file.drop("gemma3.attention.sliding_window");
    EXPECT_EQ(windows(), std::vector<int>());
}

TEST(Families, Gemma3SaysInSeveralWaysHowItTurnsAndWhereItBendsLogits) {
    const TempDir folder;
    MicroGguf file = micro("gemma3");
    file.u32("gemma3.attention.sliding_window", 512);
    auto model = opened(file.write(folder / "a.gguf"));
    ASSERT_TRUE(model);
    EXPECT_EQ(model->config.rope.theta, 1e6);
    EXPECT_EQ(model->config.other_rope.theta, 1e4);
    EXPECT_EQ(model->config.logit_cap, 0);
    file.f32("gemma3.rope.global.freq_base", 2e6F), file.f32("gemma3.rope.local.freq_base", 2e4F);
    file.f32("gemma3.final_logit_softcapping", 30);
    model = opened(file.write(folder / "b.gguf"));
    ASSERT_TRUE(model);
    EXPECT_EQ(model->config.rope.theta, 2e6);
    EXPECT_EQ(model->config.other_rope.theta, 2e4);
    EXPECT_EQ(model->config.logit_cap, 30);
    EXPECT_EQ(model->config.score_cap, 0);
    file.f32("gemma3.rope.freq_base", 3e6F), file.f32("gemma3.rope.freq_base_swa", 3e4F);
    model = opened(file.write(folder / "c.gguf"));
    ASSERT_TRUE(model);
    EXPECT_EQ(model->config.rope.theta, 3e6);
    EXPECT_EQ(model->config.other_rope.theta, 3e4);
}

TEST(Families, OfSmolLm3EveryFourthLayerDoesNotTurn) {
    const TempDir folder;
    MicroGguf file = micro("smollm3");
    const auto model = opened(file.write(folder / "a.gguf"));
    ASSERT_TRUE(model);
    EXPECT_EQ(model->config.otherwise, (std::vector<bool>{false, false, false, true}));
    EXPECT_EQ(model->config.other_rope.dims, 0);
    EXPECT_EQ(model->config.rope.theta, 2e6);
    EXPECT_TRUE(model->config.rope.interleaved);
    EXPECT_EQ(model->config.windows, std::vector<int>());
}

TEST(Families, FoldersOfSmolLm3SayInSeveralWaysWhichLayersTurn) {
    const TempDir folder;
    TinyModelOptions options;
    options.architecture = "smollm3", options.layers = 5;
    const auto place = writeTinyHfFolder(folder.path(), options);
    const auto opens = [&](const std::vector<bool>& still) {
        const auto model = opened(place);
        ASSERT_TRUE(model);
        EXPECT_EQ(model->config.otherwise, still);
        EXPECT_EQ(model->config.other_rope.dims, 0);
    };
    opens({false, false, false, true, false});
    const std::string silent = opened(place)->fingerprint();
    edit(place / "config.json", "\"hidden_size\"", "\"no_rope_layer_interval\": 2, \"hidden_size\"");
    opens({false, true, false, true, false});
    const std::string every_other = opened(place)->fingerprint();
    EXPECT_NE(every_other, silent);
    edit(place / "config.json", "\"hidden_size\"", "\"no_rope_layers\": [0, 1, 0, 1, 1, 0], \"hidden_size\"");
    opens({true, false, true, false, false});
    EXPECT_NE(opened(place)->fingerprint(), every_other);
    edit(place / "config.json", "[0, 1, 0, 1, 1, 0]", "[1, 1, 1, 1, 1]");
    opens({});
    edit(place / "config.json", "[1, 1, 1, 1, 1]", "[1, 1, 0]");
    expectRefused(place, "no_rope_layers has 3 entries, the model has 5 layers.");
    edit(place / "config.json", "[1, 1, 0]", "\"all\"");
    expectRefused(place, "no_rope_layers");
    edit(place / "config.json", "2, \"no_rope_layers\": \"all\"", "0");
    expectRefused(place, "no_rope_layer_interval is 0.");
    edit(place / "config.json", "\"no_rope_layer_interval\": 0", "\"use_sliding_window\": true");
    expectRefused(place, "layers that do not turn have windows (use_sliding_window), which Lectern does not do.");
}

TEST(Families, Mistral3IsLlamaButForQueriesThatGrow) {
    const TempDir folder;
    MicroGguf file = micro("mistral3");
    auto model = opened(file.write(folder / "a.gguf"));
    ASSERT_TRUE(model);
    EXPECT_TRUE(model->config.rope.interleaved);
    EXPECT_EQ(model->config.windows, std::vector<int>());
    file.string("mistral3.rope.scaling.type", "yarn"), file.f32("mistral3.rope.scaling.factor", 16);
    file.u32("mistral3.rope.scaling.original_context_length", 256);
    file.f32("mistral3.rope.scaling.yarn_log_multiplier", 1);
    model = opened(file.write(folder / "b.gguf"));
    ASSERT_TRUE(model);
    EXPECT_DOUBLE_EQ(model->config.rope.scaling.attention_factor, 1);
    EXPECT_EQ(model->config.rope.scaling.growth, 0);
    const auto growth = [&] {
        const auto grown = opened(file.write(folder / "c.gguf"));
        EXPECT_NE(grown->fingerprint(), model->fingerprint());
        return std::pair(float(grown->config.rope.scaling.growth), grown->config.rope.scaling.growth_step);
    };
    file.f32("mistral3.attention.temperature_scale", 0.1F);
    EXPECT_EQ(growth(), std::pair(0.1F, 256));
    file.u32("mistral3.attention.temperature_length", 128);
    EXPECT_EQ(growth(), std::pair(0.1F, 128));
    file.u32("mistral3.attention.temperature_length", 0);
    expectRefused(file.write(folder / "d.gguf"), "by steps of 0 tokens; both must be positive numbers.");
    file.f32("mistral3.attention.temperature_scale", -0.1F);
    expectRefused(file.write(folder / "d.gguf"), "the growth of queries is -0.1");
    file = micro("llama");
    file.f32("llama.attention.temperature_scale", 0.1F);
    expectRefused(file.write(folder / "e.gguf"),
                  "llama.attention.temperature_scale is set: the model scales queries by their position");
}

TEST(Families, OfMistralsThatReadImagesTheTextPartIsTheModelOfTextAlone) {
    const TempDir folder;
    TinyModelOptions options;
    options.architecture = "mistral";
    const auto alone = opened(writeTinyHfFolder(folder / "alone", options));
    ASSERT_TRUE(alone);
    options.text_part = "language_model.model.";
    const auto place = writeTinyHfFolder(folder / "among", options);
    const auto among = opened(place);
    ASSERT_TRUE(among);
    EXPECT_TRUE(among->text_alone);
    EXPECT_EQ(among->config.architecture, "mistral3");
    EXPECT_EQ(among->weights_bytes, alone->weights_bytes);
    EXPECT_EQ(ropeFrequencies(among->config.rope), ropeFrequencies(alone->config.rope));
}

TEST(Families, FoldersOfMinistral3SayHowQueriesGrow) {
    const TempDir folder;
    TinyModelOptions options;
    options.architecture = "mistral3", options.rope_type = "yarn", options.rope_factor = 16, options.growth = 0.1F;
    const auto place = writeTinyHfFolder(folder.path(), options);
    const auto model = opened(place);
    ASSERT_TRUE(model);
    const RopeScaling& scaling = model->config.rope.scaling;
    EXPECT_EQ(scaling.type, RopeScalingType::Yarn);
    EXPECT_DOUBLE_EQ(scaling.attention_factor, 1);
    EXPECT_DOUBLE_EQ(scaling.growth, 0.1);
    EXPECT_EQ(scaling.growth_step, 64);
    EXPECT_EQ(queryGrowth(scaling, 63), 1);
    EXPECT_DOUBLE_EQ(queryGrowth(scaling, 64), 1 + 0.1 * std::log(2));
    EXPECT_DOUBLE_EQ(queryGrowth(scaling, 1'000'000), 1 + 0.1 * std::log(15626));
    edit(place / "config.json", "\"rope_parameters\"", "\"rope_other\"");
    expectRefused(place, "rope_parameters is missing");
    edit(place / "config.json", "\"rope_other\"", "\"rope_parameters\"");
    edit(place / "config.json", "Ministral3ForCausalLM", "LlamaForCausalLM");
    expectRefused(place, "queries are scaled by their position (llama_4_scaling_beta), which Lectern does not do.");
}

/// tokenizer.ggml.pre of published files whose architecture Lectern opens.
TEST(Families, EveryWayToCutTextOfFilesThatPeopleHaveIsKnown) {
    const TempDir folder;
    for (const std::string pre :
         {"default",     "llama-bpe",  "llama-v3",     "llama3",  "llama4",    "qwen2",     "deepseek-r1-qwen",
          "deepseek-v3", "gpt-4o",     "deepseek-llm", "smollm",  "tekken",    "dbrx",      "deepseek-coder",
          "starcoder",   "stablelm2",  "falcon3",      "pixtral", "command-r", "smaug-bpe", "chatglm-bpe",
          "viking",      "minerva-7b", "midm-2.0",     "exaone4", "phi-2",     "mellum",    "a.x-4.0",
          "seed-coder",  "kormo",      "minicpm5",     "qwen35",  "megrez",    "hunyuan",   "refact"}) {
        MicroGguf file;
        file.string("tokenizer.ggml.model", "gpt2"), file.string("tokenizer.ggml.pre", pre);
        file.drop("tokenizer.ggml.scores");
        file.set("tokenizer.ggml.merges", [](GgufWriter& out, const std::string& key) { out.strings(key, {"a b"}); });
        const auto model = opened(file.write(folder / "a.gguf"));
        ASSERT_TRUE(model) << pre;
        const auto tokenizer = Tokenizer::make(model->tokenizer);
        ASSERT_TRUE(tokenizer) << pre << ": " << tokenizer.error().message;
        EXPECT_EQ((*tokenizer)->encode("ab"), std::vector<TokenId>{6}) << pre;
    }
}

}  // namespace
}  // namespace lectern
