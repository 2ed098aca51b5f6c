// SPDX-License-Identifier: GPL-3.0-or-later
// Documents: parsed, placed in the context, read into the cache, written as they go.
#include <algorithm>

#include "engine/base/content_hash.h"
#include "engine/base/mapped_file.h"
#include "engine/machine.h"
#include "engine/session_impl.h"

namespace lectern {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

namespace {

double secondsSince(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// The content hash of a file, or "" where it cannot be read (the reader then says why).
std::string hashOf(const fs::path& file) {
    const auto mapped = MappedFile::open(file);
    return mapped ? contentHash(mapped->bytes()).hex() : "";
}

/// Why a document without any text cannot be read, as one sentence.
std::string noTextReason(const std::string& name, const Document& document) {
    const bool pictures = std::any_of(document.pages.begin(), document.pages.end(),
                                      [](const PageText& p) { return p.state == PageState::ImageOnly; });
    if (pictures)
        return "\"" + name +
               "\" has pictures of pages and no text: run OCR over it first (for example: ocrmypdf in.pdf out.pdf).";
    return "\"" + name + "\" has no text.";
}

}  // namespace

std::string SessionImpl::uniqueName(const std::string& name) const {
    const auto taken = [&](const std::string& candidate) {
        return std::any_of(m_documents.begin(), m_documents.end(),
                           [&](const auto& d) { return d.info.name == candidate; });
    };
    std::string unique = name;
    for (int copy = 2; taken(unique); ++copy) unique = name + " (" + std::to_string(copy) + ")";
    return unique;
}

/// Gives a document its tokens at the end of the trunk.
void SessionImpl::place(SessionDocument& document, SessionCommit& commit) {
    const std::uint64_t begin = m_trunk_ids.size();
    const auto append = [&](const std::vector<TokenId>& ids) {
        m_trunk_ids.insert(m_trunk_ids.end(), ids.begin(), ids.end());
    };
    if (m_trunk_ids.empty()) append(m_prompt->opening());
    append(m_prompt->documentHeading(document.info.name).ids);
    for (std::size_t p = 0; p < document.pages.size(); ++p) {
        SessionPage& page = document.pages[p];
        page.token_begin = m_trunk_ids.size();
        page.token_offsets.clear();
        if (page.text.state == PageState::Read) {
            PieceTokens piece = m_prompt->page(page.text);
            append(piece.ids);
            page.token_offsets = std::move(piece.offsets);
        }
        page.token_end = m_trunk_ids.size();
        commit.pages.push_back(toRecord(document.info.id, int(p), page));
    }
    document.info.token_begin = begin;
    document.info.token_end = m_trunk_ids.size();
    document.info.state = DocumentState::Queued;
    commit.tokens.push_back({0, begin, {m_trunk_ids.begin() + std::ptrdiff_t(begin), m_trunk_ids.end()}});
}

Result<SessionDocument> SessionImpl::parse(const ReadRequest& request, const IngestEvents& events,
                                           std::stop_token stop) {
    const std::string shown = request.file.filename().string();
    const auto report = [&](int pages, int total) {
        IngestEvent event;
        event.kind = IngestEvent::Kind::Parsing;
        event.document = shown;
        event.pages = pages;
        event.pages_total = total;
        if (events) events(event);
    };
    const DocumentReader reader(m_context.options.worker);
    auto read = reader.read(request, report, stop);
    if (!read && read.error().code == ErrorCode::Interrupted) return read.error();
    SessionDocument document;
    DocumentInfo& info = document.info;
    info.name = shown;
    std::error_code ignored;
    info.source = fs::absolute(request.file, ignored);
    if (!read) {
        info.state = DocumentState::Failed;
        info.problem = read.error().message;
        return document;
    }
    info.kind = read->kind;
    info.title = read->title;
    info.author = read->author;
    info.content_hash = read->content_hash;
    info.outline = std::move(read->outline);
    document.file_bytes = read->file_bytes;
    const bool any = std::any_of(read->pages.begin(), read->pages.end(),
                                 [](const PageText& p) { return p.state == PageState::Read; });
    if (!any) {
        info.state = DocumentState::Failed;
        info.problem = noTextReason(shown, *read);
    }
    for (auto& page : read->pages) document.pages.push_back({std::move(page), 0, 0, {}});
    return document;
}

Status SessionImpl::storeDocument(SessionDocument document) {
    SessionCommit commit;
    // A file that failed before and is given again takes the old entry's place.
    const auto same = [&](const SessionDocument& d) {
        return d.info.state == DocumentState::Failed && d.info.source == document.info.source;
    };
    const auto old = std::find_if(m_documents.begin(), m_documents.end(), same);
    document.info.id = old != m_documents.end() ? old->info.id : int(m_documents.size()) + 1;
    if (old != m_documents.end()) m_documents.erase(old);
    document.info.name = uniqueName(document.info.name);
    // Pages of a failed document are shown but not stored: given again, it may have fewer.
    if (document.info.state != DocumentState::Failed) place(document, commit);
    commit.documents.push_back(toRecord(document));
    m_documents.push_back(std::move(document));
    return m_writer->submit(std::move(commit));
}

Result<IngestPlan> SessionImpl::addDocuments(const std::vector<ReadRequest>& files, const IngestEvents& events,
                                             std::stop_token stop) {
    if (auto writable = mayWrite(); !writable) return writable.error();
    IngestPlan seen;
    for (const auto& request : files) {
        const std::string hash = hashOf(request.file);
        const auto known = std::find_if(m_documents.begin(), m_documents.end(), [&](const auto& d) {
            return !hash.empty() && d.info.state != DocumentState::Failed && d.info.content_hash == hash;
        });
        if (known != m_documents.end()) {
            seen.documents.push_back(known->info);
            continue;
        }
        auto document = parse(request, events, stop);
        if (!document) return document.error();
        if (auto stored = storeDocument(std::move(*document)); !stored) return stored.error();
        seen.documents.push_back(m_documents.back().info);
        IngestEvent event;
        event.kind = IngestEvent::Kind::Document;
        event.document = m_documents.back().info.name;
        event.pages_total = int(m_documents.back().pages.size());
        event.problem = m_documents.back().info.problem;
        if (events && !event.problem.empty()) events(event);
    }
    if (auto flushed = m_writer->flush(); !flushed) return flushed.error();
    IngestPlan all = plan();
    all.documents = std::move(seen.documents);
    return all;
}

double SessionImpl::bytesPerToken(const KvSettings& settings) const {
    const ModelConfig& c = m_model->model->config;
    const auto page = pageBytes(settings, c.layers, {c.kv_heads, c.head_dim});
    return double(page + std::size_t(c.layers) * 2 * sizeof(KvBlock)) / kernels::kPageTokens;
}

IngestPlan SessionImpl::plan() const {
    IngestPlan plan;
    plan.tokens = m_trunk_ids.size() - readTokens();
    plan.trained_context = m_model->model->config.trained_context;
    plan.kv_bytes = std::uint64_t(double(plan.tokens) * bytesPerToken(m_settings));
    KvSettings fp16 = m_settings;
    fp16.key_bits = fp16.value_bits = 16;
    fp16.layers.clear();
    plan.fp16_bytes = std::uint64_t(double(plan.tokens) * bytesPerToken(fp16));
    plan.disk_bytes = plan.kv_bytes + plan.tokens * 8;
    plan.free_memory = freeMemory();
    if (m_context.options.memory_limit != 0) {
        const MemoryLedger now = memory();
        const auto used = now.weights + now.kvBytes() + now.activations;
        plan.free_memory = m_context.options.memory_limit - std::min(m_context.options.memory_limit, used);
    }
    plan.free_disk = freeDisk(fs::absolute(m_file).parent_path());
    for (const auto& document : m_documents) plan.documents.push_back(document.info);
    return plan;
}

Status SessionImpl::checkRoom(const IngestPlan& plan) const {
    const std::string what = "Reading " + countText(plan.tokens) + " tokens at " + m_settings.name() + " needs ";
    if (plan.kv_bytes > plan.free_memory)
        return Error{ErrorCode::NoRoom, what + byteText(plan.kv_bytes) + " of memory and " +
                                            byteText(plan.free_memory) +
                                            " is free; use fewer bits, fewer documents or a higher memory limit."};
    if (plan.free_disk != 0 && plan.disk_bytes > plan.free_disk)
        return Error{ErrorCode::NoRoom, what + byteText(plan.disk_bytes) + " on disk and " + byteText(plan.free_disk) +
                                            " is free; make room or put the session on another disk."};
    return {};
}

void SessionImpl::addBlocks(SessionCommit& commit, const KvCache& cache, int branch,
                            const std::vector<int>& pages) const {
    for (const int page : pages) {
        const auto tokens =
            std::min<std::uint64_t>(cache.tokens() - cache.pageBegin(page), std::uint64_t(cache.pageCapacity(page)));
        for (int layer = 0; layer < cache.layers(); ++layer) {
            for (const KvKind kind : {KvKind::Key, KvKind::Value}) {
                const KvBlock& block = *cache.block(layer, kind, page);
                commit.blocks.push_back({branch,
                                         layer,
                                         int(kind),
                                         std::uint32_t(page),
                                         block.layout().bits,
                                         int(tokens),
                                         {block.data(), block.data() + block.bytes()}});
            }
        }
    }
}

/// Hands what changed in the trunk since the last call to the writer; at a point all of it, so that reading can go on
/// there (SavePlan).
Status SessionImpl::storeTrunk(bool point) {
    SessionCommit commit;
    addBlocks(commit, *m_trunk, 0, m_save.pages(*m_trunk, m_trunk->takeDirtyPages(), point, Clock::now()));
    updateStates();
    if (!point) return commit.blocks.empty() ? Status() : m_writer->submit(std::move(commit));
    commit.meta["trunk_tokens"] = std::to_string(m_trunk->tokens());
    commit.meta["reading_seconds"] = std::to_string(m_reading_seconds += secondsSince(m_reading_since));
    m_reading_since = Clock::now();
    commit.meta["layer_statistics"] = m_trunk->packedStatistics();
    addQuantizer(commit);
    for (const auto& document : m_documents) {
        if (document.info.token_end > m_stored_trunk) commit.documents.push_back(toRecord(document));
    }
    m_stored_trunk = m_trunk->tokens();
    return m_writer->submit(std::move(commit));
}

void SessionImpl::updateStates() {
    for (auto& document : m_documents) {
        DocumentInfo& info = document.info;
        if (info.state == DocumentState::Failed) continue;
        const auto read = readTokens();
        const bool gaps = std::any_of(document.pages.begin(), document.pages.end(), [](const SessionPage& p) {
            return p.text.state == PageState::Unreadable || p.text.state == PageState::ImageOnly;
        });
        if (read <= info.token_begin) {
            info.state = DocumentState::Queued;
        } else if (read < info.token_end) {
            info.state = DocumentState::Reading;
        } else {
            info.state = gaps ? DocumentState::Partial : DocumentState::InContext;
            if (gaps) info.problem = "Some pages of \"" + info.name + "\" have no readable text.";
        }
    }
}

IngestEvent SessionImpl::progress(std::uint64_t begin, Clock::time_point started) const {
    IngestEvent event;
    const auto read = readTokens();
    event.tokens = read - begin;
    event.tokens_total = m_trunk_ids.size() - begin;
    event.seconds = secondsSince(started);
    event.tokens_per_s = event.seconds > 0 ? double(event.tokens) / event.seconds : 0;
    if (event.tokens_per_s > 0) event.seconds_left = double(event.tokens_total - event.tokens) / event.tokens_per_s;
    for (const auto& document : m_documents) {
        if (document.info.state == DocumentState::Failed || read <= document.info.token_begin) continue;
        event.document = document.info.name;
        event.pages_total = int(document.pages.size());
        event.pages = int(std::count_if(document.pages.begin(), document.pages.end(),
                                        [&](const SessionPage& p) { return p.token_end <= read; }));
    }
    event.memory = memory();
    return event;
}

Status SessionImpl::ingest(const IngestEvents& events, std::stop_token stop) {
    if (auto writable = mayWrite(); !writable) return writable;
    if (auto there = finishLoading(); !there) return there;
    if (auto room = checkRoom(plan()); !room) return room;
    const std::uint64_t begin = readTokens();
    const auto started = Clock::now();
    m_save = SavePlan(*m_trunk);
    m_reading_since = started;
    const auto rest = std::span(m_trunk_ids).subspan(begin);
    std::uint64_t reported = begin;
    const auto after_chunk = [&](std::size_t) -> Status {
        const auto read = readTokens();
        if (auto stored = storeTrunk(m_save.pointDue(read, Clock::now())); !stored) return stored;
        m_peak = std::max(m_peak, memory().peak);
        if (!events) return {};
        events(progress(begin, started));
        for (const auto& document : m_documents) {
            const DocumentInfo& info = document.info;
            if (info.state == DocumentState::Failed || info.token_end > read || info.token_end <= reported) continue;
            IngestEvent event = progress(begin, started);
            event.kind = IngestEvent::Kind::Document;
            event.document = info.name;
            event.pages = event.pages_total = int(document.pages.size());
            events(event);
        }
        reported = read;
        return {};
    };
    Status done = m_model->transformer->prefill(*m_trunk, rest, nullptr, stop, after_chunk);
    if (done) m_trunk->finish(m_context.pool);
    const bool kept = done || done.error().code == ErrorCode::Interrupted;
    if (auto stored = storeTrunk(true); !stored && kept) done = stored;
    if (auto flushed = m_writer->flush(); !flushed && (done || done.error().code == ErrorCode::Interrupted))
        return flushed;
    if (!done) return done;
    if (events) {
        IngestEvent event = progress(begin, started);
        event.kind = IngestEvent::Kind::Done;
        events(event);
    }
    return {};
}

}  // namespace lectern
