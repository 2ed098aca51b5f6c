// SPDX-License-Identifier: GPL-3.0-or-later
// Hugging Face folders of Gemma-2 and Gemma-3, and of models that read images too.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>

#include "engine/model/model.h"
#include "tests/engine/model/expect_refused.h"
#include "tests/engine/model/opened_model.h"
#include "tests/support/test_data.h"
#include "tests/support/tiny_model.h"

namespace lectern {
namespace {

using std::filesystem::path;
using test::edit;
using test::expectRefused;
using test::opened;
using test::TempDir;
using test::TinyModelOptions;
using test::writeTinyHfFolder;

TinyModelOptions gemma3() {
    TinyModelOptions options{.layers = 7, .tied = true, .rope_theta = 1e6F, .query_scalar = 64, .rope_factor = 8};
    options.architecture = "gemma3";
    options.window = 100;
    return options;
}

TEST(HfGemma, ReadsGemma3InOldAndNewConfigurations) {
    const TempDir folder;
    const auto place = writeTinyHfFolder(folder.path(), gemma3());
    const auto old = opened(place);
    ASSERT_TRUE(old);
    const ModelConfig& c = old->config;
    EXPECT_EQ(c.windows, (std::vector<int>{100, 100, 100, 100, 100, 0, 100}));
    EXPECT_EQ(c.rope.scaling.type, RopeScalingType::Linear);
    EXPECT_EQ(c.other_rope.theta, 10000);
    EXPECT_EQ(c.other_rope.scaling.type, RopeScalingType::None);
    EXPECT_EQ(c.embedding_scale, 8);
    EXPECT_EQ(c.activation, Activation::GeluTanh);
    edit(place / "config.json", "\"rope_scaling\": {", R"("rope_parameters": {"full_attention":
        {"rope_type": "linear", "factor": 8, "rope_theta": 1000000}, "sliding_attention": {"rope_theta": 10000}}, "x": {)");
    edit(place / "config.json", "\"rope_theta\": 1e+06,", "");
    edit(place / "config.json", "\"sliding_window_pattern\": 6,",
         R"("layer_types": ["sliding_attention", "sliding_attention", "sliding_attention", "sliding_attention",
            "sliding_attention", "full_attention", "sliding_attention"],)");
    const auto fresh = opened(place);
    ASSERT_TRUE(fresh);
    EXPECT_EQ(fresh->fingerprint(), old->fingerprint());
    EXPECT_EQ(fresh->layers[0].q_norm, old->layers[0].q_norm);
    edit(place / "config.json", "\"tie_word", "\"final_logit_softcapping\": 30.0, \"tie_word");
    const auto bent = opened(place);
    ASSERT_TRUE(bent);
    EXPECT_EQ(bent->config.logit_cap, 30);
    EXPECT_NE(bent->fingerprint(), old->fingerprint());
}

TEST(HfGemma, OfAModelThatReadsImagesTooTheTextPartIsTheModelOfTextAlone) {
    const TempDir folder;
    const auto alone = opened(writeTinyHfFolder(folder / "alone", gemma3()));
    ASSERT_TRUE(alone);
    EXPECT_FALSE(alone->text_alone);
    for (const char* place : {"language_model.model.", "model.language_model."}) {
        for (const int shards : {1, 3}) {
            auto options = gemma3();
            options.text_part = place, options.shards = shards;
            const auto among = opened(writeTinyHfFolder(folder / place / std::to_string(shards), options));
            ASSERT_TRUE(among) << place;
            EXPECT_TRUE(among->text_alone);
            EXPECT_EQ(among->fingerprint(), alone->fingerprint()) << place;
            EXPECT_EQ(among->weights_bytes, alone->weights_bytes);
            EXPECT_EQ(among->tokenizer.end_of_turn, alone->tokenizer.end_of_turn);
        }
    }
}

/// As the published folders of Gemma-3 have it.
TEST(HfGemma, TextConfigLeavesUnsaidWhatItsClassKnows) {
    const TempDir folder;
    TinyModelOptions options{.layers = 7, .heads = 8, .kv_heads = 4, .head_dim = 256, .tied = true};
    options.architecture = "gemma3", options.window = 100, options.text_part = "language_model.model.";
    const auto place = writeTinyHfFolder(folder.path(), options);
    std::ofstream(place / "config.json") << R"({"architectures": ["Gemma3ForConditionalGeneration"],
        "eos_token_id": [1, 106], "model_type": "gemma3", "text_config": {"hidden_size": 64, "intermediate_size": 128,
        "model_type": "gemma3_text", "num_hidden_layers": 7, "rope_scaling": {"factor": 8.0, "rope_type": "linear"},
        "sliding_window": 1024, "vocab_size": 512}, "vision_config": {}})";
    const auto model = opened(place);
    ASSERT_TRUE(model);
    const ModelConfig& c = model->config;
    EXPECT_EQ(c.heads, 8);
    EXPECT_EQ(c.kv_heads, 4);
    EXPECT_EQ(c.head_dim, 256);
    EXPECT_EQ(c.trained_context, 131072);
    EXPECT_EQ(c.windows, (std::vector<int>{1024, 1024, 1024, 1024, 1024, 0, 1024}));
    EXPECT_EQ(c.rope.theta, 1e6);
    EXPECT_EQ(c.rope.scaling.factor, 8);
    EXPECT_EQ(c.other_rope.theta, 10000);
    EXPECT_EQ(c.query_scale, 1);
    EXPECT_TRUE(model->tied);
    edit(place / "config.json", "\"vocab_size\": 512", "\"x\": 1");
    expectRefused(place, "expected [262208, 64]");
    edit(place / "config.json", "\"vision_config\": {}", "\"quantization_config\": {}");
    expectRefused(place, "the weights are quantized");
    edit(place / "config.json", "\"text_config\"", "\"text\"");
    expectRefused(place, "quantization_config");
    edit(place / "config.json", "\"quantization_config\"", "\"vision_config\"");
    expectRefused(place, "text_config is missing");
}

