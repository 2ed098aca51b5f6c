// SPDX-License-Identifier: GPL-3.0-or-later
// The shelf: every document is read by itself after the template's opening, and the context is composed of their pages.
// Source: KVQUANT.md, "Position-free cache": keys are kept before RoPE, so that a page may stand at any position.
#include <algorithm>

#include "engine/session/schema.h"
#include "engine/session_reading.h"

namespace lectern {

/// Whether questions can see a document: it is read as far as its mode asks for.
bool SessionImpl::whole(const SessionDocument& document) const {
    const DocumentInfo& info = document.info;
    if (info.state == DocumentState::Failed) return false;
    return m_mode == SessionMode::Joint || readOf(document) == info.token_end - info.token_begin;
}

/// Where the context of a shelf ends: with the last document that is whole.
std::uint64_t SessionImpl::shelfEnd() const {
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
    return done;
}

Status SessionImpl::loadShelf(const SessionStore& store, Load load) {
    m_trunk->restoreStatistics(m_stored_statistics);
    for (auto& document : m_documents) {
        if (document.read == 0) continue;
        KvCache cache = m_trunk->emptyTwin();
        const int pages = cache.pageCount(document.read);
        Status read = store.readBlocks(kDocumentBranch + document.info.id, [&](BlockRecord&& block) -> Status {
            if (int(block.page) >= pages) return {};
            return cache.restore(block.layer, KvKind(block.kind != 0), int(block.page), block.bits, block.bytes);
        });
        if (read) read = cache.finishRestore(document.read);
        if (!read && load == Load::Everything) return read;
        if (read)
            m_shelf.emplace(document.info.id, std::move(cache));
        else
            document.read = 0;
    }
    updateStates();
    composeTrunk();
    return {};
}

/// Documents that go, or whose text is another one now, lose their caches.
void SessionImpl::dropFromShelf(const std::vector<int>& ids, SessionCommit& commit) {
    for (const int id : ids) {
        m_shelf.erase(id);
        commit.truncate.push_back({kDocumentBranch + id, kMaxTokens, 0, INT32_MAX});
    }
}

}  // namespace lectern
