// SPDX-License-Identifier: GPL-3.0-or-later
// What a cache tells about itself, and how it comes back from a file.
#include <algorithm>

#include "engine/kv/kv_cache.h"

namespace lectern {

namespace {

Error missing(int layer, int page) {
    return {ErrorCode::Damaged, "Block " + std::to_string(page) + " of layer " + std::to_string(layer) +
                                    " is missing from the session; verify it with --repair."};
}

}  // namespace

void KvCache::collect(int layer, KvKind kind, const KvBlock& block, const TokensGiven& x, int first, int tokens,
                      Scratch& scratch) {
    if (m_statistics.empty()) return;
    m_statistics[std::size_t(layer)][std::size_t(kind)].add(block, codec(layer, kind), m_kernels->unpack, x, first,
                                                            tokens, scratch.back);
}

void KvCache::restoreStatistics(std::string_view record) {
    auto stored = unpackStatistics(record);
    if (stored && stored->layers.size() == m_layers.size() && stored->channels == m_shape.channels())
        m_statistics = std::move(stored->layers);
}

MemoryLedger KvCache::ledger() const {
    MemoryLedger ledger = m_account->total();
    const MemoryLedger own = overhead();
    ledger.tables += own.tables;
    ledger.activations = own.activations;
    ledger.tokens = m_tokens;
    ledger.fp16_bytes = m_tokens * std::uint64_t(m_shape.channels()) * 2 * 2 * m_layers.size();
    if (m_quantizer) {
        for (std::size_t layer = 0; layer < m_layers.size(); ++layer) {
            const auto& key = m_quantizer->keys[layer];
            const auto& value = m_quantizer->values[layer];
            const auto floats = key.offset.size() + key.range.size() + key.book.size() + key.midpoints.size() +
                                value.book.size() + value.midpoints.size();
            ledger.tables += floats * sizeof(float);
        }
    }
    return ledger;
}

MemoryLedger KvCache::overhead() const {
    MemoryLedger ledger;
    for (const auto& layer : m_layers) ledger.tables += layer.pages.capacity() * sizeof(layer.pages[0]);
    for (const auto& scratch : m_scratch)
        ledger.activations += (scratch.pack.size() + scratch.page.size() + scratch.back.size()) * sizeof(float);
    for (const auto& layer : m_statistics)
        for (const auto& kind : layer) ledger.activations += sizeof kind + kind.bytes();
    return ledger;
}

Result<KvBlockLayout> KvCache::layoutFor(int layer, KvKind kind, int page, int bits, std::size_t bytes) const {
    const Error damaged{ErrorCode::Damaged,
                        "Block " + std::to_string(page) + " of layer " + std::to_string(layer) +
                            " has a size that does not fit the session's settings; verify the session."};
    if (layer < 0 || layer >= layers() || page < 0 || page > (1 << 24)) return damaged;
    const auto coded_layout = blockLayout(m_settings, layer, kind, m_shape);
    if (bits != kernels::kRawBits && (bits != coded_layout.bits || !coded(layer, page, kind))) return damaged;
    const auto layout = bits == kernels::kRawBits ? rawLayout(kind, m_shape) : coded_layout;
    if (layout.bytes() != bytes) return damaged;
    return layout;
}

Result<std::unique_ptr<KvBlock>> KvCache::blockFor(int layer, KvKind kind, int page, int bits, std::size_t bytes,
                                                   std::shared_ptr<std::byte> memory) const {
    auto layout = layoutFor(layer, kind, page, bits, bytes);
    if (!layout) return layout.error();
    return std::make_unique<KvBlock>(*layout, m_account, std::move(memory));
}

Status KvCache::restore(int layer, KvKind kind, int page, int bits, std::span<const std::byte> bytes) {
    auto block = blockFor(layer, kind, page, bits, bytes.size());
    if (!block) return block.error();
    std::memcpy((*block)->data(), bytes.data(), bytes.size());
    if (!(*block)->sane())
        return Error{ErrorCode::Damaged, "Block " + std::to_string(page) + " of layer " + std::to_string(layer) +
                                             " points outside itself; verify the session."};
    auto& pages = m_layers[std::size_t(layer)].pages;
    if (pages.size() <= std::size_t(page)) pages.resize(std::size_t(page) + 1);
    put(layer, kind, page, std::move(*block));
    changed(page);
    return {};
}

void KvCache::put(int layer, KvKind kind, int page, std::unique_ptr<KvBlock> block) {
    m_layers[std::size_t(layer)].pages[std::size_t(page)][std::size_t(kind)] = std::move(block);
}

bool KvCache::has(int layer, int page) const {
    const auto& pages = m_layers[std::size_t(layer)].pages;
    return std::size_t(page) < pages.size() && pages[std::size_t(page)][0] && pages[std::size_t(page)][1];
}

Status KvCache::whole(int layer) const {
    for (int page = 0; page < int(m_layers[std::size_t(layer)].pages.size()); ++page) {
        if (!has(layer, page)) return missing(layer, page);
    }
    return {};
}

void KvCache::expect(std::uint64_t tokens, std::shared_ptr<KvLayerSource> source) {
    growPages(tokens);
    m_tokens = tokens;
    m_settled = 0;
    m_source = std::move(source);
    m_expected.assign(m_layers.size(), true);
    m_expected_pages = pageCount(tokens);
}

void KvCache::expectNothing() {
    m_source.reset();
    m_expected.clear();
    m_expected_pages = 0;
}

/// Shares the blocks of a layer that has come, where this cache has none of its own yet.
void KvCache::adopt(int layer) {
    const auto& from = m_source->cache().m_layers[std::size_t(layer)].pages;
    auto& pages = m_layers[std::size_t(layer)].pages;
    for (std::size_t page = 0; page < std::size_t(m_expected_pages); ++page) {
        for (const std::size_t kind : {0U, 1U}) {
            if (!pages[page][kind]) pages[page][kind] = from[page][kind];
        }
    }
}

Status KvCache::ready(int layer) {
    if (m_expected.empty() || !m_expected[std::size_t(layer)]) return {};
    changed(0);
    if (auto there = m_source->wait(layer); !there) return there;
    adopt(layer);
    m_expected[std::size_t(layer)] = false;
    if (std::none_of(m_expected.begin(), m_expected.end(), [](bool expected) { return expected; })) expectNothing();
    return {};
}

Status KvCache::ready() {
    for (int layer = 0; layer < layers(); ++layer) {
        if (auto there = ready(layer); !there) return there;
    }
    return {};
}

KvCache KvCache::emptyTwin() const {
    KvCache twin(*this);
    twin.rewind(0);
    twin.m_hidden.clear();
    twin.m_fits = true;
    twin.m_statistics.resize(m_layers.size());
    return twin;
}

void KvCache::compose(std::span<const KvPart> parts, std::uint64_t tokens) {
    const auto pages = std::size_t(pageCount(tokens));
    const std::size_t sinks = m_settings.sinks > 0 ? 1 : 0;
    for (std::size_t layer = 0; layer < m_layers.size(); ++layer) {
        auto& to = m_layers[layer].pages;
        to.clear();
        to.resize(pages);
        for (const KvPart& part : parts) {
            const auto& from = part.cache->m_layers[layer].pages;
            if (sinks > 0 && !to[0][0]) to[0] = from[0];
            std::copy(from.begin() + std::ptrdiff_t(sinks), from.end(), to.begin() + part.page);
        }
    }
    expectNothing();
    changed(0);
    m_tokens = tokens;
    m_settled = std::max(0, int(pages) - 1);
    m_dirty.assign(pages, false);
}

Status KvCache::finishRestore(std::uint64_t tokens, int first) {
    const auto pages = std::size_t(pageCount(tokens));
    for (std::size_t layer = 0; layer < m_layers.size(); ++layer) {
        const bool expected = !m_expected.empty() && m_expected[layer];
        for (int page = std::max(first, expected ? m_expected_pages : 0); page < int(pages); ++page) {
            if (!has(int(layer), page)) return missing(int(layer), page);
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
