// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/support/fake_session.h"

#include <algorithm>
#include <sstream>
#include <thread>

#include "tests/ui/support/fake_pages.h"
#include "tests/ui/support/fake_summary.h"

namespace lectern::test {

/// Sleeps unless told to stop. True: go on.
bool pass(int milliseconds, const std::stop_token& stop) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
    while (!stop.stop_requested() && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return !stop.stop_requested();
}

Error interrupted() {
    return {ErrorCode::Interrupted, "Interrupted; what was done is kept."};
}

Loading FakeSession::loading() const {
    const int all = m_world->load_ms;
    if (all == 0) return {};
    const auto past = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - m_opened).count();
    if (m_world->damaged && past > all / 2)
        return {0.5, Error{ErrorCode::Damaged, "\"" + m_file.filename().string() +
                                                   "\" has a damaged block: keys of layer 3, page 7; repair it."}};
    return {std::min(1.0, past / all), {}};
}

Status FakeSession::finishLoading() {
    Loading now = loading();
    for (; now.share < 1 && !now.error; now = loading()) pass(1, {});
    if (now.error) return *now.error;
    if (m_world->load_ms > 0) m_restored = Restored{read().tokens, 120'000'000, m_world->load_ms / 1000.0, 2280};
    return {};
}

/// Documents from place `first` on have to be read again.
void FakeSession::queueFrom(std::size_t first) {
    change([&](FakeFile& file) {
        file.tokens = 0;
        for (std::size_t d = 0; d < file.documents.size(); ++d) {
            FakeDocument& document = file.documents[d];
            if (d >= first && document.info.state != DocumentState::Failed) document.info.state = DocumentState::Queued;
            for (PageInfo& page : document.pages) {
                page.in_context = page.in_context && d < first;
                file.tokens += page.in_context ? page.tokens : 0;
            }
        }
    });
}

Result<ReadingEstimate> FakeSession::estimateReading(const KvSettings& settings, std::stop_token stop) {
    if (!pass(m_world->measure_ms, stop)) return interrupted();
    return ReadingEstimate{settings.key_bits == 2 ? 190.0 : 250.0, {"cpu", "Fake processor", {}}, 0};
}

Result<RereadPlan> FakeSession::rereadPlan(const std::vector<int>& order) const {
    const FakeFile now = read();
    RereadPlan plan;
    std::size_t same = 0;
    while (same < std::min(order.size(), now.documents.size()) && now.documents[same].info.id == order[same]) ++same;
    for (std::size_t d = same; d < order.size(); ++d)
        for (const FakeDocument& document : now.documents)
            for (const PageInfo& page : document.pages)
                plan.tokens += document.info.id == order[d] && page.in_context ? page.tokens : 0;
    plan.seconds = double(plan.tokens) / 300;
    return plan;
}

Status FakeSession::arrangeDocuments(const std::vector<int>& order) {
    std::size_t same = 0;
    change([&](FakeFile& file) {
        while (same < std::min(order.size(), file.documents.size()) && file.documents[same].info.id == order[same])
            ++same;
        std::vector<FakeDocument> kept;
        file.taken_out.insert(file.taken_out.begin(), file.documents.begin(), file.documents.end());
        for (const int id : order) {
            const auto there = std::find_if(file.taken_out.begin(), file.taken_out.end(),
                                            [&](const FakeDocument& document) { return document.info.id == id; });
            if (there != file.taken_out.end()) kept.push_back(*there);
        }
        file.documents = std::move(kept);
    });
    queueFrom(same);
    return {};
}

Result<int> FakeSession::refreshDocuments(const IngestEvents&, std::stop_token) {
    const auto infos = documents();
    const auto first = std::find_if(infos.begin(), infos.end(),
                                    [](const DocumentInfo& info) { return info.source_state == SourceState::Changed; });
    if (first == infos.end()) return 0;
    queueFrom(std::size_t(first - infos.begin()));
    const std::lock_guard guard(m_world->lock);
    const int count = int(m_world->changed.size());
    m_world->changed.clear();
    return count;
}

Status FakeSession::switchDocument(std::string_view name, bool on) {
    change([&](FakeFile& file) {
        for (FakeDocument& document : file.documents)
            if (document.info.name == name) document.info.on = on;
    });
    return {};
}

Status FakeSession::forkBranch(std::string_view name, std::string_view from, int turns) {
    change([&](FakeFile& file) {
        const auto parent = std::find_if(file.branches.begin(), file.branches.end(),
                                         [&](const BranchInfo& info) { return info.name == from; });
        if (parent == file.branches.end()) return;
        BranchInfo fork{std::string(name), 0, parent->messages, std::string(from), turns};
        fork.messages.resize(std::size_t(turns));
        file.branches.push_back(std::move(fork));
    });
    return {};
}

