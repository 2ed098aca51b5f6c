// SPDX-License-Identifier: GPL-3.0-or-later
// Bringing a session's cache back from its file.
#include "engine/session_impl.h"

namespace lectern {

/// A trunk without tokens, with the quantizer that the session was begun with.
Status SessionImpl::emptyTrunk() {
    m_trunk = m_model->transformer->makeCache(m_settings);
    if (m_stored_quantizer.empty()) return {};
    const ModelConfig& c = m_model->model->config;
    auto quantizer = unpackQuantizer(m_stored_quantizer, m_settings, c.layers, c.kv_heads * c.head_dim);
    if (!quantizer) return quantizer.error();
    m_trunk->setQuantizer(std::make_shared<const Quantizer>(std::move(*quantizer)));
    return {};
}

/// The trunk, empty so far, has its first `tokens` tokens from now on; their blocks come in the background.
Status SessionImpl::loadTrunk(const SessionStore& store, std::uint64_t tokens) {
    if (tokens == 0) return {};
    auto load = CacheLoad::begin(store, 0, tokens, KvCache(*m_trunk));
    if (!load) return load.error();
    m_load = std::move(*load);
    m_trunk->expect(tokens, m_load);
    m_trunk->restoreStatistics(m_stored_statistics);
    return {};
}

/// Begins to bring the cache of the documents back; in a shelf, whose context is composed of whole documents, ends too.
Status SessionImpl::beginLoading(const SessionStore& store) {
    return m_mode == SessionMode::Shelf ? loadShelf(store) : loadTrunk(store, m_stored_trunk);
}

/// After a load that failed: forgets what came of it and tries once more.
Status SessionImpl::restartLoading() {
    if (!m_load || !m_load->failed()) return {};
    for (auto& branch : m_branches.all()) branch.cache.reset();
    if (auto made = emptyTrunk(); !made) return made;
    auto store = SessionStore::open(m_file, OpenMode::ReadOnly);
    if (!store) return store.error();
    return beginLoading(*store);
}

Status SessionImpl::finishLoading() {
    if (auto again = restartLoading(); !again) return again;
    if (!m_load) return {};
    if (auto there = m_trunk->ready(); !there) return there;
    m_restored = Restored{m_trunk->tokens(), m_load->bytes(), m_load->seconds(), m_reading_seconds};
    m_load.reset();
    return {};
}

}  // namespace lectern
