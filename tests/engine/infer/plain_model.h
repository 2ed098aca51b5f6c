// SPDX-License-Identifier: GPL-3.0-or-later
// What the transformer is checked against.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <numeric>

#include "engine/model/model.h"
#include "kernels/dispatch.h"
#include "tests/engine/infer/model_shapes.h"
#include "tests/engine/infer/plain_rope.h"

namespace lectern::test {

/// The model of plain loops in double precision: no cache, no blocks, no threads.
class PlainModel {
public:
    explicit PlainModel(const Model& model) : m(model) {}

    using Vector = std::vector<double>;

    std::function<bool(int query, int key)> sees;  ///< where set: other keys have a score of -inf

    /// Added to one key (before RoPE, after the bias and the norm) or value.
    struct Nudge {
        int layer = -1, token = 0, channel = 0;
        bool key = true;
        double by = 0;
    };

    Vector logits(const std::vector<std::int32_t>& ids) { return output(residuals(ids, {}).back()); }

    /// Mean negative log-likelihood of the next token.
    double loss(const std::vector<std::int32_t>& ids, const Nudge& nudge) {
        const auto x = residuals(ids, nudge);
        double sum = 0;
        for (std::size_t t = 0; t + 1 < ids.size(); ++t) {
            const Vector scores = output(x[t]);
            double exponentials = 0;
            for (const double score : scores) exponentials += std::exp(score);
            sum += std::log(exponentials) - scores[std::size_t(ids[t + 1])];
        }
        return sum / double(ids.size() - 1);
    }

private:
    std::vector<Vector> residuals(const std::vector<std::int32_t>& ids, const Nudge& nudge) {
        const int n = int(ids.size()), hidden = m.config.hidden;
        std::vector<Vector> x(static_cast<std::size_t>(n), Vector(static_cast<std::size_t>(hidden)));
        for (int t = 0; t < n; ++t) {
            std::vector<float> row(static_cast<std::size_t>(hidden));
            kernels::bestKernels().weightRows(m.embedding, ids[std::size_t(t)], ids[std::size_t(t)] + 1, row.data());
            for (std::size_t i = 0; i < row.size(); ++i)
                x[std::size_t(t)][i] = double(row[i]) * double(m.config.embedding_scale);
        }
        for (std::size_t l = 0; l < m.layers.size(); ++l)
            layer(m.layers[l], x, nudge.layer == int(l) ? nudge : Nudge{}, m.config.window(int(l)),
                  m.config.turnsOtherwise(int(l)) ? m.config.other_rope : m.config.rope);
        return x;
    }

    static double capped(double x, float cap) { return cap > 0 ? double(cap) * std::tanh(x / double(cap)) : x; }

    Vector output(const Vector& x) const {
        Vector logits = product(m.output, {}, normed(x, m.final_norm));
        for (double& logit : logits) logit = capped(logit, m.config.logit_cap);
        return logits;
    }

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

    void rotate(const RopeConfig& rope, Vector& v, int head, int position) const {
        const int d = m.config.head_dim, pairs = rope.dims / 2;
        for (int i = 0; i < pairs; ++i) {
            const double angle = position * plainFrequency(rope, i);
            double& a = v[std::size_t(head * d + (rope.interleaved ? 2 * i : i))];
            double& b = v[std::size_t(head * d + (rope.interleaved ? 2 * i + 1 : i + pairs))];
            const double c = rope.scaling.attention_factor * std::cos(angle);
            const double s = rope.scaling.attention_factor * std::sin(angle), a0 = a;
            a = a0 * c - b * s;
            b = a0 * s + b * c;
        }
    }

    /// RMSNorm of each head by itself.
    void normHeads(Vector& x, const std::vector<float>& weight) const {
        for (std::size_t head = 0; !weight.empty() && head < x.size(); head += weight.size()) {
            const auto begin = x.begin() + std::ptrdiff_t(head);
            const Vector y = normed(Vector(begin, begin + std::ptrdiff_t(weight.size())), weight);
            std::copy(y.begin(), y.end(), begin);
        }
    }

    Vector normedResult(const Vector& x, const std::vector<float>& weight) const {
        return weight.empty() ? x : normed(x, weight);
    }

    double activated(double x) const {
        if (m.config.activation == Activation::Silu) return x / (1 + std::exp(-x));
        return 0.5 * x * (1 + std::tanh(std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x)));
    }

