// SPDX-License-Identifier: GPL-3.0-or-later
// What a cache tells about itself, and how it comes back from a file.
#include <algorithm>
#include <cmath>

#include "engine/kv/kv_cache.h"

namespace lectern {

namespace {

constexpr int kSampleEvery = 16;  ///< error and drift are measured on every 16th page: well under 2% of the time

}  // namespace

/// Counts corrections exactly and measures error and drift on sampled pages against the unquantized vectors x
/// [tokens][channels].
void KvCache::sample(int layer, KvKind kind, const KvBlock& block, const float* x, int first, int tokens,
                     int fresh_entries) {
    auto& state = m_layers[std::size_t(layer)];
    const auto k = std::size_t(kind);
    KvStatistics& stats = state.stats[k];
    const auto channels = std::size_t(m_shape.channels());
    const double old_tokens = double(stats.tokens), new_tokens = old_tokens + tokens;
    stats.outlier_share = (stats.outlier_share * old_tokens + double(fresh_entries) / double(channels)) / new_tokens;
    const bool sampled = (stats.tokens / kernels::kPageTokens) % kSampleEvery == 0;
    stats.tokens += std::uint64_t(tokens);
    if (!sampled) return;
    std::vector<float> back(std::size_t(tokens) * channels);
    const auto params = codec(layer, kind).params();
    m_kernels->unpack(block.layout(), params, block.data(), first, tokens, back.data());
    std::size_t outside = 0;
    for (std::size_t i = 0; i < back.size(); ++i) {
        const double error = double(x[i]) - double(back[i]);
        state.signal[k] += double(x[i]) * double(x[i]);
        state.noise[k] += error * error;
        const std::size_t c = i % channels;
        if (kind == KvKind::Key && std::abs(x[i] - params.offset[c]) > params.range[c]) ++outside;
    }
    if (state.noise[k] > 0) stats.snr_db = 10 * std::log10(state.signal[k] / state.noise[k]);
    stats.drift = 0.9 * stats.drift + 0.1 * double(outside) / double(back.size());
    if (old_tokens == 0) stats.drift = double(outside) / double(back.size());
}

MemoryLedger KvCache::ledger() const {
    MemoryLedger ledger = m_ledger;
    ledger.tokens = m_tokens;
    ledger.fp16_bytes = m_tokens * std::uint64_t(m_shape.channels()) * 2 * 2 * m_layers.size();
    for (const auto& layer : m_layers) ledger.tables += layer.pages.capacity() * sizeof(layer.pages[0]);
    if (m_quantizer) {
        for (std::size_t layer = 0; layer < m_layers.size(); ++layer) {
            const auto& key = m_quantizer->keys[layer];
            const auto& value = m_quantizer->values[layer];
            const auto floats = key.offset.size() + key.range.size() + key.book.size() + key.midpoints.size() +
                                value.book.size() + value.midpoints.size();
            ledger.tables += floats * sizeof(float);
        }
    }
    for (const auto& scratch : m_scratch)
        ledger.activations += (scratch.pack.size() + scratch.page.size()) * sizeof(float);
    return ledger;
}

std::vector<LayerStatistics> KvCache::statistics() const {
    std::vector<LayerStatistics> all;
    for (const auto& layer : m_layers) all.push_back({layer.stats[0], layer.stats[1]});
    return all;
}

void KvCache::setStatistics(const std::vector<LayerStatistics>& statistics) {
    for (std::size_t layer = 0; layer < std::min(statistics.size(), m_layers.size()); ++layer) {
        m_layers[layer].stats = {statistics[layer].keys, statistics[layer].values};
        for (std::size_t kind = 0; kind < 2; ++kind) {
            const auto& stats = m_layers[layer].stats[kind];
            m_layers[layer].noise[kind] = stats.tokens > 0 ? 1.0 : 0.0;
            m_layers[layer].signal[kind] = stats.tokens > 0 ? std::pow(10.0, stats.snr_db / 10) : 0.0;
        }
    }
}

Status KvCache::restore(int layer, KvKind kind, int page, int bits, std::span<const std::byte> bytes) {
    const Error damaged{ErrorCode::Damaged,
                        "Block " + std::to_string(page) + " of layer " + std::to_string(layer) +
                            " has a size that does not fit the session's settings; verify the session."};
    if (layer < 0 || layer >= layers() || page < 0 || page > (1 << 24)) return damaged;
    const auto coded_layout = blockLayout(m_settings, layer, kind, m_shape);
    if (bits != kernels::kRawBits && (bits != coded_layout.bits || !coded(layer, page, kind))) return damaged;
    auto block = std::make_unique<KvBlock>(bits == kernels::kRawBits ? rawLayout(kind, m_shape) : coded_layout);
    if (block->bytes() != bytes.size()) return damaged;
    std::memcpy(block->data(), bytes.data(), bytes.size());
    if (!block->sane()) return damaged;
    auto& pages = m_layers[std::size_t(layer)].pages;
    if (pages.size() <= std::size_t(page)) pages.resize(std::size_t(page) + 1);
    install(pages[std::size_t(page)][std::size_t(kind)], std::move(block));
    return {};
}

Status KvCache::finishRestore(std::uint64_t tokens) {
    const auto pages = std::size_t(pageCount(tokens));
    for (std::size_t layer = 0; layer < m_layers.size(); ++layer) {
        for (std::size_t page = 0; page < pages; ++page) {
            const bool there = page < m_layers[layer].pages.size() && m_layers[layer].pages[page][0].block &&
                               m_layers[layer].pages[page][1].block;
            if (!there) {
                return Error{ErrorCode::Damaged, "Block " + std::to_string(page) + " of layer " +
                                                     std::to_string(layer) +
                                                     " is missing from the session; verify it with --repair."};
            }
        }
    }
    m_tokens = tokens;
    rewind(tokens);
    for (auto& layer : m_layers) layer.pages.resize(pages);
    m_dirty.assign(pages, false);
    m_settled = 0;
    return {};
}

}  // namespace lectern
