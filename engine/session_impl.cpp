// SPDX-License-Identifier: GPL-3.0-or-later
// What a session tells about itself.
#include "engine/session_impl.h"

#include <algorithm>

#include "engine/document/document_error.h"

namespace lectern {

namespace {

std::uint64_t layerBytes(const KvCache& cache, int layer, KvKind kind) {
    std::uint64_t bytes = 0;
    for (int page = 0; page < cache.pageCount(cache.tokens()); ++page) {
        const KvBlock* block = cache.block(layer, kind, page);
        bytes += block == nullptr ? 0 : block->bytes();
    }
    return bytes;
}

}  // namespace

const SessionDocument* SessionData::document(int id) const {
    const auto found =
        std::find_if(m_documents.begin(), m_documents.end(), [&](const auto& d) { return d.info.id == id; });
    return found == m_documents.end() ? nullptr : &*found;
}

Status SessionData::chooseProcessor(std::uint64_t tokens) {
    auto placed = m_context.models.place(*m_model, {&m_settings, 1}, tokens);
    if (!placed) return placed.error();
    m_model = *placed;
    m_placed = true;
    return {};
}

std::vector<DocumentInfo> SessionImpl::documents() const {
    std::vector<DocumentInfo> all;
    for (const auto& document : m_documents) {
        all.push_back(document.info);
        all.back().problem_parts = documentError::problemIn(document.info.problem);
    }
    return all;
}

std::vector<PageInfo> SessionImpl::pages(int document_id) const {
    std::vector<PageInfo> all;
    const SessionDocument* found = document(document_id);
    if (found == nullptr) return all;
    for (const auto& page : found->pages) {
        PageInfo info;
        info.state = page.text.state;
        info.tokens = page.token_end - page.token_begin;
        info.in_context = info.tokens > 0 && page.token_end - found->info.token_begin <= readOf(*found);
        info.label = page.text.label;
        info.problem = page.text.problem;
        info.width = page.text.width;
        info.height = page.text.height;
        all.push_back(std::move(info));
    }
    return all;
}

std::optional<PageText> SessionImpl::pageText(int document_id, int page) const {
    const SessionDocument* found = document(document_id);
    if (found == nullptr || page < 0 || std::size_t(page) >= found->pages.size()) return std::nullopt;
    return SessionData::pageText(*found, page);
}

PageText SessionData::pageText(const SessionDocument& document, int page) const {
    const SessionPage& known = document.pages[std::size_t(page)];
    PageText text = known.text;
    if (!text.words.empty() || known.words == 0) return text;
    const auto fetched = [&]() -> Result<std::vector<WordBox>> {
        const auto store = SessionStore::open(m_file, OpenMode::ReadOnly);
        if (!store) return store.error();
        const auto record = store->words(document.info.id, page);
        if (!record) return record.error();
        return wordsFrom(*record, known);
    }();
    if (fetched)
        text.words = *fetched;
    else
        text.problem = fetched.error().message;
    return text;
}

MemoryLedger SessionImpl::memory() const {
    MemoryLedger ledger;
    if (m_trunk) ledger = m_trunk->ledger();
    for (const auto& branch : m_branches.all()) {  // whose blocks the trunk's ledger counts
        if (!branch.cache) continue;
        const MemoryLedger own = branch.cache->overhead();
        ledger.tables += own.tables;
        ledger.activations += own.activations;
    }
    for (const auto& [id, cache] : m_shelf) {
        const MemoryLedger own = cache.overhead();
        ledger.tables += own.tables;
        ledger.activations += own.activations;
    }
    if (m_model != nullptr) {
        ledger.weights = m_model->model->weights_bytes;
        const std::uint64_t scratch = m_model->transformer->scratchBytes();
        (m_model->on_device != nullptr ? ledger.device_scratch : ledger.activations) += scratch;
        if (m_model->on_device != nullptr) {
            ledger.device_weights = m_model->on_device->weightBytes();
            ledger.device_pages = m_model->on_device->pageBytes();
            ledger.host_pages = m_model->on_device->hostPageBytes();
        }
    }
    std::error_code ignored;
    const auto size = std::filesystem::file_size(m_file, ignored);
    ledger.file_bytes = ignored ? 0 : size;
    ledger.tokens = readTokens();
    ledger.peak = std::max(m_peak, ledger.weights + ledger.kvBytes() + ledger.activations);
    return ledger;
}

std::vector<LayerStatistics> SessionImpl::statistics() const {
    if (m_trunk) {
        auto layers = m_trunk->statistics();
        for (std::size_t layer = 0; layer < layers.size(); ++layer) {
            layers[layer].keys.bytes = layerBytes(*m_trunk, int(layer), KvKind::Key);
            layers[layer].values.bytes = layerBytes(*m_trunk, int(layer), KvKind::Value);
        }
        return layers;
    }
    const auto stored = unpackStatistics(m_stored_statistics);
    if (!stored) return {};
    const auto quantizer =
        unpackQuantizer(m_stored_quantizer, m_settings, int(stored->layers.size()), stored->channels);
    return lectern::summaries(stored->layers, quantizer ? &*quantizer : nullptr);
}

}  // namespace lectern
