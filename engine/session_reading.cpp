// SPDX-License-Identifier: GPL-3.0-or-later
// Reading documents into the cache: chunk by chunk, stored and reported as it goes.
#include <algorithm>
#include <chrono>
#include <set>

#include "engine/session/schema.h"
#include "engine/session_reading.h"

namespace lectern {

using Clock = std::chrono::steady_clock;

std::uint64_t SessionData::readOf(const SessionDocument& document) const {
    const DocumentInfo& info = document.info;
    if (info.state == DocumentState::Failed) return 0;
    const auto sinks = std::uint64_t(m_settings.sinks);
    if (m_mode == SessionMode::Shelf) return document.read - std::min(document.read, sinks);
    const auto read = std::clamp(readTokens(), info.token_begin, info.token_end);
    return read - info.token_begin;
}

std::uint64_t SessionData::tokensLeft() const {
    if (m_mode == SessionMode::Joint) return m_trunk_ids.size() - readTokens();
    std::uint64_t left = 0;
    for (const auto& document : m_documents)
        left += document.info.token_end - document.info.token_begin - readOf(document);
    return left;
}

/// Hands what changed in a cache since the last call to the writer: the trunk, or in a shelf the document's own. At a
/// point all of it, so that reading can go on there (SavePlan); a shelf's document that has come to its end then gets
/// all of its pages quantized, so that none depends on what stands after it.
Status SessionImpl::storeRead(KvCache& cache, SessionDocument* document, bool point) {
    SessionCommit commit;
    if (document != nullptr) document->read = cache.tokens();
    const bool closes = point && document != nullptr && whole(*document);
    if (closes) {
        cache.finish(m_context.pool);
        cache.close(m_context.pool);
    }
    const auto pages = m_save.pages(cache, cache.takeDirtyPages(), point, Clock::now());
    addBlocks(commit, cache, document == nullptr ? 0 : kDocumentBranch + document->info.id, pages);
    if (!m_trunk->quantizer()) m_trunk->setQuantizer(cache.quantizer());
    updateStates();
    if (!point) return commit.blocks.empty() ? Status() : m_writer->submit(std::move(commit));
    commit.meta["layer_statistics"] = cache.packedStatistics();
    const auto now = Clock::now();
    m_reading_seconds += std::chrono::duration<double>(now - std::exchange(m_reading_since, now)).count();
    commit.meta["reading_seconds"] = std::to_string(m_reading_seconds);
    commit.meta["read_on"] = m_model->on_device == nullptr ? "cpu" : m_model->processor.name;
    addQuantizer(commit);
    if (closes) {
        composeTrunk();
        dropBranchCaches(commit);
    }
    for (const auto& each : m_documents) {
        if (document == nullptr ? each.info.token_end > m_stored_trunk : &each == document) addDocument(each, commit);
    }
    m_stored_trunk = readTokens();
    commit.meta["trunk_tokens"] = std::to_string(m_stored_trunk);
    return m_writer->submit(std::move(commit));
}

void SessionData::updateStates() {
    for (auto& document : m_documents) {
        DocumentInfo& info = document.info;
        if (info.state == DocumentState::Failed) continue;
        const bool gaps = std::any_of(document.pages.begin(), document.pages.end(), [](const SessionPage& p) {
            return p.text.state == PageState::Unreadable || p.text.state == PageState::ImageOnly;
        });
        const auto read = readOf(document);
        if (read == 0) {
            info.state = DocumentState::Queued;
        } else if (read < info.token_end - info.token_begin) {
            info.state = DocumentState::Reading;
        } else {
            info.state = gaps ? DocumentState::Partial : DocumentState::InContext;
            if (gaps) info.problem = "Some pages of \"" + info.name + "\" have no readable text.";
        }
    }
}

IngestEvent SessionImpl::progress(const Reading& reading) const {
    IngestEvent event;
    event.tokens_total = reading.tokens;
    event.tokens = reading.tokens - tokensLeft();
    event.seconds = std::chrono::duration<double>(Clock::now() - reading.started).count();
    event.tokens_per_s = event.seconds > 0 ? double(event.tokens) / event.seconds : 0;
    if (event.tokens_per_s > 0) event.seconds_left = double(event.tokens_total - event.tokens) / event.tokens_per_s;
    for (const auto& document : m_documents) {
        const auto read = readOf(document);
        if (read == 0 || reading.done_before.count(document.info.id) > 0) continue;
        event.document = document.info.name;
        event.pages_total = int(document.pages.size());
        event.pages = int(std::count_if(document.pages.begin(), document.pages.end(), [&](const SessionPage& p) {
            return p.token_end - document.info.token_begin <= read;
        }));
    }
    event.memory = memory();
    return event;
}

/// Tells how far reading is, and which documents came to their end.
void SessionImpl::report(Reading& reading) const {
    if (!reading.events) return;
    reading.events(progress(reading));
    for (const auto& document : m_documents) {
        const DocumentInfo& info = document.info;
        if (info.state == DocumentState::Failed || readOf(document) < info.token_end - info.token_begin) continue;
        if (reading.done_before.count(info.id) > 0 || !reading.told.insert(info.id).second) continue;
        IngestEvent event = progress(reading);
        event.kind = IngestEvent::Kind::Document;
        event.document = info.name;
        event.pages = event.pages_total = int(document.pages.size());
        reading.events(event);
    }
}

/// Reads `ids` into a cache: the trunk, or that of a document. It ends at a point, also where it is stopped.
Status SessionImpl::readOn(Reading& reading, KvCache& cache, std::span<const TokenId> ids, SessionDocument* document) {
    m_save = SavePlan(cache);
    m_reading_since = Clock::now();
    const auto after_chunk = [&](std::size_t) -> Status {
        const bool due = m_save.pointDue(cache.tokens(), Clock::now());
        if (auto stored = storeRead(cache, document, due); !stored) return stored;
        m_peak = std::max(m_peak, memory().peak);
        report(reading);
        return {};
    };
    Status done = m_model->transformer->prefill(cache, ids, nullptr, reading.stop, after_chunk);
    if (done && document == nullptr) cache.finish(m_context.pool);
    const bool kept = done || done.error().code == ErrorCode::Interrupted;
    if (auto stored = storeRead(cache, document, true); !stored && kept) return stored;
    return done;
}

Status SessionImpl::readAll(Reading& reading) {
    if (m_mode == SessionMode::Shelf) {
        for (auto& document : m_documents) {
            if (document.info.state == DocumentState::Failed || whole(document)) continue;
            if (auto read = readDocument(reading, document); !read) return read;
        }
        return {};
    }
    const auto rest = std::span(m_trunk_ids).subspan(readTokens());
    return readOn(reading, *m_trunk, rest, nullptr);
}

Status SessionImpl::ingest(const IngestEvents& events, std::stop_token stop) {
    if (auto writable = mayWrite(); !writable) return writable;
    if (auto there = finishLoading(); !there) return there;
    if (auto room = checkRoom(plan()); !room) return room;
    if (auto chosen = chooseProcessor(readTokens() + tokensLeft()); !chosen) return chosen;
    Reading reading{events, std::move(stop), Clock::now(), tokensLeft(), {}, {}};
    for (const auto& document : m_documents) {
        const DocumentInfo& info = document.info;
        if (readOf(document) == info.token_end - info.token_begin) reading.done_before.insert(info.id);
    }
    Status done = readAll(reading);
    if (auto flushed = m_writer->flush(); !flushed && (done || done.error().code == ErrorCode::Interrupted))
        return flushed;
    if (!done) return done;
    if (events) {
        IngestEvent event = progress(reading);
        event.kind = IngestEvent::Kind::Done;
        events(event);
    }
    return {};
}

}  // namespace lectern
