// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include "engine/device/device_graph.h"
#include "engine/device/device_pages.h"
#include "engine/device/device_rotation.h"
#include "engine/device/host_part.h"
#include "engine/infer/attention.h"
#include "engine/infer/rope_table.h"

namespace lectern {

/// A cache's quantizer in device memory.
class DeviceCodecs {
public:
    /// Copies `quantizer` unless it is there already; null: none. Waits.
    Status set(const std::shared_ptr<Device>& device, std::shared_ptr<const Quantizer> quantizer);
    kernels::CodecParams key(int layer) const { return at(m_keys, layer); }
    kernels::CodecParams value(int layer) const { return at(m_values, layer); }
    std::uint64_t changes() const { return m_changes; }  ///< of what key() and value() give

private:
    static kernels::CodecParams at(const std::vector<kernels::CodecParams>& all, int layer) {
        return all.empty() ? kernels::CodecParams{} : all[std::size_t(layer)];
    }

    std::shared_ptr<const Quantizer> m_quantizer;
    std::vector<kernels::CodecParams> m_keys, m_values;  ///< [layers]
    DeviceBuffer m_memory;
    std::uint64_t m_changes = 0;
};

/// Causal attention over a cache whose pages are in device memory: the device's twin of Attention. Few queries (and all
/// that want their mass) go one by one through decode attention over the parts of the context that are kept alike,
/// many through prefill attention. Pages that are in host memory alone are the processor's part of it (HostPart), which
/// is computed while the device does its own and merged by log-sum-exp. One thread.
class DeviceAttention {
public:
    static constexpr int kFewTokens = 4;  ///< up to here queries go one by one

    /// `config` and both tables outlive this; `other_rope` is for layers that turn otherwise. Queries per call: at most
    /// `most_tokens`.
    static Result<std::unique_ptr<DeviceAttention>> make(const std::shared_ptr<Device>& device,
                                                         const ModelConfig& config, const RopeTable& rope,
                                                         const RopeTable& other_rope, ThreadPool& pool,
                                                         int most_tokens);

    /// Before the layers of one forward pass over `tokens` more; `mass`, where given: every token's is
    /// wanted, by layer where it says so.
    Status begin(const KvCache& cache, const DeviceTable& table, int tokens, const AttentionMass* mass);
    /// After begin() of a single token: what run() enqueues is the same from now on for the same `key`, which gets all
    /// that decides it; places and lengths are read in device memory. Enqueued.
    Status follow(const KvCache& cache, const DeviceTable& table, const DeviceCodecs& codecs, DeviceGraph::Key& key);
    /// Before a layer's run(): rotates the queries, and does what else `args` asks for. Where the host has a part, it
    /// gets them as they were, by way of `plain` [tokens][heads·d]. Enqueued.
    Status finishHeads(const KvCache& cache, int layer, kernels::HeadsArgs args, float* plain);
    /// `q` [tokens][heads·d] rotated; `out` same shape. Enqueued; where the host has a part, that is computed first.
    /// Errors: Usage, naming what the device does not serve.
    Status run(const KvCache& cache, const DeviceTable& table, const DeviceCodecs& codecs, int layer, const float* q,
               kernels::DeviceOutput out);
    /// After the layers, where the mass was wanted: enqueues its way back. addMass() once the stream was waited for.
    Status fetchMass();
    void addMass(AttentionMass& mass);

    std::uint64_t scratchBytes() const;

private:
    struct Part {                   ///< positions of a context that one call of decode attention sees
        int page = 0, pages = 0;    ///< of the table
        int begin = 0, tokens = 0;  ///< visible ones, counted from the first token of `page`
        bool key_raw = false, value_raw = false;
    };
    struct Call;  ///< of decode attention for one part
    struct Range {
        std::uint64_t begin, end;
    };

    DeviceAttention(std::shared_ptr<Device> device, const ModelConfig& config, const RopeTable& rope,
                    const RopeTable& other_rope, ThreadPool& pool);
    const DeviceRotation& rotation(int layer) const { return *m_rotations[m_config.turnsOtherwise(layer) ? 1 : 0]; }
    Status pageLists(const KvCache& cache, const DeviceTable& table);
    static std::vector<Range> visible(const KvCache& cache, std::uint64_t from, std::uint64_t to);
    std::vector<Part> parts(const KvCache& cache, const DeviceTable& table, int layer, std::uint64_t position) const;
    Result<std::vector<Call>> calls(const KvCache& cache, const DeviceTable& table, const DeviceCodecs& codecs,
                                    int layer, int token) const;
    std::uint64_t seenFrom(int layer, std::uint64_t position) const;
    bool hostSees(const KvCache& cache, int layer) const;
    Status mergeHost(const KvCache& cache, int layer, kernels::DeviceOutput out);
    Status beginMass(bool by_layer);
    std::size_t massGroups() const { return std::size_t(m_pages) * kernels::kMassGroups; }  ///< of one layer
    Status growFor(const std::vector<Call>& calls);
    Status decode(const KvCache& cache, const DeviceTable& table, const DeviceCodecs& codecs, int layer, int token,
                  const float* q, kernels::DeviceOutput out);
    Status massOf(const std::vector<Call>& calls, int layer);
    Status prefill(const KvCache& cache, const DeviceCodecs& codecs, int layer, const float* q,
                   kernels::DeviceOutput out);

    std::shared_ptr<Device> m_device;
    const ModelConfig& m_config;
    int m_group, m_tokens = 0, m_pages = 0;
    bool m_few = false, m_split = false;  ///< m_split: the host has a part in this layer
    int m_mass_layers = 0;                ///< that mass is summed for: none, 1 (all together) or every one
    HostPart m_host;
    std::uint64_t m_first = 0;
    std::vector<std::unique_ptr<DeviceRotation>> m_rotations;  ///< [1], or [2]: the second where layers turn otherwise
    PinnedBuffer m_host_lists, m_host_mass;
    std::vector<int> m_list_begin;      ///< [layers + 1] in m_lists
    DeviceBuffer m_lists;               ///< PrefillPage of each layer
    DeviceBuffer m_state, m_workspace;  ///< prefill: m, l, o, each with the host's behind; expanded pages
    DeviceBuffer m_parts, m_lse, m_total;
    DeviceBuffer m_mass_sum;  ///< [m_mass_layers][massGroups()]
    bool m_follows = false;
    std::vector<int> m_call_begin;  ///< [layers] in m_later
    PinnedBuffer m_host_later;
    DeviceBuffer m_later;  ///< tokens and begin of every call of a single token
};

}  // namespace lectern
