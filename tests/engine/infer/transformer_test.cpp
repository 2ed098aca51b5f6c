// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/infer/transformer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "tests/engine/infer/plain_model.h"
#include "tests/support/test_data.h"

namespace lectern {
namespace {

KvSettings fp16() {
    KvSettings settings;
    settings.key_bits = settings.value_bits = 16;
    return settings;
}

/// Largest difference over the spread of the expected logits.
double relativeError(const std::vector<float>& got, const std::vector<double>& expected) {
    double worst = 0, scale = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        worst = std::max(worst, std::abs(double(got[i]) - expected[i]));
        scale = std::max(scale, std::abs(expected[i]));
    }
    return worst / scale;
}

struct Shape {
    const char* name;
    test::TinyModelOptions options;
    bool hugging_face;
};

class TransformerShapes : public testing::TestWithParam<Shape> {};

TEST_P(TransformerShapes, MatchPlainLoopsInDoublePrecision) {
    test::TempDir dir;
    const auto path = GetParam().hugging_face ? test::writeTinyHfFolder(dir.path(), GetParam().options)
                                              : test::writeTinyGguf(dir.path(), GetParam().options);
    auto model = Model::open(path);
    ASSERT_TRUE(model) << model.error().message;
    const auto ids = test::randomTokens(150, (*model)->config.vocab);
    const auto expected = test::PlainModel(**model).logits(ids);
    ThreadPool pool(2);
    Transformer transformer(*model, pool, kernels::bestKernels());
    for (const std::size_t chunk : {150U, 1U, 37U}) {
        KvCache cache = transformer.makeCache(fp16());
        std::vector<float> logits(expected.size());
        for (std::size_t at = 0; at < ids.size(); at += chunk) {
            const auto piece = std::span(ids).subspan(at, std::min(chunk, ids.size() - at));
            ASSERT_TRUE(transformer.forward(cache, piece, Logits::Last, logits.data()));
        }
        EXPECT_LT(relativeError(logits, expected), 2e-3) << "chunks of " << chunk;  // fp16 keys and values
    }
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, TransformerShapes,
    testing::Values(Shape{"GroupedQueries", test::shaped(4, 2, 16), false},
                    Shape{"OneKvHead", test::shaped(8, 1, 8), false}, Shape{"MultiHead", test::shaped(4, 4, 24), false},
                    Shape{"HeadDim40", test::shaped(2, 1, 40), false},
                    Shape{"HeadDim128", test::shaped(2, 1, 128), false}, Shape{"Qwen2", test::traited("qwen2"), false},
                    Shape{"Qwen2Folder", test::traited("qwen2"), true}, Shape{"Qwen3", test::traited("qwen3"), false},
                    Shape{"Qwen3Folder", test::traited("qwen3"), true}, Shape{"GemmaThree", test::gemma(), false},
                    Shape{"GemmaThreeFolder", test::gemma(24), true}, Shape{"GemmaTwo", test::gemma2(), false},
                    Shape{"GemmaTwoFolder", test::gemma2(24), true}, Shape{"MinistralThree", test::ministral3(), false},
                    Shape{"MinistralThreeFolder", test::ministral3(), true},
                    Shape{"SmolLmThree", test::smollm3(), false}, Shape{"SmolLmThreeFolder", test::smollm3(), true},
                    Shape{"Linear", test::traited("llama", "linear", 4), true},
                    Shape{"Dynamic", test::traited("llama", "dynamic", 4), true},
                    Shape{"Yarn", test::traited("qwen2", "yarn", 4), true},
                    Shape{"YarnGguf", test::traited("llama", "yarn", 4), false},
                    Shape{"Llama3", test::traited("llama", "llama3", 8), true},
                    Shape{"Llama3Gguf", test::traited("llama", "llama3", 8), false},
                    Shape{"PartialRotary", test::traited("llama", "linear", 1, 8), true},
                    Shape{"PartialRotaryGguf", test::traited("llama", "linear", 1, 8), false},
                    Shape{"PartialYarn", test::traited("qwen3", "yarn", 4, 8), true},
                    Shape{"SlidingWindow", test::traited("mistral", "linear", 1, 0, 40), true},
                    Shape{"SlidingWindowGguf", test::traited("llama", "linear", 1, 0, 7), false},
                    Shape{"WindowOfOne", test::traited("mistral", "linear", 1, 0, 1), true},
                    Shape{"Phi3", test::traited("phi3"), true}, Shape{"Phi3Gguf", test::traited("phi3"), false},
                    Shape{"LongRope", test::traited("phi3", "longrope", 2, 8), true},
                    Shape{"LongRopeGguf", test::traited("phi3", "longrope", 2, 0, 30), false},
                    Shape{"Phi3Q4K", test::wide("phi3", kernels::WeightType::Q4_K), false},
                    Shape{"Mixtral", test::mixtral(), true}, Shape{"MixtralGguf", test::mixtral(), false},
                    Shape{"MixtralQ4K", test::mixtral(kernels::WeightType::Q4_K), false},
                    Shape{"HeadDim64", test::shaped(2, 1, 64), true},
                    Shape{"HeadDim256", test::traited("qwen3", "linear", 1, 0, 0, 256), true},
                    Shape{"HalfSplit", test::shaped(4, 2, 16), true},
                    Shape{"Tied", test::shaped(4, 2, 16, kernels::WeightType::F32, true), false},
                    Shape{"Bias", test::shaped(4, 2, 16, kernels::WeightType::F32, false, true), true},
                    Shape{"F16", test::shaped(4, 2, 16, kernels::WeightType::F16), false},
                    Shape{"BF16", test::shaped(4, 2, 16, kernels::WeightType::BF16), false},
                    Shape{"Q8", test::shaped(4, 2, 16, kernels::WeightType::Q8_0), false},
                    Shape{"Q4", test::shaped(4, 2, 16, kernels::WeightType::Q4_0), false},
                    Shape{"Q5_1", test::shaped(4, 2, 16, kernels::WeightType::Q5_1), false},
                    Shape{"Q4K", test::shaped(4, 2, 64, kernels::WeightType::Q4_K), false},
                    Shape{"Q6K", test::shaped(4, 2, 64, kernels::WeightType::Q6_K), false}),
    [](const auto& info) { return std::string(info.param.name); });

class TransformerTest : public testing::Test {
protected:
    void SetUp() override {
        auto opened = Model::open(test::writeTinyGguf(m_dir.path()));
        ASSERT_TRUE(opened) << opened.error().message;
        m_model = *opened;
        m_transformer = std::make_unique<Transformer>(m_model, m_pool, kernels::bestKernels());
    }

