// SPDX-License-Identifier: GPL-3.0-or-later
// Statistics of quantization against tokens whose numbers are known beforehand.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>

#include "engine/kv/kv_cache.h"

namespace lectern {
namespace {

constexpr KvShape kShape{2, 8};
constexpr int kChannels = 16;
constexpr int kOutlierChannel = 5, kOutlierEvery = 8;
constexpr float kError = 1.0F / 64;  ///< of every dense key, exact in fp16

/// 2 bits, two slots a token, nothing kept raw: every token is quantized as it comes.
KvSettings settings() {
    auto settings = *parseKvSettings("nuq2");
    settings.outliers = 0.05;
    settings.sinks = settings.window = 0;
    return settings;
}

/// Keys: offset c and range 2 in channel c. Values: the same codebook, scaled by each token.
std::shared_ptr<const Quantizer> quantizer(int layers = 1) {
    LayerCodec key, value;
    for (int c = 0; c < kChannels; ++c) key.offset.push_back(float(c)), key.range.push_back(2);
    key.setBook({-1, -0.25F, 0.25F, 1});
    value.setBook({-1, -0.25F, 0.25F, 1});
    auto all = std::make_shared<Quantizer>();
    all->keys.assign(std::size_t(layers), key);
    all->values.assign(std::size_t(layers), value);
    return all;
}

/// Normalised value of a planted key: centroid 1 or 2 and a little more; far outside in one channel of some tokens.
float plantedU(int token, int channel) {
    if (channel == kOutlierChannel && token % kOutlierEvery == 0) return 4;
    return (token % 4 == 3 ? 0.25F : -0.25F) + kError;
}

std::vector<float> plantedKeys(int tokens) {
    std::vector<float> k;
    for (int t = 0; t < tokens; ++t)
        for (int c = 0; c < kChannels; ++c) k.push_back(float(c) + 2 * plantedU(t, c));
    return k;
}

std::vector<float> randomVectors(int tokens) {
    std::mt19937 random(3);
    std::normal_distribution<float> normal;
    std::vector<float> x(std::size_t(tokens) * kChannels);
    for (float& value : x) value = normal(random);
    return x;
}

class Statistics : public testing::Test {
protected:
    KvCache cacheOf(const std::vector<float>& k, const std::vector<float>& v, int chunk) {
        KvCache cache(1, kShape, settings(), kernels::bestKernels());
        cache.setQuantizer(quantizer());
        append(cache, k, v, chunk);
        return cache;
    }
    void append(KvCache& cache, const std::vector<float>& k, const std::vector<float>& v, int chunk) {
        const int tokens = int(k.size()) / kChannels;
        for (int at = 0; at < tokens; at += chunk) {
            const int count = std::min(chunk, tokens - at);
            ASSERT_TRUE(cache.append(0, k.data() + at * kChannels, v.data() + at * kChannels, count, m_pool));
            cache.advance(count);
            cache.settle(m_pool);
        }
    }
    ThreadPool m_pool{2};
};

TEST_F(Statistics, AreThoseOfPlantedKeys) {
    constexpr int kTokens = 17 * 16 * 8;  // eight samples of 16 tokens
    const auto k = plantedKeys(kTokens);
    const KvStatistics s = cacheOf(k, randomVectors(kTokens), 512).statistics()[0].keys;
    EXPECT_EQ(s.tokens, std::uint64_t(kTokens));
    EXPECT_EQ(s.sampled, 128U);
    const double planted = 1.0 / kOutlierEvery / kChannels;
    EXPECT_DOUBLE_EQ(s.outlier_share, planted);
    EXPECT_DOUBLE_EQ(s.drift, planted);
    ASSERT_EQ(s.tokens_by_outliers.size(), 3U);  // none, one, two
    EXPECT_EQ(s.tokens_by_outliers[1], std::uint64_t(kTokens / kOutlierEvery));
    EXPECT_EQ(s.tokens_by_outliers[0], std::uint64_t(kTokens - kTokens / kOutlierEvery));
    EXPECT_EQ(s.tokens_by_outliers[2], 0U);

    const std::uint64_t outliers = 128 / kOutlierEvery;
    EXPECT_EQ(s.codes_used, (std::vector<std::uint64_t>{0, 96 * 16 - outliers, 32 * 16, outliers}));
    EXPECT_EQ(std::accumulate(s.histogram.begin(), s.histogram.end(), std::uint64_t(0)), 128U * kChannels);
    EXPECT_EQ(s.histogram.back(), outliers);
    const auto bin = [](double u) { return std::size_t((u + kHistogramEdge) * kHistogramBins / (2 * kHistogramEdge)); };
    EXPECT_EQ(s.histogram[bin(-0.25 + kError)], 96 * 16 - outliers);
    EXPECT_EQ(s.histogram[bin(0.25 + kError)], 32U * 16);

    // Keys are off by the planted error, but for the two of every token that have a slot: they come back exactly.
    double signal = 0;
    for (int t = 0; t < kTokens; ++t)
        if (t / 16 % 17 == 0)
            for (int c = 0; c < kChannels; ++c) signal += std::pow(double(k[std::size_t(t * kChannels + c)]), 2);
    const double noise = double(128 * (kChannels - 2)) * std::pow(2.0 * double(kError), 2);
    EXPECT_NEAR(s.snr_db, 10 * std::log10(signal / noise), 1e-6);
}

TEST_F(Statistics, ShowMagnitudeWithThresholdsAndCodebook) {
    const KvStatistics s = cacheOf(plantedKeys(272), randomVectors(272), 272).statistics()[0].keys;
    ASSERT_EQ(s.magnitude.size(), std::size_t(kChannels));
    double expected = 0;
    for (int t = 0; t < 16; ++t) expected += std::abs(7.0 + 2 * double(plantedU(t, 7))) / 16;
    EXPECT_NEAR(s.magnitude[7], expected, 1e-5);
    EXPECT_FLOAT_EQ(s.low[7], 5);
    EXPECT_FLOAT_EQ(s.high[7], 9);
    EXPECT_EQ(s.codebook, quantizer()->keys[0].book);
}

TEST_F(Statistics, OfValuesCountEverySlotAndHaveNoThresholds) {
    const KvStatistics s = cacheOf(plantedKeys(640), randomVectors(640), 64).statistics()[0].values;
    EXPECT_DOUBLE_EQ(s.outlier_share, 2.0 / kChannels);
    EXPECT_EQ(s.tokens_by_outliers.back(), 640U);
    EXPECT_TRUE(s.low.empty());
    EXPECT_EQ(s.drift, 0);
    EXPECT_GT(s.snr_db, 8);
    EXPECT_LT(s.snr_db, 25);
    EXPECT_EQ(s.codes_used.size(), 4U);
}

TEST_F(Statistics, TellWhenTheTextBeganToDrift) {
    const int tokens = 16384;
    auto k = plantedKeys(tokens);
    for (int t = tokens / 2; t < tokens; ++t) k[std::size_t(t * kChannels) + 1] = 1000;  // one more channel outside
    const KvStatistics s = cacheOf(k, randomVectors(tokens), 512).statistics()[0].keys;
    const double before = 1.0 / kOutlierEvery / kChannels, after = before + 1.0 / kChannels;
    for (const auto* series : {&s.outliers_over_time, &s.drift_over_time}) {
        EXPECT_EQ(series->run, 512U);
        ASSERT_EQ(series->points.size(), 32U);
        for (std::size_t i = 0; i < 32; ++i) EXPECT_DOUBLE_EQ(series->points[i], i < 16 ? before : after) << i;
    }
}

TEST_F(Statistics, KeepASeriesShortHoweverLongTheText) {
    ShareSum sum;
    for (std::uint64_t token = 0; token < 1'000'000; ++token) sum.add(token, token < 500'000 ? 0 : 1, 1);
    const ShareSeries series = sum.series();
    EXPECT_EQ(series.run, 8192U);
    ASSERT_EQ(series.points.size(), 123U);
    EXPECT_EQ(series.points.front(), 0);
    EXPECT_EQ(series.points.back(), 1);
}

TEST_F(Statistics, DoNotDependOnHowTokensWereCut) {
    const auto k = randomVectors(900);
    auto v = k;
    std::reverse(v.begin(), v.end());
    const std::string expected = cacheOf(k, v, 900).packedStatistics();
    for (const int chunk : {1, 7, 64, 65}) EXPECT_EQ(cacheOf(k, v, chunk).packedStatistics(), expected) << chunk;
}

/// Gives the blocks of a cache that has quantized the same tokens by itself.
class Copyist final : public KvPageCoder {
public:
    explicit Copyist(const KvCache& from) : m_from(from) {}
    bool code(const KvCache&, int, int count) override {
        coded += count;
        return true;
    }
    const std::byte* bytes(int layer, KvKind kind, int page) const override {
        return m_from.block(layer, kind, page)->data();
    }
    void placed(const KvCache&, int, int) override {}
    int coded = 0;

private:
    const KvCache& m_from;
};

TEST_F(Statistics, DoNotDependOnWhoCoded) {
    auto later = settings();
    later.window = 64;
    const auto k = plantedKeys(3000), v = randomVectors(3000);
    ThreadPool pool(2);
    KvCache by_processor(1, kShape, later, kernels::bestKernels()), elsewhere(1, kShape, later, kernels::bestKernels());
    for (KvCache* cache : {&by_processor, &elsewhere}) {
        cache->setQuantizer(quantizer());
        ASSERT_TRUE(cache->append(0, k.data(), v.data(), 3000, pool));
        cache->advance(3000);
    }
    by_processor.settle(pool);
    Copyist coder(by_processor);
    elsewhere.settle(pool, &coder);
    EXPECT_EQ(coder.coded, 45);
    EXPECT_EQ(elsewhere.packedStatistics(), by_processor.packedStatistics());
    EXPECT_GT(elsewhere.statistics()[0].keys.sampled, 100U);
}

TEST_F(Statistics, GoOnFromTheirRecord) {
    const auto k = plantedKeys(1600), v = randomVectors(1600);
    const std::vector<float> k1(k.begin(), k.begin() + 700 * kChannels), k2(k.begin() + 700 * kChannels, k.end());
    const std::vector<float> v1(v.begin(), v.begin() + 700 * kChannels), v2(v.begin() + 700 * kChannels, v.end());
    KvCache first = cacheOf(k1, v1, 64);
    KvCache second(1, kShape, settings(), kernels::bestKernels());
    second.setQuantizer(quantizer());
    second.restoreStatistics(first.packedStatistics());
    append(second, k2, v2, 64);
    EXPECT_EQ(second.packedStatistics(), cacheOf(k, v, 64).packedStatistics());
}

TEST_F(Statistics, OfAForkAreEmpty) {
    const KvCache cache = cacheOf(plantedKeys(256), randomVectors(256), 64);
    EXPECT_TRUE(KvCache(cache).statistics().empty());
    EXPECT_EQ(cache.statistics()[0].keys.tokens, 256U);
}

TEST_F(Statistics, DamagedRecordsAreLeftAlone) {
    const std::string record = cacheOf(plantedKeys(300), randomVectors(300), 64).packedStatistics();
    ASSERT_TRUE(unpackStatistics(record));
    for (std::size_t size = 0; size < record.size(); ++size) EXPECT_FALSE(unpackStatistics(record.substr(0, size)));
    EXPECT_FALSE(unpackStatistics(record + "x"));
    for (std::size_t at = 0; at < record.size(); ++at) {  // whatever is read back is sane enough to be counted on
        std::string bad = record;
        bad[at] = char(0xFF);
        KvCache cache(1, kShape, settings(), kernels::bestKernels());
        cache.setQuantizer(quantizer());
        cache.restoreStatistics(bad);
        append(cache, plantedKeys(20), randomVectors(20), 20);
        EXPECT_TRUE(std::isfinite(cache.statistics()[0].keys.snr_db)) << at;
    }
}

}  // namespace
}  // namespace lectern
