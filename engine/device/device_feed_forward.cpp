// SPDX-License-Identifier: GPL-3.0-or-later
// Feed-forward networks on a device: one for all tokens, or experts of which each token has some. Of few tokens the
// experts are read from device memory when the products run; of many the host learns them, layer by layer, so that each
// expert's tokens are one matrix product.
#include <algorithm>
#include <numeric>

#include "engine/device/device_transformer.h"

namespace lectern {

using kernels::DeviceOutput;
using kernels::ExpertChoice;
using kernels::ExpertPlace;

kernels::Gate DeviceTransformer::gate() const {
    return m_model->config.activation == Activation::Silu ? kernels::Gate::Silu : kernels::Gate::Gelu;
}

/// out = activation(gate) · up of `rows` rows.
void DeviceTransformer::activate(int rows, DeviceOutput out) {
    const auto& t = m_device->table();
    m_steps << (gate() == kernels::Gate::Silu ? t.siluMul : t.geluMul)(
        m_gate.as<float>(), m_up.as<float>(), std::size_t(rows) * std::size_t(m_model->config.ffn), out,
        m_device->stream());
}

Status DeviceTransformer::feedForward(const Work& work, const DeviceLayerWeights& w) {
    if (w.router.rows > 0) return mixture(work, w);
    oneNetwork(work, w);
    return {};
}

void DeviceTransformer::oneNetwork(const Work& work, const DeviceLayerWeights& w) {
    const Input x = normed(work, w.ffn_norm);
    const DeviceOutput act = rows(work, m_act, m_act_half);
    if (work.few && w.gate.type == w.up.type) {
        kernels::MatvecArgs args;
        args.w[0] = w.gate, args.w[1] = w.up, args.bias[0] = w.gate_bias, args.bias[1] = w.up_bias;
        args.count = 2, args.y[0] = args.y[1] = act.f32, args.gate = gate();
        fewRows(work, args, x);
    } else {
        products(work, {{w.gate, m_gate.as<float>(), w.gate_bias}, {w.up, m_up.as<float>(), w.up_bias}}, x);
        activate(work.tokens, act);
    }
    addResult(work, w.down, input(act), w.down_bias, w.post_ffn_norm);
}

/// The network of a layer with experts.
Status DeviceTransformer::mixture(const Work& work, const DeviceLayerWeights& w) {
    const ModelConfig& c = m_model->config;
    kernels::RouteArgs args;
    args.router = w.router, args.tokens = work.tokens, args.used = c.experts_used;
    args.x = m_x.as<float>(), args.norm = w.ffn_norm, args.eps = c.rms_eps;
    args.choices = m_choices.as<ExpertChoice>();
    m_steps << m_device->table().route(args, m_device->stream());
    const bool add = w.post_ffn_norm == nullptr;  // else what the experts give is normed first
    float* sum = (add ? m_x : m_y).as<float>();
    if (work.few) {
        for (int token = 0; token < work.tokens; ++token) expertsOf(work, w, token, sum, add);
    } else {
        if (!add)
            m_steps << m_device->table().fill(
                m_y.data(), 0, std::size_t(work.tokens) * std::size_t(c.hidden) * sizeof(float), m_device->stream());
        if (auto done = eachExpert(work, w, sum); !done) return done;
    }
    if (!add) addNormed(work, w.post_ffn_norm);
    return {};
}

/// sum[token] (+)= what the token's experts give, weighted.
void DeviceTransformer::expertsOf(const Work& work, const DeviceLayerWeights& w, int token, float* sum, bool add) {
    const auto& t = m_device->table();
    const ModelConfig& c = m_model->config;
    const auto place = std::size_t(token) * std::size_t(c.hidden);
    const Input x = normed(work, w.ffn_norm);
    kernels::MatvecArgs args;
    args.x = x.f32 + place, args.norm = x.norm, args.eps = c.rms_eps;
    args.experts = c.experts_used;
    args.chosen = m_choices.as<ExpertChoice>() + std::size_t(token) * std::size_t(c.experts_used);
    args.w[0] = w.gate;
    if (w.gate.type == w.up.type) {
        args.w[1] = w.up, args.count = 2, args.y[0] = m_act.as<float>(), args.gate = gate();
        m_steps << t.matvecs(args, m_device->stream());
    } else {
        args.count = 1, args.y[0] = m_gate.as<float>();
        m_steps << t.matvecs(args, m_device->stream());
        args.w[0] = w.up, args.y[0] = m_up.as<float>();
        m_steps << t.matvecs(args, m_device->stream());
        activate(c.experts_used, {m_act.as<float>(), nullptr});
    }
    args.w[0] = w.down, args.count = 1, args.y[0] = sum + place, args.gate = kernels::Gate::None;
    args.x = m_act.as<float>(), args.norm = nullptr, args.sum = true, args.add = add;
    m_steps << t.matvecs(args, m_device->stream());
}

/// The choices of all tokens, which are waited for, as m_places: expert by expert, of each the tokens in order. Gives
/// how many each expert has.
Result<std::vector<int>> DeviceTransformer::orderPlaces(const Work& work) {
    const ModelConfig& c = m_model->config;
    const std::size_t count = std::size_t(work.tokens) * std::size_t(c.experts_used);
    m_steps << m_device->table().copyOut(m_host_choices.data(), m_choices.data(), count * sizeof(ExpertChoice),
                                         m_device->stream());
    if (auto done = finished(); !done) return done.error();
    const std::span<const ExpertChoice> choices(m_host_choices.as<ExpertChoice>(), count);
    std::vector<int> counts(std::size_t(c.experts), 0), next(counts);
    for (const ExpertChoice& choice : choices) ++counts[std::size_t(choice.expert)];
    std::exclusive_scan(counts.begin(), counts.end(), next.begin(), 0);
    auto* places = m_host_places.as<ExpertPlace>();
    for (std::size_t i = 0; i < count; ++i)
        places[next[std::size_t(choices[i].expert)]++] = {std::int32_t(i) / c.experts_used, choices[i].weight};
    m_steps << m_device->table().copyIn(m_places.data(), places, count * sizeof(ExpertPlace), m_device->stream());
    return counts;
}

/// sum += what the experts give, one after another, weighted.
Status DeviceTransformer::eachExpert(const Work& work, const DeviceLayerWeights& w, float* sum) {
    normed(work, w.ffn_norm);
    const auto counts = orderPlaces(work);
    if (!counts) return counts.error();
    const auto* places = m_places.as<ExpertPlace>();
    for (int expert = 0; expert < int(counts->size()); ++expert) {
        const int count = (*counts)[std::size_t(expert)];
        if (count > 0) oneExpert(w, expert, places, count, sum);
        places += count;
    }
    return {};
}

void DeviceTransformer::oneExpert(const DeviceLayerWeights& w, int expert, const ExpertPlace* places, int count,
                                  float* sum) {
    const auto& t = m_device->table();
    const auto stream = m_device->stream();
    const int hidden = m_model->config.hidden;
    auto *x = m_expert_x.as<std::uint16_t>(), *act = m_act_half.as<std::uint16_t>();
    m_steps << t.gatherRows(places, count, m_norm_half.as<std::uint16_t>(), hidden, x, stream);
    manyRows({expertOf(w.gate, expert), m_gate.as<float>()}, x, count, false);
    manyRows({expertOf(w.up, expert), m_up.as<float>()}, x, count, false);
    activate(count, {nullptr, act});
    manyRows({expertOf(w.down, expert), m_expert_y.as<float>()}, act, count, false);
    m_steps << t.addExpertRows(places, count, m_expert_y.as<float>(), hidden, sum, stream);
}

}  // namespace lectern
