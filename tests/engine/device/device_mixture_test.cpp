// SPDX-License-Identifier: GPL-3.0-or-later
// Mixtures of experts: the device's forward pass on emulated kernels against the CPU's.
#include "engine/device/device_room.h"
#include "tests/engine/device/both_processors.h"
#include "tests/engine/device/layer_work.h"

namespace lectern::test {
namespace {

TinyModelOptions mixture(int experts, int used, WeightType type = WeightType::F32) {
    auto options = mixtral(type);
    options.heads = 4, options.kv_heads = 1, options.head_dim = 64, options.vocab = 384;
    options.experts = experts, options.experts_used = used;
    return options;
}

/// A made-up one, whose parts a test may take another of.
MadeUpShape madeUp(int experts = 5) {
    MadeUpShape shape;
    shape.experts = experts, shape.vocab = 384, shape.weights = WeightType::Q8_0;
    return shape;
}

class DeviceMixtureTypes : public testing::TestWithParam<WeightType> {};

TEST_P(DeviceMixtureTypes, GiveTheLogitsOfTheCpu) {
    expectEveryWay(Both(mixture(4, 2, GetParam())));
}

INSTANTIATE_TEST_SUITE_P(Types, DeviceMixtureTypes, testing::ValuesIn(kernels::kWeightTypes),
                         [](const auto& info) { return std::string(kernels::weightBlock(info.param).name); });

TEST(DeviceMixture, OfAnyNumberOfExpertsGivesTheLogitsOfTheCpu) {
    for (const auto& [experts, used] : {std::pair{1, 1}, {5, 1}, {3, 3}, {40, 6}}) {
        SCOPED_TRACE(std::to_string(used) + " of " + std::to_string(experts));
        expectEveryWay(Both(mixture(experts, used)));
        expectEveryWay(Both(mixture(experts, used, WeightType::Q4_0)));
    }
    expectEveryWay(Both(mixture(4, 2), true));  // a folder of Hugging Face
}

TEST(DeviceMixture, ReadsChunkByChunkAndAnswersFromCodes) {
    Both both(mixture(4, 2, WeightType::Q4_0));
    for (const char* name : {"nuq4", "nuq2"}) {
        SCOPED_TRACE(name);
        KvCache a = both.cpu->makeCache(kept(name));
        ASSERT_TRUE(both.cpu->prefill(a, both.tokens(0, 200), nullptr, {}));
        a.finish(both.pool);
        KvCache b = a;
        both.expectSameFromItsPages(b, both.tokens(200, 130), "a chunk");
        both.expectSameFromItsPages(b, both.tokens(330, 70), "a second one");
        both.expectSameFromItsPages(b, both.tokens(400, 5), "five tokens");
        both.expectSameFromItsPages(b, both.tokens(405, 1), "one token");
        expectCopiesEqual(b);
        ASSERT_TRUE(both.cpu->prefill(a, both.tokens(200, 206), nullptr, {}));
        EXPECT_LT(codesThatDiffer(a, b), 0.005) << "each coded keys of its own";
    }
}

TEST(DeviceMixture, ReadsMoreTokensThanAChunkHas) {
    Both both(mixture(4, 2));
    std::vector<float> want(384, NAN), got = want;
    KvCache a = both.cpu->makeCache(kept("fp16")), b = both.device_side->makeCache(kept("fp16"));
    ASSERT_TRUE(both.cpu->prefill(a, both.tokens(0, 600), want.data(), {}));
    ASSERT_TRUE(both.device_side->prefill(b, both.tokens(0, 600), got.data(), {}));
    EXPECT_LT(relativeError(got, want), kTolerance);
}

/// All experts are as good: every token goes to the first ones, and the others have none.
TEST(DeviceMixture, ARouterThatIsUndecidedGivesAllTokensToTheFirstExperts) {
    for (const int used : {1, 2}) {
        MadeUpShape shape = madeUp();
        shape.experts_used = used;
        const MadeUpModel made(shape);
        std::vector<std::byte> nothing(std::size_t(shape.experts * shape.hidden) * sizeof(float));
        for (LayerWeights& layer : made.model->layers) layer.router.data = nothing.data();
        Both both(made.model);
        KvCache a = both.cpu->makeCache(kept("fp16"));
        const auto many = both.run(*both.cpu, a, both.tokens(0, 90)), one = both.run(*both.cpu, a, both.tokens(90, 1));
        expectEveryWay(both);
        // What the last experts are does not count.
        for (LayerWeights& layer : made.model->layers)
            layer.experts[2] = layer.experts[3] = layer.experts[4] = layer.experts[0];
        Both other(made.model);
        KvCache b = other.device_side->makeCache(kept("fp16"));
        EXPECT_LT(relativeError(other.run(*other.device_side, b, other.tokens(0, 90)), many), kTolerance) << used;
        EXPECT_LT(relativeError(other.run(*other.device_side, b, other.tokens(90, 1)), one), kTolerance) << used;
    }
}

TEST(DeviceMixture, MatricesOfAnExpertMayDifferInType) {
    MadeUpShape shape = madeUp();
    shape.weights = WeightType::Q4_K, shape.finer = WeightType::Q6_K;
    const MadeUpModel made(shape);
    shape.weights = WeightType::Q5_0, shape.seed = 2;
    const MadeUpModel other(shape);
    for (std::size_t layer = 0; layer < made.model->layers.size(); ++layer)
        for (std::size_t expert = 0; expert < 5; ++expert)
            made.model->layers[layer].experts[expert].up = other.model->layers[layer].experts[expert].up;
    expectEveryWay(Both(made.model));
}

TEST(DeviceMixture, WhatExpertsGiveIsNormedWhereTheModelDoesSo) {
    MadeUpShape shape = madeUp();
    shape.gemma = true;
    expectEveryWay(Both(MadeUpModel(shape).model));
}

TEST(DeviceMixture, GivesTheSameBitsInEveryRunRecordedOrNot) {
    LecternCudaModule refusing = emulatedModule();
    refusing.beginCapture = [](kernels::Stream) { return -1; };
    const auto options = mixture(6, 2, WeightType::Q8_0);
    Both recording(options), again(options), without(options, false, 0, refusing);
    Both* const all[] = {&recording, &again, &without};
    std::vector<KvCache> contexts;
    for (Both* both : all) contexts.push_back(both->device_side->makeCache(kept("fp16")));
    const int before = emulatedGraphLaunches();
    for (std::size_t at = 0; at < 130;) {
        const std::size_t count = at < 100 ? 50 : 1;  // each token of its own experts
        std::vector<float> want;
        for (std::size_t i = 0; i < 3; ++i) {
            const auto got = all[i]->run(*all[i]->device_side, contexts[i], all[i]->tokens(at, count));
            if (i == 0) want = got;
            ASSERT_EQ(std::memcmp(got.data(), want.data(), want.size() * sizeof(float)), 0) << at << ", " << i;
        }
        at += count;
    }
    EXPECT_GT(emulatedGraphLaunches(), before + 40);
}

TEST(DeviceMixture, ADecodedLayerIsOneLaunchMoreThanWithoutExpertsAndNoCopies) {
    MadeUpShape one_network = madeUp(0), quantized = madeUp(), plain = madeUp(), finer = madeUp();
    plain.weights = WeightType::BF16;
    finer.weights = WeightType::Q4_K, finer.finer = WeightType::Q6_K;
    KvSettings settings = kept("fp16");
    settings.sinks = 0;
    const int dense = ofALayer(one_network, settings, false).grids;
    for (const auto* shape : {&quantized, &plain}) {
        const Work work = ofALayer(*shape, settings, false);
        EXPECT_EQ(work.grids, dense + 1) << kernels::weightBlock(shape->weights).name << ": the router";
        EXPECT_EQ(work.copies, 0);
    }
    EXPECT_EQ(ofALayer(finer, settings, false).grids, dense + 2) << "values of another type";
}

TEST(DeviceMixture, PagesMayStayWithTheHost) {
    const std::uint64_t page = 2 * 2 * 64 * 64 * 2;  // layers, kinds, channels, tokens, fp16
    Both both(mixture(4, 2, WeightType::Q8_0), false, 6 * page);
    KvCache a = both.cpu->makeCache(kept("fp16")), b = both.device_side->makeCache(kept("fp16"));
    for (std::size_t at = 0; at < 500; at += 100)
        both.expectSame(a, b, both.tokens(at, 100), "from " + std::to_string(at));
    both.expectSame(a, b, both.tokens(500, 1), "one token");
    both.expectSame(a, b, both.tokens(501, 6), "six tokens");
    EXPECT_GT(both.on_device->hostPageBytes(), 0U);
    expectCopiesEqual(b);
}

TEST(DeviceMixture, TakesTheMemoryThatItIsPlannedWith) {
    const TempDir dir;
    for (const WeightType type : {WeightType::F32, WeightType::Q4_0, WeightType::Q6_K}) {
        auto options = mixture(7, 2, type);
        options.hidden = options.ffn = 512;
        const auto model = Model::open(writeTinyGguf(dir.path(), options));
        ASSERT_TRUE(model) << model.error().message;
        const std::uint64_t stored = (*model)->weights_bytes, padding = 2 * 256 * (2 * 36 + 8);
        EXPECT_GE(DeviceModel::bytes(**model), stored) << kernels::weightBlock(type).name;
        EXPECT_LT(DeviceModel::bytes(**model), stored + padding) << kernels::weightBlock(type).name;
    }
    const Both with(mixture(7, 2)), without(tiny(4, 1, 64));
    const std::uint64_t chunk = Transformer::kChunk, hidden = 64, used = 2;
    const std::uint64_t more = chunk * hidden * (2 + 4) + 2 * 2 * chunk * used * sizeof(kernels::ExpertChoice);
    EXPECT_GE(with.on_device->scratchBytes(), without.on_device->scratchBytes() + more - 6 * 256);
    const auto device = Device::open(emulatedModule(), 0);
    ASSERT_TRUE(device);
    setEmulatedMemory(kDeviceReserve + DeviceModel::bytes(*with.model) / 2);
    ThreadPool pool(1);
    const auto made = DeviceTransformer::make(*device, with.model, pool, 512);
    setEmulatedMemory(std::uint64_t(16) << 30);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, ErrorCode::NoRoom) << made.error().message;
}

TEST(DeviceMixture, ExpertsOfDifferentTypesAreRefused) {
    const MadeUpModel made(madeUp());
    MadeUpShape shape = madeUp();
    shape.weights = WeightType::Q4_0;
    const MadeUpModel other(shape);
    made.model->layers[1].experts[3].down = other.model->layers[1].experts[3].down;
    const Status served = DeviceModel::served(*made.model);
    ASSERT_FALSE(served);
    EXPECT_EQ(served.error().code, ErrorCode::Usage);
    EXPECT_NE(served.error().message.find("the experts of layer 1"), std::string::npos) << served.error().message;
}

}  // namespace
}  // namespace lectern::test
