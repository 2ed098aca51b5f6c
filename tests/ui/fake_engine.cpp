// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/fake_engine.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

#include "tests/ui/support/fake_pages.h"
#include "tests/ui/support/fake_statistics.h"

namespace lectern::test {
namespace {

namespace fs = std::filesystem;

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

ModelInfo builtIn(const FakeWorld& world) {
    ModelInfo info;
    info.name = "Lectern Reader";
    info.architecture = "llama";
    info.fingerprint = world.other_model ? "fake-2" : "fake-1";
    info.path = "/fake/lectern-reader.gguf";
    info.trained_context = 4096;
    info.layers = kFakeLayers;
    info.kv_heads = kFakeHeads;
    info.head_dim = kFakeHeadDim;
    info.parameters = 4'900'000;
    info.weights_bytes = kFakeWeights;
    info.built_in = true;
    if (world.calibrated) info.calibrated = {0, 0.01};
    return info;
}

class FakeSession final : public Session {
public:
    /// `peek`: a copy of the file's state of the moment.
    FakeSession(std::shared_ptr<FakeWorld> world, fs::path file, bool peek)
        : m_world(std::move(world)), m_file(std::move(file)) {
        if (peek) m_copy = read();
    }

    Result<IngestPlan> addDocuments(const std::vector<ReadRequest>& files, const IngestEvents& events,
                                    std::stop_token stop) override;
    Status ingest(const IngestEvents& events, std::stop_token stop) override;
    Result<Message> ask(const AskRequest& request, const std::function<void(const std::string&)>& on_text,
                        std::stop_token stop) override;
    Status undoLast(std::string_view branch) override;
    Status forkBranch(std::string_view name, std::string_view from, int turns) override;
    Status removeDocument(std::string_view) override { return {}; }
    Status moveDocument(std::string_view, int) override { return {}; }
    Status arrangeDocuments(const std::vector<int>& order) override;
    Result<RereadPlan> rereadPlan(const std::vector<int>& order) const override;
    void checkSources() override { m_checked = true; }
    Result<int> refreshDocuments(const IngestEvents&, std::stop_token) override;
    Status switchDocument(std::string_view name, bool on) override;
    Status renameBranch(std::string_view name, std::string_view to) override;
    Status deleteBranch(std::string_view name) override;
    Result<std::string> undeleteBranch(std::string_view name) override;
    Result<int> removeDeleted() override { return 0; }
    std::vector<BranchInfo> deletedBranches() const override { return read().deleted; }

    Result<Fidelity> checkFidelity(const std::function<void(double)>& progress, std::stop_token stop) override;
    std::optional<Fidelity> fidelity() const override { return read().fidelity; }
    Status finishLoading() override;
    Loading loading() const override;
    std::string readOnly() const override { return m_world->read_only; }
    std::optional<Restored> restored() const override { return m_restored; }
    Result<Comparison> compareSettings(const std::vector<KvSettings>& settings,
                                       const std::function<void(double)>& progress, std::stop_token stop) override;
    std::optional<Comparison> comparison() const override { return read().comparison; }
    bool calibrated() const override { return read().calibrated; }
    fs::path file() const override { return m_file; }
    std::string modelName() const override { return "Lectern Reader"; }
    fs::path modelPath() const override { return "/fake/lectern-reader.gguf"; }
    std::string fingerprint() const override { return read().fingerprint; }
    SessionMode mode() const override { return SessionMode::Joint; }
    KvSettings kvSettings() const override { return read().kv; }
    std::uint64_t tokens() const override { return read().tokens; }
    std::vector<DocumentInfo> documents() const override {
        std::vector<DocumentInfo> infos;
        const FakeFile now = read();
        const std::lock_guard guard(m_world->lock);
        for (const FakeDocument& document : now.documents) {
            infos.push_back(document.info);
            if (m_world->changed.contains(document.info.name))
                infos.back().source_state = m_checked ? SourceState::Changed : SourceState::Touched;
        }
        return infos;
    }
    std::vector<PageInfo> pages(int id) const override {
        for (const FakeDocument& document : read().documents)
            if (document.info.id == id) return document.pages;
        return {};
    }
    std::optional<PageText> pageText(int id, int page) const override {
        for (const FakeDocument& document : read().documents)
            if (document.info.id == id && page >= 0 && page < int(document.texts.size()))
                return document.texts[std::size_t(page)];
        return std::nullopt;
    }
    std::vector<BranchInfo> branches() const override { return read().branches; }
    MemoryLedger memory() const override { return fakeLedger(read().kv, read().tokens); }
    std::vector<LayerStatistics> statistics() const override {
        const FakeFile now = read();
        return fakeStatistics(now.kv, now.tokens);
    }

private:
    FakeFile read() const {
        if (m_copy) return *m_copy;
        const std::lock_guard guard(m_world->lock);
        return m_world->files[m_file];
    }
    template <typename Change>
    void change(Change&& apply) {
        const std::lock_guard guard(m_world->lock);
        apply(m_world->files[m_file]);
    }
    Message answer(const AskRequest& request) const;
    void queueFrom(std::size_t first);

