// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <chrono>
#include <functional>
#include <memory>

#include "ui/services.h"
#include "ui/task.h"

class QTimer;

namespace lectern::ui {

/// Owns the engine and the open session. Lives on a thread of its own: every method runs there, started by a queued
/// call; each request brings its own id and stop token. Results leave as values through the signals; every request ends
/// in exactly one taskEnded() with its id.
class EngineWorker final : public QObject {
    Q_OBJECT
public:
    explicit EngineWorker(Services services);
    ~EngineWorker() override;

    /// Makes the engine anew; an open session is closed first.
    void start(std::uint64_t id, const EngineOptions& options);
    /// peeked() comes first where the file can be read at all; then the cache loads, whatever is asked meanwhile, and
    /// loadAdvanced() and loadEnded() tell about it. A session that cannot be opened stays to be read.
    void open(std::uint64_t id, const std::filesystem::path& file, const std::string& model);
    /// Computes what is damaged of a session's cache and opens it.
    void repair(std::uint64_t id, const std::filesystem::path& file, const std::stop_token& stop);
    /// Creates a session and parses the documents. It is a draft, whose file goes away when another session takes its
    /// place, until read() is called.
    void plan(std::uint64_t id, const PlanRequest& request, const std::stop_token& stop);
    /// Parses further documents into the open session.
    void addDocuments(std::uint64_t id, const std::vector<ReadRequest>& documents, const std::stop_token& stop);
    void read(std::uint64_t id, const std::stop_token& stop);
    void estimateReading(std::uint64_t id, const KvSettings& kv, const std::stop_token& stop);
    void ask(std::uint64_t id, const Question& question, const std::stop_token& stop);
    /// Changes rows of the session, at once.
    void change(std::uint64_t id, const std::function<Status(Session&)>& change);
    /// What it would cost to lay the documents out so; see Session::rereadPlan().
    void weigh(std::uint64_t id, const std::vector<int>& order);
    /// Lays the documents out so; `read`: and reads what follows the first change.
    void arrange(std::uint64_t id, const std::vector<int>& order, bool read, const std::stop_token& stop);
    /// Reads anew the files that changed on disk, and what follows them.
    void refresh(std::uint64_t id, const std::stop_token& stop);
    void reread(std::uint64_t id, const std::filesystem::path& file, const std::string& model,
                const std::stop_token& stop);
    void checkFidelity(std::uint64_t id, const std::stop_token& stop);
    void compareSettings(std::uint64_t id, const std::vector<KvSettings>& settings, const std::stop_token& stop);
    /// `model`: a path, or empty for the built-in model.
    void calibrate(std::uint64_t id, const std::string& model, const CalibrationRequest& request,
                   const std::stop_token& stop);
    void exportConversation(std::uint64_t id, const std::string& branch, const std::filesystem::path& file);
    // engine_worker_summary.cpp
    void planSummary(std::uint64_t id, const SummaryRequest& request);
    void summarize(std::uint64_t id, const SummaryRequest& request, const std::stop_token& stop);
    void removeSummary(std::uint64_t id, int summary);
    void exportSummary(std::uint64_t id, int summary, const std::filesystem::path& file);
    // engine_worker_disk.cpp
    /// Which of these sessions a quota would strip; their `used` is kept, the open one is not among them.
    void weighDisk(std::uint64_t id, const std::vector<SessionOnDisk>& sessions, std::uint64_t quota);
    /// Drops the caches of sessions that are not open; one that fails does not keep the others from it.
    void strip(std::uint64_t id, const std::vector<std::filesystem::path>& files, const std::stop_token& stop);
    /// Models: see Engine::importModel(); removing moves files to the trash; describing finds the fingerprint.
    void importModel(std::uint64_t id, const std::filesystem::path& model, const std::filesystem::path& folder,
                     const std::stop_token& stop);
    void removeModel(std::uint64_t id, const std::filesystem::path& model);
    void describeModel(std::uint64_t id, const std::filesystem::path& model);
    void close(std::uint64_t id);

signals:
    void taskEnded(const lectern::ui::TaskResult& result);
    void peeked(std::uint64_t id, const lectern::ui::SessionSnapshot& session);
    void loadAdvanced(std::uint64_t id, double share);  ///< of the session that request opened, at most every 50 ms
    void loadEnded(std::uint64_t id, const lectern::ui::LoadEnd& end);
    void progressed(std::uint64_t id,
                    const lectern::IngestEvent& event);  ///< at most every 50 ms, and each change of kind
    void advanced(std::uint64_t id, double share);       ///< of a check, comparison or calibration, at most every 50 ms
    void measured(std::uint64_t id,
                  const lectern::ui::Statistics& statistics);                  ///< while reading, at most every second
    void answerGrew(std::uint64_t id, const QString& text);                    ///< new text only, at most every 30 ms
    void summaryGrew(std::uint64_t id, const lectern::ui::SummaryNews& news);  ///< its text at most every 30 ms

private:
    void closeSession();
    void end(TaskResult result);
    void endWithModels(TaskResult result);
    EngineFacts facts() const;
    void endWithError(std::uint64_t id, Task task, Error error);
    void endWithPlan(std::uint64_t id, Result<IngestPlan> plan, PlanRequest request, bool fresh);
    void adopt(std::unique_ptr<Session> session);
    bool show(std::uint64_t id, Task task, const std::filesystem::path& file);
    void openShown(std::uint64_t id, Task task, const std::filesystem::path& file, const std::string& model,
                   TaskResult result);
    void watchLoad();
    void readOn(std::uint64_t id, TaskResult result, const std::stop_token& stop);
    SessionSnapshot snapshot(const Session& session) const;
    Statistics statistics(const Session& session) const;
    IngestEvents reporter(std::uint64_t id);
    std::function<void(double)> shareReporter(std::uint64_t id);
    bool ready(std::uint64_t id, Task task, bool needs_session);
    bool inUse(const std::filesystem::path& file) const;

    Services m_services;
    std::unique_ptr<Engine> m_engine;
    std::unique_ptr<Session> m_session;
    std::unique_ptr<Session> m_shown;  ///< its texts alone, while or because m_session is not there
    QTimer* m_load_watch;              ///< looks after the load of m_session's cache
    std::uint64_t m_open_id = 0;       ///< the request that opened m_session
    std::filesystem::path m_draft;     ///< file of a session nobody has asked to read yet
    ModelInfo m_model;                 ///< of m_session
    std::filesystem::path m_built_in;
    std::vector<ContextFit> m_fits;
};

}  // namespace lectern::ui
