// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/mixture.h"

#include <set>

#include "kernels/elementwise.h"
#include "kernels/half.h"
#include "tests/kernels/cuda/weight_case.h"
#include "tests/kernels/tolerances.h"
#include "tests/support/cuda_emulation/cuda_emulation.h"

namespace lectern::test {
namespace {

using emulation::Order;

/// Runs its tests in both orders of threads, for every type of weights.
class CudaMixture : public testing::TestWithParam<std::tuple<WeightType, Order>> {
protected:
    void SetUp() override { emulation::thread_order = std::get<1>(GetParam()); }
    void TearDown() override { emulation::thread_order = Order::Ascending; }
    WeightType type() const { return std::get<0>(GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(Types, CudaMixture,
                         testing::Combine(testing::ValuesIn(kWeightTypes),
                                          testing::Values(Order::Ascending, Order::Descending)),
                         [](const auto& info) {
                             return weightBlock(std::get<0>(info.param)).name +
                                    std::string(std::get<1>(info.param) == Order::Ascending ? "Ascending"
                                                                                            : "Descending");
                         });

std::string randomBytes(WeightType type, int rows, int cols, unsigned seed) {
    const std::size_t count = std::size_t(rows) * std::size_t(cols);
    if (!blocked(type)) return normalBytes(type, count, seed);
    return randomBlocks(type, count / std::size_t(weightBlock(type).elements), 0.5, seed);
}

/// A router, and vectors that it is asked for.
struct Router {
    Weights weights;
    std::vector<float> x, norm;
    Aligned<float> device_x, device_norm;

    Router(WeightType type, int experts, int cols, int tokens, Data data = Data::Normal)
        : weights(type, experts, cols, randomBytes(type, experts, cols, 11)),
          x(makeData(data, tokens, cols, 5)),
          norm(makeData(Data::Normal, 1, cols, 6)),
          device_x(aligned(x)),
          device_norm(aligned(norm)) {}
    int tokens() const { return int(x.size()) / weights.view.cols; }

    std::vector<ExpertChoice> ask(int used) const {
        std::vector<ExpertChoice> choices(std::size_t(tokens() * used + 1), ExpertChoice{-7, NAN});
        RouteArgs args;
        args.router = weights.device, args.tokens = tokens(), args.used = used;
        args.x = device_x.data(), args.norm = device_norm.data(), args.eps = 1e-5F, args.choices = choices.data();
        EXPECT_EQ(route(args, nullptr), 0);
        EXPECT_EQ(choices.back().expert, -7) << "nothing is written behind the last token";
        choices.pop_back();
        return choices;
    }
    std::vector<ExpertChoice> want(int used) const {
        const int experts = weights.view.rows, cols = weights.view.cols;
        std::vector<float> normed(std::size_t(cols), 0.0F), logits(std::size_t(experts), 0.0F);
        std::vector<ExpertChoice> choices(std::size_t(tokens() * used));
        for (int t = 0; t < tokens(); ++t) {
            rmsNormRef(x.data() + t * cols, norm.data(), 1e-5F, cols, normed.data());
            matvecRef(weights.view, 0, experts, normed.data(), logits.data());
            chooseExpertsRef(logits.data(), experts, used, choices.data() + t * used);
        }
        return choices;
    }
};

void expectDifferent(const std::vector<ExpertChoice>& choices, int used, int experts) {
    for (std::size_t at = 0; at < choices.size(); at += std::size_t(used)) {
        std::set<int> seen;
        for (std::size_t i = at; i < at + std::size_t(used); ++i) {
            EXPECT_GE(choices[i].expert, 0);
            EXPECT_LT(choices[i].expert, experts);
            seen.insert(choices[i].expert);
        }
        EXPECT_EQ(int(seen.size()), used);
    }
}

TEST_P(CudaMixture, RoutesAsTheReferenceDoes) {
    const struct {
        int experts, used, blocks, tokens;
    } shapes[] = {{8, 2, 9, 3}, {1, 1, 1, 1}, {3, 3, 33, 2}, {60, 8, 2, 2}, {512, 40, 1, 1}};
    for (const auto& [experts, used, blocks, tokens] : shapes)
        for (const Data data : {Data::Normal, Data::OutlierHeavy}) {
            const Router router(type(), experts, columns(type(), blocks), tokens, data);
            const auto got = router.ask(used), want = router.want(used);
            for (std::size_t i = 0; i < want.size(); ++i) {
                EXPECT_EQ(got[i].expert, want[i].expert) << experts << " experts, place " << i;
                EXPECT_NEAR(got[i].weight, want[i].weight, 1e-4) << experts << " experts, place " << i;
            }
            expectDifferent(got, used, experts);
        }
}

TEST_P(CudaMixture, ATokenIsRoutedAlikeAloneAndAmongOthers) {
    const int cols = columns(type(), 9), used = 3;
    const Router all(type(), 10, cols, 6);
    const auto together = all.ask(used);
    for (int t = 0; t < 6; ++t) {
        Router alone(type(), 10, cols, 1);
        std::copy_n(all.x.data() + t * cols, cols, alone.device_x.data());
        const auto one = alone.ask(used);
        for (std::size_t rank = 0; rank < one.size(); ++rank) {
            EXPECT_EQ(one[rank].expert, together[std::size_t(t * used) + rank].expert) << t;
            EXPECT_EQ(one[rank].weight, together[std::size_t(t * used) + rank].weight) << t;
        }
    }
}

TEST(CudaRoute, TheLowerNumberComesFirstOnATie) {
    const int cols = 64, experts = 42;
    Router router(WeightType::F32, experts, cols, 2);
    // Every seventh expert is the same one; the second token is nothing.
    auto* rows = reinterpret_cast<float*>(router.weights.elements.data());
    for (int e = 7; e < experts; ++e) std::copy_n(rows + e % 7 * cols, cols, rows + e * cols);
    std::fill_n(router.device_x.data() + cols, cols, 0.0F);
    const auto choices = router.ask(12);
    for (int rank = 0; rank < 12; ++rank)
        EXPECT_EQ(choices[std::size_t(rank)].expert % 7, choices[rank / 6 * 6].expert);
    for (const int rank : {1, 2, 3, 4, 5, 7, 8, 9})
        EXPECT_LT(choices[std::size_t(rank) - 1].expert, choices[std::size_t(rank)].expert);
    for (int rank = 0; rank < 12; ++rank) {
        EXPECT_EQ(choices[std::size_t(12 + rank)].expert, rank);
        EXPECT_FLOAT_EQ(choices[std::size_t(12 + rank)].weight, 1 / 12.0F);
    }
}

TEST(CudaRoute, NumbersThatAreNoneChooseDifferentExpertsAllTheSame) {
    for (const float bad : {NAN, INFINITY, -INFINITY}) {
        Router router(WeightType::F32, 9, 64, 2);
        router.device_x.data()[3] = bad;
        expectDifferent(router.ask(4), 4, 9);
        std::fill_n(router.device_x.data(), 64, bad);
        expectDifferent(router.ask(9), 9, 9);
    }
}

/// The same matrix of several experts, laid out as the engine does.
struct Stack {
    std::vector<Weights> experts;
    Aligned<std::byte> memory;
    DeviceWeights first;

    static std::size_t padded(std::size_t bytes) { return (bytes + 255) / 256 * 256; }
    Stack(WeightType type, int count, int rows, int cols, unsigned seed) : memory(0) {
        for (int e = 0; e < count; ++e)
            experts.emplace_back(type, rows, cols, randomBytes(type, rows, cols, seed + unsigned(e)));
        const std::size_t elements = padded(experts[0].elements.size()), scales = experts[0].scales.size() * 2;
        const std::size_t apart = elements + padded(scales);
        memory = Aligned<std::byte>(apart * std::size_t(count), std::byte(0xff));
        for (std::size_t e = 0; e < experts.size(); ++e) {
            std::memcpy(memory.data() + e * apart, experts[e].elements.data(), experts[e].elements.size());
            if (scales > 0) std::memcpy(memory.data() + e * apart + elements, experts[e].scales.data(), scales);
        }
        first = {type, rows, cols, memory.data(), nullptr, apart};
        if (scales > 0) first.scales = reinterpret_cast<const std::uint16_t*>(memory.data() + elements);
    }
};

const std::vector<ExpertChoice> kChosen = {{3, 0.5F}, {0, 0.3125F}, {4, 0.1875F}};

/// What a token's experts are, with more columns than a block holds too, and more tiles than there are blocks.
TEST_P(CudaMixture, ExpertsOfATokenGiveTheBitsOfEachAlone) {
    for (const auto& [blocks, rows] : {std::pair{9, 35}, {160, 19}, {1, 16 * 200 + 5}}) {
        if (rows > 100 && type() != WeightType::Q8_0 && type() != WeightType::F16) continue;
        const int cols = columns(type(), blocks), used = int(kChosen.size());
        const Stack gate(type(), 5, rows, cols, 20), up(type(), 5, rows, cols, 40);
        const Aligned<float> x = vectorOf(cols), norm = aligned(makeData(Data::Normal, 1, cols, 6));
        for (const Gate kind : {Gate::None, Gate::Silu}) {
            MatvecArgs args;
            args.x = x.data(), args.norm = norm.data(), args.eps = 1e-5F, args.gate = kind;
            args.count = kind == Gate::None ? 1 : 2;
            MatvecArgs one = args;
            std::vector<float> got(std::size_t(used * rows + 1), 0.5F), want;
            args.w[0] = gate.first, args.w[1] = up.first, args.y[0] = got.data();
            args.chosen = kChosen.data(), args.experts = used;
            ASSERT_EQ(matvecs(args, nullptr), 0);
            for (const ExpertChoice& choice : kChosen) {
                std::vector<float> alone(std::size_t(rows), NAN);
                one.w[0] = gate.experts[std::size_t(choice.expert)].device;
                one.w[1] = up.experts[std::size_t(choice.expert)].device, one.y[0] = alone.data();
                ASSERT_EQ(matvecs(one, nullptr), 0);
                want.insert(want.end(), alone.begin(), alone.end());
            }
            want.push_back(0.5F);  // nothing is written behind the last row
            EXPECT_EQ(got, want) << blocks << " blocks, gate " << int(kind);
        }
    }
}

TEST_P(CudaMixture, WhatExpertsGiveIsSummedInTheirOrder) {
    for (const auto& [blocks, rows] : {std::pair{9, 35}, {160, 19}, {1, 16 * 560 + 5}}) {
        if (rows > 100 && type() != WeightType::Q8_0 && type() != WeightType::F16) continue;
        const int cols = columns(type(), blocks), used = int(kChosen.size());
        const Stack down(type(), 5, rows, cols, 60);
        const Aligned<float> x = aligned(makeData(Data::OutlierHeavy, used, cols, 7));
        std::vector<float> sum(std::size_t(rows), 0.0F);
        for (int rank = 0; rank < used; ++rank) {
            std::vector<float> alone(std::size_t(rows), NAN);
            const ExpertChoice& choice = kChosen[std::size_t(rank)];
            ASSERT_EQ(
                matvec(down.experts[std::size_t(choice.expert)].device, x.data() + rank * cols, alone.data(), nullptr),
                0);
            for (std::size_t r = 0; r < sum.size(); ++r) sum[r] += choice.weight * alone[r];
        }
        for (const bool add : {false, true}) {
            std::vector<float> got(std::size_t(rows + 1), 0.25F), want = sum;
            for (float& y : want) y = add ? 0.25F + y : y;
            want.push_back(0.25F);
            MatvecArgs args;
            args.w[0] = down.first, args.y[0] = got.data(), args.count = 1, args.x = x.data(), args.add = add;
            args.chosen = kChosen.data(), args.experts = used, args.sum = true;
            ASSERT_EQ(matvecs(args, nullptr), 0);
            EXPECT_EQ(got, want) << blocks << " blocks, add " << add;
            args.experts = 1, args.add = false;  // one expert is its product, weighted
            ASSERT_EQ(matvecs(args, nullptr), 0);
            std::vector<float> alone(std::size_t(rows), NAN);
            ASSERT_EQ(matvec(down.experts[3].device, x.data(), alone.data(), nullptr), 0);
            for (std::size_t r = 0; r < alone.size(); ++r) ASSERT_EQ(got[r], 0.5F * alone[r]);
        }
    }
}

TEST(CudaExpertRows, GoToTheirExpertAndBackAsTheReferencesHaveThem) {
    const int tokens = 9;
    for (const auto& places :
         {std::vector<ExpertPlace>{{8, 0.5F}},
          {{0, 1.0F}, {3, 0.25F}, {4, -0.0F}, {8, 0.75F}},
          {{0, .1F}, {1, .2F}, {2, .3F}, {3, .4F}, {4, .5F}, {5, .6F}, {6, .7F}, {7, .8F}, {8, 1}}})
        for (const int n : {32, 288, 4096}) {
            const int count = int(places.size());
            const auto size = std::size_t(count * n);
            const auto y = makeData(Data::OutlierHeavy, count, n, 8);
            auto x = makeData(Data::Normal, tokens, n, 9);
            Aligned<std::uint16_t> halves(x.size()), got(size);
            for (std::size_t i = 0; i < x.size(); ++i) halves[i] = floatToHalf(x[i]);
            std::vector<std::uint16_t> want(size);
            gatherRowsRef(places.data(), count, halves.data(), n, want.data());
            ASSERT_EQ(gatherRows(places.data(), count, halves.data(), n, got.data(), nullptr), 0);
            EXPECT_TRUE(std::equal(want.begin(), want.end(), got.data())) << count << " places of " << n;
            auto sum = x;
            addExpertRowsRef(places.data(), count, y.data(), n, sum.data());
            ASSERT_EQ(addExpertRows(places.data(), count, y.data(), n, x.data(), nullptr), 0);
            EXPECT_EQ(x, sum) << count << " places of " << n;
        }
}

}  // namespace
}  // namespace lectern::test
