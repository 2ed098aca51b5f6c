// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/infer/research_codec.h"

#include <algorithm>
#include <cmath>

#include "kernels/half.h"

namespace lectern {

using kernels::kPageTokens;

namespace {

constexpr int kBlock = 32;  ///< elements that share a scale in the plain 4-bit format
constexpr int kBlockBytes = 2 + kBlock / 2;

/// One block of the plain 4-bit format: levels -8 … 7 times a scale that puts the element of largest magnitude at -8.
void roundTripBlock(float* x, int n) {
    const float most = *std::max_element(x, x + n, [](float a, float b) { return std::abs(a) < std::abs(b); });
    const float scale = kernels::halfToFloat(kernels::floatToHalfClamped(most / -8));
    for (int i = 0; i < n; ++i) {
        const float level = scale == 0 ? 0 : std::clamp(std::round(x[i] / scale), -8.0F, 7.0F);
        x[i] = level * scale;
    }
}

}  // namespace

ResearchCodec::ResearchCodec(const ModelConfig& config, const KvSettings& settings, const kernels::KernelTable& kernels)
    : m_shape{config.kv_heads, config.head_dim},
      m_settings(settings),
      m_kernels(kernels),
      m_rope(config.rope),
      m_other_rope(config.other_rope),
      m_otherwise(config.otherwise),
      m_keys(std::size_t(config.layers)),
      m_values(std::size_t(config.layers)) {}

/// Layout of what is coded per channel (as keys are) or per token (as values are).
KvBlockLayout ResearchCodec::layout(KvKind axis, int bits) const {
    return {m_shape, axis, bits, sparseSlots(m_settings, bits, m_shape.channels())};
}

void ResearchCodec::rotate(int layer, std::uint64_t first, int tokens, bool back, float* k) const {
    const bool otherwise = !m_otherwise.empty() && m_otherwise[std::size_t(layer)];
    const RopeTable& rope = otherwise ? m_other_rope : m_rope;
    const auto pairs = std::size_t(rope.pairs());
    std::vector<float> angle(2 * pairs);
    for (int t = 0; t < tokens; ++t) {
        float* row = k + std::size_t(t) * std::size_t(m_shape.channels());
        rope.angles(first + std::uint64_t(t), angle.data(), angle.data() + pairs);
        m_kernels.rotate(row, m_shape.kv_heads, m_shape.head_dim, m_shape.head_dim, angle.data(), angle.data() + pairs,
                         rope.pairs(), rope.interleaved(), back, row);
    }
}

void ResearchCodec::fit(int layer, std::span<const float> k, std::span<const float> v, int tokens) {
    const auto l = std::size_t(layer), channels = std::size_t(m_shape.channels());
    const int sinks = std::min(m_settings.sinks, tokens);
    const auto after = [&](std::span<const float> x) { return x.subspan(std::size_t(sinks) * channels); };
    KvSettings as_keys = m_settings;  // thresholds are fitted the way keys have them, at the bits of either kind
    std::vector<float> turned(k.begin(), k.end());
    if (m_settings.research.post_rope_keys) rotate(layer, 0, tokens, false, turned.data());
    m_keys[l] = fitKeyCodec(as_keys, layer, after(turned), tokens - sinks, m_shape.channels());
    as_keys.key_bits = m_settings.value_bits;
    m_values[l] = fitKeyCodec(as_keys, layer, after(v), tokens - sinks, m_shape.channels());
}

void ResearchCodec::roundTrip(const KvBlockLayout& layout, const LayerCodec& codec, float* x, int tokens) const {
    if (layout.raw()) return;
    std::vector<float> scratch(kernels::packScratchFloats(m_shape.channels()));
    KvBlock block(layout);
    auto params = codec.params();
    if (layout.kind == KvKind::Value) params.offset = params.range = nullptr;
    for (int done = 0; done < tokens; done += kPageTokens) {
        const int take = std::min(kPageTokens, tokens - done);
        float* rows = x + std::size_t(done) * std::size_t(m_shape.channels());
        m_kernels.pack(layout, params, rows, 0, take, scratch.data(), block.data());
        m_kernels.unpack(layout, params, block.data(), 0, take, rows);
    }
}

void ResearchCodec::roundTripBlocks(float* x, int tokens) const {
    const int channels = m_shape.channels();
    for (int t = 0; t < tokens; ++t)
        for (int c = 0; c < channels; c += kBlock)
            roundTripBlock(x + std::size_t(t) * std::size_t(channels) + c, std::min(kBlock, channels - c));
}

void ResearchCodec::apply(int layer, std::uint64_t first, float* k, float* v, int tokens) const {
    const auto sinks = std::uint64_t(m_settings.sinks);
    const int kept = first >= sinks ? 0 : int(std::min<std::uint64_t>(sinks - first, std::uint64_t(tokens)));
    const std::size_t skip = std::size_t(kept) * std::size_t(m_shape.channels());
    k += skip, v += skip, first += std::uint64_t(kept), tokens -= kept;
    const ResearchForm& form = m_settings.research;
    const auto l = std::size_t(layer);
    if (form.post_rope_keys) rotate(layer, first, tokens, false, k);
    if (form.blocks) {
        roundTripBlocks(k, tokens);
        roundTripBlocks(v, tokens);
    } else {
        roundTrip(layout(form.token_keys ? KvKind::Value : KvKind::Key, m_settings.key_bits), m_keys[l], k, tokens);
        roundTrip(layout(form.channel_values ? KvKind::Key : KvKind::Value, m_settings.value_bits), m_values[l], v,
                  tokens);
    }
    if (form.post_rope_keys) rotate(layer, first, tokens, true, k);
}

double ResearchCodec::bitsPerValue() const {
    const ResearchForm& form = m_settings.research;
    const double values = 2.0 * m_shape.channels();
    const int blocks = (m_shape.channels() + kBlock - 1) / kBlock;  // of a key, and of a value
    if (form.blocks) return 2.0 * blocks * kBlockBytes * 8 / values;
    const auto bytes = layout(form.token_keys ? KvKind::Value : KvKind::Key, m_settings.key_bits).bytes() +
                       layout(form.channel_values ? KvKind::Key : KvKind::Value, m_settings.value_bits).bytes();
    return double(bytes) * 8 / kPageTokens / values;
}

}  // namespace lectern
