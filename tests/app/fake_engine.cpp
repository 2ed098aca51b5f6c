// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/app/fake_engine.h"

#include <fstream>
#include <sstream>

#include "app/cli/run.h"

namespace lectern::test {

namespace fs = std::filesystem;

namespace {

class FakeSession final : public Session {
public:
    FakeSession(std::shared_ptr<FakeWorld> world, fs::path file, bool peeking)
        : m_world(std::move(world)), m_file(std::move(file)), m_peeking(peeking) {}

    Result<IngestPlan> addDocuments(const std::vector<ReadRequest>& files, const IngestEvents& events,
                                    std::stop_token stop) override;
    Status ingest(const IngestEvents& events, std::stop_token stop) override;
    Result<Message> ask(const AskRequest& request, const std::function<void(const std::string&)>& on_text,
                        std::stop_token) override {
        m_world->asked = request;
        if (m_world->ask) return *m_world->ask;
        for (const auto& piece : m_world->answer_pieces) on_text(piece);
        Message message = m_world->answer;
        message.question = request.question;
        message.ledger.seed = request.sampler.seed;
        return message;
    }
    Status undoLast(std::string_view) override { return {}; }
    Status forkBranch(std::string_view name, std::string_view from, int turns) override {
        return note("fork " + std::string(name) + " " + std::string(from) + " " + std::to_string(turns));
    }
    Status removeDocument(std::string_view name) override { return note("remove " + std::string(name)); }
    Status moveDocument(std::string_view name, int place) override {
        return note("move " + std::string(name) + " " + std::to_string(place));
    }
    Status arrangeDocuments(const std::vector<int>&) override { return note("arrange"); }
    Result<ReadingEstimate> estimateReading(const KvSettings&, std::stop_token) override { return ReadingEstimate(); }
    Result<RereadPlan> rereadPlan(const std::vector<int>&) const override { return RereadPlan(); }
    void checkSources() override { ++m_world->source_checks; }
    Result<int> refreshDocuments(const IngestEvents&, std::stop_token) override {
        if (auto done = note("refresh"); !done) return done.error();
        return 1;
    }
    Status switchDocument(std::string_view name, bool on) override {
        return note((on ? "on " : "off ") + std::string(name));
    }
    Status renameBranch(std::string_view name, std::string_view to) override {
        return note("rename " + std::string(name) + " " + std::string(to));
    }
    Status deleteBranch(std::string_view name) override { return note("delete " + std::string(name)); }
    Result<std::string> undeleteBranch(std::string_view name) override {
        if (auto done = note("undelete " + std::string(name)); !done) return done.error();
        return std::string(name) + " (2)";
    }
    Result<int> removeDeleted() override {
        if (auto done = note("gc"); !done) return done.error();
        return int(m_world->deleted_branches.size());
    }
    std::vector<BranchInfo> deletedBranches() const override { return m_world->deleted_branches; }
    Result<Fidelity> checkFidelity(const std::function<void(double)>& progress, std::stop_token) override {
        if (m_world->check_fidelity) return *m_world->check_fidelity;
        progress(1);
        m_world->fidelity = m_world->fidelity_found;
        return *m_world->fidelity;
    }
    std::optional<Fidelity> fidelity() const override { return m_world->fidelity; }
    Status finishLoading() override {
        m_world->memory_loaded = true;
        return {};
    }
    Loading loading() const override { return {}; }
    std::string readOnly() const override { return m_world->read_only; }
    std::optional<Restored> restored() const override { return m_world->restored; }
    Result<Comparison> compareSettings(const std::vector<KvSettings>& settings, const std::function<void(double)>&,
                                       std::stop_token) override {
        Comparison found;
        for (const KvSettings& kv : settings) found.settings.push_back({.kv = kv});
        return *(m_world->comparison = found);
    }
    std::optional<Comparison> comparison() const override { return m_world->comparison; }
    bool calibrated() const override { return m_world->session_calibrated; }
    fs::path file() const override { return m_file; }
    std::string modelName() const override { return "fake"; }
    fs::path modelPath() const override { return "/models/fake.gguf"; }
    std::string fingerprint() const override { return "00ff"; }
    SessionMode mode() const override { return m_world->created.mode; }
    KvSettings kvSettings() const override { return m_world->settings; }
    std::uint64_t tokens() const override { return m_world->tokens; }
    std::vector<DocumentInfo> documents() const override { return m_world->documents; }
    std::vector<PageInfo> pages(int id) const override {
        const auto found = m_world->pages.find(id);
        return found == m_world->pages.end() ? std::vector<PageInfo>() : found->second;
    }
    std::optional<PageText> pageText(int, int) const override { return std::nullopt; }
    std::vector<BranchInfo> branches() const override { return m_world->branches; }
    PromptFrame promptFrame() const override { return {"chatml", ""}; }
    int trainedContext() const override { return m_peeking ? 0 : 1000; }
    MemoryLedger memory() const override {
        return m_peeking && !m_world->memory_known_when_peeking ? MemoryLedger() : m_world->memory;
    }
    std::vector<LayerStatistics> statistics() const override { return m_world->statistics; }
    Result<SummaryPlan> planSummary(const SummaryRequest&) override { return SummaryPlan(); }
    std::vector<Summary> summaries() const override { return {}; }
    Status removeSummary(int) override { return {}; }
    Status restoreSummary(const Summary&) override { return {}; }
    Result<Summary> summarize(const SummaryRequest& request, const SummaryEvents& events, std::stop_token) override;

private:
    Status note(std::string change) {
        m_world->changes.push_back(std::move(change));
        return m_world->change ? Status(*m_world->change) : Status();
    }