    test::TempDir m_dir;
    std::shared_ptr<const Model> m_model;
    ThreadPool m_pool{2};
    std::unique_ptr<Transformer> m_transformer;
};

TEST_F(TransformerTest, MassOfADecodeStepSumsToOnePerHead) {
    const auto ids = test::randomTokens(700, m_model->config.vocab);
    KvSettings settings;
    KvCache cache = m_transformer->makeCache(settings);
    ASSERT_TRUE(m_transformer->prefill(cache, ids, nullptr, {}));
    AttentionMass mass;
    mass.by_layer = true;
    std::vector<float> logits(std::size_t(m_model->config.vocab));
    ASSERT_TRUE(m_transformer->forward(cache, std::span(ids).first(1), Logits::Last, logits.data(), &mass));
    EXPECT_EQ(mass.rows, m_model->config.layers * m_model->config.heads);
    const double sum = std::accumulate(mass.groups.begin(), mass.groups.end(), 0.0);
    EXPECT_NEAR(sum / mass.rows, 1.0, 1e-4);
    ASSERT_EQ(int(mass.layers.size()), m_model->config.layers);
    for (const auto& layer : mass.layers)
        EXPECT_NEAR(std::accumulate(layer.begin(), layer.end(), 0.0), m_model->config.heads, 1e-3);
}

/// Share of the values' energy that quantization loses, summed over layers.
double valueErrors(const KvCache& cache) {
    double sum = 0;
    for (const auto& layer : cache.statistics()) sum += std::pow(10.0, -layer.values.snr_db / 10);
    return sum;
}

/// An fp16 cache that holds what `cache` gives back.
KvCache dequantized(const KvCache& cache, const Transformer& transformer) {
    KvCache twin = transformer.makeCache(fp16());
    const auto width = std::size_t(cache.shape().channels());
    for (int layer = 0; layer < cache.layers(); ++layer) {
        std::vector<float> k(cache.tokens() * width), v(k.size());
        for (int page = 0; page < cache.pageCount(cache.tokens()); ++page) {
            const auto view = cache.view(layer, page, cache.tokens());
            const auto unpack = [&](const KvBlock& block, const LayerCodec& codec, std::vector<float>& out) {
                kernels::bestKernels().unpack(block.layout(),
                                              block.layout().raw() ? kernels::CodecParams() : codec.params(),
                                              block.data(), 0, view.tokens, out.data() + view.begin * width);
            };
            unpack(*view.key, cache.quantizer()->keys[std::size_t(layer)], k);
            unpack(*view.value, cache.quantizer()->values[std::size_t(layer)], v);
        }
        EXPECT_TRUE(twin.append(layer, k.data(), v.data(), int(cache.tokens()), transformer.pool()));
    }
    twin.advance(int(cache.tokens()));
    return twin;
}

TEST_F(TransformerTest, QuantizedCacheComputesLikeItsDequantizedTwin) {
    const auto ids = test::randomTokens(1500, m_model->config.vocab);
    for (const char* name : {"nuq4", "nuq3", "nuq2", "nuq4/2", "nuq3-0%", "int4"}) {
        KvCache cache = m_transformer->makeCache(*parseKvSettings(name));
        ASSERT_TRUE(m_transformer->prefill(cache, ids, nullptr, {}));
        KvCache twin = dequantized(cache, *m_transformer);
        std::vector<float> got(std::size_t(m_model->config.vocab)), logits = got;
        ASSERT_TRUE(m_transformer->forward(cache, std::span(ids).first(1), Logits::Last, got.data()));
        ASSERT_TRUE(m_transformer->forward(twin, std::span(ids).first(1), Logits::Last, logits.data()));
        EXPECT_LT(relativeError(got, {logits.begin(), logits.end()}), 2e-3) << name;  // fp16 rounding of the twin
    }
}

// Random weights attend to all tokens alike and random tokens have independent values: the mean of n values shrinks
// like the mean of their n errors, and every layer adds its own. Text, whose values are alike, averages errors out.
TEST_F(TransformerTest, QuantizedCacheLosesWhatItsValuesLoseInEachLayer) {
    constexpr std::size_t kRead = 1700, kCompared = 100;
    const auto ids = test::randomTokens(kRead + kCompared, m_model->config.vocab);
    const auto logitsOf = [&](KvCache& cache) {
        std::vector<float> logits(kCompared * std::size_t(m_model->config.vocab));
        EXPECT_TRUE(m_transformer->prefill(cache, std::span(ids).first(kRead), nullptr, {}));
        EXPECT_TRUE(m_transformer->forward(cache, std::span(ids).last(kCompared), Logits::All, logits.data()));
        return logits;
    };
    KvCache raw = m_transformer->makeCache(fp16());
    const auto reference = logitsOf(raw);
    for (const char* name : {"nuq4", "nuq3", "nuq2"}) {
        KvCache cache = m_transformer->makeCache(*parseKvSettings(name));
        const auto logits = logitsOf(cache);
        double noise = 0, signal = 0;
        for (std::size_t i = 0; i < logits.size(); ++i) {
            noise += std::pow(double(logits[i]) - double(reference[i]), 2);
            signal += std::pow(double(reference[i]), 2);
        }
        const double share = noise / signal / valueErrors(cache);  // near half: the rest of the model is not quantized
        EXPECT_GT(share, 0.35) << name;
        EXPECT_LT(share, 0.7) << name;
    }
}

/// Logits of the last of `ids`, of which the first `seen_by_all` were read before the ranges were hidden.
std::vector<float> logitsWithHidden(Transformer& transformer, const KvSettings& settings,
                                    std::span<const std::int32_t> ids, std::size_t seen_by_all,
                                    std::vector<TokenRange> hidden, bool at_once, AttentionMass& mass) {
    KvCache cache = transformer.makeCache(settings);
    EXPECT_TRUE(transformer.prefill(cache, ids.first(seen_by_all), nullptr, {}));
    cache.hide(std::move(hidden));
    std::vector<float> logits(std::size_t(transformer.model().config.vocab));
    const auto rest = ids.subspan(seen_by_all, ids.size() - seen_by_all - 1);
    for (std::size_t at = 0; at < rest.size(); at += at_once ? rest.size() : 1)
        EXPECT_TRUE(transformer.forward(cache, rest.subspan(at, at_once ? rest.size() : 1), Logits::None, nullptr));
    mass = {};
    EXPECT_TRUE(transformer.forward(cache, ids.last(1), Logits::Last, logits.data(), &mass));
    return logits;
}

TEST_F(TransformerTest, HiddenPositionsCountAsMinusInfinityInPrefillAndDecode) {
    constexpr std::size_t kRead = 300;
    const auto ids = test::randomTokens(kRead + 60, m_model->config.vocab);
    // Within a page, over a page's edge, several in one page, whole pages, up to the question.
    const std::vector<TokenRange> hidden = {{8, 20}, {60, 75}, {80, 83}, {90, 92}, {133, 263}, {280, kRead}};
    const auto visible = [&](std::uint64_t position) {
        return std::none_of(hidden.begin(), hidden.end(),
                            [&](const TokenRange& r) { return position >= r.begin && position < r.end; });
    };
    for (const int window : {0, 100}) {
        test::TempDir dir;
        auto options = test::shaped(4, 2, 16);
        options.window = window;
        auto model = Model::open(test::writeTinyGguf(dir.path(), options));
        ASSERT_TRUE(model);
        Transformer transformer(*model, m_pool, kernels::bestKernels());
        test::PlainModel plain(**model);
        plain.sees = [&](int query, int key) { return std::size_t(query) < kRead || visible(std::uint64_t(key)); };
        const auto expected = plain.logits(ids);
        plain.sees = nullptr;
        AttentionMass mass;
        for (const bool at_once : {true, false}) {
            const auto got = logitsWithHidden(transformer, fp16(), ids, kRead, hidden, at_once, mass);
            EXPECT_LT(relativeError(got, expected), 2e-3) << "window " << window << ", at once " << at_once;
            EXPECT_GT(relativeError(got, plain.logits(ids)), 1e-2) << "hiding changes something";
            const double sum = std::accumulate(mass.groups.begin(), mass.groups.end(), 0.0);
            EXPECT_NEAR(sum / mass.rows, 1.0, 1e-4);
        }
        for (std::size_t page = 3; page < 5; ++page)  // positions 133 to 260 are hidden
            for (std::size_t group = 0; group < 4; ++group) EXPECT_EQ(mass.groups[page * 4 + group], 0.0F);
    }
}

TEST_F(TransformerTest, WhatIsHiddenLeavesNoTraceInQuantizedPages) {
    auto ids = test::randomTokens(1500, m_model->config.vocab), other = ids;
    std::fill(other.begin() + 1200, other.begin() + 1400, 7);
    AttentionMass mass;
    for (const bool at_once : {true, false}) {
        const auto a = logitsWithHidden(*m_transformer, {}, ids, 1400, {{1200, 1400}}, at_once, mass);
        EXPECT_EQ(a, logitsWithHidden(*m_transformer, {}, other, 1400, {{1200, 1400}}, at_once, mass));
        EXPECT_NE(a, logitsWithHidden(*m_transformer, {}, other, 1400, {}, at_once, mass));
    }
}

TEST_F(TransformerTest, InterruptedPrefillGoesOnToTheSameNumbers) {
    const auto ids = test::randomTokens(1500, m_model->config.vocab);
    std::vector<float> whole(std::size_t(m_model->config.vocab)), resumed = whole;
    KvCache straight = m_transformer->makeCache({});
    ASSERT_TRUE(m_transformer->prefill(straight, ids, whole.data(), {}));
    KvCache cache = m_transformer->makeCache({});
    std::stop_source stop;
    const auto stopped = m_transformer->prefill(cache, ids, nullptr, stop.get_token(), [&](std::size_t) -> Status {
        stop.request_stop();
        return {};
    });
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, ErrorCode::Interrupted);
    EXPECT_EQ(cache.tokens(), std::uint64_t(Transformer::kChunk));
    ASSERT_TRUE(m_transformer->prefill(cache, std::span(ids).subspan(cache.tokens()), resumed.data(), {}));
    EXPECT_EQ(whole, resumed);
}