Status FakeSession::renameBranch(std::string_view name, std::string_view to) {
    if (to == "taken")
        return Error{ErrorCode::Usage, "There is a conversation \"taken\" already; choose another name."};
    change([&](FakeFile& file) {
        for (BranchInfo& info : file.branches)
            if (info.name == name) info.name = to;
    });
    return {};
}

Status FakeSession::deleteBranch(std::string_view name) {
    change([&](FakeFile& file) {
        const auto gone = std::find_if(file.branches.begin(), file.branches.end(),
                                       [&](const BranchInfo& info) { return info.name == name; });
        if (gone == file.branches.end()) return;
        file.deleted.push_back(std::move(*gone));
        file.branches.erase(gone);
    });
    return {};
}

Result<int> FakeSession::removeDeleted() {
    int count = 0;
    change([&](FakeFile& file) { count = int(std::exchange(file.deleted, {}).size()); });
    return count;
}

Result<std::string> FakeSession::undeleteBranch(std::string_view name) {
    change([&](FakeFile& file) {
        const auto back = std::find_if(file.deleted.begin(), file.deleted.end(),
                                       [&](const BranchInfo& info) { return info.name == name; });
        if (back == file.deleted.end()) return;
        file.branches.push_back(std::move(*back));
        file.deleted.erase(back);
    });
    return std::string(name);
}

Result<IngestPlan> FakeSession::addDocuments(const std::vector<ReadRequest>& files, const IngestEvents& events,
                                             std::stop_token stop) {
    for (const ReadRequest& request : files) {
        IngestEvent event;
        event.kind = IngestEvent::Kind::Parsing;
        event.document = request.file.filename().string();
        if (events) events(event);
        if (!pass(m_world->page_ms, stop)) return interrupted();
        FakeDocument document = parseFakeDocument(request);
        change([&](FakeFile& file) {
            document.info.id = int(file.documents.size()) + 1;
            file.documents.push_back(document);
        });
    }
    IngestPlan plan;
    const FakeFile now = read();
    for (const FakeDocument& document : now.documents) {
        if (document.info.state != DocumentState::Queued && document.info.state != DocumentState::Failed) continue;
        plan.documents.push_back(document.info);
        for (const PageInfo& page : document.pages) plan.tokens += page.tokens;
    }
    const MemoryLedger ledger = fakeLedger(now.kv, plan.tokens);
    plan.kv_bytes = ledger.kvBytes();
    plan.fp16_bytes = ledger.fp16_bytes;
    plan.disk_bytes = ledger.file_bytes;
    plan.free_memory = 6'200'000'000;
    plan.free_disk = 81'000'000'000;
    plan.trained_context = 4096;
    return plan;
}

Status FakeSession::ingest(const IngestEvents& events, std::stop_token stop) {
    if (m_world->full) return Error{ErrorCode::NoRoom, "The context would not fit the free memory; choose fewer bits."};
    FakeFile now = read();
    IngestEvent event;
    for (const FakeDocument& document : now.documents)
        for (const PageInfo& page : document.pages)
            event.tokens_total += page.tokens, event.tokens += page.in_context ? page.tokens : 0;
    for (std::size_t d = 0; d < now.documents.size(); ++d) {
        const FakeDocument& document = now.documents[d];
        if (document.info.state == DocumentState::Failed || document.info.state == DocumentState::InContext) continue;
        event.document = document.info.name;
        event.pages_total = int(document.pages.size());
        for (std::size_t p = 0; p < document.pages.size(); ++p) {
            if (document.pages[p].in_context) continue;
            if (!pass(m_world->page_ms, stop)) return interrupted();
            change([&](FakeFile& file) {
                file.documents[d].info.state = DocumentState::Reading;
                file.documents[d].pages[p].in_context = true;
                file.tokens += document.pages[p].tokens;
            });
            ++m_world->pages_read;
            event.kind = IngestEvent::Kind::Progress;
            event.pages = int(p) + 1;
            event.tokens += document.pages[p].tokens;
            event.tokens_per_s = 1240;
            event.seconds_left = double(event.tokens_total - event.tokens) / event.tokens_per_s;
            event.memory = memory();
            if (events) events(event);
        }
        change([&](FakeFile& file) {
            file.documents[d].info.state = DocumentState::InContext;
            file.documents[d].info.token_end = file.tokens;
        });
        event.kind = IngestEvent::Kind::Document;
        if (events) events(event);
    }
    return {};
}

