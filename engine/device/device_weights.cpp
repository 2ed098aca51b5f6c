// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/device/device_weights.h"

#include <algorithm>
#include <cstring>
#include <set>

#include "engine/model/model_limits.h"

namespace lectern {

using kernels::elementBytes;
using kernels::rowBytes;

namespace {

constexpr std::size_t kChunk = std::size_t(32) << 20;  ///< bytes on their way at once

std::size_t padded(std::size_t bytes) {
    return (bytes + 255) / 256 * 256;
}

std::size_t matrixBytes(const WeightView& w) {
    const std::size_t elements = std::size_t(w.rows) * elementBytes(w.type, w.cols);
    return padded(elements) + padded(std::size_t(w.rows) * rowBytes(w.type, w.cols) - elements);
}

/// Whether one launch can take any of the layer's experts.
bool expertsAlike(const LayerWeights& w) {
    return std::all_of(w.experts.begin(), w.experts.end(), [&](const Expert& expert) {
        const Expert& first = w.experts.front();
        return expert.gate.type == first.gate.type && expert.up.type == first.up.type &&
               expert.down.type == first.down.type;
    });
}

template <class What>
void forVectors(const LayerWeights& w, What what) {
    for (const auto* x : {&w.attn_norm, &w.ffn_norm, &w.post_attn_norm, &w.post_ffn_norm, &w.q_bias, &w.k_bias,
                          &w.v_bias, &w.o_bias, &w.gate_bias, &w.up_bias, &w.down_bias, &w.q_norm, &w.k_norm})
        what(*x);
}

}  // namespace

/// What a chunk of a file passes through.
struct DeviceModel::Staging {
    std::shared_ptr<Device> device;
    PinnedBuffer host;
    DeviceBuffer raw;  ///< blocks as the file has them
    Steps steps;

