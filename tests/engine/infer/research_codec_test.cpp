// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/infer/research_codec.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace lectern {
namespace {

constexpr int kTokens = 200;

class ResearchCodecTest : public testing::Test {
protected:
    ResearchCodecTest() {
        m_config.layers = 1, m_config.heads = m_config.kv_heads = 2, m_config.head_dim = 32;
        m_config.rope.dims = 32;
        std::mt19937 random(5);
        std::normal_distribution<float> normal;
        for (auto* x : {&m_k, &m_v}) {
            x->resize(kTokens * kWidth);
            for (std::size_t i = 0; i < x->size(); ++i)
                (*x)[i] = normal(random) + (i % kWidth == 9 ? 40.0F : 0.0F);  // one channel of large values
        }
    }

    /// Keys and values as they come back from the form of `name`, with `sinks` first tokens left alone.
    void roundTrip(const char* name, int sinks = 0) {
        auto settings = parseBenchSettings(name);
        ASSERT_TRUE(settings) << name;
        settings->sinks = sinks;
        ResearchCodec codec(m_config, *settings, kernels::bestKernels());
        codec.fit(0, m_k, m_v, kTokens);
        m_key_back = m_k, m_value_back = m_v;
        codec.apply(0, 0, m_key_back.data(), m_value_back.data(), kTokens);
        m_bits = codec.bitsPerValue();
    }
    /// Mean square of what channels other than the large one lost.
    static double loss(const std::vector<float>& x, const std::vector<float>& back) {
        double sum = 0;
        for (std::size_t i = 0; i < x.size(); ++i)
            if (i % kWidth != 9) sum += std::pow(double(x[i]) - double(back[i]), 2);
        return sum / double(x.size());
    }

    static constexpr std::size_t kWidth = 64;
    ModelConfig m_config;
    std::vector<float> m_k, m_v, m_key_back, m_value_back;
    double m_bits = 0;
};

TEST_F(ResearchCodecTest, BlocksKeepTheLargestMagnitudeAndHalfAStepOfTheRest) {
    roundTrip("q4");
    EXPECT_DOUBLE_EQ(m_bits, 4.5);
    for (std::size_t begin = 0; begin < m_v.size(); begin += 32) {
        double most = 0;
        for (std::size_t i = begin; i < begin + 32; ++i) most = std::max(most, std::abs(double(m_v[i])));
        for (std::size_t i = begin; i < begin + 32; ++i) {
            const double error = std::abs(double(m_v[i]) - double(m_value_back[i]));
            EXPECT_LE(error, most / 8 + 1e-2 * most);  // the far end of the other sign is a whole step away
            if (std::abs(double(m_v[i])) == most) {
                EXPECT_LE(error, 1e-3 * most);
            }
        }
    }
}

TEST_F(ResearchCodecTest, RotationThereAndBackChangesNothing) {
    auto settings = *parseKvSettings("nuq16/4");
    settings.research.post_rope_keys = true;
    settings.sinks = 0;
    ResearchCodec codec(m_config, settings, kernels::bestKernels());
    codec.fit(0, m_k, m_v, kTokens);
    std::vector<float> k = m_k, v(m_v.size(), 0.0F);
    codec.apply(0, 9'999'000, k.data(), v.data(), kTokens);
    for (std::size_t i = 0; i < k.size(); ++i) EXPECT_NEAR(k[i], m_k[i], 1e-4);
}

TEST_F(ResearchCodecTest, ChannelOfLargeKeysSpoilsTokensAndRotatedChannelsButNotPlainOnes) {
    roundTrip("int3+token-keys");
    const double per_token = loss(m_k, m_key_back);
    roundTrip("int3+post-rope");
    const double rotated = loss(m_k, m_key_back);
    auto settings = *parseKvSettings("int3");
    settings.sinks = 0;
    ResearchCodec plain(m_config, settings, kernels::bestKernels());
    plain.fit(0, m_k, m_v, kTokens);
    m_key_back = m_k, m_value_back = m_v;
    plain.apply(0, 0, m_key_back.data(), m_value_back.data(), kTokens);
    EXPECT_LT(loss(m_k, m_key_back) * 1.5, rotated);
    EXPECT_LT(rotated, per_token);
}

TEST_F(ResearchCodecTest, ValuesPerChannelTakeNoHarmFromALargeOne) {
    roundTrip("int3");
    const double per_token = loss(m_v, m_value_back);
    roundTrip("int3+channel-values");
    EXPECT_LT(loss(m_v, m_value_back) * 10, per_token);
}

TEST_F(ResearchCodecTest, SinksStayAsTheyAre) {
    roundTrip("int2+post-rope+token-keys", 5);
    for (std::size_t i = 0; i < 5 * kWidth; ++i) {
        EXPECT_EQ(m_key_back[i], m_k[i]);
        EXPECT_EQ(m_value_back[i], m_v[i]);
    }
    EXPECT_NE(m_key_back[5 * kWidth], m_k[5 * kWidth]);
}

}  // namespace
}  // namespace lectern
