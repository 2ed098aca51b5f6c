// SPDX-License-Identifier: GPL-3.0-or-later
// What a cache tells about itself, and how it comes back from a file.
#include <algorithm>

#include "engine/kv/kv_cache.h"

namespace lectern {

void KvCache::collect(int layer, KvKind kind, const KvBlock& block, const float* x, int first, int tokens,
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
        ledger.activations += (scratch.pack.size() + scratch.page.size() + scratch.back.size()) * sizeof(float);
    for (const auto& layer : m_statistics)
        for (const auto& kind : layer) ledger.activations += sizeof kind + kind.bytes();
    return ledger;
}

Result<std::unique_ptr<KvBlock>> KvCache::blockFor(int layer, KvKind kind, int page, int bits,
                                                   std::size_t bytes) const {
    const Error damaged{ErrorCode::Damaged,
                        "Block " + std::to_string(page) + " of layer " + std::to_string(layer) +
                            " has a size that does not fit the session's settings; verify the session."};
    if (layer < 0 || layer >= layers() || page < 0 || page > (1 << 24)) return damaged;
    const auto coded_layout = blockLayout(m_settings, layer, kind, m_shape);
    if (bits != kernels::kRawBits && (bits != coded_layout.bits || !coded(layer, page, kind))) return damaged;
    auto block = std::make_unique<KvBlock>(bits == kernels::kRawBits ? rawLayout(kind, m_shape) : coded_layout);
    if (block->bytes() != bytes) return damaged;
    return block;
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
    install(pages[std::size_t(page)][std::size_t(kind)], std::move(*block));
    return {};
}

void KvCache::reserve(std::uint64_t tokens) {
    growPages(tokens);
}

void KvCache::put(int layer, KvKind kind, int page, std::unique_ptr<KvBlock> block) {
    m_layers[std::size_t(layer)].pages[std::size_t(page)][std::size_t(kind)].block = std::move(block);
}

Status KvCache::whole(int layer) const {
    const auto& pages = m_layers[std::size_t(layer)].pages;
    for (std::size_t page = 0; page < pages.size(); ++page) {
        if (!pages[page][0].block || !pages[page][1].block)
            return Error{ErrorCode::Damaged, "Block " + std::to_string(page) + " of layer " + std::to_string(layer) +
                                                 " is missing from the session; verify it with --repair."};
    }
    return {};
}

void KvCache::expect(std::uint64_t tokens, std::shared_ptr<KvLayerSource> source) {
    growPages(tokens);
    m_tokens = tokens;
    m_settled = 0;
    m_source = std::move(source);
    m_expected.assign(m_layers.size(), true);
    m_expected_pages = std::size_t(pageCount(tokens));
}

/// Takes the blocks of a layer that has come, where this cache has none of its own yet. A fork only shares them.
void KvCache::adopt(int layer) {
    const auto& from = m_source->cache().m_layers[std::size_t(layer)].pages;
    auto& pages = m_layers[std::size_t(layer)].pages;
    const bool own = !m_statistics.empty();
    for (std::size_t page = 0; page < std::min(pages.size(), from.size()); ++page) {
        for (std::size_t kind = 0; kind < 2; ++kind) {
            Slot& slot = pages[page][kind];
            if (slot.block) continue;
            slot = {from[page][kind].block, own};
            if (own) slot.block->count(m_ledger, 1);
        }
    }
}

Status KvCache::ready(int layer) {
    if (m_expected.empty() || !m_expected[std::size_t(layer)]) return {};
    if (auto there = m_source->wait(layer); !there) return there;
    adopt(layer);
    m_expected[std::size_t(layer)] = false;
    if (std::none_of(m_expected.begin(), m_expected.end(), [](bool expected) { return expected; })) {
        m_source.reset();
        m_expected.clear();
    }
    return {};
}

Status KvCache::ready() {
    for (int layer = 0; layer < layers(); ++layer) {
        if (auto there = ready(layer); !there) return there;
    }
    return {};
}

Status KvCache::finishRestore(std::uint64_t tokens) {
    const auto pages = std::size_t(pageCount(tokens));
    for (std::size_t layer = 0; layer < m_layers.size(); ++layer) {
        const bool expected = !m_expected.empty() && m_expected[layer];
        for (std::size_t page = expected ? m_expected_pages : 0; page < pages; ++page) {
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
