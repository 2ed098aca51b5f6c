// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/calibrate/weighted_kmeans.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "engine/calibrate/channel_tails.h"

namespace lectern {
namespace {

std::vector<BinSums> binsOf(const std::vector<std::pair<double, double>>& points) {
    std::vector<BinSums> bins(points.size());
    for (std::size_t i = 0; i < points.size(); ++i) bins[i].add(points[i].first, points[i].second);
    return bins;
}

double cost(const std::vector<std::pair<double, double>>& points, const std::vector<float>& centroids) {
    double sum = 0;
    for (const auto& [x, w] : points) {
        double least = 1e300;
        for (const float c : centroids) least = std::min(least, (x - double(c)) * (x - double(c)));
        sum += w * least;
    }
    return sum;
}

/// The best cost over every way to cut the points into `runs` runs.
double bestByTryingAll(const std::vector<std::pair<double, double>>& points, std::size_t begin, int runs) {
    if (begin == points.size()) return 0;
    if (runs == 0) return 1e300;
    double least = 1e300;
    for (std::size_t end = begin + 1; end <= points.size(); ++end) {
        double w = 0, x = 0, xx = 0;
        for (std::size_t i = begin; i < end; ++i) {
            w += points[i].second;
            x += points[i].second * points[i].first;
            xx += points[i].second * points[i].first * points[i].first;
        }
        least = std::min(least, xx - x * x / w + bestByTryingAll(points, end, runs - 1));
    }
    return least;
}

TEST(WeightedKMeans, IsAsGoodAsTryingEveryPartition) {
    std::mt19937 random(3);
    std::uniform_real_distribution<double> place(-1, 1);
    for (int round = 0; round < 60; ++round) {
        std::vector<std::pair<double, double>> points(4 + random() % 9);
        for (auto& [x, w] : points) x = place(random), w = std::exp(6 * place(random));
        std::sort(points.begin(), points.end());
        for (const int levels : {1, 2, 3, 4}) {
            const auto centroids = weightedKMeans(binsOf(points), levels);
            ASSERT_EQ(centroids.size(), std::size_t(levels));
            EXPECT_TRUE(std::is_sorted(centroids.begin(), centroids.end()));
            const double best = bestByTryingAll(points, 0, levels);
            EXPECT_NEAR(cost(points, centroids), best, 1e-6 * (best + cost(points, {0.0F}) * 1e-3)) << round;
        }
    }
}

TEST(WeightedKMeans, WeightDecidesWhereTheLevelsGo) {
    std::vector<std::pair<double, double>> points;
    for (int i = -100; i <= 100; ++i) points.emplace_back(i / 100.0, i > 0 ? 1000.0 : 1.0);
    const auto centroids = weightedKMeans(binsOf(points), 8);
    EXPECT_GE(std::count_if(centroids.begin(), centroids.end(), [](float c) { return c > 0; }), 6);
}

TEST(WeightedKMeans, FewDistinctValuesRepeatTheLastCentroid) {
    EXPECT_EQ(weightedKMeans(binsOf({{-0.5, 1}, {0.25, 2}}), 4), (std::vector<float>{-0.5F, 0.25F, 0.25F, 0.25F}));
    EXPECT_TRUE(weightedKMeans(std::vector<BinSums>(16), 4).empty());
}

TEST(WeightedKMeans, WithoutAnyWeightCountsDecide) {
    EXPECT_EQ(weightedKMeans(binsOf({{-1, 0}, {0, 0}, {1, 0}}), 3), (std::vector<float>{-1, 0, 1}));
}

TEST(ChannelTails, QuantilesAreThoseOfAllNumbers) {
    std::mt19937 random(5);
    std::normal_distribution<float> normal;
    for (const std::size_t count : {2U, 3U, 100U, 5000U}) {
        std::vector<float> all(count);
        ChannelTails tails(count, 0.025);
        for (float& x : all) tails.add(x = std::round(normal(random) * 50) / 50);  // with ties
        std::sort(all.begin(), all.end());
        for (const double share : {0.0, 0.0025, 0.005, 0.025}) {
            const double at = share * double(count - 1);
            const auto below = std::size_t(at);
            const auto between = [&](float a, float b) { return a + (b - a) * float(at - double(below)); };
            const std::size_t next = std::min(below + 1, count - 1);
            EXPECT_FLOAT_EQ(tails.low(share), between(all[below], all[next])) << count << " " << share;
            EXPECT_FLOAT_EQ(tails.high(share), between(all[count - 1 - below], all[count - 1 - next])) << count;
        }
    }
}

}  // namespace
}  // namespace lectern
