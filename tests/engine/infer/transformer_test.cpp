// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/infer/transformer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>

#include "tests/support/test_data.h"
#include "tests/support/tiny_model.h"

namespace lectern {
namespace {

KvSettings fp16() {
    KvSettings settings;
    settings.key_bits = settings.value_bits = 16;
    return settings;
}

std::vector<std::int32_t> randomTokens(std::size_t count, int vocab) {
    std::mt19937 random(7);
    std::vector<std::int32_t> ids(count);
    for (auto& id : ids) id = std::int32_t(random() % unsigned(vocab));
    return ids;
}

/// The model of plain loops in double precision: no cache, no blocks, no threads.
class PlainModel {
public:
    explicit PlainModel(const Model& model) : m(model) {}

    using Vector = std::vector<double>;

    Vector logits(const std::vector<std::int32_t>& ids) {
        const int n = int(ids.size()), hidden = m.config.hidden;
        std::vector<Vector> x(static_cast<std::size_t>(n), Vector(static_cast<std::size_t>(hidden)));
        for (int t = 0; t < n; ++t) {
            std::vector<float> row(static_cast<std::size_t>(hidden));
            kernels::bestKernels().weightRows(m.embedding, ids[std::size_t(t)], ids[std::size_t(t)] + 1, row.data());
            std::copy(row.begin(), row.end(), x[std::size_t(t)].begin());
        }
        for (const auto& w : m.layers) layer(w, x);
        return product(m.output, {}, normed(x.back(), m.final_norm));
    }

private:
    Vector normed(const Vector& x, const std::vector<float>& weight) const {
        const double mean = std::inner_product(x.begin(), x.end(), x.begin(), 0.0) / double(x.size());
        Vector y(x.size());
        for (std::size_t i = 0; i < x.size(); ++i)
            y[i] = x[i] / std::sqrt(mean + double(m.config.rms_eps)) * double(weight[i]);
        return y;
    }

    static Vector product(const WeightView& w, const std::vector<float>& bias, const Vector& x) {
        std::vector<float> row(static_cast<std::size_t>(w.cols));
        Vector y(std::size_t(w.rows), 0.0);
        for (int r = 0; r < w.rows; ++r) {
            kernels::bestKernels().weightRows(w, r, r + 1, row.data());
            for (std::size_t c = 0; c < row.size(); ++c) y[std::size_t(r)] += double(row[c]) * x[c];
            if (!bias.empty()) y[std::size_t(r)] += double(bias[std::size_t(r)]);
        }
        return y;
    }

    void rotate(Vector& v, int head, int position) const {
        const auto& rope = m.config.rope;
        const int d = m.config.head_dim, pairs = rope.dims / 2;
        for (int i = 0; i < pairs; ++i) {
            const double angle = position / rope.linear_factor * std::pow(rope.theta, -2.0 * i / rope.dims);
            double& a = v[std::size_t(head * d + (rope.interleaved ? 2 * i : i))];
            double& b = v[std::size_t(head * d + (rope.interleaved ? 2 * i + 1 : i + pairs))];
            const double c = std::cos(angle), s = std::sin(angle), a0 = a;
            a = a0 * c - b * s;
            b = a0 * s + b * c;
        }
    }

    void layer(const LayerWeights& w, std::vector<Vector>& x) const {
        const auto& c = m.config;
        const int n = int(x.size()), d = c.head_dim;
        std::vector<Vector> q, k, v;
        for (int t = 0; t < n; ++t) {
            const Vector h = normed(x[std::size_t(t)], w.attn_norm);
            q.push_back(product(w.q, w.q_bias, h));
            k.push_back(product(w.k, w.k_bias, h));
            v.push_back(product(w.v, w.v_bias, h));
            for (int head = 0; head < c.heads; ++head) rotate(q.back(), head, t);
            for (int head = 0; head < c.kv_heads; ++head) rotate(k.back(), head, t);
        }
        for (int t = 0; t < n; ++t) {
            Vector out(std::size_t(c.heads * d), 0.0);
            for (int head = 0; head < c.heads; ++head) attend(head, t, q, k, v, out);
            const Vector y = product(w.o, {}, out);
            for (std::size_t i = 0; i < y.size(); ++i) x[std::size_t(t)][i] += y[i];
            const Vector h = normed(x[std::size_t(t)], w.ffn_norm);
            Vector gate = product(w.gate, {}, h);
            const Vector up = product(w.up, {}, h);
            for (std::size_t i = 0; i < gate.size(); ++i) gate[i] = gate[i] / (1 + std::exp(-gate[i])) * up[i];
            const Vector z = product(w.down, {}, gate);
            for (std::size_t i = 0; i < z.size(); ++i) x[std::size_t(t)][i] += z[i];
        }
    }

