// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/infer/rope_table.h"
#include "engine/kv/kv_cache.h"

namespace lectern {

/// A research form of quantization (KvSettings::research): turns keys and values into what they would come back as. The
/// codes are those of the cache, made and read by the same kernels; only what is coded and along which axis differs.
/// Codebooks are those without data. For benchmarks. Source: KVQuant (arXiv:2401.18079), sections 3.1 and 3.2.
class ResearchCodec {
public:
    /// `config` is only read here.
    ResearchCodec(const ModelConfig& config, const KvSettings& settings, const kernels::KernelTable& kernels);

    /// Thresholds of what is coded per channel, from keys (before RoPE) and values [tokens][channels] at positions
    /// 0 …; the sinks among them are left out. Call once for every layer.
    void fit(int layer, std::span<const float> k, std::span<const float> v, int tokens);
    /// In place; sinks stay as they are. Same shapes and positions as KvFilter.
    void apply(int layer, std::uint64_t first, float* k, float* v, int tokens) const;
    double bitsPerValue() const;  ///< codes, scales and corrections, mean of keys and values

private:
    KvBlockLayout layout(KvKind axis, int bits) const;
    void rotate(int layer, std::uint64_t first, int tokens, bool back, float* k) const;
    void roundTrip(const KvBlockLayout& layout, const LayerCodec& codec, float* x, int tokens) const;
    void roundTripBlocks(float* x, int tokens) const;

    KvShape m_shape;
    KvSettings m_settings;
    const kernels::KernelTable& m_kernels;
    RopeTable m_rope, m_other_rope;
    std::vector<bool> m_otherwise;             ///< as ModelConfig::otherwise
    std::vector<LayerCodec> m_keys, m_values;  ///< [layers]
};

}  // namespace lectern
