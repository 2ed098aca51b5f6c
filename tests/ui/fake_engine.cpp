// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/fake_engine.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

#include "tests/ui/support/fake_pages.h"
#include "tests/ui/support/fake_statistics.h"
#include "tests/ui/support/fake_summary.h"

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
    Status forkBranch(std::string_view, std::string_view, int) override { return {}; }
    Status removeDocument(std::string_view) override { return {}; }
    Status moveDocument(std::string_view, int) override { return {}; }
    void checkSources() override {}
    Result<int> refreshDocuments(const IngestEvents&, std::stop_token) override { return 0; }
    Status switchDocument(std::string_view, bool) override { return {}; }
    Status renameBranch(std::string_view, std::string_view) override { return {}; }
    Status deleteBranch(std::string_view) override { return {}; }
    Result<std::string> undeleteBranch(std::string_view name) override { return std::string(name); }
    Result<int> removeDeleted() override { return 0; }
    std::vector<BranchInfo> deletedBranches() const override { return {}; }

    Result<Fidelity> checkFidelity(const std::function<void(double)>& progress, std::stop_token stop) override;
    std::optional<Fidelity> fidelity() const override { return read().fidelity; }
    Status finishLoading() override { return {}; }
    std::string readOnly() const override { return {}; }
    std::optional<Restored> restored() const override { return std::nullopt; }
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
        for (const FakeDocument& document : read().documents) infos.push_back(document.info);
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
    Result<SummaryPlan> planSummary(const SummaryRequest& request) override;
    Result<Summary> summarize(const SummaryRequest& request, const SummaryEvents& events,
                              std::stop_token stop) override;
    std::vector<Summary> summaries() const override { return read().summaries; }
    Status removeSummary(int id) override;
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

    std::shared_ptr<FakeWorld> m_world;
    fs::path m_file;
    std::optional<FakeFile> m_copy;
};

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
    Result<VerifyReport> verifySession(const fs::path&, std::stop_token, double) override { return VerifyReport(); }
    Result<VerifyReport> repairSession(const fs::path&, std::string_view, std::stop_token) override {
        return VerifyReport();
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
    {
        const std::lock_guard guard(m_world->lock);
        const auto known = m_world->files.find(file);
        if (known == m_world->files.end() || !fs::exists(file))
            return Error{ErrorCode::BadInput,
                         file.filename().string() + " is not a Lectern session; choose a .lectern file."};
        if (known->second.fingerprint != builtIn(*m_world).fingerprint)
            return Error{ErrorCode::WrongModel, file.filename().string() +
                                                    " was made by another model, Lectern Reader 0; its "
                                                    "cache is of no use to the one chosen."};
    }
    return std::unique_ptr<Session>(std::make_unique<FakeSession>(m_world, file, false));
}

Result<std::unique_ptr<Session>> FakeEngine::peekSession(const fs::path& file) {
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
    services.summary_text = fakeSummaryText;
    services.make_page_source = makeFakePageSource;
    return services;
}

}  // namespace lectern::test
