// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include "engine/device/device.h"
#include "engine/infer/attention.h"
#include "engine/infer/rope_table.h"

namespace lectern {

/// Attention to the pages of a context that stay in host memory, by the processor's kernels, while the device attends
/// to the pages it has: both leave a state of every query row, and the device merges them. For each layer, in this
/// order: take(), what the device does, attend(), put(). One thread.
class HostPart {
public:
    /// `config` and both tables outlive this; `other_rope` is for layers that turn otherwise.
    HostPart(std::shared_ptr<Device> device, const ModelConfig& config, const RopeTable& rope,
             const RopeTable& other_rope, ThreadPool& pool);

    /// Before the layers of one forward pass over `tokens` more: the first `pages` pages are the host's. `mass`, where
    /// given, is wanted, by layer where it says so. Errors: NoRoom.
    Status begin(int pages, int tokens, const AttentionMass* mass);
    /// Enqueues the way of the queries [tokens][heads·d], before RoPE, to the host.
    Status take(const float* q);
    /// Waits for the queries, not for what was enqueued behind them, and computes. Errors: Failed.
    Status attend(const KvCache& cache, int layer);
    /// Enqueues the way of the states to the device: of `token`'s rows [heads], or, kAll, of [kv_heads][tokens][group].
    ///   m, l [rows], o [rows][head_dim], device memory
    static constexpr int kAll = -1;
    Status put(int token, float* m, float* l, float* o);
    /// Where the mass is wanted: enqueues the way of `total` [heads], device memory: token's log-sum-exp over all
    /// pages.
    Status takeTotal(int token, const float* total);
    /// After the layers, once the stream was waited for. `mass`: the shares of the host's pages are added.
    void addMass(AttentionMass& mass);

    int pages() const { return m_pages; }
    std::uint64_t scratchBytes() const;

private:
    void addShares();
    Attention& attention(int layer) { return m_config.turnsOtherwise(layer) ? *m_other_attention : m_attention; }
    Status done(const Steps& steps) const;

    std::shared_ptr<Device> m_device;
    const ModelConfig& m_config;
    std::size_t m_group;  ///< query heads per KV head
    Attention m_attention;
    std::unique_ptr<Attention> m_other_attention;  ///< where layers turn otherwise
    kernels::AttendState m_state;                  ///< what attention() found last
    int m_pages = 0;
    std::size_t m_tokens = 0;
    bool m_mass = false, m_by_layer = false;
    bool m_shares_open = false;  ///< shares of m_layer, attended to last, wait for their total
    int m_layer = 0;
    DeviceEvent m_arrived;
    bool m_has_event = false;
    PinnedBuffer m_q, m_states, m_totals;     ///< m_totals: [tokens][heads]
    std::vector<float> m_total;               ///< [kv_heads][tokens·group]
    std::vector<std::vector<float>> m_found;  ///< mass of each group: of every layer, or [1] of the layers so far
};

}  // namespace lectern