TEST_F(TransformerTest, IdsOutsideTheVocabularyAreRefused) {
    KvCache cache = m_transformer->makeCache({});
    for (const std::int32_t id : {-1, m_model->config.vocab}) {
        const auto status = m_transformer->forward(cache, {&id, 1}, Logits::None, nullptr);
        ASSERT_FALSE(status);
        EXPECT_EQ(status.error().code, ErrorCode::BadInput);
        EXPECT_EQ(cache.tokens(), 0U);
    }
}

/// Settings of one kind of scaling, for heads of 128 of which `dims` turn.
RopeConfig rope(double theta, RopeScalingType type, double factor, int original_context, int dims = 128) {
    RopeConfig config;
    config.dims = dims;
    config.theta = theta;
    config.scaling.type = type;
    config.scaling.factor = factor;
    config.scaling.original_context = original_context;
    return config;
}

TEST(RopeTable, AnglesAreRightAtTenMillionWithEveryScaling) {
    for (const RopeConfig& config :
         {rope(500000, RopeScalingType::None, 1, 0), rope(10000, RopeScalingType::Linear, 8, 0),
          rope(10000, RopeScalingType::Dynamic, 4, 4096), rope(1e6, RopeScalingType::Yarn, 4, 32768),
          rope(500000, RopeScalingType::Llama3, 8, 8192), rope(10000, RopeScalingType::None, 1, 0, 32)}) {
        const RopeTable table(config);
        const auto pairs = std::size_t(table.pairs());
        ASSERT_EQ(pairs, std::size_t(config.dims) / 2);
        std::vector<float> cos(pairs), sin(pairs);
        for (const std::uint64_t position : {9'999'999U, 10'000'000U}) {
            table.angles(position, cos.data(), sin.data());
            for (std::size_t i = 0; i < pairs; ++i) {
                const double angle = double(position) * test::plainFrequency(config, int(i));
                EXPECT_NEAR(double(cos[i]), std::cos(angle), 1e-6) << scalingName(config.scaling.type) << " " << i;
                EXPECT_NEAR(double(sin[i]), std::sin(angle), 1e-6) << scalingName(config.scaling.type) << " " << i;
            }
        }
    }
}

