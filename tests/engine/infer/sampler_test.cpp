// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/infer/sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

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

TEST(Sampler, PresenceAndFrequencyPenaltiesComeOffTheLogitsOfWhatWasSaid) {
    SamplerSettings settings;
    settings.presence_penalty = 0.5;
    settings.frequency_penalty = 0.25;
    std::vector<float> logits = {2.0F, 1.9F, -1.0F};
    const std::vector<std::int32_t> said = {0, 2, 0, 0};
    EXPECT_EQ(Sampler(settings).pick(logits, said), 1);
    EXPECT_FLOAT_EQ(logits[0], 2.0F - 0.5F - 3 * 0.25F);
    EXPECT_FLOAT_EQ(logits[1], 1.9F);
    EXPECT_FLOAT_EQ(logits[2], -1.0F - 0.5F - 0.25F);
}

TEST(Sampler, PenaltiesReadTheLastTokensOnly) {
    SamplerSettings settings;
    settings.presence_penalty = 1;
    std::vector<float> logits = {0.0F, 0.0F, 0.0F};
    std::vector<std::int32_t> said(kPenaltyTokens, 1);
    said.insert(said.begin(), 0);
    Sampler(settings).pick(logits, said);
    EXPECT_EQ(logits, (std::vector<float>{0.0F, -1.0F, 0.0F}));
}

/// The definition of DRY: every earlier place that a token stood at, how much of what is before it is what is said now.
double dryPenalty(const SamplerSettings& s, const std::vector<bool>& breakers, const std::vector<std::int32_t>& said,
                  std::int32_t token) {
    std::size_t longest = 0;
    if (breakers[std::size_t(token)]) return 0;
    for (std::size_t at = 0; at < said.size(); ++at) {
        if (said[at] != token) continue;
        std::size_t length = 0;
        while (length < at && said[at - 1 - length] == said[said.size() - 1 - length] &&
               !breakers[std::size_t(said[at - 1 - length])])
            ++length;
        longest = std::max(longest, length);
    }
    if (longest == 0 || longest < std::size_t(s.dry_allowed_length)) return 0;
    return s.dry_multiplier * std::pow(s.dry_base, double(longest) - s.dry_allowed_length);
}

TEST(Sampler, DryPenalisesTokensThatWouldRepeatAPhrase) {
    SamplerSettings settings;
    settings.dry_multiplier = 0.8;
    const std::vector<bool> breakers = {false, false, false, true};
    std::mt19937 random(7);
    int penalised = 0;
    for (int turn = 0; turn < 400; ++turn) {
        settings.dry_allowed_length = turn % 4;
        std::vector<std::int32_t> said(random() % 40);
        for (auto& id : said) id = random() % 8 == 0 ? 3 : std::int32_t(random() % (turn % 3 + 1));
        std::vector<float> logits(4, 1.0F);
        Sampler(settings, breakers).pick(logits, said);
        for (std::int32_t id = 0; id < 4; ++id) {
            const double penalty = dryPenalty(settings, breakers, said, id);
            ASSERT_NEAR(logits[std::size_t(id)], 1.0 - penalty, 1e-5 * (1 + penalty)) << "turn " << turn;
            penalised += penalty > 0 ? 1 : 0;
        }
    }
    EXPECT_GT(penalised, 200);
}

TEST(Sampler, EndlessRepetitionsLeaveLogitsThatAreNumbers) {
    SamplerSettings settings;
    settings.dry_multiplier = settings.temperature = 1;
    std::vector<float> logits = {3.0F, 1.0F};
    EXPECT_EQ(Sampler(settings).pick(logits, std::vector<std::int32_t>(5000, 0)), 1);
    EXPECT_TRUE(std::isfinite(logits[0]));
}

/// The definition: the fewest tokens nearest to the entropy in surprise that make up the share.
std::vector<std::int32_t> typical(const std::vector<double>& p, double share) {
    double entropy = 0;
    for (const double x : p) entropy -= x * std::log(x);
    std::vector<std::int32_t> ids(p.size());
    std::iota(ids.begin(), ids.end(), 0);
    std::sort(ids.begin(), ids.end(), [&](std::int32_t a, std::int32_t b) {
        return std::abs(-std::log(p[std::size_t(a)]) - entropy) < std::abs(-std::log(p[std::size_t(b)]) - entropy);
    });
    double mass = 0;
    std::size_t count = 0;
    while (mass < share) mass += p[std::size_t(ids[count++])];
    ids.resize(count);
    std::sort(ids.begin(), ids.end());
    return ids;
}

TEST(Sampler, TypicalKeepsTheMostUsualSurprise) {
    SamplerSettings settings;
    settings.temperature = 1;
    for (const double share : {0.2, 0.4, 0.6, 0.9}) {
        settings.typical_p = share;
        std::vector<std::int32_t> drawn;
        for (const auto& [id, count] : draw(settings, 3000)) drawn.push_back(id);
        EXPECT_EQ(drawn, typical({0.5, 0.3, 0.15, 0.05}, share)) << share;
    }
}

}  // namespace
}  // namespace lectern
