// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/infer/mixture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/mixture.h"
#include "tests/engine/infer/model_shapes.h"
#include "tests/support/test_data.h"

namespace lectern {
namespace {

TEST(Route, GivesTheLargestLogitsTheirSoftmax) {
    const std::vector<float> logits = {0, 2, 1, -5, /* the next token */ 3, 3, 3, 4};
    Routing routing;
    route(logits.data(), 2, 4, 2, routing);
    ASSERT_EQ(routing.experts.size(), 4U);
    ASSERT_EQ(routing.experts[1].size(), 1U);
    ASSERT_EQ(routing.experts[2].size(), 1U);
    ASSERT_EQ(routing.experts[3].size(), 1U);
    ASSERT_EQ(routing.experts[0].size(), 1U) << "the lower number first on a tie";
    EXPECT_EQ(routing.experts[1][0].token, 0);
    EXPECT_EQ(routing.experts[0][0].token, 1);
    const float first = 1 / (1 + std::exp(-1.0F));
    EXPECT_FLOAT_EQ(routing.experts[1][0].weight, first);
    EXPECT_FLOAT_EQ(routing.experts[2][0].weight, 1 - first);
    EXPECT_FLOAT_EQ(routing.experts[3][0].weight, first);
}

/// What devices are held against.
TEST(Route, ChoosesAsTheReferenceTiesToo) {
    std::mt19937 random(5);
    for (const auto& [experts, used] : {std::pair{1, 1}, {8, 2}, {60, 60}, {512, 40}}) {
        const int tokens = 30;
        std::vector<float> logits(std::size_t(tokens * experts));
        for (float& logit : logits) logit = float(int(random() % 20)) / 4 - 2;
        Routing routing;
        route(logits.data(), tokens, experts, used, routing);
        std::vector<kernels::ExpertChoice> want(static_cast<std::size_t>(used));
        std::size_t places = 0;
        for (const auto& expert : routing.experts) places += expert.size();
        ASSERT_EQ(places, std::size_t(tokens * used));
        for (int token = 0; token < tokens; ++token) {
            kernels::chooseExpertsRef(logits.data() + token * experts, experts, used, want.data());
            for (const auto& [expert, weight] : want) {
                const auto& all = routing.experts[std::size_t(expert)];
                const auto place = std::ranges::find(all, token, &Routing::Place::token);
                ASSERT_NE(place, all.end()) << expert << " of " << experts;
                EXPECT_NEAR(place->weight, weight, 1e-6);
            }
        }
    }
}

TEST(Route, LogitsThatAreNoNumbersStayInBounds) {
    const float nan = std::numeric_limits<float>::quiet_NaN(), infinite = std::numeric_limits<float>::infinity();
    const std::vector<float> logits = {nan, nan, nan, nan, infinite, -infinite, nan, 0};
    Routing routing;
    route(logits.data(), 2, 4, 3, routing);
    std::size_t places = 0;
    for (const auto& expert : routing.experts) places += expert.size();
    EXPECT_EQ(places, 6U);
}

/// Few tokens and many take other paths through the products.
TEST(Mixture, ManyTokensAtOnceAreThoseOneByOne) {
    const test::TempDir folder;
    const auto model = Model::open(test::writeTinyGguf(folder.path(), test::mixtral()));
    ASSERT_TRUE(model) << model.error().message;
    const ModelConfig& c = (*model)->config;
    ThreadPool pool(2);
    Matmul matmul(pool, kernels::bestKernels());
    Mixture mixture(c, pool, kernels::bestKernels());
    constexpr int kTokens = 50;
    const auto width = std::size_t(c.hidden);
    std::vector<float> x(kTokens * width), together(x.size()), alone(x.size());
    std::mt19937 random(3);
    for (float& value : x) value = float(random() % 2001) / 1000 - 1;
    mixture.run((*model)->layers[1], x.data(), kTokens, matmul, together.data());
    for (std::size_t t = 0; t < kTokens; ++t)
        mixture.run((*model)->layers[1], x.data() + t * width, 1, matmul, alone.data() + t * width);
    for (std::size_t i = 0; i < x.size(); ++i) ASSERT_NEAR(together[i], alone[i], 1e-5);
    EXPECT_GE(mixture.scratchBytes(), kTokens * sizeof(float) * std::size_t(c.experts));
}

}  // namespace
}  // namespace lectern