TEST(RopeTable, PageRelativeRotationIsTheWholeOneAtTenMillion) {
    const RopeConfig config = rope(1e6, RopeScalingType::Yarn, 4, 32768);
    const RopeTable table(config);
    std::vector<float> cos(64), sin(64);
    const std::uint64_t page = 10'000'000 - 64;
    table.angles(page, cos.data(), sin.data());
    const auto offsets = table.offsets();
    for (int offset : {1, 31, 63}) {
        for (int i = 0; i < 64; ++i) {
            const double angle = double(page + std::uint64_t(offset)) * test::plainFrequency(config, i);
            const double c = offsets.cos[i * 64 + offset], s = offsets.sin[i * 64 + offset];
            EXPECT_NEAR(double(cos[std::size_t(i)]) * c - double(sin[std::size_t(i)]) * s, std::cos(angle), 1e-6) << i;
        }
    }
}

/// Layers of a cache that is there already, one at a time; remembers what was asked for.
class SlowLayers final : public KvLayerSource {
public:
    explicit SlowLayers(KvCache cache) : m_cache(std::move(cache)) {}
    Status wait(int layer) override {
        asked.push_back(layer);
        if (layer == broken) return Error{ErrorCode::Damaged, "layer " + std::to_string(layer) + " is damaged"};
        return {};
    }
    const KvCache& cache() const override { return m_cache; }