    void attend(int head, int t, const std::vector<Vector>& q, const std::vector<Vector>& k,
                const std::vector<Vector>& v, Vector& out) const {
        const int d = m.config.head_dim, kv = head / (m.config.heads / m.config.kv_heads);
        Vector score(std::size_t(t) + 1);
        double sum = 0;
        for (int s = 0; s <= t; ++s) {
            double dot = 0;
            for (int i = 0; i < d; ++i)
                dot += q[std::size_t(t)][std::size_t(head * d + i)] * k[std::size_t(s)][std::size_t(kv * d + i)];
            score[std::size_t(s)] = std::exp(dot / std::sqrt(double(d)));
            sum += score[std::size_t(s)];
        }
        for (int s = 0; s <= t; ++s) {
            for (int i = 0; i < d; ++i)
                out[std::size_t(head * d + i)] +=
                    score[std::size_t(s)] / sum * v[std::size_t(s)][std::size_t(kv * d + i)];
        }
    }

    const Model& m;
};

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
    const auto ids = randomTokens(150, (*model)->config.vocab);
    const auto expected = PlainModel(**model).logits(ids);
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

test::TinyModelOptions shaped(int heads, int kv_heads, int head_dim,
                              kernels::WeightType type = kernels::WeightType::F32, bool tied = false,
                              bool bias = false) {
    test::TinyModelOptions options;
    options.heads = heads;
    options.kv_heads = kv_heads;
    options.head_dim = head_dim;
    options.weights = type;
    options.tied = tied;
    options.attention_bias = bias;
    return options;
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, TransformerShapes,
    testing::Values(Shape{"GroupedQueries", shaped(4, 2, 16), false}, Shape{"OneKvHead", shaped(8, 1, 8), false},
                    Shape{"MultiHead", shaped(4, 4, 24), false}, Shape{"HeadDim40", shaped(2, 1, 40), false},
                    Shape{"HeadDim128", shaped(2, 1, 128), false}, Shape{"HalfSplit", shaped(4, 2, 16), true},
                    Shape{"Tied", shaped(4, 2, 16, kernels::WeightType::F32, true), false},
                    Shape{"Bias", shaped(4, 2, 16, kernels::WeightType::F32, false, true), true},
                    Shape{"F16", shaped(4, 2, 16, kernels::WeightType::F16), false},
                    Shape{"BF16", shaped(4, 2, 16, kernels::WeightType::BF16), false},
                    Shape{"Q8", shaped(4, 2, 16, kernels::WeightType::Q8_0), false},
                    Shape{"Q4", shaped(4, 2, 16, kernels::WeightType::Q4_0), false}),
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
    const auto ids = randomTokens(700, m_model->config.vocab);
    KvSettings settings;
    KvCache cache = m_transformer->makeCache(settings);
    ASSERT_TRUE(m_transformer->prefill(cache, ids, nullptr, {}));
    AttentionMass mass;
    std::vector<float> logits(std::size_t(m_model->config.vocab));
    ASSERT_TRUE(m_transformer->forward(cache, std::span(ids).first(1), Logits::Last, logits.data(), &mass));
    EXPECT_EQ(mass.rows, m_model->config.layers * m_model->config.heads);
    const double sum = std::accumulate(mass.groups.begin(), mass.groups.end(), 0.0);
    EXPECT_NEAR(sum / mass.rows, 1.0, 1e-4);
}

TEST_F(TransformerTest, QuantizedCacheStaysCloseToFp16) {
    const auto ids = randomTokens(1800, m_model->config.vocab);
    std::vector<std::vector<float>> logits;
    for (const char* name : {"fp16", "nuq4", "nuq3", "nuq2"}) {
        KvCache cache = m_transformer->makeCache(*parseKvSettings(name));
        logits.emplace_back(std::size_t(m_model->config.vocab));
        ASSERT_TRUE(m_transformer->prefill(cache, ids, logits.back().data(), {}));
        ASSERT_EQ(cache.tokens(), ids.size());
    }
    const auto distance = [&](std::size_t i) {
        double noise = 0, signal = 0;
        for (std::size_t c = 0; c < logits[0].size(); ++c) {
            noise += std::pow(double(logits[i][c]) - double(logits[0][c]), 2);
            signal += std::pow(double(logits[0][c]), 2);
        }
        return noise / signal;
    };
    EXPECT_LT(distance(1), 0.03);  // random weights: every head attends everywhere, errors do not average out
    EXPECT_LT(distance(1), distance(2));
    EXPECT_LT(distance(2), distance(3));
    EXPECT_LT(distance(3), 0.4);
}

TEST_F(TransformerTest, InterruptedPrefillGoesOnToTheSameNumbers) {
    const auto ids = randomTokens(1500, m_model->config.vocab);
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

TEST(RopeTable, AnglesAreRightAtTenMillion) {
    RopeConfig config;
    config.dims = 128;
    config.theta = 500000;
    const RopeTable table(config);
    std::vector<float> cos(64), sin(64);
    table.angles(10'000'000, cos.data(), sin.data());
    for (int i = 0; i < 64; ++i) {
        const long double angle = 10'000'000.0L * std::pow(500000.0L, -2.0L * i / 128);
        EXPECT_NEAR(cos[std::size_t(i)], double(std::cos(angle)), 1e-6) << i;
        EXPECT_NEAR(sin[std::size_t(i)], double(std::sin(angle)), 1e-6) << i;
    }
}

}  // namespace
}  // namespace lectern
