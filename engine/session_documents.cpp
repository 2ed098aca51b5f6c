// SPDX-License-Identifier: GPL-3.0-or-later
// Documents: parsed, placed in the context, read into the cache, written as they go.
#include <algorithm>

#include "engine/document/document_error.h"
#include "engine/machine.h"
#include "engine/session/schema.h"
#include "engine/session_impl.h"
#include "engine/source_state.h"

namespace lectern {

namespace fs = std::filesystem;

namespace {

bool hasPictures(const SessionDocument& document) {
    return std::any_of(document.pages.begin(), document.pages.end(),
                       [](const SessionPage& p) { return p.text.state == PageState::ImageOnly; });
}

/// Why a document without any text cannot be read.
Error withoutText(const std::string& name, const Document& document) {
    const auto picture = std::find_if(document.pages.begin(), document.pages.end(),
                                      [](const PageText& p) { return p.state == PageState::ImageOnly; });
    if (picture == document.pages.end()) return documentError::noText(name);
    return picture->problem.empty() ? documentError::needsOcr(name)
                                    : documentError::notRecognized(name, picture->problem);
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

/// The tokens of a document; its pages get their places among them, counted from its own first token.
std::vector<TokenId> SessionImpl::tokensOf(SessionDocument& document) const {
    std::vector<TokenId> ids = m_prompt->documentHeading(document.info.name).ids;
    for (SessionPage& page : document.pages) {
        page.token_begin = ids.size();
        page.token_offsets.clear();
        if (page.text.state == PageState::Read) {
            PieceTokens piece = m_prompt->page(page.text);
            ids.insert(ids.end(), piece.ids.begin(), piece.ids.end());
            page.token_offsets = std::move(piece.offsets);
        }
        page.token_end = ids.size();
    }
    document.info.token_begin = 0;
    document.info.token_end = ids.size();
    return ids;
}

/// Puts a document and its tokens at the end of the trunk.
void SessionImpl::lay(SessionDocument& document, const std::vector<TokenId>& ids) {
    if (m_trunk_ids.empty()) m_trunk_ids = m_prompt->opening();
    if (m_mode == SessionMode::Shelf) {  // at a page: those between are never computed, and nothing sees them
        const auto page = std::size_t(m_trunk->pageCount(m_trunk_ids.size() + 1) - 1);
        const auto begin = m_trunk->pageBegin(int(page));
        if (begin < m_trunk_ids.size()) m_trunk_ids.resize(m_trunk->pageBegin(int(page) + 1), 0);
    }
    const std::uint64_t by = m_trunk_ids.size() - document.info.token_begin;  // modulo 2^64, also towards the front
    for (SessionPage& page : document.pages) page.token_begin += by, page.token_end += by;
    document.info.token_begin += by;
    document.info.token_end += by;
    document.info.state = DocumentState::Queued;
    m_trunk_ids.insert(m_trunk_ids.end(), ids.begin(), ids.end());
}

/// Gives a document its tokens at the end of the trunk.
void SessionImpl::place(SessionDocument& document, SessionCommit& commit) {
    const std::uint64_t begin = m_trunk_ids.size();
    const auto ids = tokensOf(document);
    lay(document, ids);
    addPages(document, commit);
    commit.tokens.push_back({0, begin, {m_trunk_ids.begin() + std::ptrdiff_t(begin), m_trunk_ids.end()}});
}

void SessionImpl::addPages(const SessionDocument& document, SessionCommit& commit) const {
    for (std::size_t p = 0; p < document.pages.size(); ++p) {
        const SessionPage& page = document.pages[p];
        commit.pages.push_back(toRecord(document.info.id, int(p), page));
        if (!page.text.words.empty()) commit.words.push_back(wordsRecord(document.info.id, int(p), page));
    }
}

void SessionImpl::addDocument(const SessionDocument& document, SessionCommit& commit) const {
    commit.documents.push_back(toRecord(document, int(&document - m_documents.data())));
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
    const std::int64_t modified = writeTime(request.file);
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
    document.modified = modified;
    const bool any = std::any_of(read->pages.begin(), read->pages.end(),
                                 [](const PageText& p) { return p.state == PageState::Read; });
    if (!any) {
        info.state = DocumentState::Failed;
        info.problem = withoutText(shown, *read).message;
    }
    for (auto& page : read->pages) {
        const int words = int(page.words.size());
        document.pages.push_back({std::move(page), words, 0, 0, {}});
    }
    return document;
}

Status SessionImpl::storeDocument(SessionDocument document) {
    if (m_last_document >= kDocumentBranch - 1)
        return Error{ErrorCode::Usage, "A session takes " + countText(kDocumentBranch - 1) +
                                           " documents in its life, and \"" + m_file.string() +
                                           "\" has had them; begin a new one."};
    SessionCommit commit;
    // A file that failed before and is given again takes the old entry's place.
    const auto same = [&](const SessionDocument& d) {
        return d.info.state == DocumentState::Failed && d.info.source == document.info.source;
    };
    const auto old = std::find_if(m_documents.begin(), m_documents.end(), same);
    document.info.id = old != m_documents.end() ? old->info.id : ++m_last_document;
    const bool again = old != m_documents.end();
    if (again) m_documents.erase(old);
    commit.meta["last_document"] = std::to_string(m_last_document);
    document.info.name = uniqueName(document.info.name);
    // Pages of a failed document are shown but not stored: given again, it may have fewer.
    if (document.info.state != DocumentState::Failed) place(document, commit);
    m_documents.push_back(std::move(document));
    for (const auto& each : m_documents) {  // one that comes again leaves its place, and others move up
        if (again || &each == &m_documents.back()) addDocument(each, commit);
    }
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
            if (request.ocr && hasPictures(*known)) {
                if (auto there = finishLoading(); !there) return there.error();
                TokensById others = layout();
                others.erase(known->info.id);
                const auto replaced = replaceText(*known, request, events, stop);
                if (!replaced) return replaced.error();
                const auto laid = *replaced ? relay(others, {known->info.id}) : Status();
                if (!laid) return laid.error();
            }
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

double SessionData::bytesPerToken(const KvSettings& settings) const {
    const ModelConfig& c = m_model->model->config;
    const auto page = pageBytes(settings, c.layers, {c.kv_heads, c.head_dim});
    return double(page + std::size_t(c.layers) * 2 * sizeof(KvBlock)) / kernels::kPageTokens;
}

IngestPlan SessionImpl::plan() const {
    IngestPlan plan;
    plan.tokens = tokensLeft();
    plan.trained_context = m_model->model->config.trained_context;
    plan.quotes = !m_model->model->quote_absent.empty();
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
    const auto divided = m_context.models.plan(*m_model, m_settings, readTokens() + plan.tokens);
    if (divided && *divided) {  // else reading says why not
        plan.device = m_context.models.deviceId();
        plan.device_bytes = (*divided)->device;
        plan.host_bytes = (*divided)->host;
    }
    plan.documents = documents();
    return plan;
}

Status SessionImpl::checkRoom(const IngestPlan& plan) const {
    const std::string what = "Reading " + countText(plan.tokens) + " tokens at " + m_settings.name() + " needs ";
    if (plan.kv_bytes > plan.free_memory)
        return Error{ErrorCode::NoRoom,
                     what + byteText(plan.kv_bytes) + " of memory and " + byteText(plan.free_memory) +
                         " is free; use fewer bits, fewer documents or a higher memory limit.",
                     {Obstacle::Memory, {}, {plan.tokens, plan.kv_bytes, plan.free_memory}}};
    if (plan.free_disk != 0 && plan.disk_bytes > plan.free_disk)
        return Error{ErrorCode::NoRoom,
                     what + byteText(plan.disk_bytes) + " on disk and " + byteText(plan.free_disk) +
                         " is free; make room or put the session on another disk.",
                     {Obstacle::Disk, {}, {plan.tokens, plan.disk_bytes, plan.free_disk}}};
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

}  // namespace lectern
