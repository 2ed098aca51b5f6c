// SPDX-License-Identifier: GPL-3.0-or-later
// The backward pass against central differences of plain loops in double precision.
#include <gtest/gtest.h>

#include "engine/calibrate/language_model_gradients.h"
#include "tests/engine/infer/plain_model.h"
#include "tests/support/test_data.h"

namespace lectern {
namespace {

struct Shape {
    const char* name;
    test::TinyModelOptions options;
    bool hugging_face;
};

class Gradients : public testing::TestWithParam<Shape> {};

/// Keys, values and their derivatives of every layer, copied.
struct Seen {
    std::vector<float> k, v, dk, dv;
};

TEST_P(Gradients, AgreeWithCentralDifferencesInDoublePrecision) {
    test::TempDir dir;
    const auto path = GetParam().hugging_face ? test::writeTinyHfFolder(dir.path(), GetParam().options)
                                              : test::writeTinyGguf(dir.path(), GetParam().options);
    auto model = Model::open(path);
    ASSERT_TRUE(model) << model.error().message;
    const ModelConfig& c = (*model)->config;
    const auto ids = test::randomTokens(140, c.vocab);  // more than one block of queries
    const auto channels = std::size_t(c.kv_heads * c.head_dim), size = ids.size() * channels;
    ThreadPool pool(2);
    LanguageModelGradients gradients(*model, pool, kernels::bestKernels());
    std::vector<Seen> seen(static_cast<std::size_t>(c.layers));
    const auto loss =
        gradients.run(ids,
                      [&](const KvGradients& g) {
                          ASSERT_EQ(g.tokens, int(ids.size()));
                          seen[std::size_t(g.layer)] = {
                              {g.k, g.k + size}, {g.v, g.v + size}, {g.dk, g.dk + size}, {g.dv, g.dv + size}};
                      },
                      {});
    ASSERT_TRUE(loss) << loss.error().message;
    test::PlainModel plain(**model);
    EXPECT_NEAR(*loss, plain.loss(ids, {}), 1e-4 * *loss);

    std::mt19937 random(11);
    for (const bool key : {true, false}) {
        for (int layer = 0; layer < c.layers; ++layer) {
            const auto& got = key ? seen[std::size_t(layer)].dk : seen[std::size_t(layer)].dv;
            double largest = 0;
            for (const float g : got) largest = std::max(largest, double(std::abs(g)));
            EXPECT_GT(largest, 0);
            for (int sample = 0; sample < 6; ++sample) {
                const int token = int(random() % (ids.size() - 1)), channel = int(random() % channels);
                const double step = 1e-4;
                const double up = plain.loss(ids, {layer, token, channel, key, step});
                const double down = plain.loss(ids, {layer, token, channel, key, -step});
                EXPECT_NEAR(double(got[std::size_t(token) * channels + std::size_t(channel)]), (up - down) / (2 * step),
                            2e-3 * largest)
                    << (key ? "key" : "value") << " of layer " << layer << ", token " << token << ", channel "
                    << channel;
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, Gradients,
    testing::Values(Shape{"GroupedQueries", test::shaped(4, 2, 16), false},
                    Shape{"OneKvHead", test::shaped(4, 1, 8), false}, Shape{"MultiHead", test::shaped(2, 2, 24), false},
                    Shape{"HalfSplitWithBias", test::shaped(4, 2, 16, kernels::WeightType::F32, false, true), true},
                    Shape{"KeyAndQueryNorm", test::traited("qwen3"), true},
                    Shape{"Bias", test::traited("qwen2", "yarn", 4), false},
                    Shape{"PartialYarn", test::traited("qwen3", "yarn", 4, 8), true},
                    Shape{"Llama3", test::traited("llama", "llama3", 8), false},
                    Shape{"Dynamic", test::traited("llama", "dynamic", 4), true},
                    Shape{"GemmaThree", test::gemma(), true}, Shape{"GemmaTwo", test::gemma2(24), true},
                    Shape{"SmolLmThree", test::smollm3(), true}, Shape{"MinistralThree", test::ministral3(), true},
                    Shape{"Mixtral", test::mixtral(), true},
                    Shape{"SlidingWindow", test::traited("mistral", "linear", 1, 0, 40), true},
                    Shape{"TiedQ8", test::shaped(4, 2, 16, kernels::WeightType::Q8_0, true), false}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(GradientsOfAModel, ForwardPassGivesTheSameKeysAndValues) {
    test::TempDir dir;
    auto model = Model::open(test::writeTinyGguf(dir.path()));
    ASSERT_TRUE(model);
    const auto ids = test::randomTokens(200, (*model)->config.vocab);
    const std::size_t size = ids.size() * std::size_t((*model)->config.kv_heads * (*model)->config.head_dim);
    ThreadPool pool(2);
    LanguageModelGradients gradients(*model, pool, kernels::bestKernels());
    std::vector<std::vector<float>> keys(std::size_t((*model)->config.layers)), again = keys;
    const auto into = [&](std::vector<std::vector<float>>& out) {
        return [&](const KvGradients& g) { out[std::size_t(g.layer)].assign(g.k, g.k + size); };
    };
    ASSERT_TRUE(gradients.forward(ids, into(keys), {}));
    ASSERT_TRUE(gradients.run(ids, into(again), {}));
    EXPECT_EQ(keys, again);
}

TEST(GradientsOfAModel, StopAndBadIdsAreErrors) {
    test::TempDir dir;
    auto model = Model::open(test::writeTinyGguf(dir.path()));
    ASSERT_TRUE(model);
    ThreadPool pool(1);
    LanguageModelGradients gradients(*model, pool, kernels::bestKernels());
    std::stop_source stop;
    stop.request_stop();
    const auto stopped = gradients.run(
        test::randomTokens(20, 300), [](const KvGradients&) {}, stop.get_token());
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, ErrorCode::Interrupted);
    const auto outside = gradients.run(std::vector<std::int32_t>{1, 2, -1}, [](const KvGradients&) {}, {});
    ASSERT_FALSE(outside);
    EXPECT_EQ(outside.error().code, ErrorCode::BadInput);
    EXPECT_FALSE(gradients.run(std::vector<std::int32_t>{1}, [](const KvGradients&) {}, {}));
}

}  // namespace
}  // namespace lectern
