// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session_controller.h"

#include "ui/engine_worker.h"

namespace lectern::ui {

SessionController::SessionController(const Services& services, QObject* parent) : QObject(parent) {
    m_worker = new EngineWorker(services);
    m_worker->moveToThread(&m_thread);
    connect(&m_thread, &QThread::finished, m_worker, &QObject::deleteLater);
    connect(m_worker, &EngineWorker::taskEnded, this, &SessionController::receive);
    connect(m_worker, &EngineWorker::progressed, this, [this](std::uint64_t id, const IngestEvent& event) {
        if (id == m_id) emit progressed(event);
    });
    connect(m_worker, &EngineWorker::advanced, this, [this](std::uint64_t id, double share) {
        if (id == m_id) emit advanced(share);
    });
    connect(m_worker, &EngineWorker::measured, this, [this](std::uint64_t id, const Statistics& statistics) {
        if (id == m_id) emit measured(statistics);
    });
    connect(m_worker, &EngineWorker::answerGrew, this, [this](std::uint64_t id, const QString& text) {
        if (id == m_id) emit answerGrew(text);
    });
    connect(m_worker, &EngineWorker::peeked, this, [this](std::uint64_t id, const SessionSnapshot& session) {
        if (id != m_id) return;
        m_session = session;
        emit sessionChanged();
        emit sessionShown();
    });
    connect(m_worker, &EngineWorker::loadAdvanced, this, [this](std::uint64_t id, double share) {
        if (id != m_open_id) return;
        m_loading = true;
        emit loadAdvanced(share);
    });
    connect(m_worker, &EngineWorker::loadEnded, this, &SessionController::receiveLoad);
    connect(m_worker, &EngineWorker::summaryGrew, this, [this](std::uint64_t id, const SummaryNews& news) {
        if (id == m_id) emit summaryGrew(news);
    });
    m_thread.setObjectName("lectern engine");
    m_thread.start();
}

SessionController::~SessionController() {
    m_stop.request_stop();
    m_thread.quit();
    m_thread.wait();
}

void SessionController::send(Activity activity, Request request) {
    m_stop.request_stop();
    m_stop = std::stop_source();
    const std::uint64_t id = ++m_id;
    QMetaObject::invokeMethod(
        m_worker,
        [worker = m_worker, request = std::move(request), id, stop = m_stop.get_token()] {
            request(*worker, id, stop);
        },
        Qt::QueuedConnection);
    setActivity(activity);
}

void SessionController::receive(const TaskResult& result) {
    if (result.id != m_id) return;
    if (result.engine) m_engine = *result.engine;
    const bool had_session = m_session.has_value();
    m_session = result.session;
    if (had_session || m_session) emit sessionChanged();
    setActivity(Activity::Idle);
    emit ended(result);
}

void SessionController::receiveLoad(std::uint64_t id, const LoadEnd& end) {
    if (id != m_open_id) return;
    m_loading = false;
    m_session = end.session;
    emit sessionChanged();
    emit loadEnded(end);
}

/// Sends a request that opens another session, or the same one anew.
void SessionController::open(Activity activity, Request request) {
    send(activity, std::move(request));
    m_open_id = m_id;
    m_loading = false;
}

void SessionController::leaveSession() {
    m_open_id = 0;
    m_loading = false;
}

void SessionController::setActivity(Activity activity) {
    if (m_activity == activity) return;
    m_activity = activity;
    emit activityChanged(activity);
}

void SessionController::start(const EngineOptions& options) {
    leaveSession();
    send(Activity::Starting,
         [=](EngineWorker& worker, std::uint64_t id, const std::stop_token&) { worker.start(id, options); });
}

void SessionController::open(const std::filesystem::path& file, const std::string& model) {
    open(Activity::Opening,
         [=](EngineWorker& worker, std::uint64_t id, const std::stop_token&) { worker.open(id, file, model); });
}

void SessionController::plan(const PlanRequest& request) {
    leaveSession();
    send(Activity::Parsing,
         [=](EngineWorker& worker, std::uint64_t id, const std::stop_token& stop) { worker.plan(id, request, stop); });
}

void SessionController::addDocuments(const std::vector<ReadRequest>& documents) {
    send(Activity::Parsing, [=](EngineWorker& worker, std::uint64_t id, const std::stop_token& stop) {
        worker.addDocuments(id, documents, stop);
    });
}

void SessionController::read() {
    send(Activity::Reading,
         [](EngineWorker& worker, std::uint64_t id, const std::stop_token& stop) { worker.read(id, stop); });
}

void SessionController::estimateReading(const KvSettings& kv) {
    send(Activity::Measuring, [=](EngineWorker& worker, std::uint64_t id, const std::stop_token& stop) {
        worker.estimateReading(id, kv, stop);
    });
}

void SessionController::ask(const Question& question) {
    send(Activity::Answering,
         [=](EngineWorker& worker, std::uint64_t id, const std::stop_token& stop) { worker.ask(id, question, stop); });
}

void SessionController::change(std::function<Status(Session&)> change) {
    send(Activity::Changing, [change = std::move(change)](EngineWorker& worker, std::uint64_t id,
                                                          const std::stop_token&) { worker.change(id, change); });
}

void SessionController::weigh(const std::vector<int>& order) {
    send(Activity::Changing,
         [=](EngineWorker& worker, std::uint64_t id, const std::stop_token&) { worker.weigh(id, order); });
}

void SessionController::arrange(const std::vector<int>& order, bool read) {
    send(read ? Activity::Reading : Activity::Changing,
         [=](EngineWorker& worker, std::uint64_t id, const std::stop_token& stop) {
             worker.arrange(id, order, read, stop);
         });
}

void SessionController::refresh() {
    send(Activity::Reading,
         [](EngineWorker& worker, std::uint64_t id, const std::stop_token& stop) { worker.refresh(id, stop); });
}

void SessionController::repair(const std::filesystem::path& file) {
    open(Activity::Repairing,
         [=](EngineWorker& worker, std::uint64_t id, const std::stop_token& stop) { worker.repair(id, file, stop); });
}

void SessionController::reread(const std::filesystem::path& file, const std::string& model) {
    open(Activity::Reading, [=](EngineWorker& worker, std::uint64_t id, const std::stop_token& stop) {
        worker.reread(id, file, model, stop);
    });
}

void SessionController::checkFidelity() {
    send(Activity::CheckingFidelity,
         [](EngineWorker& worker, std::uint64_t id, const std::stop_token& stop) { worker.checkFidelity(id, stop); });
}

void SessionController::compareSettings(const std::vector<KvSettings>& settings) {
    send(Activity::Comparing, [=](EngineWorker& worker, std::uint64_t id, const std::stop_token& stop) {
        worker.compareSettings(id, settings, stop);
    });
}

void SessionController::calibrate(const std::string& model, const CalibrationRequest& request) {
    send(Activity::Calibrating, [=](EngineWorker& worker, std::uint64_t id, const std::stop_token& stop) {
        worker.calibrate(id, model, request, stop);
    });
}

void SessionController::exportConversation(const std::string& branch, const std::filesystem::path& file) {
    send(Activity::Exporting, [=](EngineWorker& worker, std::uint64_t id, const std::stop_token&) {
        worker.exportConversation(id, branch, file);
    });
}

void SessionController::planSummary(const SummaryRequest& request) {
    send(Activity::PlanningSummary,
         [=](EngineWorker& worker, std::uint64_t id, const std::stop_token&) { worker.planSummary(id, request); });
}

void SessionController::summarize(const SummaryRequest& request) {
    send(Activity::Summarizing, [=](EngineWorker& worker, std::uint64_t id, const std::stop_token& stop) {
        worker.summarize(id, request, stop);
    });
}

void SessionController::removeSummary(int id) {
    send(Activity::Changing,
         [=](EngineWorker& worker, std::uint64_t task, const std::stop_token&) { worker.removeSummary(task, id); });
}

void SessionController::exportSummary(int id, const std::filesystem::path& file) {
    send(Activity::Exporting, [=](EngineWorker& worker, std::uint64_t task, const std::stop_token&) {
        worker.exportSummary(task, id, file);
    });
}

void SessionController::weighDisk(const std::vector<SessionOnDisk>& sessions, std::uint64_t quota) {
    send(Activity::Changing, [=](EngineWorker& worker, std::uint64_t id, const std::stop_token&) {
        worker.weighDisk(id, sessions, quota);
    });
}

void SessionController::strip(const std::vector<std::filesystem::path>& files) {
    send(Activity::Changing,
         [=](EngineWorker& worker, std::uint64_t id, const std::stop_token& stop) { worker.strip(id, files, stop); });
}

void SessionController::importModel(const std::filesystem::path& model, const std::filesystem::path& folder) {
    send(Activity::Importing, [=](EngineWorker& worker, std::uint64_t id, const std::stop_token& stop) {
        worker.importModel(id, model, folder, stop);
    });
}

void SessionController::removeModel(const std::filesystem::path& model) {
    send(Activity::Changing,
         [=](EngineWorker& worker, std::uint64_t id, const std::stop_token&) { worker.removeModel(id, model); });
}

void SessionController::describeModel(const std::filesystem::path& model) {
    send(Activity::Changing,
         [=](EngineWorker& worker, std::uint64_t id, const std::stop_token&) { worker.describeModel(id, model); });
}

void SessionController::close() {
    leaveSession();
    send(Activity::Opening, [](EngineWorker& worker, std::uint64_t id, const std::stop_token&) { worker.close(id); });
}

void SessionController::cancel() {
    m_stop.request_stop();
}

}  // namespace lectern::ui
