// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/device/device_attention.h"

#include <algorithm>
#include <cstring>

namespace lectern {

using kernels::kMassGroups;
using kernels::kPageTokens;

namespace {

constexpr std::size_t kExpandedBytes = std::size_t(256) << 20;  ///< pages that prefill attention expands at once

}  // namespace

struct DeviceAttention::Call {
    kernels::DecodeArgs args;
    kernels::DecodePlan plan;
    int page = 0;  ///< of the table, the first of the part
};

DeviceAttention::DeviceAttention(std::shared_ptr<Device> device, const ModelConfig& config, const RopeTable& rope,
                                 const RopeTable& other_rope, ThreadPool& pool)
    : m_device(std::move(device)),
      m_config(config),
      m_group(config.heads / config.kv_heads),
      m_host(m_device, config, rope, other_rope, pool) {}

Result<std::unique_ptr<DeviceAttention>> DeviceAttention::make(const std::shared_ptr<Device>& device,
                                                               const ModelConfig& config, const RopeTable& rope,
                                                               const RopeTable& other_rope, ThreadPool& pool,
                                                               int most_tokens) {
    std::unique_ptr<DeviceAttention> made(new DeviceAttention(device, config, rope, other_rope, pool));
    const auto rows = std::size_t(most_tokens) * std::size_t(config.heads);
    const std::size_t page = device->table().prefillWorkspaceBytes({config.kv_heads, config.head_dim}, 1);
    const char* const what = "Attention";
    for (Status grown : {made->m_total.grow(device, rows * sizeof(float), what),
                         made->m_state.grow(device, rows * std::size_t(config.head_dim + 2) * sizeof(float), what),
                         made->m_workspace.grow(device, std::max(page, kExpandedBytes / page * page), what)}) {
        if (!grown) return grown.error();
    }
    for (const RopeTable* table : {&rope, &other_rope}) {
        if (table == &other_rope && config.otherwise.empty()) break;
        auto rotation = DeviceRotation::make(device, *table, config.head_dim, most_tokens);
        if (!rotation) return rotation.error();
        made->m_rotations.push_back(std::move(*rotation));
    }
    return made;
}

Status DeviceAttention::begin(const KvCache& cache, const DeviceTable& table, int tokens, const AttentionMass* mass) {
    m_tokens = tokens;
    m_first = cache.tokens();
    m_pages = cache.pageCount(m_first + std::uint64_t(tokens));
    m_mass_layers = 0;
    m_few = mass != nullptr || tokens <= kFewTokens;
    m_follows = false;
    if (auto done = m_host.begin(table.hostPages(), tokens, mass); !done) return done;
    for (auto& rotation : m_rotations) {
        if (auto done = rotation->begin(cache, tokens, m_pages); !done) return done;
    }
    if (!m_few && m_host.pages() > 0) {
        const auto rows = std::size_t(tokens) * std::size_t(m_config.heads);
        const std::size_t states = 2 * rows * std::size_t(m_config.head_dim + 2) * sizeof(float);
        if (auto grown = m_state.grow(m_device, states, "Attention"); !grown) return grown;
    }
    if (!m_few) return pageLists(cache, table);
    return mass != nullptr ? beginMass(mass->by_layer) : Status();
}

Status DeviceAttention::beginMass(bool by_layer) {
    m_mass_layers = by_layer ? m_config.layers : 1;
    const std::size_t bytes = std::size_t(m_mass_layers) * massGroups() * sizeof(float);
    if (m_mass_sum.size() < bytes) {
        const std::size_t room = bytes + bytes / 8 + 4096;
        if (auto grown = m_mass_sum.grow(m_device, room, "Attention mass"); !grown) return grown;
        if (auto grown = m_host_mass.grow(m_device, room, "Attention mass"); !grown) return grown;
    }
    const std::int32_t failure = m_device->table().fill(m_mass_sum.data(), 0, bytes, m_device->stream());
    return failure == 0 ? Status() : m_device->error(failure);
}

Status DeviceAttention::finishHeads(const KvCache& cache, int layer, kernels::HeadsArgs args, float* plain) {
    m_split = hostSees(cache, layer);
    if (m_split) args.q_plain = plain;
    rotation(layer).turn(args);
    const std::int32_t failure = m_device->table().finishHeads(args, m_device->stream());
    if (failure != 0) return m_device->error(failure);
    return m_split ? m_host.take(plain) : Status();
}

Status DeviceAttention::run(const KvCache& cache, const DeviceTable& table, const DeviceCodecs& codecs, int layer,
                            const float* q, kernels::DeviceOutput out) {
    if (!m_few) return prefill(cache, codecs, layer, q, out);
    for (int token = 0; token < m_tokens; ++token) {
        const std::size_t at = std::size_t(token) * std::size_t(m_config.heads) * std::size_t(m_config.head_dim);
        const kernels::DeviceOutput to = {out.f32 == nullptr ? nullptr : out.f32 + at,
                                          out.f16 == nullptr ? nullptr : out.f16 + at};
        if (auto done = decode(cache, table, codecs, layer, token, q + at, to); !done) return done;
    }
    return {};
}

Status DeviceAttention::prefill(const KvCache& cache, const DeviceCodecs& codecs, int layer, const float* q,
                                kernels::DeviceOutput out) {
    kernels::PrefillArgs args;
    const auto l = std::size_t(layer);
    const DeviceRotation& rotation = this->rotation(layer);
    args.key_layout = blockLayout(cache.settings(), layer, KvKind::Key, cache.shape());
    args.value_layout = blockLayout(cache.settings(), layer, KvKind::Value, cache.shape());
    args.key_params = codecs.key(layer), args.value_params = codecs.value(layer);
    args.pages = m_lists.as<kernels::PrefillPage>() + m_list_begin[l];
    args.page_count = m_list_begin[l + 1] - m_list_begin[l];
    args.offsets = rotation.offsets();
    args.page_cos = rotation.pageCos(), args.page_sin = rotation.pageSin();
    args.q = q, args.heads = m_config.heads, args.tokens = m_tokens, args.first = int(m_first);
    args.window = m_config.window(layer), args.scale = 1, args.score_cap = m_config.score_cap;
    if (!m_split) args.out = out.f32, args.half_out = out.f16;
    const auto rows = std::size_t(m_tokens) * std::size_t(m_config.heads), room = m_split ? 2 * rows : rows;
    args.m = m_state.as<float>(), args.l = args.m + room, args.o = args.l + room;
    args.workspace = m_workspace.data(), args.workspace_bytes = m_workspace.size();
    if (const char* refusal = m_device->table().prefillRefusal(args); refusal != nullptr)
        return Error{ErrorCode::Usage, "The CUDA device does not read with this model: " + std::string(refusal) + "."};
    const std::int32_t failure = m_device->table().attendPrefill(args, m_device->stream());
    if (failure != 0) return m_device->error(failure);
    return m_split ? mergeHost(cache, layer, out) : Status();
}

/// The host's part of many queries, and both together.
Status DeviceAttention::mergeHost(const KvCache& cache, int layer, kernels::DeviceOutput out) {
    const auto rows = std::size_t(m_tokens) * std::size_t(m_config.heads), d = std::size_t(m_config.head_dim);
    float *m = m_state.as<float>(), *l = m + 2 * rows, *o = l + 2 * rows;
    if (auto done = m_host.attend(cache, layer); !done) return done;
    if (auto put = m_host.put(HostPart::kAll, m + rows, l + rows, o + rows * d); !put) return put;
    const std::int32_t failure = m_device->table().mergeStates(
        {m, l, o, 2, m_config.heads, m_config.head_dim, out, m_total.as<float>(), m_tokens, m_group},
        m_device->stream());
    return failure == 0 ? Status() : m_device->error(failure);
}

/// What attends to every part that the token sees, all but the queries and where results go.
Result<std::vector<DeviceAttention::Call>> DeviceAttention::calls(const KvCache& cache, const DeviceTable& table,
                                                                  const DeviceCodecs& codecs, int layer,
                                                                  int token) const {
    const auto& t = m_device->table();
    std::vector<Call> calls;
    for (const Part& part : parts(cache, table, layer, m_first + std::uint64_t(token))) {
        Call call;
        call.page = part.page;
        kernels::DecodeArgs& args = call.args;
        args.key = part.key_raw ? rawLayout(KvKind::Key, cache.shape())
                                : blockLayout(cache.settings(), layer, KvKind::Key, cache.shape());
        args.value = part.value_raw ? rawLayout(KvKind::Value, cache.shape())
                                    : blockLayout(cache.settings(), layer, KvKind::Value, cache.shape());
        args.key_params = codecs.key(layer), args.value_params = codecs.value(layer);
        args.key_pages = table.blocks(layer, KvKind::Key) + part.page;
        args.value_pages = table.blocks(layer, KvKind::Value) + part.page;
        args.pages = part.pages, args.begin = part.begin, args.tokens = part.tokens;
        args.group = m_group, args.score_cap = m_config.score_cap;
        args.page_angles = rotation(layer).angles(part.page);
        args.offsets = rotation(layer).offsets();
        const char* refusal = t.decodeRefusal(args);
        if (refusal == nullptr) {
            call.plan = t.planDecode(args, m_device->info().processors, m_device->info().shared_limit);
            refusal = call.plan.refusal;
        }
        if (refusal != nullptr)
            return Error{ErrorCode::Usage, "The CUDA device does not answer with this model: " + std::string(refusal) +
                                               "; use --device cpu."};
        calls.push_back(call);
    }
    return calls;
}

/// Buffers for what these calls leave.
Status DeviceAttention::growFor(const std::vector<Call>& calls) {
    const auto heads = std::size_t(m_config.heads);
    std::size_t pages = 0, states = 1;  // the host's
    for (const Call& call : calls) pages += std::size_t(call.args.pages), states += std::size_t(call.plan.splits);
    const std::size_t state = heads * std::size_t(m_config.head_dim + 2) * sizeof(float);
    if (auto grown = m_parts.grow(m_device, states * state, "Attention"); !grown) return grown;
    const std::size_t bytes = pages * heads * kMassGroups * sizeof(float);
    if (m_mass_layers == 0 || m_lse.size() >= bytes) return {};
    return m_lse.grow(m_device, bytes + bytes / 8, "Attention mass");
}

Status DeviceAttention::follow(const KvCache& cache, const DeviceTable& table, const DeviceCodecs& codecs,
                               DeviceGraph::Key& key) {
    std::vector<int> later;
    m_call_begin.clear();
    for (int layer = 0; layer < m_config.layers; ++layer) {
        m_call_begin.push_back(int(later.size() / 2));
        const auto all = calls(cache, table, codecs, layer, 0);
        if (!all) return all.error();
        if (auto grown = growFor(*all); !grown) return grown;
        for (const auto& [args, plan, page] : *all) {
            later.insert(later.end(), {args.tokens, args.begin});
            for (const int x : {layer, page, args.pages, args.key.bits, args.key.slots, args.value.bits,
                                args.value.slots, plan.splits, plan.warps, plan.table_copies})
                key.push_back(std::uint64_t(x));
        }
    }
    const std::size_t bytes = later.size() * sizeof(int);
    if (m_later.size() < bytes) {
        if (auto grown = m_host_later.grow(m_device, 2 * bytes, "Attention"); !grown) return grown;
        if (auto grown = m_later.grow(m_device, 2 * bytes, "Attention"); !grown) return grown;
    }
    std::copy(later.begin(), later.end(), m_host_later.as<int>());
    for (const auto* buffer : {&m_parts, &m_lse, &m_mass_sum, &m_later})
        key.push_back(std::uint64_t(reinterpret_cast<std::uintptr_t>(buffer->data())));
    for (const auto& rotation : m_rotations)
        key.push_back(std::uint64_t(reinterpret_cast<std::uintptr_t>(rotation->angles(0))));
    key.insert(key.end(), {reinterpret_cast<std::uintptr_t>(table.blocks(0, KvKind::Key)),
                           reinterpret_cast<std::uintptr_t>(table.blocks(0, KvKind::Value)), codecs.changes(),
                           std::uint64_t(m_mass_layers), std::uint64_t(m_pages)});
    m_follows = true;
    const std::int32_t failure =
        m_device->table().copyIn(m_later.data(), m_host_later.data(), bytes, m_device->stream());
    return failure == 0 ? Status() : m_device->error(failure);
}

/// One token: its parts with all their splits, the host's as the last, their merge, its mass. m_parts: m, l
/// [splits][heads], o [splits][heads][head_dim].
Status DeviceAttention::decode(const KvCache& cache, const DeviceTable& table, const DeviceCodecs& codecs, int layer,
                               int token, const float* q, kernels::DeviceOutput out) {
    auto all = calls(cache, table, codecs, layer, token);
    if (!all) return all.error();
    if (auto grown = growFor(*all); !grown) return grown;
    const auto& t = m_device->table();
    const auto heads = std::size_t(m_config.heads), d = std::size_t(m_config.head_dim);
    std::size_t states = m_split ? 1 : 0, at = 0;
    for (const Call& call : *all) states += std::size_t(call.plan.splits);
    float *m = m_parts.as<float>(), *l = m + states * heads, *o = l + states * heads, *lse = m_lse.as<float>();
    const auto place = [&] { return kernels::AttendState{m + at * heads, l + at * heads, o + at * heads * d}; };
    const int* later = m_follows ? m_later.as<int>() + 2 * std::size_t(m_call_begin[std::size_t(layer)]) : nullptr;
    Steps steps;
    for (auto& [args, plan, page] : *all) {
        args.q = q;
        args.out = place();
        args.group_lse = m_mass_layers > 0 ? lse : nullptr;
        args.later = later;
        lse += std::size_t(args.pages) * heads * kMassGroups;
        at += std::size_t(plan.splits);
        if (later != nullptr) later += 2;
        steps << t.attendDecode(args, plan, m_device->stream());
    }
    if (m_split) {
        auto done = token == 0 ? m_host.attend(cache, layer) : Status();  // all tokens at once
        if (done) done = m_host.put(token, place().m, place().l, place().o);
        if (!done) return done;
    }
    steps << t.mergeStates({m, l, o, int(states), m_config.heads, m_config.head_dim, out, m_total.as<float>()},
                           m_device->stream());
    if (steps.failure() != 0) return m_device->error(steps.failure());
    if (m_mass_layers == 0) return {};
    if (auto added = massOf(*all, layer); !added) return added;
    return m_split ? m_host.takeTotal(token, m_total.as<float>()) : Status();
}

/// Adds up the mass that the calls of one token left.
Status DeviceAttention::massOf(const std::vector<Call>& calls, int layer) {
    float* sum = m_mass_sum.as<float>() + (m_mass_layers > 1 ? std::size_t(layer) * massGroups() : 0);
    Steps steps;
    for (std::size_t first = 0; first < calls.size(); first += kernels::MassArgs::kMost) {
        kernels::MassArgs args;
        args.total = m_total.as<float>(), args.kv_heads = m_config.kv_heads, args.group = m_group;
        for (std::size_t i = first; i < calls.size() && args.count < kernels::MassArgs::kMost; ++i) {
            const Call& call = calls[i];
            args.parts[args.count++] = {call.args.group_lse, sum + std::size_t(call.page) * kMassGroups,
                                        call.args.pages};
        }
        steps << m_device->table().addMass(args, m_device->stream());
    }
    return steps.failure() == 0 ? Status() : m_device->error(steps.failure());
}

Status DeviceAttention::fetchMass() {
    const std::size_t bytes = std::size_t(m_mass_layers) * massGroups() * sizeof(float);
    const std::int32_t failure =
        m_device->table().copyOut(m_host_mass.data(), m_mass_sum.data(), bytes, m_device->stream());
    return failure == 0 ? Status() : m_device->error(failure);
}

void DeviceAttention::addMass(AttentionMass& mass) {
    for (int layer = 0; layer < m_mass_layers; ++layer)
        mass.add(layer, m_config.layers, {m_host_mass.as<float>() + std::size_t(layer) * massGroups(), massGroups()});
    mass.rows += m_config.layers * m_config.heads * m_tokens;
    if (m_host.pages() > 0) m_host.addMass(mass);
}

std::uint64_t DeviceAttention::scratchBytes() const {
    std::uint64_t bytes = m_host.scratchBytes();
    for (const auto* buffer : {&m_lists, &m_state, &m_workspace, &m_parts, &m_lse, &m_mass_sum, &m_total, &m_later})
        bytes += buffer->size();
    for (const auto& rotation : m_rotations) bytes += rotation->bytes();
    return bytes;
}

}  // namespace lectern