    std::shared_ptr<FakeWorld> m_world;
    fs::path m_file;
    bool m_peeking;
};

Result<IngestPlan> FakeSession::addDocuments(const std::vector<ReadRequest>& files, const IngestEvents& events,
                                             std::stop_token) {
    IngestPlan plan = m_world->plan;
    for (const ReadRequest& request : files) {
        m_world->read.push_back(request);
        DocumentInfo document;
        document.id = static_cast<int>(m_world->documents.size()) + 1;
        document.name = request.file.filename().string();
        const auto bad = m_world->bad_files.find(document.name);
        if (bad != m_world->bad_files.end()) {
            document.state = DocumentState::Failed;
            document.problem = bad->second;
            IngestEvent event;
            event.kind = IngestEvent::Kind::Document;
            event.document = document.name;
            event.problem = document.problem;
            events(event);
        } else {
            PageInfo page;
            page.tokens = 100;
            m_world->pages[document.id] = {page, page};
            plan.tokens += 200;
        }
        m_world->documents.push_back(document);
        plan.documents.push_back(document);
    }
    plan.trained_context = 1000;
    plan.quotes = m_world->quotes;
    return plan;
}

Status FakeSession::ingest(const IngestEvents& events, std::stop_token stop) {
    ++m_world->ingests;
    if (m_world->ingest && m_world->ingest->code != ErrorCode::Interrupted) return *m_world->ingest;
    for (DocumentInfo& document : m_world->documents) {
        if (document.state != DocumentState::Queued) continue;
        for (PageInfo& page : m_world->pages[document.id]) {
            page.in_context = true;
            m_world->tokens += page.tokens;
        }
        IngestEvent event;
        event.document = document.name;
        event.pages = event.pages_total = static_cast<int>(m_world->pages[document.id].size());
        event.tokens = event.tokens_total = m_world->tokens;
        event.tokens_per_s = 1000;
        events(event);
        if (m_world->ingest || stop.stop_requested()) return Error{ErrorCode::Interrupted, "Stopped."};
        document.state = DocumentState::InContext;
        document.token_end = m_world->tokens;
        event.kind = IngestEvent::Kind::Document;
        events(event);
    }
    return {};
}

Result<Summary> FakeSession::summarize(const SummaryRequest& request, const SummaryEvents& events, std::stop_token) {
    m_world->summarized = request;
    if (m_world->summarize) return *m_world->summarize;
    const Summary& whole = m_world->summary;
    SummaryPlan plan;
    for (const SummarySection& section : whole.sections)
        plan.sections.push_back({section.document_id, section.title, section.level, section.first_page - 1,
                                 section.last_page - 1, 0, 100, 1});
    plan.kept = m_world->kept;
    Summary summary = whole;
    summary.request = request;
    summary.sections.clear();
    summary.lead.clear();
    const int total = int(whole.sections.size());
    const auto tell = [&](SummaryEvent::Kind kind, const std::string& text = {}) {
        events({kind, &summary, &plan, text, int(summary.sections.size()), total, 0, 0});
    };
    tell(SummaryEvent::Kind::Begin);
    for (const SummarySection& section : whole.sections) {
        tell(SummaryEvent::Kind::Text, section.text);
        summary.sections.push_back(section);
        tell(SummaryEvent::Kind::Section);
        if (m_world->interrupt) {
            summary.finished = false;
            return summary;
        }
    }
    summary.lead = whole.lead;
    if (!summary.lead.empty()) tell(SummaryEvent::Kind::Lead);
    return summary;
}

class FakeEngine final : public Engine {
public:
    explicit FakeEngine(std::shared_ptr<FakeWorld> world) : m_world(std::move(world)) {}

