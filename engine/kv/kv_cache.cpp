// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/kv/kv_cache.h"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cmath>
#include <cstring>
#include <functional>
#include <utility>

#include "engine/base/finite.h"
#include "engine/kv/q_norm.h"

namespace lectern {

using kernels::kPageTokens;

namespace {

constexpr std::array kKinds = {KvKind::Key, KvKind::Value};

/// Q-Norm of a codebook that was not calibrated.
bool laysQNorm(const KvSettings& settings, int bits) {
    return settings.codebook == Codebook::NormalFloat && bits != kernels::kRawBits && settings.qnorm != QNorm::Off;
}

std::size_t at(KvKind kind) {
    return std::size_t(kind);
}

}  // namespace

KvCache::KvCache(int layers, KvShape shape, const KvSettings& settings, const kernels::KernelTable& kernels)
    : m_shape(shape),
      m_settings(settings),
      m_kernels(&kernels),
      m_layers(std::size_t(layers)),
      m_statistics(std::size_t(layers)),
      m_account(std::make_shared<BlockAccount>()) {}

KvCache::KvCache(const KvCache& other)
    : m_shape(other.m_shape),
      m_settings(other.m_settings),
      m_kernels(other.m_kernels),
      m_layers(other.m_layers),
      m_quantizer(other.m_quantizer),
      m_filter(other.m_filter),
      m_hidden(other.m_hidden),
      m_source(other.m_source),
      m_expected(other.m_expected),
      m_expected_pages(other.m_expected_pages),
      m_tokens(other.m_tokens),
      m_settled(other.m_settled),
      m_dirty(other.m_dirty.size(), false),
      m_account(other.m_account),
      m_fits(false),
      m_device_table(other.m_device_table),
      m_device_table_pages(other.m_device_table_pages) {}

std::uint64_t KvCache::pageBegin(int page) const {
    if (m_settings.sinks == 0) return std::uint64_t(page) * kPageTokens;
    return page == 0 ? 0 : std::uint64_t(m_settings.sinks) + std::uint64_t(page - 1) * kPageTokens;
}

int KvCache::pageCapacity(int page) const {
    return sinkPage(page) ? m_settings.sinks : kPageTokens;
}

int KvCache::pageCount(std::uint64_t tokens) const {
    const auto sinks = std::uint64_t(m_settings.sinks);
    if (tokens == 0) return 0;
    if (tokens <= sinks) return 1;
    return int((tokens - sinks + kPageTokens - 1) / kPageTokens) + (sinks > 0 ? 1 : 0);
}

bool KvCache::coded(int layer, int page, KvKind kind) const {
    const int bits = kind == KvKind::Key ? m_settings.keyBits(layer) : m_settings.valueBits(layer);
    return m_quantizer != nullptr && !sinkPage(page) && bits != kernels::kRawBits;
}

const LayerCodec& KvCache::codec(int layer, KvKind kind) const {
    const auto& codecs = kind == KvKind::Key ? m_quantizer->keys : m_quantizer->values;
    return codecs[std::size_t(layer)];
}

KvCache::Scratch& KvCache::scratch(int index) {
    auto& scratch = m_scratch[std::size_t(index)];
    const auto channels = std::size_t(m_shape.channels());
    if (scratch.pack.empty()) {
        scratch.pack.resize(kernels::packScratchFloats(m_shape.channels()));
        scratch.page.resize(kPageTokens * channels);
        scratch.raw = AlignedBuffer(rawLayout(KvKind::Key, m_shape).bytes());
    }
    return scratch;
}

std::unique_ptr<KvBlock> KvCache::makeBlock(const KvBlockLayout& layout) const {
    return std::make_unique<KvBlock>(layout, m_account);
}

void KvCache::growPages(std::uint64_t tokens) {
    const auto pages = std::size_t(pageCount(tokens));
    if (m_dirty.size() < pages) m_dirty.resize(pages, false);
    for (auto& layer : m_layers) {
        if (layer.pages.size() < pages) layer.pages.resize(pages);
    }
}

/// The block of a slot, held by this cache alone: allocated where absent, cloned where shared.
KvBlock& KvCache::writable(int layer, KvKind kind, int page) {
    Slot& slot = m_layers[std::size_t(layer)].pages[std::size_t(page)][at(kind)];
    if (!slot) {
        const bool now = coded(layer, page, kind) && m_settings.window == 0;
        slot = makeBlock(now ? blockLayout(m_settings, layer, kind, m_shape) : rawLayout(kind, m_shape));
    } else if (slot.use_count() > 1) {
        slot = slot->clone();
    }
    return *slot;
}

void KvCache::writePage(int layer, KvKind kind, int page, const float* x, int first, int tokens, Scratch& scratch) {
    KvBlock& block = *m_layers[std::size_t(layer)].pages[std::size_t(page)][at(kind)];
    if (block.layout().raw()) {
        m_kernels->pack(block.layout(), {}, x, first, tokens, scratch.pack.data(), block.data());
        return;
    }
    // Through fp16 on the way, as tokens that waited in the window: codes do not depend on whether there was one.
    const auto raw = rawLayout(kind, m_shape);
    float* rounded = scratch.page.data();
    m_kernels->pack(raw, {}, x, 0, tokens, scratch.pack.data(), scratch.raw.data());
    m_kernels->unpack(raw, {}, scratch.raw.data(), 0, tokens, rounded);
    m_kernels->pack(block.layout(), codec(layer, kind).params(), rounded, first, tokens, scratch.pack.data(),
                    block.data());
    collect(layer, kind, block, {rounded, nullptr}, first, tokens, scratch);
}

void KvCache::makeRoom(int tokens, ThreadPool& pool) {
    const std::uint64_t end = m_tokens + std::uint64_t(tokens);
    growPages(end);
    const int first_page = pageCount(m_tokens + 1) - 1;
    changed(first_page);
    const int pages = pageCount(end) - first_page;
    std::fill_n(m_dirty.begin() + first_page, pages, true);
    const auto make = [&](int layer, int page) {
        for (const KvKind kind : kKinds) writable(layer, kind, page);
    };
    if (pages == 1 && has(0, first_page)) {  // nothing to allocate as a rule
        for (int layer = 0; layer < layers(); ++layer) make(layer, first_page);
        return;
    }
    pool.run(layers() * pages, [&](int i, int) { make(i / pages, first_page + i % pages); });
}

void KvCache::fillRows(int layer, KvKind kind, const float* x, int tokens) {
    const std::uint64_t end = m_tokens + std::uint64_t(tokens);
    std::vector<float> memory(kernels::packScratchFloats(m_shape.channels()));
    for (std::uint64_t from = m_tokens; from < end;) {
        const int page = pageCount(from + 1) - 1, first = int(from - pageBegin(page));
        const int count = int(std::min<std::uint64_t>(end - from, std::uint64_t(pageCapacity(page) - first)));
        KvBlock& block = *m_layers[std::size_t(layer)].pages[std::size_t(page)][at(kind)];
        const float* rows = x + (from - m_tokens) * std::size_t(m_shape.channels());
        m_kernels->pack(block.layout(), {}, rows, first, count, memory.data(), block.data());
        from += std::uint64_t(count);
    }
}

void KvCache::fillRaw(int layer, KvKind kind, int page, const std::byte* bytes) {
    KvBlock& block = *m_layers[std::size_t(layer)].pages[std::size_t(page)][at(kind)];
    assert(block.layout().raw());
    std::memcpy(block.data(), bytes, block.bytes());
}

Error KvCache::notFinite(int layer) {
    return {ErrorCode::Failed, "Layer " + std::to_string(layer) +
                                   " of the model produced keys or values that are not numbers; its file is broken."};
}

Status KvCache::append(int layer, const float* k, const float* v, int tokens, ThreadPool& pool) {
    const std::uint64_t end = m_tokens + std::uint64_t(tokens);
    const auto channels = std::size_t(m_shape.channels());
    const std::size_t elements = std::size_t(tokens) * channels;
    if (!allFinite({k, elements}) || !allFinite({v, elements})) return notFinite(layer);
    std::vector<float> filtered_k, filtered_v;
    if (m_filter) {
        filtered_k.assign(k, k + elements);
        filtered_v.assign(v, v + elements);
        k = filtered_k.data();
        v = filtered_v.data();
        m_filter(layer, m_tokens, filtered_k.data(), filtered_v.data(), tokens);
    }
    growPages(end);
    m_scratch.resize(std::max(m_scratch.size(), kKinds.size()));
    const int first_page = pageCount(m_tokens + 1) - 1, pages = pageCount(end) - first_page;
    changed(first_page);
    for (int page = first_page; page < first_page + pages; ++page) {
        for (const KvKind kind : kKinds) writable(layer, kind, page);
        m_dirty[std::size_t(page)] = true;
    }
    // Kinds are tasks (their statistics are apart); pages of one kind follow one another. Each has the
    // scratch of its kind, whichever worker takes it, and is passed by reference: a token allocates nothing.
    const auto write = [&](int index, int) {
        const KvKind kind = kKinds[std::size_t(index)];
        for (int page = first_page; page < first_page + pages; ++page) {
            const std::uint64_t begin = std::max(m_tokens, pageBegin(page));
            const std::uint64_t stop = std::min(end, pageBegin(page) + std::uint64_t(pageCapacity(page)));
            const float* rows = (kind == KvKind::Key ? k : v) + (begin - m_tokens) * channels;
            writePage(layer, kind, page, rows, int(begin - pageBegin(page)), int(stop - begin), scratch(index));
        }
    };
    pool.run(2, std::cref(write));
    return {};
}

void KvCache::readRaw(int layer, KvKind kind, int tokens, std::vector<float>& out) const {
    const auto channels = std::size_t(m_shape.channels());
    out.resize(std::size_t(tokens) * channels);
    const int first = m_settings.sinks > 0 ? 1 : 0;
    for (int done = 0, page = first; done < tokens; ++page) {
        const int take = std::min(kPageTokens, tokens - done);
        const KvBlock& block = *this->block(layer, kind, page);
        m_kernels->unpack(block.layout(), {}, block.data(), 0, take, out.data() + std::size_t(done) * channels);
        done += take;
    }
}

/// Thresholds from the first `tokens` tokens after the sinks, which are all still raw. Source: KVQuant, section 3.1,
/// with the text being read in the place of calibration data.
void KvCache::fit(int tokens, ThreadPool& pool) {
    auto quantizer = std::make_shared<Quantizer>();
    quantizer->keys.resize(m_layers.size());
    quantizer->values.resize(m_layers.size());
    pool.run(layers(), [&](int layer, int) {
        std::vector<float> x;
        const int channels = m_shape.channels();
        LayerCodec& key = quantizer->keys[std::size_t(layer)];
        LayerCodec& value = quantizer->values[std::size_t(layer)];
        readRaw(layer, KvKind::Key, tokens, x);
        key = fitKeyCodec(m_settings, layer, x, tokens, channels);
        if (laysQNorm(m_settings, m_settings.keyBits(layer))) normaliseKeys(key, x, channels);
        value = valueCodec(m_settings, layer);
        const int bits = m_settings.valueBits(layer);
        if (!laysQNorm(m_settings, bits)) return;
        readRaw(layer, KvKind::Value, tokens, x);
        normaliseValues(value, x, channels, sparseSlots(m_settings, bits, channels));
    });
    m_quantizer = std::move(quantizer);
    m_settled = 0;
}

void KvCache::settle(ThreadPool& pool, KvPageCoder* coder) {
    if (m_settings.raw()) return;
    const auto readable = std::int64_t(m_tokens) - m_settings.sinks;
    if (!m_quantizer) {
        if (readable < kFitTokens || !m_fits) return;
        fit(kFitTokens, pool);
    }
    quantizePages(pool, std::uint64_t(m_settings.window), coder);
}

void KvCache::finish(ThreadPool& pool) {
    const auto readable = std::int64_t(m_tokens) - m_settings.sinks;
    if (!m_settings.raw() && !m_quantizer && m_fits && readable >= kLeastFit)
        fit(int(std::min<std::int64_t>(readable, kFitTokens)), pool);
    settle(pool);
}

void KvCache::close(ThreadPool& pool) {
    if (m_quantizer && !m_settings.raw()) quantizePages(pool, 0);
}

/// Quantizes the pages outside a window of so many tokens; with none, the page being filled too.
void KvCache::quantizePages(ThreadPool& pool, std::uint64_t window, KvPageCoder* coder) {
    const int pages = pageCount(m_tokens);
    const auto limit = m_tokens - std::min(m_tokens, window);
    int end = m_settled;
    while (end < pages && (window == 0 || pageBegin(end) + std::uint64_t(pageCapacity(end)) <= limit)) ++end;
    if (end == m_settled) return;
    changed(m_settled);
    m_scratch.resize(std::max(m_scratch.size(), std::size_t(pool.threads())));
    std::vector<int> todo;
    for (int page = m_settled; page < end; ++page) {
        if (!open(page)) continue;
        todo.push_back(page);
        m_dirty[std::size_t(page)] = true;
    }
    if (coder != nullptr && window > 0) todo = codeElsewhere(*coder, todo, pool);
    pool.run(2 * layers(), [&](int index, int worker) {
        const KvKind kind = kKinds[std::size_t(index % 2)];
        for (const int page : todo) {
            const auto left = m_tokens - pageBegin(page);
            quantizeBlock(index / 2, kind, page, int(std::min<std::uint64_t>(left, kPageTokens)), scratch(worker));
        }
    });
    m_settled = m_settings.window == 0 ? std::max(0, pages - 1) : end;
}

/// Returns the pages that are left to the processor. Pages outside a window are full.
std::vector<int> KvCache::codeElsewhere(KvPageCoder& coder, const std::vector<int>& pages, ThreadPool& pool) {
    std::vector<int> left;
    for (std::size_t i = 0, count = 0; i < pages.size(); i += count) {
        const int first = pages[i];
        count = 1;
        while (i + count < pages.size() && count < std::size_t(KvPageCoder::kMostPages) &&
               pages[i + count] == first + int(count))
            ++count;
        if (sinkPage(first) || !coder.code(*this, first, int(count))) {
            for (std::size_t k = 0; k < count; ++k) left.push_back(first + int(k));
            continue;
        }
        pool.run(2 * layers(), [&](int index, int worker) {
            for (int page = first; page < first + int(count); ++page)
                takeCoded(coder, index / 2, kKinds[std::size_t(index % 2)], page, scratch(worker));
        });
        coder.placed(*this, first, int(count));
    }
    return left;
}

void KvCache::takeCoded(const KvPageCoder& coder, int layer, KvKind kind, int page, Scratch& scratch) {
    Slot& slot = m_layers[std::size_t(layer)].pages[std::size_t(page)][at(kind)];
    if (!coded(layer, page, kind) || !slot->layout().raw()) return;
    auto block = makeBlock(blockLayout(m_settings, layer, kind, m_shape));
    std::memcpy(block->data(), coder.bytes(layer, kind, page), block->bytes());
    collect(layer, kind, *block, {nullptr, std::as_const(*slot).data()}, 0, kPageTokens, scratch);
    slot = std::move(block);
}

void KvCache::quantizeBlock(int layer, KvKind kind, int page, int tokens, Scratch& scratch) {
    Slot& slot = m_layers[std::size_t(layer)].pages[std::size_t(page)][at(kind)];
    if (!coded(layer, page, kind) || !slot->layout().raw()) return;
    auto block = makeBlock(blockLayout(m_settings, layer, kind, m_shape));
    float* x = scratch.page.data();
    m_kernels->unpack(slot->layout(), {}, std::as_const(*slot).data(), 0, tokens, x);
    m_kernels->pack(block->layout(), codec(layer, kind).params(), x, 0, tokens, scratch.pack.data(), block->data());
    collect(layer, kind, *block, {x, nullptr}, 0, tokens, scratch);
    slot = std::move(block);
}

/// Raw as yet, and to be coded once it leaves the window.
bool KvCache::open(int page) const {
    for (int layer = 0; layer < layers(); ++layer) {
        for (const KvKind kind : kKinds) {
            const KvBlock* there = block(layer, kind, page);  // none where a composed context has a hole
            if (there != nullptr && coded(layer, page, kind) && there->layout().raw()) return true;
        }
    }
    return false;
}

void KvCache::rewind(std::uint64_t tokens) {
    if (tokens >= m_tokens) return;
    m_tokens = tokens;
    const auto pages = std::size_t(pageCount(tokens));
    changed(int(pages));
    for (auto& layer : m_layers) layer.pages.resize(std::min(layer.pages.size(), pages));
    m_dirty.resize(std::min(m_dirty.size(), pages));
    m_settled = std::min(m_settled, std::max(0, int(pages) - 1));
    m_expected_pages = std::min(m_expected_pages, int(pages));
    if (pages == 0) expectNothing();
}

KvPageView KvCache::view(int layer, int page, std::uint64_t visible) const {
    const auto& slots = m_layers[std::size_t(layer)].pages[std::size_t(page)];
    const std::uint64_t begin = pageBegin(page);
    const auto tokens = std::min<std::uint64_t>(visible - begin, std::uint64_t(pageCapacity(page)));
    return {slots[0].get(), slots[1].get(), begin, int(tokens)};
}

const KvBlock* KvCache::block(int layer, KvKind kind, int page) const {
    return m_layers[std::size_t(layer)].pages[std::size_t(page)][at(kind)].get();
}

std::vector<int> KvCache::takeDirtyPages() {
    std::vector<int> pages;
    for (std::size_t page = 0; page < m_dirty.size(); ++page) {
        if (m_dirty[page]) pages.push_back(int(page));
    }
    clearDirty();
    return pages;
}

void KvCache::markOpenPages() {
    for (int page = pageCount(m_tokens) - 1; page >= 0 && open(page); --page) m_dirty[std::size_t(page)] = true;
}

}  // namespace lectern
