// SPDX-License-Identifier: GPL-3.0-or-later
// How a model comes onto a device: what it needs, whether there is room, buffers.
#include <algorithm>

#include "engine/device/device_room.h"
#include "engine/device/device_transformer.h"

namespace lectern {

namespace {

std::size_t floats(int tokens, int width) {
    return std::size_t(tokens) * std::size_t(width) * sizeof(float);
}

/// Elements of the largest matrix that is expanded at once.
std::size_t largestMatrix(const Model& model) {
    std::size_t most =
        std::size_t(std::min(DeviceTransformer::kLogitColumns, model.output.rows)) * std::size_t(model.output.cols);
    for (const auto& layer : model.layers)
        for (const auto* w : layer.matrices())
            if (w->type != WeightType::F16) most = std::max(most, std::size_t(w->rows) * std::size_t(w->cols));
    return most;
}

std::string text(std::uint64_t bytes) {
    return std::to_string((bytes + 99'999'999) / 100'000'000 / 10) + "." +
           std::to_string((bytes + 99'999'999) / 100'000'000 % 10) + " GB";
}

}  // namespace

DeviceTransformer::DeviceTransformer(std::shared_ptr<Device> device, std::shared_ptr<const Model> model,
                                     ThreadPool& pool)
    : m_device(std::move(device)),
      m_model(std::move(model)),
      m_pool(pool),
      m_rope(m_model->config.rope, m_model->config.query_scale),
      m_other_rope(m_model->config.other_rope, m_model->config.query_scale),
      m_graph(m_device) {}

Status DeviceTransformer::allocate(int most) {
    const ModelConfig& c = m_model->config;
    const int q = c.heads * c.head_dim, kv = c.kv_heads * c.head_dim;
    const int used = c.experts_used, wide = std::max(most, used);  // a token's experts, too
    const int of_experts = c.experts > 0 ? most : 0;
    const std::size_t logits = std::max(floats(1, c.vocab), floats(most, std::min(kLogitColumns, c.vocab)));
    const struct {
        DeviceBuffer& buffer;
        std::size_t bytes;
    } device[] = {{m_ids, floats(most + 1, 1)},
                  {m_flags, floats(c.layers, 1)},
                  {m_x, floats(most, c.hidden)},
                  {m_norm_half, floats(most, c.hidden) / 2},
                  {m_y, m_model->layers.front().post_attn_norm.empty() ? 0 : floats(most, c.hidden)},
                  {m_q, floats(most, q)},
                  {m_rows, floats(kRowsBack, kv) * 2 * std::size_t(c.layers)},
                  {m_k, floats(most, kv)},
                  {m_v, floats(most, kv)},
                  {m_a, floats(most, q)},
                  {m_a_half, floats(most, q) / 2},
                  {m_gate, floats(wide, c.ffn)},
                  {m_up, floats(wide, c.ffn)},
                  {m_act, floats(wide, c.ffn)},
                  {m_act_half, floats(most, c.ffn) / 2},
                  {m_half, largestMatrix(*m_model) * 2},
                  {m_logits, logits},
                  {m_choices, std::size_t(of_experts) * std::size_t(used) * sizeof(kernels::ExpertChoice)},
                  {m_places, std::size_t(of_experts) * std::size_t(used) * sizeof(kernels::ExpertPlace)},
                  {m_expert_x, floats(of_experts, c.hidden) / 2},
                  {m_expert_y, floats(of_experts, c.hidden)}};
    for (const auto& [buffer, bytes] : device) {
        if (auto made = buffer.grow(m_device, bytes, "The work buffers"); !made) return made;
    }
    const struct {
        PinnedBuffer& buffer;
        std::size_t bytes;
    } pinned[] = {{m_host_ids, floats(most + 1, 1)},
                  {m_host_flags, floats(c.layers, 1)},
                  {m_host_rows, std::max(floats(kRowsBack, kv) * 2 * std::size_t(c.layers), floats(most, kv) * 2)},
                  {m_host_logits, logits},
                  {m_host_choices, m_choices.size()},
                  {m_host_places, m_places.size()}};
    for (const auto& [buffer, bytes] : pinned) {
        if (auto made = buffer.grow(m_device, bytes, "The work buffers"); !made) return made;
    }
    return {};
}

Result<std::unique_ptr<DeviceTransformer>> DeviceTransformer::make(const std::shared_ptr<Device>& device,
                                                                   const std::shared_ptr<const Model>& model,
                                                                   ThreadPool& pool, int most_tokens,
                                                                   std::uint64_t budget) {
    if (auto served = DeviceModel::served(*model); !served) return served.error();
    kernels::PackArgs raw;
    raw.layout = rawLayout(KvKind::Key, {model->config.kv_heads, model->config.head_dim});
    raw.stride = raw.layout.shape.channels(), raw.tokens = 1;
    if (const char* refusal = device->table().packRefusal(raw); refusal != nullptr)
        return Error{ErrorCode::Usage, "The CUDA device does not compute with this model: " + std::string(refusal) +
                                           "; use --device cpu."};
    const auto before = device->memoryFree();
    if (!before) return before.error();
    const std::uint64_t weights = DeviceModel::bytes(*model);
    if (weights + kDeviceReserve > *before)
        return Error{ErrorCode::NoRoom,
                     "The model does not fit " + device->id() + ": its weights take " + text(weights) +
                         ", work buffers " + text(kDeviceReserve) + ", and " + text(*before) +
                         " are free. Use a smaller model or --device cpu.",
                     {Obstacle::DeviceMemory, {device->id()}, {weights + kDeviceReserve, *before}}};
    std::unique_ptr<DeviceTransformer> made(new DeviceTransformer(device, model, pool));
    auto uploaded = DeviceModel::upload(device, *model);
    if (!uploaded) return uploaded.error();
    made->m_weights = std::move(*uploaded);
    if (auto done = made->allocate(most_tokens); !done) return done.error();
    auto attention =
        DeviceAttention::make(device, made->m_model->config, made->m_rope, made->m_other_rope, pool, most_tokens);
    if (!attention) return attention.error();
    made->m_attention = std::move(*attention);
    const auto left = device->memoryFree();
    if (!left) return left.error();
    const std::uint64_t pages = *left > kDeviceReserve ? *left - kDeviceReserve : 0;
    made->m_pages = std::make_unique<DevicePages>(device, budget != 0 ? std::min(budget, pages) : pages, pool);
    made->m_coder = std::make_unique<DeviceCoder>(device, *made->m_pages, made->m_codecs);
    return made;
}

std::uint64_t DeviceTransformer::scratchBytes() const {
    std::uint64_t bytes = m_attention->scratchBytes() + m_coder->scratchBytes();
    for (const auto* buffer : {&m_ids,      &m_flags, &m_x,      &m_norm_half, &m_y,      &m_rows,     &m_q,
                               &m_k,        &m_v,     &m_a,      &m_a_half,    &m_gate,   &m_up,       &m_act,
                               &m_act_half, &m_half,  &m_logits, &m_choices,   &m_places, &m_expert_x, &m_expert_y})
        bytes += buffer->size();
    for (const auto* buffer :
         {&m_host_ids, &m_host_flags, &m_host_rows, &m_host_logits, &m_host_choices, &m_host_places})
        bytes += buffer->size();
    return bytes;
}

}  // namespace lectern