TEST(HfGemma, OfAModelThatReadsImagesTooUnknownTensorsAreNamed) {
    const TempDir folder;
    auto options = gemma3();
    options.text_part = "some_model.model.";
    expectRefused(writeTinyHfFolder(folder.path(), options), "the tensor model.embed_tokens.weight is missing");
}

TEST(HfGemma, ReadsGemma2AndWhatItsConfigurationLeavesUnsaid) {
    const TempDir folder;
    TinyModelOptions options{.layers = 3, .tied = true, .query_scalar = 24, .score_cap = 1.5F, .logit_cap = 2.5F};
    options.architecture = "gemma2";
    options.window = 100;
    const auto place = writeTinyHfFolder(folder.path(), options);
    const auto said = opened(place);
    ASSERT_TRUE(said);
    EXPECT_EQ(said->config.windows, (std::vector<int>{100, 0, 100}));
    EXPECT_EQ(said->config.score_cap, 1.5F);
    EXPECT_EQ(said->config.logit_cap, 2.5F);
    EXPECT_NEAR(said->config.query_scale, std::sqrt(16.0 / 24), 1e-12);
    EXPECT_EQ(said->config.embedding_scale, 8);
    EXPECT_EQ(said->config.other_rope.dims, 0);
    edit(place / "config.json", "\"attn_logit_softcapping\": 1.5", "\"attn_logit_softcapping\": null");
    edit(place / "config.json", "\"final_logit_softcapping\": 2.5,", "");
    edit(place / "config.json", "\"sliding_window\": 100,", "");
    edit(place / "config.json", "\"query_pre_attn_scalar\": 24,", "");
    const auto silent = opened(place);
    ASSERT_TRUE(silent);
    EXPECT_EQ(silent->config.windows, (std::vector<int>{4096, 0, 4096}));
    EXPECT_EQ(silent->config.score_cap, 0);
    EXPECT_EQ(silent->config.logit_cap, 30);
    EXPECT_EQ(silent->config.query_scale, 0.25);
    EXPECT_NE(silent->fingerprint(), said->fingerprint());
    edit(place / "config.json", "\"attn_logit_softcapping\": null", "\"attn_logit_softcapping\": -1");
    expectRefused(place, "a cap of scores or logits is -1");
    edit(place / "config.json", "\"attn_logit_softcapping\": -1", "\"use_bidirectional_attention\": true");
    expectRefused(place, "tokens attend to later ones");
}

}  // namespace
}  // namespace lectern
