// SPDX-License-Identifier: GPL-3.0-or-later
// The device's forward pass on emulated kernels against the CPU's.
#include "engine/device/device_transformer.h"

#include "tests/engine/device/both_processors.h"
#include "tests/engine/device/layer_work.h"

namespace lectern::test {
namespace {

struct Shape {
    const char* name;
    TinyModelOptions options;
    bool hugging_face;
};

TinyModelOptions biased() {
    TinyModelOptions options = tiny(4, 2, 64);
    options.attention_bias = options.mlp_bias = true;
    return options;
}

class DeviceShapes : public testing::TestWithParam<Shape> {};

TEST_P(DeviceShapes, GiveTheLogitsOfTheCpu) {
    expectEveryWay(Both(GetParam().options, GetParam().hugging_face));
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, DeviceShapes,
    testing::Values(
        Shape{"GroupedQueries", tiny(4, 2, 64), false}, Shape{"HalfSplit", tiny(4, 2, 64), true},
        Shape{"HeadDim80", tiny(2, 2, 80), false}, Shape{"HeadDim96", tiny(2, 1, 96), true},
        Shape{"HeadDim128", tiny(3, 1, 128), false}, Shape{"HeadDim256", tiny(2, 1, 256), true},
        Shape{"Qwen2Bias", with("qwen2"), true}, Shape{"EveryBias", biased(), false},
        Shape{"Qwen3Norms", with("qwen3"), false}, Shape{"Yarn", with("qwen2", "yarn", 4), true},
        Shape{"PartialYarn", with("qwen3", "yarn", 4, 32), true},
        Shape{"PartialRotary", with("llama", "linear", 1, 32), false},
        Shape{"SlidingWindow", with("mistral", "linear", 1, 0, 40), true},
        Shape{"WindowOfOne", with("mistral", "linear", 1, 0, 1), true},
        Shape{"Phi3LongRope", with("phi3", "longrope", 2, 32), true}, Shape{"Gemma3", gemmaOf(64), false},
        Shape{"Gemma3HeadDim256", gemmaOf(256), true}, Shape{"Gemma2", gemma2Of(64), false},
        Shape{"Gemma2HeadDim256", gemma2Of(256), true}, Shape{"Ministral3", ministral3Of(64), false},
        Shape{"Ministral3HeadDim128", ministral3Of(128), true}, Shape{"SmolLm3", smollm3Of(64), true},
        Shape{"SmolLm3HeadDim128", smollm3Of(128), false}, Shape{"F16", with(kernels::WeightType::F16), false},
        Shape{"BF16", with(kernels::WeightType::BF16), false}, Shape{"Q8", with(kernels::WeightType::Q8_0), false},
        Shape{"Q4", with(kernels::WeightType::Q4_0), false}, Shape{"Q4_1", with(kernels::WeightType::Q4_1), false},
        Shape{"Q5_0", with(kernels::WeightType::Q5_0), false}, Shape{"Q5_1", with(kernels::WeightType::Q5_1), false},
        Shape{"Q2K", with(kernels::WeightType::Q2_K), false}, Shape{"Q3K", with(kernels::WeightType::Q3_K), false},
        Shape{"Q4K", with(kernels::WeightType::Q4_K), false}, Shape{"Q5K", with(kernels::WeightType::Q5_K), false},
        Shape{"Q6K", with(kernels::WeightType::Q6_K), false}, Shape{"Iq4Nl", with(kernels::WeightType::IQ4_NL), false},
        Shape{"Iq4Xs", with(kernels::WeightType::IQ4_XS), false}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(DeviceTransformer, MatricesOfOneInputMayDifferInType) {
    MadeUpShape shape;
    shape.weights = WeightType::Q4_K;
    shape.finer = WeightType::Q6_K;
    shape.vocab = 384;
    const MadeUpModel made(shape);
    ASSERT_NE(made.model->layers[0].v.type, made.model->layers[0].q.type);
    Both both(made.model);
    KvCache a = both.cpu->makeCache(kept("fp16")), b = both.device_side->makeCache(kept("fp16"));
    both.expectSame(a, b, both.tokens(0, 90), "a chunk");
    both.expectSame(a, b, both.tokens(90, 2), "two tokens");
    both.expectSame(a, b, both.tokens(92, 6), "six tokens");
    both.expectSame(a, b, both.tokens(98, 1), "one token");
}

/// A gate's matrices that differ are two products; those of one type are one.
TEST(DeviceTransformer, TheMatricesOfAGateMayDifferInType) {
    MadeUpShape shape;
    shape.vocab = 384;
    const MadeUpModel made(shape);
    shape.weights = WeightType::Q8_0, shape.seed = 2;
    const MadeUpModel other(shape);
    for (std::size_t layer = 0; layer < made.model->layers.size(); ++layer)
        made.model->layers[layer].up = other.model->layers[layer].up;
    Both both(made.model);
    KvCache a = both.cpu->makeCache(kept("fp16")), b = both.device_side->makeCache(kept("fp16"));
    both.expectSame(a, b, both.tokens(0, 90), "a chunk");
    both.expectSame(a, b, both.tokens(90, 6), "six tokens");
    both.expectSame(a, b, both.tokens(96, 1), "one token");
}

/// From the first token on: sinks do not fill their page, and tokens fall to both of its sides.
TEST(DeviceTransformer, AContextMayBeginWithFewTokens) {
    Both both(tiny(4, 2, 64));
    for (const std::size_t first : {1U, 5U, 7U, 12U}) {
        KvCache a = both.cpu->makeCache(kept("fp16")), b = both.device_side->makeCache(kept("fp16"));
        both.expectSame(a, b, both.tokens(0, first), "the first tokens");
        both.expectSame(a, b, both.tokens(first, 3), "three more");
        both.expectSame(a, b, both.tokens(first + 3, 1), "one more");
        expectCopiesEqual(b);
    }
}

TEST(DeviceTransformer, ADecodedLayerIsFewLaunchesAndNoCopies) {
    // Queries, keys and values; their heads; a part of the context each; merge; output; gate and up; down.
    const int rest = 6;
    MadeUpShape plain, biased, normed, mixed, gemma;
    plain.weights = WeightType::Q4_0;
    biased.bias = true;
    normed.weights = WeightType::Q8_0, normed.head_norms = true;
    mixed.weights = WeightType::Q4_K, mixed.finer = WeightType::Q6_K;
    gemma.weights = WeightType::Q4_0, gemma.gemma = gemma.head_norms = true;
    KvSettings no_sinks = kept("fp16");
    no_sinks.sinks = 0;
    const struct {
        const char* name;
        const MadeUpShape& shape;
        KvSettings settings;
        bool mass;
        int want;
    } cases[] = {{"fp16 without sinks", plain, no_sinks, false, rest + 1},
                 {"fp16", plain, kept("fp16"), false, rest + 2},
                 {"sinks, codes, window", plain, kept("nuq3"), false, rest + 3},
                 {"mass", plain, kept("nuq3"), true, rest + 4},
                 {"biases", biased, kept("nuq3"), false, rest + 3},
                 {"norms of heads", normed, kept("nuq3"), false, rest + 3},
                 {"values of another type", mixed, kept("nuq3"), false, rest + 4},
                 {"norms behind sublayers", gemma, kept("nuq3"), false, rest + 5}};
    for (const auto& one : cases) {
        const Work work = ofALayer(one.shape, one.settings, one.mass);
        EXPECT_EQ(work.grids, one.want) << one.name;
        EXPECT_EQ(work.copies, 0) << one.name;
    }
}

TEST(DeviceTransformer, LogitsAreBoundedAsOnTheCpu) {
    MadeUpShape shape;
    shape.gemma = true;
    shape.vocab = 384;
    const MadeUpModel made(shape);
    Both plain(made.model);
    KvCache unbounded = plain.device_side->makeCache(kept("fp16"));
    const auto free = plain.run(*plain.device_side, unbounded, plain.tokens(0, 90));
    const float largest = std::abs(*std::ranges::max_element(free, {}, [](float x) { return std::abs(x); }));
    made.model->config.logit_cap = largest / 2;  // gemma2 whose file says null for the cap of scores
    Both both(made.model);
    KvCache a = both.cpu->makeCache(kept("fp16")), b = both.device_side->makeCache(kept("fp16"));
    both.expectSame(a, b, both.tokens(0, 90), "a chunk");
    both.expectSame(a, b, both.tokens(90, 1), "one token");
    const std::size_t vocab = std::size_t(both.model->config.vocab);
    std::vector<float> want(20 * vocab, NAN), got = want;
    ASSERT_TRUE(both.cpu->forward(a, both.tokens(91, 20), Logits::All, want.data()));
    ASSERT_TRUE(both.device_side->forward(b, both.tokens(91, 20), Logits::All, got.data()));
    EXPECT_LT(relativeError(got, want), kTolerance);
    EXPECT_TRUE(std::ranges::all_of(got, [&](float x) { return std::abs(x) <= largest / 2; }));
}

TEST(DeviceModel, TakesAsMuchMemoryAsTheFileHasBytes) {
    constexpr std::uint64_t kPadding = 2 * 256 * 40;  // elements and scales of every tensor
    for (const kernels::WeightType type : kernels::kWeightTypes) {
        const TempDir folder;
        auto options = with(type);
        options.hidden = options.ffn = 512;
        const auto model = Model::open(writeTinyGguf(folder.path(), options));
        ASSERT_TRUE(model) << model.error().message;
        const std::uint64_t stored = (*model)->weights_bytes;
        EXPECT_GE(DeviceModel::bytes(**model), stored) << kernels::weightBlock(type).name;
        EXPECT_LT(DeviceModel::bytes(**model), stored + kPadding) << kernels::weightBlock(type).name;
    }
}

TEST(DeviceTransformer, EveryPairOfBitsReadsAndAnswersAsTheCpuDoes) {
    Both both(tiny(2, 1, 64));
    for (const char* name : {"nuq4", "nuq3", "nuq2", "nuq4/2", "nuq2/3", "nuq3/16-0%", "nuq4@0=16/2", "int4"}) {
        // Quantized once, by the CPU: coding what differs a little may differ by a level.
        KvCache a = both.cpu->makeCache(kept(name));
        ASSERT_TRUE(both.cpu->prefill(a, both.tokens(0, 200), nullptr, {}));
        a.finish(both.pool);
        ASSERT_TRUE(a.quantizer());
        KvCache b = a;
        both.expectSame(a, b, both.tokens(200, 1), std::string(name) + ", one token");
        both.expectSame(a, b, both.tokens(201, 40), std::string(name) + ", a chunk");
        expectCopiesEqual(b);
    }
}

TEST(DeviceTransformer, PagesThatLeaveTheWindowAreCodedAndUsed) {
    Both both(tiny(2, 1, 64));
    for (const char* name : {"nuq4", "nuq2"}) {
        KvCache a = both.cpu->makeCache(kept(name)), b = both.device_side->makeCache(kept(name));
        both.expectSame(a, b, both.tokens(0, 200), "raw");
        a.finish(both.pool);
        b.setQuantizer(a.quantizer());
        b.finish(both.pool);
        ASSERT_FALSE(b.block(0, KvKind::Key, 1)->layout().raw());
        both.expectSameFromItsPages(b, both.tokens(200, 80), std::string(name) + ", a chunk");
        both.expectSameFromItsPages(b, both.tokens(280, 12), std::string(name) + ", a chunk as rows");
        both.expectSameFromItsPages(b, both.tokens(292, 1), std::string(name) + ", one token");
        EXPECT_EQ(b.tokens(), 293U);
        expectCopiesEqual(b);
        ASSERT_TRUE(both.cpu->prefill(a, both.tokens(200, 93), nullptr, {}));
        EXPECT_LT(codesThatDiffer(a, b), 0.005) << name << ": each coded keys of its own";
    }
}

/// Weights whose products a GPU's check had failed with: the CPU attended with bfloat16 factors, and erred.
TEST(DeviceTransformer, ErrsLessThanAttentionWithBfloat16) {
    MadeUpShape shape;
    shape.weights = WeightType::Q4_K;
    const MadeUpModel made(shape);
    Both both(made.model);
    std::mt19937 random(5);
    for (auto& id : both.ids) id = std::int32_t(random() % unsigned(shape.vocab));
    KvCache cache = both.cpu->makeCache(kept("nuq4", 128));
    ASSERT_TRUE(both.cpu->prefill(cache, both.tokens(0, 711), nullptr, {}));
    cache.finish(both.pool);
    const auto tokens = both.tokens(711, 12);
    KvCache fork = cache, other = cache;
    const auto want = both.run(*both.cpu, fork, tokens);
    const double error = relativeError(both.run(*both.device_side, cache, tokens), want);
    EXPECT_LT(error, kTolerance / 2);
    const auto* bfloat16 = kernels::kernelsFor(kernels::Isa::Avx512Bf16);
    if (bfloat16 == nullptr) return;  // this machine has no such kernels
    Transformer rounding(both.model, both.pool, *bfloat16);
    EXPECT_LT(error, relativeError(both.run(rounding, other, tokens), want));
}

/// A cache of these settings that holds what `read` does, all in fp16.
KvCache rawCopy(const KvCache& read, KvCache empty) {
    ThreadPool pool(1);
    empty.makeRoom(int(read.tokens()), pool);
    for (int page = 0; page < read.pageCount(read.tokens()); ++page)
        for (int layer = 0; layer < read.layers(); ++layer)
            for (const KvKind kind : {KvKind::Key, KvKind::Value})
                empty.fillRaw(layer, kind, page, read.block(layer, kind, page)->data());
    empty.advance(int(read.tokens()));
    return empty;
}

TEST(DeviceTransformer, CodesWithTheBytesOfTheCpu) {
    Both both(tiny(2, 1, 64));
    KvCache read = both.device_side->makeCache(kept("nuq4"));  // once: what is coded is the same for all
    both.run(*both.device_side, read, both.tokens(0, 200));
    both.run(*both.device_side, read, both.tokens(200, 150));
    ASSERT_TRUE(!read.quantizer());
    for (const char* name : {"nuq4", "nuq3", "nuq2-0%", "nuq3@0=16/2", "int4"}) {
        KvCache by_cpu = rawCopy(read, both.device_side->makeCache(kept(name)));
        KvCache by_device = by_cpu;
        by_cpu.finish(both.pool);
        ASSERT_TRUE(by_cpu.quantizer());
        by_device.setQuantizer(by_cpu.quantizer());
        both.run(*both.device_side, by_device, both.tokens(900, 1));
        int coded = 0;
        for (int page = 0; page < by_cpu.pageCount(350); ++page)
            for (int layer = 0; layer < by_cpu.layers(); ++layer)
                for (const KvKind kind : {KvKind::Key, KvKind::Value}) {
                    const KvBlock &want = *by_cpu.block(layer, kind, page), &got = *by_device.block(layer, kind, page);
                    ASSERT_EQ(got.layout().bits, want.layout().bits) << name;
                    if (want.layout().raw()) continue;
                    ++coded;
                    EXPECT_TRUE(got.copy()) << name << ": page " << page << " was not coded by the device";
                    ASSERT_EQ(std::memcmp(got.data(), want.data(), want.bytes()), 0) << name << " page " << page;
                }
        EXPECT_GE(coded, 12);
        expectCopiesEqual(by_device);
        both.run(*both.device_side, by_device, both.tokens(901, 1));
        expectCopiesEqual(by_device);
    }
}

TEST(DeviceTransformer, WithoutAWindowTokensSeeThemselvesQuantized) {
    Both both(tiny(2, 1, 64));
    KvCache a = both.cpu->makeCache(kept("nuq3", 0));
    ASSERT_TRUE(both.cpu->prefill(a, both.tokens(0, 150), nullptr, {}));
    a.finish(both.pool);
    KvCache b = a;
    both.expectSame(a, b, both.tokens(150, 1), "one token");
    const auto want = both.run(*both.cpu, a, both.tokens(151, 30)),
               got = both.run(*both.device_side, b, both.tokens(151, 30));
    EXPECT_LT(relativeError(got, want), 0.1);
    expectCopiesEqual(b);
}

/// Tokens one by one, over the ends of pages, in two contexts, hidden positions and all: the same bits as without
/// graphs, whether a device refuses to begin to record or to end.
TEST(DeviceTransformer, RecordedTokensGiveTheBitsOfThoseThatAreNot) {
    LecternCudaModule refusing[2] = {emulatedModule(), emulatedModule()};
    refusing[0].beginCapture = [](kernels::Stream) { return -1; };
    refusing[1].endCapture = [](kernels::Stream stream, LecternCudaModule::Graph* graph) {
        emulatedModule().endCapture(stream, graph);
        emulatedModule().destroyGraph(*graph);
        return -1;
    };
    const auto options = with("mistral", "linear", 1, 0, 100);
    Both recording(options, true), begins(options, true, 0, refusing[0]), ends(options, true, 0, refusing[1]);
    Both* const all[] = {&recording, &begins, &ends};
    KvCache quantized = recording.cpu->makeCache(kept("nuq3"));
    ASSERT_TRUE(recording.cpu->prefill(quantized, recording.tokens(0, 240), nullptr, {}));
    quantized.finish(recording.pool);
    std::vector<KvCache> contexts, others;
    for (std::size_t i = 0; i < 3; ++i) contexts.push_back(quantized), others.push_back(quantized);
    const int before = emulatedGraphLaunches();
    for (std::size_t step = 0; step < 36; ++step) {
        const bool other = step % 9 == 4, mass = step % 8 < 4;
        if (step == 28)
            for (KvCache& context : contexts) context.hide({{20, 30}, {190, 210}});
        std::vector<float> want;
        AttentionMass want_mass;
        for (std::size_t i = 0; i < 3; ++i) {
            AttentionMass got_mass;
            got_mass.by_layer = step % 8 < 2;
            const auto got = all[i]->run(*all[i]->device_side, other ? others[i] : contexts[i],
                                         all[i]->tokens(300 + step, 1), mass ? &got_mass : nullptr);
            if (i == 0) want = got, want_mass = got_mass;
            ASSERT_EQ(std::memcmp(got.data(), want.data(), want.size() * sizeof(float)), 0) << step << ", " << i;
            EXPECT_EQ(got_mass.groups, want_mass.groups) << step << ", " << i;
            EXPECT_EQ(got_mass.layers, want_mass.layers) << step << ", " << i;
        }
    }
    EXPECT_GT(emulatedGraphLaunches(), before + 10);
    for (const KvCache& context : contexts) expectCopiesEqual(context);
}

TEST(DeviceTransformer, HiddenPositionsAreNotSeen) {
    for (const int window : {0, 50}) {
        Both both(with("mistral", "linear", 1, 0, window), true);
        KvCache a = both.cpu->makeCache(kept("fp16")), b = both.device_side->makeCache(kept("fp16"));
        both.expectSame(a, b, both.tokens(0, 200), "all seen");
        for (KvCache* cache : {&a, &b}) cache->hide({{10, 20}, {30, 31}, {60, 140}, {180, 190}});
        AttentionMass by_cpu, by_device;
        by_cpu.by_layer = by_device.by_layer = true;
        const auto want = both.run(*both.cpu, a, both.tokens(200, 1), &by_cpu);
        const auto got = both.run(*both.device_side, b, both.tokens(200, 1), &by_device);
        EXPECT_LT(relativeError(got, want), kTolerance);
        ASSERT_EQ(by_cpu.groups.size(), by_device.groups.size());
        EXPECT_EQ(by_cpu.rows, by_device.rows);
        for (std::size_t i = 0; i < by_cpu.groups.size(); ++i)
            EXPECT_NEAR(by_cpu.groups[i], by_device.groups[i], 0.02) << i;
        expectSameLayers(by_device, by_cpu);
        both.expectSame(a, b, both.tokens(201, 30), "a chunk over runs of pages");
    }
}

TEST(DeviceTransformer, MassOfEveryTokenSumsToOnePerHead) {
    Both both(tiny(4, 2, 64));
    KvCache cache = both.device_side->makeCache(kept("fp16"));
    both.run(*both.device_side, cache, both.tokens(0, 130));
    AttentionMass mass;
    both.run(*both.device_side, cache, both.tokens(130, 7), &mass);
    EXPECT_EQ(mass.rows, 7 * 2 * 4);
    EXPECT_NEAR(std::accumulate(mass.groups.begin(), mass.groups.end(), 0.0) / mass.rows, 1.0, 1e-3);
}

TEST(DeviceTransformer, MassByLayerIsTheCpusAndIsGivenWhereItIsAskedFor) {
    Both both(tiny(4, 2, 64));
    for (const char* name : {"fp16", "nuq3"}) {
        KvCache a = both.cpu->makeCache(kept(name));
        ASSERT_TRUE(both.cpu->prefill(a, both.tokens(0, 300), nullptr, {}));
        a.finish(both.pool);
        KvCache b = a;
        // One token again and again: what is recorded with the layers apart is not taken for what is recorded without.
        for (std::size_t step = 0; step < 12; ++step) {
            AttentionMass want, got;
            want.by_layer = got.by_layer = step % 6 < 3;
            const auto tokens = both.tokens(400 + 10 * step, step == 11 ? 7 : 1);
            both.run(*both.cpu, a, tokens, &want);
            both.run(*both.device_side, b, tokens, &got);
            EXPECT_EQ(got.layers.size(), got.by_layer ? 2U : 0U) << name << ", step " << step;
            expectSameLayers(got, want);
            ASSERT_EQ(got.groups.size(), want.groups.size());
            for (std::size_t i = 0; i < want.groups.size(); ++i)
                EXPECT_NEAR(got.groups[i], want.groups[i], 0.03) << name << ", step " << step << ", " << i;
        }
    }
}

TEST(DeviceTransformer, ForksShareTheirPagesUntilTheyPart) {
    Both both(tiny(2, 1, 64));
    KvCache a = both.cpu->makeCache(kept("fp16")), b = both.device_side->makeCache(kept("fp16"));
    both.expectSame(a, b, both.tokens(0, 150), "trunk");
    KvCache left_a = a, right_a = a, left_b = b, right_b = b;
    both.expectSame(left_a, left_b, both.tokens(150, 20), "left");
    EXPECT_EQ(left_b.block(0, KvKind::Key, 1)->copy(), b.block(0, KvKind::Key, 1)->copy());
    EXPECT_NE(left_b.block(0, KvKind::Key, 3)->copy(), b.block(0, KvKind::Key, 3)->copy());
    both.expectSame(right_a, right_b, both.tokens(300, 3), "right");
    both.expectSame(left_a, left_b, both.tokens(170, 1), "left again");
    both.expectSame(a, b, both.tokens(500, 1), "trunk again");
    for (const KvCache* cache : {&b, &left_b, &right_b}) expectCopiesEqual(*cache);
}

TEST(DeviceTransformer, ForgottenTokensLeaveNothingBehind) {
    Both both(tiny(2, 1, 64));
    KvCache a = both.cpu->makeCache(kept("fp16")), b = both.device_side->makeCache(kept("fp16"));
    both.expectSame(a, b, both.tokens(0, 150), "first");
    for (KvCache* cache : {&a, &b}) cache->rewind(70);
    both.expectSame(a, b, both.tokens(400, 1), "after rewinding");
    both.expectSame(a, b, both.tokens(401, 30), "and on");
    expectCopiesEqual(b);
}

TEST(DeviceTransformer, LogitsOfAllTokensEqualTheCpus) {
    auto options = tiny(2, 1, 64);
    Both both(options);
    for (const std::size_t count : {1U, 3U, 40U}) {
        KvCache a = both.cpu->makeCache(kept("fp16")), b = both.device_side->makeCache(kept("fp16"));
        std::vector<float> want(count * std::size_t(options.vocab)), got(want.size(), NAN);
        ASSERT_TRUE(both.cpu->forward(a, both.tokens(0, count), Logits::All, want.data()));
        ASSERT_TRUE(both.device_side->forward(b, both.tokens(0, count), Logits::All, got.data()));
        EXPECT_LT(relativeError(got, want), kTolerance) << count;
    }
}

TEST(DeviceTransformer, ContextsUsedLongAgoMakeRoomForOthers) {
    const std::uint64_t page = 2 * 2 * 64 * 64 * 2;  // layers, kinds, channels, tokens, fp16
    Both both(tiny(2, 1, 64), false, 8 * page);
    KvCache a = both.cpu->makeCache(kept("fp16")), b = both.device_side->makeCache(kept("fp16"));
    KvCache c = both.cpu->makeCache(kept("fp16")), d = both.device_side->makeCache(kept("fp16"));
    both.expectSame(a, b, both.tokens(0, 300), "the first context");
    both.expectSame(c, d, both.tokens(300, 300), "another one");
    both.expectSame(a, b, both.tokens(600, 1), "the first again");
    EXPECT_LE(both.on_device->pageBytes(), 8 * page);
    KvCache large = both.device_side->makeCache(kept("fp16"));
    const auto done = both.device_side->forward(large, both.tokens(0, 512), Logits::None, nullptr);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::NoRoom);
    EXPECT_NE(done.error().message.find(std::to_string(8 * page)), std::string::npos) << done.error().message;
    EXPECT_EQ(large.tokens(), 0U);
    both.expectSame(a, b, both.tokens(601, 20), "and work goes on");
}

TEST(DeviceTransformer, SaysWhatItDoesNotServe) {
    TempDir dir;
    ThreadPool pool(1);
    auto model = Model::open(writeTinyGguf(dir.path(), shaped(4, 2, 16)));
    ASSERT_TRUE(model);
    auto device = Device::open(emulatedModule(), 0);
    ASSERT_TRUE(device);
    const auto made = DeviceTransformer::make(*device, *model, pool, 512);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, ErrorCode::Usage);
    EXPECT_NE(made.error().message.find("dimension 16"), std::string::npos);
}

TEST(DeviceTransformer, AModelThatDoesNotFitIsRefusedWithNumbersBeforeItIsCopied) {
    TempDir dir;
    ThreadPool pool(1);
    auto model = Model::open(writeTinyGguf(dir.path(), tiny(2, 1, 64)));
    ASSERT_TRUE(model);
    auto device = Device::open(emulatedModule(), 0);
    ASSERT_TRUE(device);
    setEmulatedMemory(std::uint64_t(300) << 20);
    const auto made = DeviceTransformer::make(*device, *model, pool, 512);
    setEmulatedMemory(std::uint64_t(16) << 30);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, ErrorCode::NoRoom);
    EXPECT_NE(made.error().message.find("are free"), std::string::npos) << made.error().message;
}

}  // namespace
}  // namespace lectern::test
