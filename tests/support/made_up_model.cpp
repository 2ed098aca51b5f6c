// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/made_up_model.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/half.h"
#include "tests/support/weight_bytes.h"

namespace lectern::test {
namespace {

/// Numbers of splitmix64: fast, and the same everywhere.
class Random {
public:
    explicit Random(std::uint64_t seed) : m_state(seed * 0x9e3779b97f4a7c15U + 1) {}
    std::uint64_t next() {
        m_state += 0x9e3779b97f4a7c15U;
        std::uint64_t z = m_state;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31);
    }
    float unit() { return float(double(next() >> 11) * 0x1p-52 - 1); }  // [-1, 1)

private:
    std::uint64_t m_state;
};

std::vector<float> vector(int size, float mean, float spread, unsigned seed) {
    Random random(seed);
    std::vector<float> x;
    for (int i = 0; i < size; ++i) x.push_back(mean + spread * random.unit());
    return x;
}

/// What m is of d where codes and minima are random and the mean is to be 0.
float offsetOf(WeightType type) {
    switch (type) {
        case WeightType::Q4_1:
            return -7.5F;
        case WeightType::Q5_1:
            return -15.5F;
        case WeightType::Q2_K:
            return 1.5F;
        case WeightType::Q5_K:
            return 15.5F;
        default:
            return 7.5F;
    }
}

/// Blocks of random codes and small factors, around 0 and with the deviation `deviation`.
void fillBlocks(std::vector<std::byte>& bytes, WeightType type, float deviation, Random& random) {
    const kernels::WeightBlock block = kernels::weightBlock(type);
    for (std::size_t i = 0; i + 8 <= bytes.size(); i += 8) {
        const std::uint64_t word = random.next();
        std::memcpy(&bytes[i], &word, 8);
    }
    const auto places = halfPlaces(type);
    const auto put = [&](float factor) {
        for (std::size_t i = 0; i < bytes.size(); i += std::size_t(block.bytes))
            for (std::size_t which = 0; which < places.size(); ++which) {
                const std::uint16_t half = kernels::floatToHalf(which == 0 ? factor : factor * offsetOf(type));
                std::memcpy(&bytes[i + std::size_t(places[which])], &half, 2);
            }
    };
    put(0.0625F);
    const std::size_t some = std::min<std::size_t>(bytes.size() / std::size_t(block.bytes), 256);
    std::vector<float> values(some * std::size_t(block.elements));
    decodeWeights(type, bytes.data(), values);
    double squares = 0;
    for (const float value : values) squares += double(value) * double(value);
    put(0.0625F * deviation / float(std::sqrt(squares / double(values.size()))));
}

}  // namespace

WeightView MadeUpModel::matrix(WeightType type, int rows, int cols, unsigned seed) {
    Random random(seed);
    std::vector<std::byte> bytes(std::size_t(rows) * kernels::rowBytes(type, cols));
    const auto deviation = float(1 / std::sqrt(double(cols)));
    if (kernels::blocked(type)) {
        fillBlocks(bytes, type, deviation, random);
    } else {
        const std::size_t width = kernels::rowBytes(type, 32) / 32;
        for (std::size_t i = 0; i < bytes.size(); i += width) {
            const float x = deviation * 1.73F * random.unit();
            std::uint32_t bits = 0;
            std::memcpy(&bits, &x, 4);
            if (type == WeightType::F16) bits = kernels::floatToHalf(x);
            if (type == WeightType::BF16) bits >>= 16;
            std::memcpy(&bytes[i], &bits, width);
        }
    }
    memory.push_back(std::move(bytes));
    return {memory.back().data(), type, rows, cols};
}

