// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/kv/q_norm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "engine/kv/kv_cache.h"

namespace lectern {
namespace {

constexpr int kChannels = 48;

std::vector<float> skewed(int tokens, unsigned seed) {
    std::mt19937 random(seed);
    std::gamma_distribution<float> gamma(3);
    std::vector<float> x(std::size_t(tokens) * kChannels);
    for (float& value : x) value = gamma(random);
    return x;
}

struct Spread {
    double mean, deviation;
};

Spread spreadOf(const std::vector<double>& x) {
    double sum = 0, squares = 0;
    for (const double value : x) sum += value, squares += value * value;
    const double mean = sum / double(x.size());
    return {mean, std::sqrt(squares / double(x.size()) - mean * mean)};
}

/// A cache of one layer that fitted its quantizer to what it read.
KvCache fitted(KvSettings settings, QNorm qnorm, const std::vector<float>& x, ThreadPool& pool) {
    settings.sinks = settings.window = 0;
    settings.qnorm = qnorm;
    KvCache cache(1, {2, 24}, settings, kernels::bestKernels());
    const int tokens = int(x.size()) / kChannels;
    EXPECT_TRUE(cache.append(0, x.data(), x.data(), tokens, pool));
    cache.advance(tokens);
    cache.finish(pool);
    return cache;
}

TEST(QNorm, GivesDenseKeysTheMeanAndSpreadOfTheData) {
    ThreadPool pool(2);
    const auto x = skewed(1024, 4);
    const auto off = fitted(*parseKvSettings("nuq2"), QNorm::Off, x, pool);
    const auto on = fitted(*parseKvSettings("nuq2"), QNorm::On, x, pool);
    const LayerCodec &plain = off.quantizer()->keys[0], &normed = on.quantizer()->keys[0];
    EXPECT_EQ(plain.midpoints, normed.midpoints) << "codes stay as they are";
    std::vector<double> data, before, after;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const std::size_t c = i % kChannels;
        const float u = (x[i] - plain.offset[c]) / plain.range[c];
        if (std::abs(u) > 1) continue;
        const auto code =
            std::size_t(std::lower_bound(plain.midpoints.begin(), plain.midpoints.end(), u) - plain.midpoints.begin());
        data.push_back(double(u));
        before.push_back(double(plain.book[code]));
        after.push_back(double(normed.book[code]));
    }
    EXPECT_GT(std::abs(spreadOf(before).mean - spreadOf(data).mean), 0.01);
    EXPECT_NEAR(spreadOf(after).mean, spreadOf(data).mean, 1e-3);
    EXPECT_NEAR(spreadOf(after).deviation, spreadOf(data).deviation, 1e-3);
    EXPECT_NE(off.quantizer()->values[0].book, on.quantizer()->values[0].book);
}

TEST(QNorm, IsOnOfItselfWithoutCalibrationAndNeverForUniformLevels) {
    ThreadPool pool(1);
    const auto x = skewed(1024, 5);
    const auto book = [&](const char* name, QNorm qnorm) {
        return fitted(*parseKvSettings(name), qnorm, x, pool).quantizer()->keys[0].book;
    };
    for (const char* name : {"nuq2", "nuq3", "nuq4"}) {
        EXPECT_EQ(book(name, QNorm::Auto), book(name, QNorm::On));
        EXPECT_NE(book(name, QNorm::Auto), book(name, QNorm::Off));
    }
    EXPECT_EQ(book("int2", QNorm::On), book("int2", QNorm::Off));
}

TEST(QNorm, LeavesABookAloneThatStandsForNothing) {
    LayerCodec codec;
    codec.setBook({-1, 0, 0.5F, 1});
    EXPECT_EQ(QNormFit(codec).scale().scale, 1);
    QNormFit constant(codec);
    for (int i = 0; i < 10; ++i) constant.add(0.25F);
    EXPECT_EQ(constant.scale().scale, 1);
    EXPECT_EQ(constant.scale().shift, 0);
}

TEST(DenseRange, IsWhatTheOutliersLeave) {
    std::vector<float> v = {5, -100, 1, 3, 200, 2, 4, -1}, scratch;
    const auto dense = denseRange(v.data(), 8, 2, scratch);
    ASSERT_TRUE(dense);
    EXPECT_EQ(dense->low, -1);
    EXPECT_EQ(dense->high, 5);
    EXPECT_EQ(dense->offset, 2);
    EXPECT_EQ(dense->range, 3);
    EXPECT_FALSE(denseRange(v.data(), 8, 8, scratch)) << "nothing is left";
    std::fill(v.begin(), v.end(), 7.0F);
    EXPECT_FALSE(denseRange(v.data(), 8, 2, scratch)) << "nothing varies";
}

}  // namespace
}  // namespace lectern
