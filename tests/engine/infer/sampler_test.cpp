// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/infer/sampler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

namespace lectern {
namespace {

const std::vector<float> kLogits = {std::log(0.5F), std::log(0.3F), std::log(0.15F), std::log(0.05F)};

std::map<std::int32_t, int> draw(const SamplerSettings& settings, int times) {
    Sampler sampler(settings);
    std::map<std::int32_t, int> counts;
    for (int i = 0; i < times; ++i) {
        auto logits = kLogits;
        ++counts[sampler.pick(logits, {})];
    }
    return counts;
}

TEST(Sampler, GreedyTakesTheLikeliest) {
    EXPECT_EQ(draw({}, 50)[0], 50);
}

TEST(Sampler, DrawsInProportionToProbability) {
    SamplerSettings settings;
    settings.temperature = 1;
    auto counts = draw(settings, 20000);
    EXPECT_NEAR(counts[0] / 20000.0, 0.5, 0.02);
    EXPECT_NEAR(counts[3] / 20000.0, 0.05, 0.01);
}

TEST(Sampler, SameSeedSameDraws) {
    SamplerSettings settings;
    settings.temperature = 1;
    settings.seed = 42;
    Sampler a(settings), b(settings);
    settings.seed = 43;
    Sampler c(settings);
    int differs = 0;
    for (int i = 0; i < 200; ++i) {
        auto x = kLogits, y = kLogits, z = kLogits;
        const auto first = a.pick(x, {});
        EXPECT_EQ(first, b.pick(y, {}));
        differs += first != c.pick(z, {}) ? 1 : 0;
    }
    EXPECT_GT(differs, 20);
}

TEST(Sampler, TopKTopPAndMinPCutTheTail) {
    SamplerSettings top_k, top_p, min_p;
    top_k.temperature = top_p.temperature = min_p.temperature = 1;
    top_k.top_k = 2;
    top_p.top_p = 0.75;
    min_p.min_p = 0.25;
    EXPECT_EQ(draw(top_k, 2000).size(), 2U);
    EXPECT_EQ(draw(top_p, 2000).size(), 2U);
    EXPECT_EQ(draw(min_p, 2000).size(), 3U);
}

TEST(Sampler, RepetitionPenaltyMovesAwayFromWhatWasSaid) {
    SamplerSettings settings;
    settings.repetition_penalty = 3;
    Sampler sampler(settings);
    std::vector<float> logits = {2.0F, 1.9F, -1.0F};
    const std::vector<std::int32_t> recent = {0, 0};
    EXPECT_EQ(sampler.pick(logits, recent), 1);
    EXPECT_FLOAT_EQ(logits[0], 2.0F / 3);
}

}  // namespace
}  // namespace lectern