MadeUpModel::MadeUpModel(const MadeUpShape& s) : model(std::make_shared<Model>()) {
    ModelConfig& c = model->config;
    c.architecture = "llama", c.name = "made up";
    c.layers = s.layers, c.hidden = s.hidden, c.heads = s.heads, c.kv_heads = s.kv_heads, c.head_dim = s.head_dim;
    c.ffn = s.ffn, c.vocab = s.vocab;
    c.experts = s.experts, c.experts_used = s.experts > 0 ? s.experts_used : 0;
    c.rope.dims = s.rotated > 0 ? s.rotated : s.head_dim;
    c.rope.interleaved = s.interleaved;
    if (s.yarn != 1) {
        c.rope.scaling.type = RopeScalingType::Yarn;
        c.rope.scaling.factor = s.yarn;
        c.rope.scaling.original_context = 64;
        c.rope.scaling.attention_factor = yarnAttentionFactor(s.yarn);
    }
    c.rope.scaling.growth = s.growth, c.rope.scaling.growth_step = s.growth > 0 ? 64 : 0;
    if (s.window > 0) c.windows.assign(std::size_t(s.layers), s.window);
    c.score_cap = c.logit_cap = s.cap;
    if (s.gemma && s.cap == 0) {
        c.other_rope = c.rope;
        c.rope.theta = 1e6;
    }
    for (int layer = 1; layer <= s.layers && s.still_period > 0; ++layer)
        c.otherwise.push_back(layer % s.still_period == 0);
    if (s.gemma) {
        if (s.window > 0) c.windows.back() = 0;
        for (int layer = 0; layer < s.layers && s.cap == 0; ++layer) c.otherwise.push_back(c.window(layer) > 0);
        c.activation = Activation::GeluTanh;
        c.embedding_scale = float(std::sqrt(double(s.hidden)));
        c.query_scale = 0.8;
    }
    const int q = s.heads * s.head_dim, kv = s.kv_heads * s.head_dim;
    model->embedding = matrix(s.weights, s.vocab, s.hidden, s.seed * 100);
    const WeightType finer = s.finer.value_or(s.weights);
    model->output = matrix(finer, s.vocab, s.hidden, s.seed * 100 + 1);
    model->final_norm = vector(s.hidden, 1, 0.2F, s.seed + 5);
    LayerWeights w;
    w.q = matrix(s.weights, q, s.hidden, s.seed * 100 + 2), w.k = matrix(s.weights, kv, s.hidden, s.seed * 100 + 3);
    w.v = matrix(finer, kv, s.hidden, s.seed * 100 + 4), w.o = matrix(s.weights, s.hidden, q, s.seed * 100 + 5);
    const auto network = [&](unsigned seed) {
        return Expert{matrix(s.weights, s.ffn, s.hidden, seed), matrix(s.weights, s.ffn, s.hidden, seed + 1),
                      matrix(finer, s.hidden, s.ffn, seed + 2)};
    };
    for (int expert = 0; expert < s.experts; ++expert)
        w.experts.push_back(network(s.seed * 100 + 10 + unsigned(expert) * 3));
    if (s.experts > 0) {
        w.router = matrix(WeightType::F32, s.experts, s.hidden, s.seed * 100 + 9);
    } else {
        const Expert one = network(s.seed * 100 + 6);
        w.gate = one.gate, w.up = one.up, w.down = one.down;
    }
    for (int layer = 0; layer < s.layers; ++layer) {
        const unsigned seed = s.seed * 1000 + unsigned(layer) * 10;
        w.attn_norm = vector(s.hidden, 1, 0.2F, seed), w.ffn_norm = vector(s.hidden, 1, 0.2F, seed + 1);
        if (s.gemma) {
            w.post_attn_norm = vector(s.hidden, 1, 0.2F, seed + 7);
            w.post_ffn_norm = vector(s.hidden, 1, 0.2F, seed + 8);
        }
        if (s.bias) {
            w.q_bias = vector(q, 0, 0.5F, seed + 2), w.k_bias = vector(kv, 0, 2, seed + 3);
            w.v_bias = vector(kv, 0, 0.5F, seed + 4);
        }
        if (s.head_norms)
            w.q_norm = vector(s.head_dim, 1, 0.2F, seed + 5), w.k_norm = vector(s.head_dim, 1, 0.2F, seed + 6);
        model->layers.push_back(w);
    }
    for (const auto& bytes : memory) model->weights_bytes += bytes.size();
}

}  // namespace lectern::test