    std::vector<int> asked;
    int broken = -1;

private:
    KvCache m_cache;
};

/// A fork of `coming` into which the blocks of `whole` were loaded.
KvCache loadedFor(const KvCache& coming, const KvCache& whole) {
    KvCache loaded(coming);
    loaded.reserve(whole.tokens());
    for (int layer = 0; layer < whole.layers(); ++layer) {
        for (int page = 0; page < whole.pageCount(whole.tokens()); ++page) {
            for (const KvKind kind : {KvKind::Key, KvKind::Value}) {
                const KvBlock& from = *whole.block(layer, kind, page);
                auto block = loaded.blockFor(layer, kind, page, from.layout().bits, from.bytes());
                EXPECT_TRUE(block);
                std::memcpy((*block)->data(), from.data(), from.bytes());
                loaded.put(layer, kind, page, std::move(*block));
            }
        }
    }
    return loaded;
}

TEST_F(TransformerTest, ForkCutShortBeforeItsLayersComeTakesNoneOfWhatItForgot) {
    const auto ids = test::randomTokens(1600, m_model->config.vocab);
    std::vector<float> expected(std::size_t(m_model->config.vocab)), got = expected;
    KvCache whole = m_transformer->makeCache({});
    ASSERT_TRUE(m_transformer->prefill(whole, std::span(ids).first(1500), nullptr, {}));
    KvCache coming = m_transformer->makeCache({});
    coming.setQuantizer(whole.quantizer());
    coming.expect(1500, std::make_shared<SlowLayers>(loadedFor(coming, whole)));
    for (const std::uint64_t kept : {1290U, 600U, 0U}) {
        KvCache cut(coming), straight(whole);
        cut.rewind(kept);
        straight.rewind(kept);
        const auto rest = std::span(ids).last(100);
        ASSERT_TRUE(m_transformer->prefill(straight, rest, expected.data(), {}));
        ASSERT_TRUE(m_transformer->prefill(cut, rest, got.data(), {}));
        EXPECT_EQ(got, expected) << kept;
    }
    ASSERT_TRUE(coming.ready());
    EXPECT_EQ(coming.tokens(), 1500U);
}