Message FakeSession::answer(const AskRequest& request) const {
    const FakeFile now = read();
    Message message = fakeAnswer(now.documents, request.question);
    for (const FakeDocument& document : now.documents)
        if (!document.info.on) message.without.push_back(document.info.id);
    message.ledger = {read().tokens,  24, 61, 0.4, 1240, 38.5, 41'000'000, request.sampler.seed, 2'300'000,
                      request.sampler};
    message.time = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    return message;
}

Result<Message> FakeSession::ask(const AskRequest& request, const std::function<void(const std::string&)>& on_text,
                                 std::stop_token stop) {
    ++m_world->questions;
    if (request.question.find("fail") != std::string::npos)
        return Error{ErrorCode::NoRoom, "The question does not fit the context; make it shorter."};
    if (auto there = finishLoading(); !there) return there.error();
    Message message = answer(request);
    std::istringstream words(std::exchange(message.answer, {}));
    for (std::string word; std::getline(words, word, ' ');) {
        if (!pass(m_world->word_ms, stop)) {
            message.stop = StopReason::Interrupted;
            break;
        }
        word = message.answer.empty() ? word : " " + word;
        message.answer += word;
        if (on_text) on_text(word);
    }
    change([&](FakeFile& file) {
        auto branch = std::find_if(file.branches.begin(), file.branches.end(),
                                   [&](const BranchInfo& info) { return info.name == request.branch; });
        if (branch == file.branches.end()) branch = file.branches.insert(branch, {request.branch, 0, {}});
        branch->messages.push_back(message);
    });
    return message;
}

Result<SummaryPlan> FakeSession::planSummary(const SummaryRequest& request) {
    auto plan = fakeSummaryPlan(read().documents, request);
    if (plan) plan->quotes = m_world->quotes;
    return plan;
}

Result<Summary> FakeSession::summarize(const SummaryRequest& request, const SummaryEvents& events,
                                       std::stop_token stop) {
    ++m_world->summaries_made;
    auto plan = planSummary(request);
    if (!plan) return plan.error();
    const auto wait = [&] { return pass(m_world->word_ms, stop); };
    auto summary = makeFakeSummary(*plan, request, read().documents, events, wait);
    if (summary.sections.empty()) return interrupted();
    change([&](FakeFile& file) {
        auto old = std::find_if(file.summaries.begin(), file.summaries.end(), [&](const Summary& s) {
            return s.request.parts == request.parts && s.request.length == request.length;
        });
        summary.id = old == file.summaries.end() ? int(file.summaries.size()) + 1 : old->id;
        if (old == file.summaries.end())
            file.summaries.push_back(summary);
        else if (summary.finished || !old->finished)
            *old = summary;
    });
    return summary;
}

Status FakeSession::removeSummary(int id) {
    change([&](FakeFile& file) { std::erase_if(file.summaries, [id](const Summary& s) { return s.id == id; }); });
    return {};
}

Status FakeSession::restoreSummary(const Summary& summary) {
    change([&](FakeFile& file) { file.summaries.push_back(summary); });
    return {};
}

Result<Fidelity> FakeSession::checkFidelity(const std::function<void(double)>& progress, std::stop_token stop) {
    for (int piece = 1; piece <= 8; ++piece) {
        if (!pass(m_world->piece_ms, stop)) return interrupted();
        progress(piece / 8.0);
    }
    Fidelity fidelity;
    fidelity.kv = read().kv.name();
    fidelity.kl_mean = m_world->kl;
    fidelity.kl_p99 = 8 * fidelity.kl_mean;
    fidelity.top1_agreement = 1 - fidelity.kl_mean;
    fidelity.tokens = 4096;
    fidelity.context = read().tokens;
    fidelity.time = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    change([&](FakeFile& file) { file.fidelity = fidelity; });
    return fidelity;
}

Result<Comparison> FakeSession::compareSettings(const std::vector<KvSettings>& settings,
                                                const std::function<void(double)>& progress, std::stop_token stop) {
    for (int piece = 1; piece <= 8; ++piece) {
        if (!pass(m_world->piece_ms, stop)) return interrupted();
        progress(piece / 8.0);
    }
    const Comparison found = fakeComparison(settings, read().tokens);
    change([&](FakeFile& file) { file.comparison = found; });
    return found;
}

Status FakeSession::undoLast(std::string_view name) {
    bool done = false;
    change([&](FakeFile& file) {
        for (BranchInfo& branch : file.branches)
            if (branch.name == name && !branch.messages.empty()) branch.messages.pop_back(), done = true;
    });
    if (!done) return Error{ErrorCode::Usage, "There is no question to take back."};
    return {};
}

}  // namespace lectern::test