    std::shared_ptr<FakeWorld> m_world;
    fs::path m_file;
    std::optional<FakeFile> m_copy;
    std::chrono::steady_clock::time_point m_opened = std::chrono::steady_clock::now();
    std::optional<Restored> m_restored;
    bool m_checked = false;
};

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

Result<RereadPlan> FakeSession::rereadPlan(const std::vector<int>& order) const {
    const FakeFile now = read();
    RereadPlan plan;
    std::size_t same = 0;
    while (same < order.size() && now.documents[same].info.id == order[same]) ++same;
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
        while (same < order.size() && file.documents[same].info.id == order[same]) ++same;
        std::vector<FakeDocument> kept;
        for (const int id : order)
            for (const FakeDocument& document : file.documents)
                if (document.info.id == id) kept.push_back(document);
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
    Message message = fakeAnswer(read().documents, request.question);
    message.ledger = {read().tokens, 24, 61, 0.4, 1240, 38.5, 41'000'000, request.sampler.seed};
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

class FakeEngine final : public Engine {
public:
    explicit FakeEngine(std::shared_ptr<FakeWorld> world) : m_world(std::move(world)) {}

    std::vector<DeviceInfo> devices() const override {
        DeviceInfo cpu;
        cpu.id = "cpu";
        cpu.name = "Test CPU";
        cpu.cores = 16;
        cpu.isa = "avx512";
        return {cpu};
    }
    std::vector<ModelInfo> listModels() const override { return {builtIn(*m_world)}; }
    Result<ModelInfo> modelInfo(std::string_view) override { return builtIn(*m_world); }
    Result<std::vector<ContextFit>> contextFit(std::string_view) override {
        std::vector<ContextFit> fits;
        for (const auto& [name, bits] : {std::pair("nuq4", 4.6), {"nuq3", 3.6}, {"nuq2", 2.6}, {"fp16", 16.0}}) {
            const double bytes = double(kFakeFp16PerToken) * bits / 16;
            fits.push_back({name, bytes, std::uint64_t(6.2e9 / bytes)});
        }
        return fits;
    }
    Result<std::vector<std::int32_t>> tokenize(std::string_view, std::string_view, bool, bool) override {
        return std::vector<std::int32_t>();
    }
    Result<std::string> detokenize(std::string_view, const std::vector<std::int32_t>&) override {
        return std::string();
    }
    Result<std::vector<PerplexityRow>> perplexity(std::string_view, const PerplexityRequest&,
                                                  const std::function<void(double)>&, std::stop_token) override {
        return std::vector<PerplexityRow>();
    }
    Result<CalibrationInfo> calibrate(std::string_view, const CalibrationRequest& request,
                                      const std::function<void(double)>& progress, std::stop_token stop) override;
    Result<SessionSpeedReport> sessionSpeed(const SessionSpeedRequest&, const std::function<void(double)>&,
                                            std::stop_token) override {
        return SessionSpeedReport();
    }

    Result<SpeedReport> speed(std::string_view, const SpeedRequest&, const std::function<void(double)>&,
                              std::stop_token) override {
        return SpeedReport();
    }
    Result<std::unique_ptr<Session>> createSession(const NewSession& request) override;
    Result<std::unique_ptr<Session>> openSession(const fs::path& file, std::string_view) override;
    Result<std::unique_ptr<Session>> peekSession(const fs::path& file) override;
    Result<std::unique_ptr<SessionRows>> editSession(const fs::path& file) override {
        return std::unique_ptr<SessionRows>(std::make_unique<FakeSession>(m_world, file, false));
    }
    Result<VerifyReport> verifySession(const fs::path&, std::stop_token, double) override { return VerifyReport(); }
    Result<VerifyReport> repairSession(const fs::path&, std::string_view, std::stop_token) override {
        m_world->damaged = false;
        VerifyReport report;
        report.ok = true;
        report.repaired = report.computed = report.identical = 4;
        return report;
    }
    Result<FileSizes> compactSession(const fs::path&) override { return FileSizes(); }
    Result<FileSizes> stripSession(const fs::path&) override { return FileSizes(); }
    Status wipeSession(const fs::path&) override { return {}; }
    Status rereadSession(const fs::path& file, std::string_view, const IngestEvents& events,
                         std::stop_token stop) override;

private:
    std::shared_ptr<FakeWorld> m_world;
};

Result<CalibrationInfo> FakeEngine::calibrate(std::string_view, const CalibrationRequest& request,
                                              const std::function<void(double)>& progress, std::stop_token stop) {
    for (int sequence = 1; sequence <= 16; ++sequence) {
        if (!pass(m_world->piece_ms, stop)) return interrupted();
        progress(sequence / 16.0);
    }
    m_world->calibration_texts = int(request.texts.size());
    m_world->calibration_shares = int(request.settings.outliers.size());
    m_world->calibrated = true;
    return CalibrationInfo{"/fake/lectern-reader.kvq", 32'768, request.settings.outliers, 12};
}

Result<std::unique_ptr<Session>> FakeEngine::createSession(const NewSession& request) {
    const fs::path& file = request.file;
    if (fs::exists(file)) return Error{ErrorCode::BadInput, file.string() + " is there already; choose another name."};
    std::ofstream(file) << "fake session";
    if (!fs::exists(file))
        return Error{ErrorCode::Failed, file.string() + " cannot be written; choose another folder."};
    {
        const std::lock_guard guard(m_world->lock);
        m_world->files[file] = {builtIn(*m_world).fingerprint, request.kv, {}, {}, 0, m_world->calibrated, {}};
    }
    return std::unique_ptr<Session>(std::make_unique<FakeSession>(m_world, file, false));
}

Result<std::unique_ptr<Session>> FakeEngine::openSession(const fs::path& file, std::string_view) {
    pass(m_world->open_ms, {});
    if (m_world->busy)
        return Error{ErrorCode::Busy, file.filename().string() + " is open in another program; close it there."};
    {
        const std::lock_guard guard(m_world->lock);
        const auto known = m_world->files.find(file);
        if (known == m_world->files.end()) return Error{ErrorCode::BadInput, "There is no such session."};
        if (known->second.fingerprint != builtIn(*m_world).fingerprint)
            return Error{ErrorCode::WrongModel, file.filename().string() +
                                                    " was made by another model, Lectern Reader 0; its "
                                                    "cache is of no use to the one chosen."};
    }
    return std::unique_ptr<Session>(std::make_unique<FakeSession>(m_world, file, false));
}

Result<std::unique_ptr<Session>> FakeEngine::peekSession(const fs::path& file) {
    {
        const std::lock_guard guard(m_world->lock);
        if (!m_world->files.contains(file) || !fs::exists(file))
            return Error{ErrorCode::BadInput,
                         file.filename().string() + " is not a Lectern session; choose a .lectern file."};
    }
    return std::unique_ptr<Session>(std::make_unique<FakeSession>(m_world, file, true));
}

Status FakeEngine::rereadSession(const fs::path& file, std::string_view, const IngestEvents& events,
                                 std::stop_token stop) {
    {
        const std::lock_guard guard(m_world->lock);
        FakeFile& state = m_world->files[file];
        state.fingerprint = builtIn(*m_world).fingerprint;
        state.tokens = 0;
        for (FakeDocument& document : state.documents) {
            if (document.info.state != DocumentState::Failed) document.info.state = DocumentState::Queued;
            for (PageInfo& page : document.pages) page.in_context = false;
        }
    }
    return FakeSession(m_world, file, false).ingest(events, stop);
}

}  // namespace

ui::Services fakeServices(std::shared_ptr<FakeWorld> world, fs::path sample) {
    ui::Services services;
    services.sample = std::move(sample);
    services.make_engine = [world](const EngineOptions&) -> Result<std::unique_ptr<Engine>> {
        pass(world->start_ms, {});
        return std::unique_ptr<Engine>(std::make_unique<FakeEngine>(world));
    };
    services.needs_password = [](const Error& error) { return error.message.find("password") != std::string::npos; };
    services.machine_memory = [] { return ui::MachineMemory{32'000'000'000, 21'400'000'000}; };
    services.conversation_text = fakeConversationText;
    services.make_page_source = makeFakePageSource;
    return services;
}

}  // namespace lectern::test