TEST(Transformer, TakesLayersAsTheyComeAndEndsWithTheErrorOfOneThatDoesNot) {
    test::TempDir dir;
    test::TinyModelOptions options;
    options.layers = 3;
    auto model = Model::open(test::writeTinyGguf(dir.path(), options));
    ASSERT_TRUE(model) << model.error().message;
    ThreadPool pool(2);
    Transformer transformer(*model, pool, kernels::bestKernels());
    const auto ids = test::randomTokens(400, (*model)->config.vocab);
    const auto vocab = std::size_t((*model)->config.vocab);
    std::vector<float> expected(vocab), got(vocab);
    KvCache whole = transformer.makeCache(fp16());
    ASSERT_TRUE(transformer.prefill(whole, std::span(ids).first(390), nullptr, {}));
    const auto raw = whole.ledger().raw;
    KvCache coming = transformer.makeCache(fp16());
    const auto layers = std::make_shared<SlowLayers>(loadedFor(coming, whole));
    coming.expect(390, layers);
    EXPECT_EQ(coming.tokens(), 390U);
    KvCache fork(coming);
    KvCache straight(whole);
    ASSERT_TRUE(transformer.prefill(straight, std::span(ids).subspan(390), expected.data(), {}));
    ASSERT_TRUE(transformer.prefill(fork, std::span(ids).subspan(390), got.data(), {}));
    EXPECT_EQ(layers->asked, (std::vector{0, 1, 2})) << "each once, in order";
    EXPECT_EQ(got, expected) << "a fork of a cache that is still to come";
    ASSERT_TRUE(coming.ready());
    fork.rewind(0);
    EXPECT_EQ(coming.ledger().raw, raw) << "a block that is shared counts once";

    layers->asked.clear();
    layers->broken = 1;
    KvCache failing = transformer.makeCache(fp16());
    failing.expect(390, layers);
    const auto refused = transformer.prefill(failing, std::span(ids).subspan(390), got.data(), {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::Damaged);
    EXPECT_EQ(layers->asked, (std::vector{0, 1}));
    EXPECT_EQ(failing.tokens(), 390U);
}

}  // namespace
}  // namespace lectern