    /// `biases`: of the layer; those with experts have none.
    Vector network(const Expert& e, const LayerWeights& biases, const Vector& h) const {
        Vector gate = product(e.gate, biases.gate_bias, h);
        const Vector up = product(e.up, biases.up_bias, h);
        for (std::size_t i = 0; i < gate.size(); ++i) gate[i] = activated(gate[i]) * up[i];
        return product(e.down, biases.down_bias, gate);
    }

    /// Softmax over all experts, the best of them, their weights again to a sum of 1.
    Vector mixture(const LayerWeights& w, const Vector& h) const {
        const Vector logits = product(w.router, {}, h);
        std::vector<std::pair<double, std::size_t>> best;
        double all = 0, chosen = 0;
        for (const double logit : logits) all += std::exp(logit);
        for (std::size_t i = 0; i < logits.size(); ++i) best.emplace_back(std::exp(logits[i]) / all, i);
        std::sort(best.rbegin(), best.rend());
        best.resize(std::size_t(m.config.experts_used));
        for (const auto& [share, expert] : best) chosen += share;
        Vector sum(h.size(), 0.0);
        for (const auto& [share, expert] : best) {
            const Vector y = network(w.experts[expert], w, h);
            for (std::size_t i = 0; i < y.size(); ++i) sum[i] += share / chosen * y[i];
        }
        return sum;
    }

    void layer(const LayerWeights& w, std::vector<Vector>& x, const Nudge& nudge, int window,
               const RopeConfig& rope) const {
        const auto& c = m.config;
        const int n = int(x.size()), d = c.head_dim;
        std::vector<Vector> q, k, v;
        for (int t = 0; t < n; ++t) {
            const Vector h = normed(x[std::size_t(t)], w.attn_norm);
            q.push_back(product(w.q, w.q_bias, h));
            k.push_back(product(w.k, w.k_bias, h));
            v.push_back(product(w.v, w.v_bias, h));
            normHeads(q.back(), w.q_norm);
            normHeads(k.back(), w.k_norm);
            if (nudge.layer >= 0 && nudge.token == t)
                (nudge.key ? k : v).back()[std::size_t(nudge.channel)] += nudge.by;
            for (int head = 0; head < c.heads; ++head) rotate(rope, q.back(), head, t);
            const RopeScaling& s = rope.scaling;
            for (double& x : q.back())
                if (s.growth > 0) x *= 1 + s.growth * std::log(1 + std::floor(double(t) / s.growth_step));
            for (int head = 0; head < c.kv_heads; ++head) rotate(rope, k.back(), head, t);
        }
        for (int t = 0; t < n; ++t) {
            Vector out(std::size_t(c.heads * d), 0.0);
            for (int head = 0; head < c.heads; ++head)
                attend(head, t, window == 0 ? 0 : std::max(0, t + 1 - window), q, k, v, out);
            const Vector y = normedResult(product(w.o, w.o_bias, out), w.post_attn_norm);
            for (std::size_t i = 0; i < y.size(); ++i) x[std::size_t(t)][i] += y[i];
            const Vector h = normed(x[std::size_t(t)], w.ffn_norm);
            const Vector z = normedResult(w.experts.empty() ? network({w.gate, w.up, w.down}, w, h) : mixture(w, h),
                                          w.post_ffn_norm);
            for (std::size_t i = 0; i < z.size(); ++i) x[std::size_t(t)][i] += z[i];
        }
    }

    void attend(int head, int t, int first, const std::vector<Vector>& q, const std::vector<Vector>& k,
                const std::vector<Vector>& v, Vector& out) const {
        const int d = m.config.head_dim, kv = head / (m.config.heads / m.config.kv_heads);
        Vector score(std::size_t(t) + 1);
        double sum = 0;
        for (int s = first; s <= t; ++s) {
            if (sees && !sees(t, s)) continue;
            double dot = 0;
            for (int i = 0; i < d; ++i)
                dot += q[std::size_t(t)][std::size_t(head * d + i)] * k[std::size_t(s)][std::size_t(kv * d + i)];
            score[std::size_t(s)] =
                std::exp(capped(dot * m.config.query_scale / std::sqrt(double(d)), m.config.score_cap));
            sum += score[std::size_t(s)];
        }
        for (int s = first; s <= t; ++s) {
            for (int i = 0; i < d; ++i)
                out[std::size_t(head * d + i)] +=
                    score[std::size_t(s)] / sum * v[std::size_t(s)][std::size_t(kv * d + i)];
        }
    }

    const Model& m;
};

}  // namespace lectern::test
