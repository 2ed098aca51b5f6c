// SPDX-License-Identifier: GPL-3.0-or-later
// The worker's way to an open session, and what changes in one without reading.
#include <QTimer>
#include <algorithm>

#include "ui/engine_worker.h"

namespace lectern::ui {

/// Shows a file's texts and conversations before anything slow begins. False: they cannot be read, and the request has
/// ended.
bool EngineWorker::show(std::uint64_t id, Task task, const std::filesystem::path& file) {
    closeSession();
    auto texts = m_engine->peekSession(file);
    if (!texts) return endWithError(id, task, std::move(texts.error())), false;
    m_shown = std::move(*texts);
    emit peeked(id, snapshot(*m_shown));
    return true;
}

/// Opens what is shown and begins to watch the load of its cache; `result` is what the request ends with.
void EngineWorker::openShown(std::uint64_t id, Task task, const std::filesystem::path& file, const std::string& model,
                             TaskResult result) {
    auto session = m_engine->openSession(file, model);
    if (!session) return endWithError(id, task, std::move(session.error()));
    adopt(std::move(*session));
    m_open_id = id;
    end(std::move(result));
    m_load_watch->start();
    watchLoad();
}

void EngineWorker::open(std::uint64_t id, const std::filesystem::path& file, const std::string& model) {
    if (!ready(id, Task::Open, false) || !show(id, Task::Open, file)) return;
    openShown(id, Task::Open, file, model, {.id = id, .task = Task::Open});
}

void EngineWorker::watchLoad() {
    const Loading now = m_session->loading();
    if (!now.error && now.share < 1) {
        emit loadAdvanced(m_open_id, now.share);
        return;
    }
    m_load_watch->stop();
    LoadEnd ended;
    ended.error = now.error;
    if (!now.error)
        if (auto there = m_session->finishLoading(); !there) ended.error = std::move(there.error());
    const auto documents = m_session->documents();
    const auto doubtful = [](const DocumentInfo& info) { return info.source_state == SourceState::Touched; };
    if (std::any_of(documents.begin(), documents.end(), doubtful)) m_session->checkSources();
    ended.session = snapshot(*m_session);
    emit loadEnded(m_open_id, ended);
}

void EngineWorker::repair(std::uint64_t id, const std::filesystem::path& file, const std::stop_token& stop) {
    if (!ready(id, Task::Repair, false)) return;
    closeSession();
    auto report = m_engine->repairSession(file, {}, stop);
    if (!show(id, Task::Repair, file)) return;
    if (!report) return endWithError(id, Task::Repair, std::move(report.error()));
    if (!report->ok) {
        const std::string why = report->problems.empty() ? std::string() : " " + report->problems.front();
        return endWithError(id, Task::Repair,
                            {ErrorCode::Damaged, "\"" + file.string() + "\" could not be repaired." + why});
    }
    TaskResult result{.id = id, .task = Task::Repair};
    result.repair = std::move(*report);
    openShown(id, Task::Repair, file, {}, std::move(result));
}

void EngineWorker::reread(std::uint64_t id, const std::filesystem::path& file, const std::string& model,
                          const std::stop_token& stop) {
    if (!ready(id, Task::Reread, false)) return;
    closeSession();
    auto done = m_engine->rereadSession(file, model, reporter(id), stop);
    if (!show(id, Task::Reread, file)) return;
    if (!done && done.error().code != ErrorCode::Interrupted)
        return endWithError(id, Task::Reread, std::move(done.error()));
    TaskResult result{.id = id, .task = Task::Reread};
    if (!done) result.error = std::move(done.error());
    openShown(id, Task::Reread, file, model, std::move(result));
}

void EngineWorker::change(std::uint64_t id, const std::function<Status(Session&)>& change) {
    if (!ready(id, Task::Change, true)) return;
    TaskResult result{.id = id, .task = Task::Change};
    if (auto done = change(*m_session); !done) result.error = std::move(done.error());
    end(std::move(result));
}

void EngineWorker::weigh(std::uint64_t id, const std::vector<int>& order) {
    if (!ready(id, Task::Weigh, true)) return;
    TaskResult result{.id = id, .task = Task::Weigh};
    if (auto plan = m_session->rereadPlan(order); plan)
        result.reread = *plan;
    else
        result.error = std::move(plan.error());
    end(std::move(result));
}

void EngineWorker::estimateReading(std::uint64_t id, const KvSettings& kv, const std::stop_token& stop) {
    if (!ready(id, Task::Estimate, true)) return;
    TaskResult result{.id = id, .task = Task::Estimate};
    result.estimated = kv;
    if (auto estimate = m_session->estimateReading(kv, stop); estimate)
        result.estimate = std::move(*estimate);
    else
        result.error = std::move(estimate.error());
    end(std::move(result));
}

void EngineWorker::arrange(std::uint64_t id, const std::vector<int>& order, bool read, const std::stop_token& stop) {
    if (!ready(id, Task::Read, true)) return;
    if (auto laid = m_session->arrangeDocuments(order); !laid)
        return endWithError(id, Task::Read, std::move(laid.error()));
    if (!read) return end({.id = id, .task = Task::Read});
    readOn(id, {.id = id, .task = Task::Read}, stop);
}

void EngineWorker::refresh(std::uint64_t id, const std::stop_token& stop) {
    if (!ready(id, Task::Read, true)) return;
    std::string problem;
    const auto events = [&, report = reporter(id)](const IngestEvent& event) {
        report(event);
        if (!event.problem.empty()) problem = event.problem;
    };
    auto changed = m_session->refreshDocuments(events, stop);
    if (!changed) return endWithError(id, Task::Read, std::move(changed.error()));
    TaskResult result{.id = id, .task = Task::Read};
    if (!problem.empty()) result.error = Error{ErrorCode::BadInput, problem};
    readOn(id, std::move(result), stop);
}

}  // namespace lectern::ui
