// SPDX-License-Identifier: GPL-3.0-or-later
// The shelf: every document is read by itself after the template's opening, and the context is composed of their pages.
// Source: KVQUANT.md, "Position-free cache": keys are kept before RoPE, so that a page may stand at any position.
#include <algorithm>

#include "engine/session/schema.h"
#include "engine/session_reading.h"

namespace lectern {

bool SessionData::whole(const SessionDocument& document) const {
    const DocumentInfo& info = document.info;
    if (info.state == DocumentState::Failed) return false;
    return m_mode == SessionMode::Joint || readOf(document) == info.token_end - info.token_begin;
}

std::uint64_t SessionData::shelfEnd() const {
    std::uint64_t end = 0;
    for (const auto& document : m_documents) {
        if (whole(document)) end = std::max(end, document.info.token_end);
    }
    return end;
}

/// Makes the trunk of the documents that are whole, at their places. Blocks are shared, nothing is computed.
void SessionImpl::composeTrunk() {
    std::vector<KvPart> parts;
    for (const auto& document : m_documents) {
        const auto cache = m_shelf.find(document.info.id);
        if (cache == m_shelf.end() || !whole(document)) continue;
        parts.push_back({&cache->second, m_trunk->pageCount(document.info.token_begin + 1) - 1});
    }
    m_trunk->compose(parts, shelfEnd());
    m_trunk->hide(hiddenRanges({}));
}

/// Reads a document from where it was left.
Status SessionImpl::readDocument(Reading& reading, SessionDocument& document) {
    const DocumentInfo& info = document.info;
    KvCache& cache = m_shelf.try_emplace(info.id, m_trunk->emptyTwin()).first->second;
    if (!cache.quantizer()) cache.setQuantizer(m_trunk->quantizer());
    cache.restoreStatistics(m_trunk->packedStatistics());
    std::vector<TokenId> ids = m_prompt->opening();
    ids.insert(ids.end(), m_trunk_ids.begin() + std::ptrdiff_t(info.token_begin),
               m_trunk_ids.begin() + std::ptrdiff_t(info.token_end));
    Status done = readOn(reading, cache, std::span(ids).subspan(cache.tokens()), &document);
    m_trunk->restoreStatistics(cache.packedStatistics());
    return done ? closeEarlier(document) : done;
}

/// Documents too short to fit thresholds to wait in fp16 for those of a longer one.
Status SessionImpl::closeEarlier(const SessionDocument& longer) {
    for (auto& document : m_documents) {
        const auto cache = m_shelf.find(document.info.id);
        if (&document == &longer || cache == m_shelf.end() || cache->second.quantizer() == m_trunk->quantizer())
            continue;
        cache->second.setQuantizer(m_trunk->quantizer());
        if (!whole(document)) continue;
        if (auto stored = storeRead(cache->second, &document, true); !stored) return stored;
    }
    return {};
}

Status SessionImpl::loadShelf(const SessionStore& store) {
    m_trunk->restoreStatistics(m_stored_statistics);
    Restored restored;
    for (auto& document : m_documents) {
        if (document.read == 0) continue;
        KvCache cache = m_trunk->emptyTwin();
        auto load = CacheLoad::begin(store, kDocumentBranch + document.info.id, document.read, KvCache(cache));
        if (!load) return load.error();
        cache.expect(document.read, *load);
        if (auto there = cache.ready(); !there) return there;
        restored.bytes += (*load)->bytes();
        restored.seconds += (*load)->seconds();
        m_shelf.emplace(document.info.id, std::move(cache));
    }
    composeTrunk();
    restored.tokens = m_trunk->tokens();
    restored.reading_seconds = m_reading_seconds;
    if (restored.bytes > 0) m_restored = restored;
    return {};
}

/// Documents that go, or whose text is another one now, lose their caches.
void SessionImpl::dropFromShelf(const std::vector<int>& ids, SessionCommit& commit) {
    const auto tokens = [&] {
        std::uint64_t sum = 0;
        for (const auto& [id, cache] : m_shelf) sum += cache.tokens();
        return sum;
    };
    const auto before = tokens();
    for (const int id : ids) {
        m_shelf.erase(id);
        commit.truncate.push_back({kDocumentBranch + id, kMaxTokens, 0, INT32_MAX});
    }
    keepReadingSeconds(tokens(), before, commit);
}

}  // namespace lectern