    /// To `to`, or to `raw` where that is null. Waits: the next chunk may come.
    void send(const std::byte* from, std::size_t bytes, std::byte* to) {
        std::memcpy(host.data(), from, bytes);
        steps << device->table().copyIn(to == nullptr ? raw.data() : to, host.data(), bytes, device->stream())
              << device->wait();
    }
};

std::uint64_t DeviceModel::bytes(const Model& model) {
    std::uint64_t sum = padded(model.final_norm.size() * sizeof(float)) + matrixBytes(model.embedding);
    if (model.output.data != model.embedding.data) sum += matrixBytes(model.output);
    for (const auto& layer : model.layers) {
        for (const auto* w : layer.matrices()) sum += matrixBytes(*w);
        forVectors(layer, [&](const auto& x) { sum += padded(x.size() * sizeof(float)); });
    }
    return sum;
}

Status DeviceModel::served(const Model& model) {
    const ModelConfig& c = model.config;
    const auto refuse = [](const std::string& what) {
        return Error{ErrorCode::Usage,
                     "The CUDA device does not compute with this model (" + what + "): use --device cpu."};
    };
    static_assert(limits::kExperts <= kernels::kMostExperts);
    for (std::size_t layer = 0; layer < model.layers.size(); ++layer)
        if (!expertsAlike(model.layers[layer]))
            return refuse("the experts of layer " + std::to_string(layer) + " have weights of different types");
    const std::set<int> dimensions = {64, 80, 96, 128, 256};
    if (dimensions.count(c.head_dim) == 0)
        return refuse("its heads have dimension " + std::to_string(c.head_dim) +
                      ", served are 64, 80, 96, 128 and 256");
    for (const int cols : {c.hidden, c.ffn, c.heads * c.head_dim})
        if (cols % 32 != 0) return refuse("rows of " + std::to_string(cols) + " weights are not a multiple of 32");
    return {};
}

std::byte* DeviceModel::take(std::size_t bytes) {
    std::byte* at = m_memory.data() + m_taken;
    m_taken += padded(bytes);
    return at;
}

const float* DeviceModel::vector(Staging& staging, const std::vector<float>& x) {
    if (x.empty()) return nullptr;
    std::byte* to = take(x.size() * sizeof(float));
    staging.send(reinterpret_cast<const std::byte*>(x.data()), x.size() * sizeof(float), to);
    return reinterpret_cast<const float*>(to);
}

kernels::DeviceWeights DeviceModel::matrix(Staging& staging, const WeightView& view) {
    const std::size_t total = std::size_t(view.rows) * rowBytes(view.type, view.cols);
    std::byte* elements = take(std::size_t(view.rows) * elementBytes(view.type, view.cols));
    kernels::DeviceWeights w{view.type, view.rows, view.cols, elements, nullptr};
    if (kernels::scaleApart(view.type) == kernels::ScaleApart::None) {
        for (std::size_t at = 0; at < total; at += kChunk)
            staging.send(view.data + at, std::min(kChunk, total - at), elements + at);
        return w;
    }
    const auto block = std::size_t(kernels::weightBlock(view.type).bytes);
    const std::size_t step = kChunk / block / 8 * 8, blocks = total / block;
    auto* scales = reinterpret_cast<std::uint16_t*>(take(blocks * 2));
    for (std::size_t at = 0; at < blocks; at += step) {
        const std::size_t count = std::min(step, blocks - at);
        staging.send(view.data + at * block, count * block, nullptr);
        staging.steps << staging.device->table().splitBlocks(view.type, staging.raw.data(), int(count),
                                                             elements + at * (block - 2), scales + at,
                                                             staging.device->stream())
                      << staging.device->wait();
    }
    w.scales = scales;
    return w;
}

/// That matrix of all experts of a layer, one after another.
kernels::DeviceWeights DeviceModel::experts(Staging& staging, const LayerWeights& w, WeightView Expert::*which) {
    kernels::DeviceWeights first;
    for (const Expert& expert : w.experts) {
        const kernels::DeviceWeights one = matrix(staging, expert.*which);
        if (first.elements == nullptr) first = one;
    }
    first.expert_bytes = matrixBytes(w.experts.front().*which);
    return first;
}

Result<std::unique_ptr<DeviceModel>> DeviceModel::upload(const std::shared_ptr<Device>& device, const Model& model) {
    std::unique_ptr<DeviceModel> made(new DeviceModel);
    auto memory = DeviceBuffer::make(device, bytes(model), "The model");
    if (!memory) return memory.error();
    made->m_memory = std::move(*memory);
    auto host = PinnedBuffer::make(device, kChunk, "The way to the device");
    if (!host) return host.error();
    auto raw = DeviceBuffer::make(device, kChunk, "The way to the device");
    if (!raw) return raw.error();
    Staging staging{device, std::move(*host), std::move(*raw), {}};
    made->embedding = made->matrix(staging, model.embedding);
    const bool tied = model.output.data == model.embedding.data;
    made->output = tied ? made->embedding : made->matrix(staging, model.output);
    made->final_norm = made->vector(staging, model.final_norm);
    for (const auto& w : model.layers) {
        DeviceLayerWeights to;
        const auto vector = [&](const std::vector<float>& x) { return made->vector(staging, x); };
        const auto matrix = [&](const WeightView& x) { return made->matrix(staging, x); };
        to.attn_norm = vector(w.attn_norm), to.ffn_norm = vector(w.ffn_norm);
        to.post_attn_norm = vector(w.post_attn_norm), to.post_ffn_norm = vector(w.post_ffn_norm);
        to.q_bias = vector(w.q_bias), to.k_bias = vector(w.k_bias), to.v_bias = vector(w.v_bias);
        to.o_bias = vector(w.o_bias), to.gate_bias = vector(w.gate_bias);
        to.up_bias = vector(w.up_bias), to.down_bias = vector(w.down_bias);
        to.q_norm = vector(w.q_norm), to.k_norm = vector(w.k_norm);
        to.q = matrix(w.q), to.k = matrix(w.k), to.v = matrix(w.v), to.o = matrix(w.o);
        if (w.experts.empty()) {
            to.gate = matrix(w.gate), to.up = matrix(w.up), to.down = matrix(w.down);
        } else {
            to.router = matrix(w.router);
            to.gate = made->experts(staging, w, &Expert::gate), to.up = made->experts(staging, w, &Expert::up);
            to.down = made->experts(staging, w, &Expert::down);
        }
        for (const auto& m : {to.q, to.k, to.v, to.o, to.gate, to.up, to.down})
            if (!kernels::blocked(m.type)) made->m_few_rows = kernels::MatvecArgs::kMostTokens;
        made->layers.push_back(to);
    }
    if (staging.steps.failure() != 0) return device->error(staging.steps.failure());
    return made;
}

}  // namespace lectern
