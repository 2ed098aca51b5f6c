// SPDX-License-Identifier: GPL-3.0-or-later
// Calibration of tiny models, and its file in good and bad condition.
#include <gmock/gmock.h>

#include <cmath>
#include <fstream>

#include "engine/calibrate/calibrator.h"
#include "engine/infer/transformer.h"
#include "tests/engine/infer/plain_model.h"
#include "tests/support/test_data.h"

namespace lectern {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class CalibrationTest : public testing::Test {
protected:
    void SetUp() override {
        auto opened = Model::open(test::writeTinyGguf(m_dir.path(), test::shaped(4, 2, 32)));
        ASSERT_TRUE(opened) << opened.error().message;
        m_model = *opened;
        m_settings.sequences = 3;
        m_settings.sequence_tokens = 300;
    }

    Result<Calibration> calibrated(ThreadPool& pool) {
        return calibrate(m_model, pool, kernels::bestKernels(), test::randomTokens(1200, m_model->config.vocab), 1,
                         m_settings, {}, {});
    }
    std::string bytesOf(const fs::path& file) const {
        std::ifstream in(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    /// What loading `bytes` as a file says.
    std::string problemOf(const std::string& bytes) {
        const fs::path file = m_dir / "bad.kvq";
        std::ofstream(file, std::ios::binary) << bytes;
        const auto loaded = loadCalibration(file);
        EXPECT_FALSE(loaded);
        if (loaded) return {};
        EXPECT_EQ(loaded.error().code, ErrorCode::BadInput);
        EXPECT_THAT(loaded.error().message, HasSubstr("bad.kvq"));
        return loaded.error().message;
    }

    test::TempDir m_dir;
    ThreadPool m_pool{2};
    std::shared_ptr<const Model> m_model;
    CalibrationSettings m_settings;
};

TEST_F(CalibrationTest, IsTheSameOnAnyNumberOfThreads) {
    ThreadPool one(1), three(3);
    auto a = calibrated(one), b = calibrated(three);
    ASSERT_TRUE(a) << a.error().message;
    ASSERT_TRUE(b);
    ASSERT_TRUE(saveCalibration(*a, m_dir / "a.kvq"));
    ASSERT_TRUE(saveCalibration(*b, m_dir / "b.kvq"));
    EXPECT_EQ(bytesOf(m_dir / "a.kvq"), bytesOf(m_dir / "b.kvq"));
}

TEST_F(CalibrationTest, FileGivesTheSameCalibrationBack) {
    auto made = calibrated(m_pool);
    ASSERT_TRUE(made) << made.error().message;
    made->text = "a book";
    EXPECT_EQ(made->shares.size(), 2U);
    EXPECT_EQ(made->tokens, 900U);
    const fs::path file = m_dir / "model.kvq";
    ASSERT_TRUE(saveCalibration(*made, file));
    const auto loaded = loadCalibration(file, m_model->fingerprint(), m_model->config.layers, made->shape);
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(loaded->text, "a book");
    EXPECT_EQ(loaded->sinks, 5);
    ASSERT_TRUE(saveCalibration(*loaded, m_dir / "again.kvq"));
    EXPECT_EQ(bytesOf(file), bytesOf(m_dir / "again.kvq"));
    const auto other = loadCalibration(file, std::string(32, '0'), m_model->config.layers, made->shape);
    ASSERT_FALSE(other);
    EXPECT_THAT(other.error().message, HasSubstr("another model"));
}

TEST_F(CalibrationTest, ThresholdsLeaveTheShareOfEachChannelOutside) {
    auto made = calibrated(m_pool);
    ASSERT_TRUE(made);
    const CalibratedLayer& all = made->shares[0].layers[0];
    const CalibratedLayer& most = made->shares[1].layers[0];
    for (std::size_t c = 0; c < all.range.size(); ++c) EXPECT_LE(most.range[c], all.range[c]);
    KvSettings settings = *parseKvSettings("nuq3");
    const auto quantizer = made->quantizer(settings);
    ASSERT_TRUE(quantizer) << quantizer.error().message;
    EXPECT_TRUE(quantizer->calibrated);
    EXPECT_EQ(quantizer->keys[0].book.size(), 8U);
    settings.outliers = 0.02;
    const auto other = made->quantizer(settings);
    ASSERT_FALSE(other);
    EXPECT_THAT(other.error().message, HasSubstr("only for 0%, 1%"));
}

/// Squared distance of the last logits to those of an fp16 cache.
double distance(const std::shared_ptr<const Model>& model, ThreadPool& pool, const KvSettings& settings,
                const std::shared_ptr<const Quantizer>& quantizer) {
    Transformer transformer(model, pool, kernels::bestKernels());
    const auto ids = test::randomTokens(1500, model->config.vocab);
    std::vector<std::vector<float>> logits(2, std::vector<float>(std::size_t(model->config.vocab)));
    KvCache reference = transformer.makeCache(*parseKvSettings("fp16")), cache = transformer.makeCache(settings);
    cache.setQuantizer(quantizer);
    EXPECT_TRUE(transformer.prefill(reference, ids, logits[0].data(), {}));
    EXPECT_TRUE(transformer.prefill(cache, ids, logits[1].data(), {}));
    double sum = 0;
    for (std::size_t i = 0; i < logits[0].size(); ++i) sum += std::pow(double(logits[0][i]) - double(logits[1][i]), 2);
    return sum;
}

TEST_F(CalibrationTest, MoreBitsAreCloserAndCalibrationBeatsUniformLevels) {
    auto made = calibrated(m_pool);
    ASSERT_TRUE(made);
    const auto of = [&](const char* name) {
        const KvSettings settings = *parseKvSettings(name);
        return distance(m_model, m_pool, settings, std::make_shared<Quantizer>(*made->quantizer(settings)));
    };
    const double four = of("nuq4"), three = of("nuq3"), two = of("nuq2");
    EXPECT_LT(four, three);
    EXPECT_LT(three, two);
    EXPECT_LT(of("nuq3-0%"), of("int3"));
}

TEST_F(CalibrationTest, QNormGivesTheCentroidsTheSpreadOfTheData) {
    auto made = calibrated(m_pool);
    ASSERT_TRUE(made);
    for (const auto& layer : made->shares[1].layers) {
        EXPECT_GT(layer.keys[0].scale, 1);  // means of cells spread less than what lies in them
        EXPECT_LT(layer.keys[2].scale, layer.keys[0].scale);
    }
    KvSettings off = *parseKvSettings("nuq2"), on = off;
    off.qnorm = QNorm::Off;
    on.qnorm = QNorm::On;
    const auto plain = made->quantizer(off), normed = made->quantizer(on);
    ASSERT_TRUE(plain);
    ASSERT_TRUE(normed);
    EXPECT_EQ(plain->keys[0].midpoints, normed->keys[0].midpoints);
    EXPECT_NE(plain->keys[0].book, normed->keys[0].book);
}

TEST_F(CalibrationTest, ShortTextAndAbsurdSettingsAreErrors) {
    const auto run = [&](std::size_t tokens) {
        return calibrate(m_model, m_pool, kernels::bestKernels(), test::randomTokens(tokens, 300), 1, m_settings, {},
                         {});
    };
    const auto brief = run(100);
    ASSERT_FALSE(brief);
    EXPECT_EQ(brief.error().code, ErrorCode::BadInput);
    for (const auto& shares : {std::vector<double>{}, {0.2}, {0.01, 0.01}, {0.01, 0}, {-0.1}}) {
        m_settings.outliers = shares;
        const auto absurd = run(1200);
        ASSERT_FALSE(absurd);
        EXPECT_EQ(absurd.error().code, ErrorCode::Usage);
    }
}

TEST_F(CalibrationTest, GivesEveryLayerTheBitsOfTheSetting) {
    auto made = calibrated(m_pool);
    ASSERT_TRUE(made);
    const auto quantizer = made->quantizer(*parseKvSettings("nuq3@0=4/2@1=16/3"));
    ASSERT_TRUE(quantizer) << quantizer.error().message;
    EXPECT_EQ(quantizer->keys[0].book.size(), 16U);
    EXPECT_EQ(quantizer->values[0].book.size(), 4U);
    EXPECT_TRUE(quantizer->keys[1].offset.empty());
    EXPECT_EQ(quantizer->values[1].book.size(), 8U);
    const auto settings = *parseKvSettings("nuq3@0=4/2@1=16/3");
    const auto packed = packQuantizer(*quantizer);
    const int channels = made->shape.channels();
    EXPECT_TRUE(unpackQuantizer(packed, settings, 2, channels));
    EXPECT_FALSE(unpackQuantizer(packed, *parseKvSettings("nuq3"), 2, channels)) << "other bits, other lengths";
}

TEST_F(CalibrationTest, BrokenModelIsNamedByItsLayer) {
    for (const float bad : {std::nanf(""), INFINITY}) {
        auto broken = std::make_shared<Model>(*m_model);
        broken->layers[1].attn_norm[3] = bad;
        m_model = broken;
        const auto made = calibrated(m_pool);
        ASSERT_FALSE(made);
        EXPECT_EQ(made.error().code, ErrorCode::Failed);
        EXPECT_THAT(made.error().message, HasSubstr("Layer 1"));
    }
}

TEST_F(CalibrationTest, NarrowestModelIsCalibratedToo) {
    auto opened = Model::open(test::writeTinyGguf(m_dir.path(), test::shaped(1, 1, 8)));
    ASSERT_TRUE(opened);
    m_model = *opened;
    m_settings.outliers = {0.0001};
    auto made = calibrated(m_pool);
    ASSERT_TRUE(made) << made.error().message;
    KvSettings settings = *parseKvSettings("nuq3");
    settings.outliers = 0.0001;
    EXPECT_TRUE(made->quantizer(settings));
}

TEST(BuiltInModel, HasItsCalibration) {
    const fs::path folder = fs::path(LECTERN_SOURCE_DIR) / "resources/models";
    const auto model = Model::open(folder / "lectern-reader.gguf");
    ASSERT_TRUE(model) << model.error().message;
    const ModelConfig& c = (*model)->config;
    const auto calibration =
        loadCalibration(folder / "lectern-reader.kvq", (*model)->fingerprint(), c.layers, {c.kv_heads, c.head_dim});
    ASSERT_TRUE(calibration) << calibration.error().message;
    for (const char* kv : {"nuq4", "nuq3", "nuq2", "nuq2-0%"})
        EXPECT_TRUE(calibration->quantizer(*parseKvSettings(kv)));
}

TEST_F(CalibrationTest, ConstantChannelIsKeptExactly) {
    auto made = calibrated(m_pool);
    ASSERT_TRUE(made);
    LayerCodec codec = made->quantizer(*parseKvSettings("nuq2"))->keys[0];
    codec.offset[3] = 7.25F;
    codec.range[3] = 0;
    const KvShape shape = made->shape;
    const auto layout = blockLayout(*parseKvSettings("nuq2"), 0, KvKind::Key, shape);
    std::vector<float> x(std::size_t(shape.channels()), 0.0F), back = x,
                                                               scratch(kernels::packScratchFloats(shape.channels()));
    x[3] = 7.25F;
    std::vector<std::byte> block(layout.bytes());
    const auto& table = kernels::bestKernels();
    table.pack(layout, codec.params(), x.data(), 0, 1, scratch.data(), block.data());
    table.unpack(layout, codec.params(), block.data(), 0, 1, back.data());
    EXPECT_EQ(back[3], 7.25F);
}

TEST_F(CalibrationTest, ChannelThatNeverVariesInTheModelComesBackExactly) {
    auto changed = std::make_shared<Model>(*m_model);
    WeightView& k = changed->layers[0].k;
    const std::size_t row = kernels::rowBytes(k.type, k.cols);
    std::vector<std::byte> rows(k.data, k.data + row * std::size_t(k.rows));
    std::fill_n(rows.begin() + std::ptrdiff_t(2 * row), row, std::byte(0));  // channel 2 is its bias and nothing else
    k.data = rows.data();
    changed->layers[0].k_bias.assign(std::size_t(k.rows), 0.0F);
    changed->layers[0].k_bias[2] = 3.5F;
    m_model = changed;
    auto made = calibrated(m_pool);
    ASSERT_TRUE(made) << made.error().message;
    for (const auto& share : made->shares) {
        EXPECT_EQ(share.layers[0].offset[2], 3.5F);
        EXPECT_EQ(share.layers[0].range[2], 0.0F);
    }
    KvSettings settings = *parseKvSettings("nuq2");
    settings.window = 0;
    Transformer transformer(m_model, m_pool, kernels::bestKernels());
    KvCache cache = transformer.makeCache(settings);
    cache.setQuantizer(std::make_shared<Quantizer>(*made->quantizer(settings)));
    ASSERT_TRUE(transformer.prefill(cache, test::randomTokens(200, m_model->config.vocab), nullptr, {}));
    const auto view = cache.view(0, 2, cache.tokens());
    ASSERT_FALSE(view.key->layout().raw());
    std::vector<float> back(std::size_t(view.tokens) * std::size_t(k.rows));
    kernels::bestKernels().unpack(view.key->layout(), cache.quantizer()->keys[0].params(), view.key->data(), 0,
                                  view.tokens, back.data());
    for (int t = 0; t < view.tokens; ++t) EXPECT_EQ(back[std::size_t(t * k.rows) + 2], 3.5F) << "token " << t;
}

TEST_F(CalibrationTest, EveryFlippedByteAndEveryCutIsNoticed) {
    auto made = calibrated(m_pool);
    ASSERT_TRUE(made);
    ASSERT_TRUE(saveCalibration(*made, m_dir / "good.kvq"));
    const std::string good = bytesOf(m_dir / "good.kvq");
    for (std::size_t at = 0; at < good.size(); at += at < 128 ? 1 : 97) {
        std::string bad = good;
        bad[at] = char(bad[at] ^ 0x10);
        problemOf(bad);
        problemOf(good.substr(0, at));
    }
    problemOf(good + "x");
}

TEST_F(CalibrationTest, NumbersThatLieAreRefusedEvenWithTheRightChecksum) {
    auto made = calibrated(m_pool);
    ASSERT_TRUE(made);
    const auto written = [&](const Calibration& calibration) {
        EXPECT_TRUE(saveCalibration(calibration, m_dir / "lie.kvq"));
        return bytesOf(m_dir / "lie.kvq");
    };
    Calibration lie = *made;
    lie.shares[0].layers[1].keys[1].centroids[2] = std::nanf("");
    EXPECT_THAT(problemOf(written(lie)), HasSubstr("not finite"));
    lie = *made;
    std::swap(lie.shares[1].layers[0].values[2].centroids[3], lie.shares[1].layers[0].values[2].centroids[9]);
    EXPECT_THAT(problemOf(written(lie)), HasSubstr("unsorted"));
    lie = *made;
    lie.shares[1].layers[0].range[5] = -1;
    EXPECT_THAT(problemOf(written(lie)), HasSubstr("negative range"));
    lie = *made;
    lie.shares[1].outliers = 0.9;
    EXPECT_THAT(problemOf(written(lie)), HasSubstr("share of outliers"));
    lie = *made;
    lie.shape.kv_heads = 1 << 28;
    EXPECT_THAT(problemOf(written(lie)), HasSubstr("limits"));
    lie = *made;
    lie.model = "not a fingerprint, but as long!!!";
    lie.model.resize(32);
    EXPECT_THAT(problemOf(written(lie)), HasSubstr("limits"));
}

}  // namespace
}  // namespace lectern