    std::vector<DeviceInfo> devices() const override { return m_world->devices; }
    std::vector<ModelInfo> listModels() const override { return m_world->models; }
    Result<fs::path> importModel(const fs::path& model, const fs::path&, const std::function<void(double)>&,
                                 std::stop_token) override {
        return model;
    }
    std::vector<fs::path> modelFiles(const fs::path& model) const override { return {model}; }
    Result<ModelInfo> modelInfo(std::string_view model) override {
        m_world->model = model;
        if (m_world->models.empty()) return Error{ErrorCode::BadInput, "There is no model \"m\"."};
        return m_world->models.front();
    }
    Result<std::vector<ContextFit>> contextFit(std::string_view) override {
        return std::vector<ContextFit>{{"fp16", 512, 1000, m_world->device_tokens}, {"nuq3", 96, 5000, 0}};
    }
    Result<std::vector<std::int32_t>> tokenize(std::string_view, std::string_view text, bool bos, bool eos) override {
        std::vector<std::int32_t> ids(text.begin(), text.end());
        if (bos) ids.insert(ids.begin(), 1);
        if (eos) ids.push_back(2);
        return ids;
    }
    Result<std::string> detokenize(std::string_view, const std::vector<std::int32_t>& ids) override {
        return std::string(ids.begin(), ids.end());
    }
    Result<std::vector<PerplexityRow>> perplexity(std::string_view, const PerplexityRequest& request,
                                                  const std::function<void(double)>& progress,
                                                  std::stop_token) override {
        m_world->measured = request;
        if (m_world->perplexity) return *m_world->perplexity;
        std::vector<PerplexityRow> rows;
        for (const KvSettings& settings : request.settings) rows.push_back({settings.name(), 5, 0.1, 0.2, 0.9, 96, 7});
        progress(1);
        return rows;
    }
    Result<SessionSpeedReport> sessionSpeed(const SessionSpeedRequest& request, const std::function<void(double)>&,
                                            std::stop_token) override {
        SessionSpeedReport report;
        report.tokens = request.tokens;
        report.payload_bytes = 1000;
        report.written_bytes = 1050;
        report.rows = {{"write", 1000, 2.0, 1.0}, {"close", 0, 0.25, 0}};
        return report;
    }

