// SPDX-License-Identifier: GPL-3.0-or-later
// Rotary frequencies of real models' settings against numbers computed by an independent program in double precision,
// in the way Hugging Face's code words the formulas.
#include "engine/model/rope.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

namespace lectern {
namespace {

RopeConfig scaled(double theta, RopeScalingType type, double factor, int original_context) {
    RopeConfig config;
    config.theta = theta;
    config.dims = 128;
    config.scaling.type = type;
    config.scaling.factor = factor;
    config.scaling.original_context = original_context;
    return config;
}

using Expected = std::vector<std::pair<std::size_t, double>>;

void expectFrequencies(const RopeConfig& config, const Expected& expected) {
    ASSERT_TRUE(checkRope(config, 128));
    const auto frequencies = ropeFrequencies(config);
    ASSERT_EQ(frequencies.size(), 64U);
    for (const auto& [pair, value] : expected) EXPECT_NEAR(frequencies[pair] / value, 1, 1e-12) << "pair " << pair;
}

TEST(RopeFrequencies, AreThoseOfQwen25WithYarn) {
    expectFrequencies(scaled(1e6, RopeScalingType::Yarn, 4, 32768), {{0, 1.0},
                                                                     {20, 0.01333521432163324},
                                                                     {24, 0.005375321490790102},
                                                                     {28, 0.001848276564706878},
                                                                     {32, 0.0006029411764705882},
                                                                     {36, 0.00017984115587395423},
                                                                     {40, 4.445698525097307e-05},
                                                                     {63, 3.102344401879299e-07}});
    EXPECT_NEAR(yarnAttentionFactor(4), 1.1386294361119891, 1e-15);
}

TEST(RopeFrequencies, AreThoseOfLlama31) {
    expectFrequencies(scaled(5e5, RopeScalingType::Llama3, 8, 8192), {{0, 1.0},
                                                                      {28, 0.0032114459947525913},
                                                                      {32, 0.0005248461609929547},
                                                                      {34, 0.00017850781276799638},
                                                                      {36, 7.78465527393245e-05},
                                                                      {40, 3.428102195952591e-05},
                                                                      {63, 3.068925988914511e-07}});
}

TEST(RopeFrequencies, OfDynamicAreThoseOfTheWholeStretchedContext) {
    expectFrequencies(scaled(1e4, RopeScalingType::Dynamic, 4, 4096), {{0, 1.0},
                                                                       {20, 0.024909625012069513},
                                                                       {32, 0.002717612325612543},
                                                                       {50, 9.793050056085135e-05},
                                                                       {63, 8.882938343765066e-06}});
}

TEST(RopeFrequencies, AreDividedByTheDivisorsOfTheFile) {
    RopeConfig config = scaled(5e5, RopeScalingType::None, 1, 0);
    const auto plain = ropeFrequencies(config);
    for (int pair = 0; pair < 64; ++pair) config.divisors.push_back(float(1 + pair));
    const auto divided = ropeFrequencies(config);
    for (std::size_t pair = 0; pair < 64; ++pair) EXPECT_DOUBLE_EQ(divided[pair], plain[pair] / double(1 + pair));
}

TEST(RopeFrequencies, OfPartialRotationRunOverTheRotatedDimensions) {
    RopeConfig config;
    config.dims = 32;
    ASSERT_TRUE(checkRope(config, 128));
    const auto frequencies = ropeFrequencies(config);
    ASSERT_EQ(frequencies.size(), 16U);
    EXPECT_NEAR(frequencies[8], 1e-2, 1e-15);
}

TEST(CheckRope, NamesWhatIsSenseless) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const std::pair<std::function<void(RopeConfig&)>, const char*> defects[] = {
        {[](RopeConfig& c) { c.dims = 130; }, "rotated dimensions is 130"},
        {[](RopeConfig& c) { c.dims = 7; }, "it must be even"},
        {[&](RopeConfig& c) { c.theta = nan; }, "the base of the rotary"},
        {[](RopeConfig& c) { c.scaling.factor = 0; }, "the factor of the rotary scaling"},
        {[](RopeConfig& c) { c.scaling.original_context = 0; }, "does not say the original context"},
        {[](RopeConfig& c) { c.scaling.beta_slow = 64; }, "beta_fast above beta_slow"},
        {[](RopeConfig& c) { c.scaling.attention_factor = -1; }, "the attention factor"},
        {[](RopeConfig& c) { c.theta = 1; }, "a base above 1"},
        {[](RopeConfig& c) {
             c.divisors = {1, 2};
         },
         "one positive number for each pair"},
        {[](RopeConfig& c) { c.divisors.assign(64, 0.0F); }, "one positive number for each pair"},
        {[](RopeConfig& c) {
             c.scaling.type = RopeScalingType::Llama3;
             c.scaling.low_freq_factor = 4;
         },
         "high_freq_factor above low_freq_factor"},
        {[](RopeConfig& c) {
             c.scaling.type = RopeScalingType::Dynamic;
             c.dims = 2;
         },
         "4 rotated dimensions"},
    };
    for (const auto& [damage, phrase] : defects) {
        RopeConfig config = scaled(1e6, RopeScalingType::Yarn, 4, 32768);
        ASSERT_TRUE(checkRope(config, 128));
        damage(config);
        const auto status = checkRope(config, 128);
        ASSERT_FALSE(status) << phrase;
        EXPECT_NE(status.error().message.find(phrase), std::string::npos) << status.error().message;
    }
}

}  // namespace
}  // namespace lectern
