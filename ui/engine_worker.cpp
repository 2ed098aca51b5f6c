// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/engine_worker.h"

#include <QTimer>
#include <algorithm>

#include "ui/conversation_export.h"
#include "ui/format.h"
#include "ui/pace.h"

namespace lectern::ui {
namespace {

constexpr int kLoadWatchMs = 50;

/// Takes back the last question and answer of a conversation; the conversation with them goes among the deleted ones
/// under `name`, or one like it, which is returned. Nothing where there is nothing to keep, or it cannot be kept.
Result<std::string> setAside(Session& session, const std::string& branch, const std::string& name) {
    int turns = 0;
    bool words = false;
    std::vector<BranchInfo> taken = session.deletedBranches();
    for (BranchInfo& info : session.branches()) {
        if (info.name == branch && !info.messages.empty())
            turns = int(info.messages.size()), words = !info.messages.back().answer.empty();
        taken.push_back(std::move(info));
    }
    if (!words || !session.readOnly().empty()) {
        if (auto undone = session.undoLast(branch); !undone) return undone.error();
        return std::string();
    }
    const auto is_taken = [&](const std::string& one) {
        return std::any_of(taken.begin(), taken.end(), [&](const BranchInfo& info) { return info.name == one; });
    };
    std::string kept = name;
    for (int copy = 2; is_taken(kept); ++copy) kept = name + " (" + std::to_string(copy) + ")";
    if (auto renamed = session.renameBranch(branch, kept); !renamed) return renamed.error();
    if (auto begun = session.forkBranch(branch, kept, turns - 1); !begun) {
        if (auto back = session.renameBranch(kept, branch); !back) return back.error();
        return begun.error();
    }
    if (auto gone = session.deleteBranch(kept); !gone) return gone.error();
    return kept;
}

/// A failed document is no news once the same file was read (with its password, say).
std::vector<DocumentEntry> withoutSuperseded(std::vector<DocumentEntry> entries) {
    const auto superseded = [&](const DocumentEntry& failed) {
        if (failed.info.state != DocumentState::Failed) return false;
        return std::any_of(entries.begin(), entries.end(), [&](const DocumentEntry& other) {
            return other.info.source == failed.info.source && other.info.id != failed.info.id &&
                   (other.info.state != DocumentState::Failed || other.info.id > failed.info.id);
        });
    };
    std::vector<DocumentEntry> kept;
    for (const DocumentEntry& entry : entries)
        if (!superseded(entry)) kept.push_back(entry);
    return kept;
}

}  // namespace

EngineWorker::EngineWorker(Services services) : m_services(std::move(services)) {
    m_load_watch = new QTimer(this);  // moves to the worker's thread with it
    m_load_watch->setInterval(kLoadWatchMs);
    connect(m_load_watch, &QTimer::timeout, this, &EngineWorker::watchLoad);
}

EngineWorker::~EngineWorker() {
    closeSession();
}

void EngineWorker::closeSession() {
    m_load_watch->stop();
    m_session.reset();
    m_shown.reset();
    if (!m_draft.empty()) {
        std::error_code ignored;
        std::filesystem::remove(m_draft, ignored);
        m_draft.clear();
    }
    m_fits.clear();
    m_model = {};
}

void EngineWorker::end(TaskResult result) {
    const Session* known = m_session ? m_session.get() : m_shown.get();
    if (known != nullptr && !result.session) result.session = snapshot(*known);
    emit taskEnded(result);
}

void EngineWorker::endWithError(std::uint64_t id, Task task, Error error) {
    end({.id = id, .task = task, .error = std::move(error)});
}

bool EngineWorker::ready(std::uint64_t id, Task task, bool needs_session) {
    if (!m_engine)
        endWithError(id, task,
                     {ErrorCode::Failed, "The engine did not start; look at the settings for the model and device."});
    else if (needs_session && !m_session)
        endWithError(id, task, {ErrorCode::Usage, "No session is open; open one or make a new one."});
    else
        return true;
    return false;
}

void EngineWorker::start(std::uint64_t id, const EngineOptions& options) {
    closeSession();
    m_engine.reset();
    auto engine = m_services.make_engine(options);
    if (!engine) return endWithError(id, Task::Start, std::move(engine.error()));
    m_engine = std::move(*engine);
    EngineFacts found = facts();
    for (const ModelInfo& model : found.models)
        if (model.built_in) m_built_in = model.path;
    end({.id = id, .task = Task::Start, .engine = std::move(found)});
}

void EngineWorker::adopt(std::unique_ptr<Session> session) {
    m_session = std::move(session);
    m_shown.reset();
    const std::string path = m_session->modelPath().string();
    if (auto info = m_engine->modelInfo(path)) m_model = std::move(*info);
    if (auto fits = m_engine->contextFit(path)) m_fits = std::move(*fits);
}

Statistics EngineWorker::statistics(const Session& session) const {
    auto layers = session.statistics();
    return layers.empty() ? nullptr : std::make_shared<const std::vector<LayerStatistics>>(std::move(layers));
}

SessionSnapshot EngineWorker::snapshot(const Session& session) const {
    SessionSnapshot shot;
    shot.file = session.file();
    shot.model_path = session.modelPath();
    shot.model_name = session.modelName();
    shot.fingerprint = session.fingerprint();
    shot.kv = session.kvSettings();
    shot.tokens = session.tokens();
    for (DocumentInfo& info : session.documents()) {
        auto pages = session.pages(info.id);
        shot.documents.push_back({std::move(info), std::move(pages)});
    }
    shot.documents = withoutSuperseded(std::move(shot.documents));
    shot.branches = std::make_shared<const std::vector<BranchInfo>>(session.branches());
    for (BranchInfo& info : session.deletedBranches()) shot.deleted_branches.push_back(std::move(info.name));
    shot.open = &session == m_session.get();
    shot.shelf = session.mode() == SessionMode::Shelf;
    shot.frame = session.promptFrame();
    shot.read_only = session.readOnly();
    shot.restored = session.restored();
    shot.memory = session.memory();
    shot.processor = session.processor();
    shot.calibrated = session.calibrated();
    shot.fidelity = session.fidelity();
    shot.comparison = session.comparison();
    shot.summaries = session.summaries();
    shot.statistics = statistics(session);
    shot.head_dim = m_model.head_dim;
    shot.built_in_model = m_model.built_in || (!shot.open && shot.model_path == m_built_in);
    shot.trained_context = m_model.trained_context;
    const std::string kv = shot.kv.name();
    for (const ContextFit& fit : m_fits)
        if (fit.kv == kv) shot.tokens_that_fit = fit.tokens;
    return shot;
}

void EngineWorker::plan(std::uint64_t id, const PlanRequest& request, const std::stop_token& stop) {
    if (!ready(id, Task::Plan, false)) return;
    closeSession();
    std::error_code ignored;
    std::filesystem::create_directories(request.file.parent_path(), ignored);
    auto session = m_engine->createSession({request.file, request.model, request.kv, {}, "auto"});
    if (!session) return endWithError(id, Task::Plan, std::move(session.error()));
    m_draft = request.file;
    adopt(std::move(*session));
    auto plan = m_session->addDocuments(request.documents, reporter(id), stop);
    if (!plan) closeSession();
    endWithPlan(id, std::move(plan), request, true);
}

void EngineWorker::addDocuments(std::uint64_t id, const std::vector<ReadRequest>& documents,
                                const std::stop_token& stop) {
    if (!ready(id, Task::Plan, true)) return;
    PlanRequest request{m_session->file(), m_session->modelPath().string(), m_session->kvSettings(), documents};
    auto plan = m_session->addDocuments(documents, reporter(id), stop);
    endWithPlan(id, std::move(plan), std::move(request), !m_draft.empty());
}

void EngineWorker::endWithPlan(std::uint64_t id, Result<IngestPlan> plan, PlanRequest request, bool fresh) {
    if (!plan) return endWithError(id, Task::Plan, std::move(plan.error()));
    std::vector<DocumentEntry> documents;
    // A draft may have been added to several times: all of it is planned.
    for (const DocumentInfo& info : fresh ? m_session->documents() : plan->documents)
        documents.push_back({info, m_session->pages(info.id)});
    end({.id = id,
         .task = Task::Plan,
         .plan = PlanFacts{std::move(*plan), withoutSuperseded(std::move(documents)), m_model, m_fits,
                           std::move(request), fresh}});
}

void EngineWorker::read(std::uint64_t id, const std::stop_token& stop) {
    if (!ready(id, Task::Read, true)) return;
    m_draft.clear();
    readOn(id, {.id = id, .task = Task::Read}, stop);
}

/// Reads what is queued and ends the request.
void EngineWorker::readOn(std::uint64_t id, TaskResult result, const std::stop_token& stop) {
    Pace pace(std::chrono::seconds(1));
    const auto events = [this, id, &pace, report = reporter(id)](const IngestEvent& event) {
        report(event);
        if (event.kind == IngestEvent::Kind::Progress && pace.due()) emit measured(id, statistics(*m_session));
    };
    if (auto done = m_session->ingest(events, stop); !done) result.error = std::move(done.error());
    end(std::move(result));
}

void EngineWorker::ask(std::uint64_t id, const Question& question, const std::stop_token& stop) {
    if (!ready(id, Task::Ask, true)) return;
    const AskRequest& request = question.request;
    Status begun;
    TaskResult result{.id = id, .task = Task::Ask};
    if (question.undo_last) {
        auto aside = setAside(*m_session, request.branch, question.aside);
        if (!aside) return endWithError(id, Task::Ask, std::move(aside.error()));
        result.aside = std::move(*aside);
    }
    if (question.fork) begun = m_session->forkBranch(request.branch, question.fork->branch, question.fork->turns);
    if (!begun) return endWithError(id, Task::Ask, std::move(begun.error()));
    std::string held;
    Pace pace(std::chrono::milliseconds(30));
    const auto release = [&] {
        if (!held.empty()) emit answerGrew(id, QString::fromStdString(held));
        held.clear();
    };
    auto answer = m_session->ask(
        request,
        [&](const std::string& text) {
            held += text;
            if (pace.due()) release();
        },
        stop);
    release();
    if (answer)
        result.answer = std::move(*answer);
    else
        result.error = std::move(answer.error());
    end(std::move(result));
}

void EngineWorker::checkFidelity(std::uint64_t id, const std::stop_token& stop) {
    if (!ready(id, Task::CheckFidelity, true)) return;
    TaskResult result{.id = id, .task = Task::CheckFidelity};
    if (auto found = m_session->checkFidelity(shareReporter(id), stop); !found) result.error = std::move(found.error());
    end(std::move(result));
}

void EngineWorker::compareSettings(std::uint64_t id, const std::vector<KvSettings>& settings,
                                   const std::stop_token& stop) {
    if (!ready(id, Task::Compare, true)) return;
    TaskResult result{.id = id, .task = Task::Compare};
    if (auto found = m_session->compareSettings(settings, shareReporter(id), stop); !found)
        result.error = std::move(found.error());
    end(std::move(result));
}

void EngineWorker::calibrate(std::uint64_t id, const std::string& model, const CalibrationRequest& request,
                             const std::stop_token& stop) {
    if (!ready(id, Task::Calibrate, false)) return;
    TaskResult result{.id = id, .task = Task::Calibrate};
    if (auto info = m_engine->calibrate(model, request, shareReporter(id), stop))
        result.calibration = std::move(*info);
    else
        result.error = std::move(info.error());
    end(std::move(result));
}

void EngineWorker::exportConversation(std::uint64_t id, const std::string& branch, const std::filesystem::path& file) {
    if (!m_shown && !ready(id, Task::Export, true)) return;
    const Session& session = m_session ? *m_session : *m_shown;
    std::vector<BranchInfo> chosen;
    for (BranchInfo& info : session.branches())
        if (info.name == branch) chosen.push_back(std::move(info));
    const QString name = fromPath(file);
    const ConversationFormat format = formatOf(name);
    TaskResult result{.id = id, .task = Task::Export};
    const std::string text = m_services.conversation_text(session, chosen, format);
    if (auto written = writeConversation(text, name, format); written)
        result.exported = file;
    else
        result.error = std::move(written.error());
    end(std::move(result));
}

void EngineWorker::close(std::uint64_t id) {
    closeSession();
    end({.id = id, .task = Task::Close});
}

std::function<void(double)> EngineWorker::shareReporter(std::uint64_t id) {
    auto pace = std::make_shared<Pace>(std::chrono::milliseconds(50));
    return [this, id, pace](double share) {
        if (pace->due()) emit advanced(id, share);
    };
}

IngestEvents EngineWorker::reporter(std::uint64_t id) {
    auto pace = std::make_shared<Pace>(std::chrono::milliseconds(50));
    return [this, id, pace](const IngestEvent& event) {
        const bool milestone = event.kind == IngestEvent::Kind::Document || event.kind == IngestEvent::Kind::Done;
        if (pace->due() || milestone) emit progressed(id, event);
    };
}

}  // namespace lectern::ui