    Result<SpeedReport> speed(std::string_view, const SpeedRequest& request, const std::function<void(double)>&,
                              std::stop_token) override {
        SpeedReport report;
        if (m_world->options.device.starts_with("cuda")) {
            report.device = "cuda:0", report.device_name = "Some GPU";
            report.device_gb_per_s = 12e-9;
        }
        for (const KvSettings& settings : request.settings) {
            for (const int context : request.contexts) report.rows.push_back({settings.name(), context, 2, 1, 6, 24});
        }
        return report;
    }
    Result<CalibrationInfo> calibrate(std::string_view model, const CalibrationRequest& request,
                                      const std::function<void(double)>& progress, std::stop_token) override {
        m_world->model = model;
        m_world->calibrated = request;
        if (m_world->calibrate) return *m_world->calibrate;
        progress(1);
        return CalibrationInfo{request.out.empty() ? "m.kvq" : request.out, 32'768, request.settings.outliers, 2.5};
    }
    Result<ConvertInfo> convertModel(std::string_view model, const ConvertRequest& request,
                                     const std::function<void(double)>& progress, std::stop_token) override {
        m_world->model = model;
        m_world->converted = request;
        progress(1);
        return ConvertInfo{request.out, 1'500'000'000, 2.5};
    }
    Result<std::unique_ptr<Session>> createSession(const NewSession& request) override {
        if (m_world->create_session) return *m_world->create_session;
        std::ofstream(request.file) << "session";
        m_world->documents.clear();
        m_world->tokens = 0;
        m_world->settings = request.kv;
        m_world->model = request.model;
        m_world->created = request;
        return session(request.file, false);
    }
    Result<std::unique_ptr<Session>> openSession(const fs::path& file, std::string_view model) override {
        if (!m_world->notice.empty()) m_world->options.notice(m_world->notice);
        m_world->model = model;
        if (m_world->open_session) return *m_world->open_session;
        return session(file, false);
    }
    Result<std::unique_ptr<Session>> peekSession(const fs::path& file) override {
        if (m_world->peek_session) return *m_world->peek_session;
        return session(file, true);
    }
    Result<std::unique_ptr<SessionRows>> editSession(const fs::path& file) override {
        ++m_world->edits;
        return std::unique_ptr<SessionRows>(session(file, false));
    }
    Result<VerifyReport> verifySession(const fs::path&, std::stop_token, double share) override {
        m_world->verified_share = share;
        if (m_world->verify) return *m_world->verify;
        return m_world->report;
    }
    Result<VerifyReport> repairSession(const fs::path&, std::string_view model, std::stop_token) override {
        m_world->model = model;
        ++m_world->repairs;
        return m_world->repaired;
    }
    Result<FileSizes> compactSession(const fs::path&) override { return FileSizes{2'000'000, 1'000'000}; }
    Result<FileSizes> stripSession(const fs::path& file) override {
        m_world->stripped.push_back(file);
        if (file.filename() == m_world->busy) return Error{ErrorCode::Busy, "\"" + file.string() + "\" is in use."};
        return FileSizes{2'000'000, 1000};
    }
    Result<SessionOnDisk> sessionOnDisk(const fs::path& file) override {
        const auto known = m_world->on_disk.find(file.filename());
        if (known == m_world->on_disk.end())
            return Error{ErrorCode::BadInput, "\"" + file.string() + "\" is not a Lectern session."};
        SessionOnDisk session = known->second;
        session.file = file;
        return session;
    }
    Status wipeSession(const fs::path& file) override {
        m_world->wiped.push_back(file);
        return {};
    }
    Status rereadSession(const fs::path&, std::string_view model, const IngestEvents&, std::stop_token) override {
        m_world->model = model;
        ++m_world->rereads;
        return {};
    }

private:
    std::unique_ptr<Session> session(const fs::path& file, bool peeking) {
        return std::make_unique<FakeSession>(m_world, file, peeking);
    }
    std::shared_ptr<FakeWorld> m_world;
};

}  // namespace

std::shared_ptr<FakeWorld> makeWorld() {
    auto world = std::make_shared<FakeWorld>();
    DocumentInfo document;
    document.id = 1;
    document.name = "report.pdf";
    document.state = DocumentState::InContext;
    document.token_end = world->tokens = 300;
    world->documents = {document};
    PageInfo page;
    page.in_context = true;
    page.tokens = 100;
    PageInfo picture;
    picture.state = PageState::ImageOnly;
    world->pages[1] = {page, picture, page};
    world->memory.key_codes = 3000;
    world->memory.value_codes = 3000;
    world->memory.fp16_bytes = 24000;
    world->memory.weights = 7'000'000;
    world->statistics.resize(2);
    world->answer.answer = "Forty-two.";
    world->answer_pieces = {"Forty", "-two."};
    world->answer.citations = {{1, "report.pdf", 3, "iii", 0.25, "a passage", {{1, 2, 3, 4}}}};
    SummarySection section;
    section.document_id = 1;
    section.document = "report.pdf";
    section.title = "The Lamp";
    section.first_page = section.last_page = 3;
    section.first_label = section.last_label = "iii";
    section.text = "- It *burns*.\n- It is lit.";
    section.citations = {world->answer.citations[0], world->answer.citations[0]};
    world->summary.sections = {section, section};
    world->summary.sections[1].title = "The <Well>";
    world->summary.sections[1].text = "Deep.";
    world->summary.sections[1].citations.resize(1);
    world->summary.planned = 2;
    world->summary.lead = "It burns.";
    world->summary.lead_citations = {world->answer.citations[0]};
    world->summary.quotes = world->summary.finished = true;
    world->summary.model = "fake";
    world->report.ok = true;
    world->report.blocks = 12;
    ModelInfo model;
    model.name = "fake";
    world->models = {model};
    DeviceInfo cpu;
    cpu.id = "cpu";
    cpu.name = "Some CPU";
    cpu.isa = "avx2";
    cpu.memory = cpu.memory_free = 8'000'000'000;
    DeviceInfo cuda;
    cuda.id = "cuda";
    cuda.problem = "no NVIDIA driver (libcuda.so.1) on this machine";
    world->devices = {cpu, cuda};
    return world;
}

std::unique_ptr<Engine> makeFakeEngine(std::shared_ptr<FakeWorld> world) {
    return std::make_unique<FakeEngine>(std::move(world));
}

Outcome runCli(const std::shared_ptr<FakeWorld>& world, const std::vector<std::string>& arguments,
               const std::string& input, bool terminal) {
    std::istringstream in(input);
    std::ostringstream out;
    std::ostringstream err;
    cli::Streams io{in, out, err, terminal, 100};
    const cli::EngineFactory factory = [&](EngineOptions options) -> Result<std::unique_ptr<Engine>> {
        world->options = std::move(options);
        if (world->create_engine) return *world->create_engine;
        return makeFakeEngine(world);
    };
    cli::PdfPrinter printer;
    if (world->prints)
        printer = [&](const std::string& html, const fs::path& file) {
            world->printed[file.string()] = html;
            return Status();
        };
    Outcome outcome;
    outcome.status = cli::run(arguments, factory, printer, io, {});
    outcome.out = out.str();
    outcome.err = err.str();
    return outcome;
}

}  // namespace lectern::test
