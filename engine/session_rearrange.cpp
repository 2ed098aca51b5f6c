// SPDX-License-Identifier: GPL-3.0-or-later
// Documents taken out, moved and read anew: the context is laid out again, and what follows the first token that is
// another one now is forgotten. ingest() then reads it.
#include <algorithm>

#include "engine/document/tesseract.h"
#include "engine/session/schema.h"
#include "engine/session_impl.h"
#include "engine/source_state.h"

namespace lectern {
namespace {

/// How a document was read before; none where no page of it came by OCR.
std::optional<OcrSettings> ocrOf(const SessionDocument& document) {
    for (const SessionPage& page : document.pages)
        if (auto languages = ocrLanguagesIn(page.text.problem)) return OcrSettings{std::move(*languages)};
    return std::nullopt;
}

}  // namespace

/// The tokens of every document that has a place in the context.
SessionData::TokensById SessionData::layout() const {
    TokensById known;
    for (const auto& document : m_documents) {
        const DocumentInfo& info = document.info;
        if (info.state == DocumentState::Failed) continue;
        known[info.id].assign(m_trunk_ids.begin() + std::ptrdiff_t(info.token_begin),
                              m_trunk_ids.begin() + std::ptrdiff_t(info.token_end));
    }
    return known;
}

/// Where reading goes on when the first `same` tokens of the context stay: at the beginning of a chunk, so that it
/// computes the numbers of a reading that was never rearranged; at 0 where the thresholds came from tokens that go.
std::uint64_t SessionData::unchangedTokens(std::uint64_t same) const {
    if (same >= readTokens()) return readTokens();
    const auto& quantizer = m_trunk->quantizer();
    const bool fitted = !m_settings.raw() && !(quantizer && quantizer->calibrated);
    if (fitted && same < std::uint64_t(m_settings.sinks) + KvCache::kFitTokens) return 0;
    return same - same % Transformer::kChunk;
}

/// What reading took is counted for what stays of it.
void SessionData::keepReadingSeconds(std::uint64_t kept, std::uint64_t of, SessionCommit& commit) {
    m_reading_seconds *= of > 0 ? double(kept) / double(of) : 0;
    commit.meta["reading_seconds"] = std::to_string(m_reading_seconds);
}

void SessionImpl::forgetTrunk(std::uint64_t tokens, SessionCommit& commit) {
    keepReadingSeconds(tokens, readTokens(), commit);
    if (tokens > 0) {
        m_trunk->rewind(tokens);
    } else {
        auto quantizer = m_trunk->quantizer();
        m_trunk = m_model->transformer->makeCache(m_settings);
        if (quantizer && quantizer->calibrated) {
            m_trunk->setQuantizer(std::move(quantizer));
        } else {
            m_stored_quantizer.clear();
            commit.meta["quantizer"] = "";
        }
    }
    m_stored_trunk = tokens;
    commit.truncate.push_back({0, kMaxTokens, std::uint32_t(m_trunk->pageCount(tokens)), INT32_MAX});
    commit.meta["trunk_tokens"] = std::to_string(tokens);
}

/// Conversations stay as text; what was computed for them stood on other documents.
void SessionImpl::dropBranchCaches(SessionCommit& commit) {
    for (Branch& branch : m_branches.all()) {
        branch.cache.reset();
        if (branch.stored == 0) continue;
        branch.stored = 0;
        commit.truncate.push_back({branch.id, kMaxTokens, 0, INT32_MAX});
        commit.branches.push_back(toRecord(branch));
    }
}

/// Lays the documents out in the order they have now. `known`: tokens of those whose text is the same; the others are
/// tokenized. `removed`: documents whose rows go first, with their caches in a shelf, where nothing else is computed.
/// `returned`: documents that have no rows yet.
Status SessionImpl::relay(const TokensById& known, const std::vector<int>& removed, const std::vector<int>& returned) {
    SessionCommit commit;
    commit.removed_documents = removed;
    const std::vector<TokenId> before = std::exchange(m_trunk_ids, {});
    for (auto& document : m_documents) {
        if (document.info.state == DocumentState::Failed) continue;
        const std::uint64_t stood = document.info.token_begin;
        const auto tokens = known.find(document.info.id);
        lay(document, tokens != known.end() ? tokens->second : tokensOf(document));
        const bool there = std::find(returned.begin(), returned.end(), document.info.id) == returned.end();
        if (!there || tokens == known.end() || stood != document.info.token_begin) addPages(document, commit);
    }
    const auto differs = std::mismatch(before.begin(), before.end(), m_trunk_ids.begin(), m_trunk_ids.end()).first;
    const auto same = std::uint64_t(differs - before.begin());
    commit.truncate.push_back({0, same, kMaxPage, INT32_MAX});
    if (same < m_trunk_ids.size())
        commit.tokens.push_back({0, same, {m_trunk_ids.begin() + std::ptrdiff_t(same), m_trunk_ids.end()}});
    const auto unchanged = m_mode == SessionMode::Shelf ? 0 : unchangedTokens(same);
    if (m_mode == SessionMode::Shelf) {
        dropFromShelf(removed, commit);
        composeTrunk();
        dropBranchCaches(commit);
    } else if (unchanged < readTokens()) {
        forgetTrunk(unchanged, commit);
        dropBranchCaches(commit);
    }
    updateStates();
    for (const auto& document : m_documents) addDocument(document, commit);
    return write(std::move(commit));
}

std::vector<int> SessionData::order() const {
    std::vector<int> ids;
    for (const auto& document : m_documents) ids.push_back(document.info.id);
    return ids;
}

SessionData::Placed SessionData::placed(int id) const {
    if (const SessionDocument* here = document(id)) {
        const DocumentInfo& info = here->info;
        if (info.state == DocumentState::Failed) return {here};
        return {here, std::span(m_trunk_ids).subspan(info.token_begin, info.token_end - info.token_begin)};
    }
    for (const TakenOut& out : m_taken_out)
        if (out.document.info.id == id) return {&out.document, out.tokens, true};
    return {};
}

Status SessionData::checkOrder(const std::vector<int>& order) const {
    for (auto id = order.begin(); id != order.end(); ++id) {
        if (placed(*id).document == nullptr || std::find(order.begin(), id, *id) != id)
            return Error{ErrorCode::Usage, "\"" + m_file.string() + "\" has no document number " + std::to_string(*id) +
                                               " to put there; open the session again."};
    }
    return {};
}

std::pair<std::uint64_t, std::uint64_t> SessionData::sameAndAll(const std::vector<int>& order) const {
    const auto first = std::find_if(m_documents.begin(), m_documents.end(),
                                    [](const auto& d) { return d.info.state != DocumentState::Failed; });
    const std::uint64_t opening = first != m_documents.end() ? first->info.token_begin
                                  : m_prompt                 ? m_prompt->opening().size()
                                                             : 0;
    std::uint64_t all = opening;
    std::optional<std::uint64_t> differs;
    for (const int id : order) {
        const auto ids = placed(id).tokens;
        const auto there = m_trunk_ids.begin() + std::ptrdiff_t(std::min<std::uint64_t>(all, m_trunk_ids.size()));
        const auto at = std::mismatch(ids.begin(), ids.end(), there, m_trunk_ids.end()).first;
        if (!differs && at != ids.end()) differs = all + std::uint64_t(at - ids.begin());
        all += ids.size();
    }
    if (all == opening) return {0, 0};  // without documents the context has no opening either
    return {differs.value_or(all), all};
}

Result<RereadPlan> SessionImpl::rereadPlan(const std::vector<int>& order) const {
    if (auto sane = checkOrder(order); !sane) return sane.error();
    RereadPlan plan;
    std::uint64_t returning = 0;  // tokens of what was taken out
    for (const int id : order) returning += placed(id).out ? placed(id).tokens.size() : 0;
    if (m_mode == SessionMode::Shelf) {
        plan.tokens = returning;
    } else {
        const auto [same, all] = sameAndAll(order);
        const std::uint64_t stays = unchangedTokens(same);
        if (stays < std::min(all, readTokens()) || returning > 0) plan.tokens = all - stays;
    }
    if (readTokens() > 0) plan.seconds = double(plan.tokens) * m_reading_seconds / double(readTokens());
    return plan;
}

Status SessionImpl::arrangeDocuments(const std::vector<int>& order) {
    if (auto writable = mayWrite(); !writable) return writable;
    if (auto there = finishLoading(); !there) return there;
    if (auto sane = checkOrder(order); !sane) return sane;
    TokensById known = layout();
    std::vector<SessionDocument> kept;
    std::vector<int> removed, returned;
    for (const int id : order) {
        const Placed there = placed(id);
        kept.push_back(*there.document);
        if (!there.out) continue;
        returned.push_back(id);
        known[id].assign(there.tokens.begin(), there.tokens.end());
        kept.back().info.name = uniqueName(kept.back().info.name);
    }
    for (const auto& each : m_documents) {
        if (std::find(order.begin(), order.end(), each.info.id) == order.end()) removed.push_back(each.info.id);
    }
    takeOut(removed);
    m_documents = std::move(kept);
    if (auto laid = relay(known, removed, returned); !laid) return laid;
    std::erase_if(m_taken_out, [&](const TakenOut& out) { return document(out.document.info.id) != nullptr; });
    return {};
}

/// Keeps what leaves the session, as long as that is open: it can come back without its file.
void SessionData::takeOut(const std::vector<int>& ids) {
    for (const int id : ids) {
        const Placed there = placed(id);
        TakenOut out{*there.document, {there.tokens.begin(), there.tokens.end()}};
        for (std::size_t page = 0; page < out.document.pages.size(); ++page)
            out.document.pages[page].text = pageText(*there.document, int(page));
        m_taken_out.push_back(std::move(out));
    }
}

Status SessionImpl::removeDocument(std::string_view name) {
    auto document = named(name);
    if (!document) return document.error();
    auto left = order();
    std::erase(left, (*document)->info.id);
    return arrangeDocuments(left);
}

Status SessionImpl::moveDocument(std::string_view name, int place) {
    auto document = named(name);
    if (!document) return document.error();
    if (place < 0 || std::size_t(place) >= m_documents.size())
        return Error{ErrorCode::Usage, "There is no place " + std::to_string(place + 1) + " among " +
                                           std::to_string(m_documents.size()) + " documents."};
    auto moved = order();
    std::erase(moved, (*document)->info.id);
    moved.insert(moved.begin() + place, (*document)->info.id);
    return arrangeDocuments(moved);
}

void SessionImpl::checkSources() {
    for (auto& document : m_documents) document.info.source_state = sourceState(document, true);
}

/// Parses a document again. False where that fails: it is reported, and the text there is stays.
Result<bool> SessionImpl::replaceText(SessionDocument& document, const ReadRequest& request, const IngestEvents& events,
                                      const std::stop_token& stop) {
    auto parsed = parse(request, events, stop);
    if (!parsed) return parsed.error();
    if (parsed->info.state == DocumentState::Failed) {
        IngestEvent event;
        event.kind = IngestEvent::Kind::Document;
        event.document = document.info.name;
        event.problem = parsed->info.problem + " Its old text is kept.";
        if (events) events(event);
        return false;
    }
    parsed->info.id = document.info.id;
    parsed->info.name = document.info.name;
    parsed->info.on = document.info.on;
    document = std::move(*parsed);
    return true;
}

Result<int> SessionImpl::refreshDocuments(const IngestEvents& events, std::stop_token stop) {
    if (auto writable = mayWrite(); !writable) return writable.error();
    if (auto there = finishLoading(); !there) return there.error();
    checkSources();
    TokensById known = layout();
    std::vector<int> changed;
    for (auto& document : m_documents) {
        if (document.info.source_state != SourceState::Changed) continue;
        auto replaced = replaceText(document, {document.info.source, {}, {}, ocrOf(document)}, events, stop);
        if (!replaced) return replaced.error();
        if (!*replaced) continue;
        known.erase(document.info.id);
        changed.push_back(document.info.id);
    }
    if (changed.empty()) return 0;
    if (auto laid = relay(known, changed); !laid) return laid.error();
    return int(changed.size());
}

}  // namespace lectern
