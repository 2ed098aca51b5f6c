// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QThread>
#include <functional>

#include "ui/services.h"
#include "ui/task.h"

namespace lectern::ui {

class EngineWorker;

enum class Activity {
    Starting,
    Idle,
    Opening,
    Parsing,
    Reading,
    Answering,
    Repairing,
    Changing,
    CheckingFidelity,
    Comparing,
    Calibrating,
    Exporting,
    PlanningSummary,
    Summarizing,
    Measuring,
    Importing
};

/// The window's side of the engine: sends requests to the worker's thread, one at a time, and keeps the latest
/// snapshot. A new request cancels the one in progress; results of cancelled requests that belong to a left session are
/// dropped. GUI thread.
class SessionController final : public QObject {
    Q_OBJECT
public:
    explicit SessionController(const Services& services, QObject* parent = nullptr);
    ~SessionController() override;  ///< cancels, and waits for the worker to end

    Activity activity() const { return m_activity; }
    /// With what is not to be broken off for something else; the measurement for a plan is.
    bool busy() const { return m_activity != Activity::Idle && m_activity != Activity::Measuring; }
    const EngineFacts& engine() const { return m_engine; }
    const std::optional<SessionSnapshot>& session() const { return m_session; }
    bool loading() const { return m_loading; }  ///< the session's cache, while questions can be asked already

    void start(const EngineOptions& options);
    void open(const std::filesystem::path& file, const std::string& model = {});
    void plan(const PlanRequest& request);
    void addDocuments(const std::vector<ReadRequest>& documents);
    void read();
    void estimateReading(const KvSettings& kv);  ///< about two seconds
    void ask(const Question& question);
    void reread(const std::filesystem::path& file, const std::string& model);
    void repair(const std::filesystem::path& file);
    /// Changes rows of the session on the engine's thread; what `change` captures is copied.
    void change(std::function<Status(Session&)> change);
    void weigh(const std::vector<int>& order);               ///< see EngineWorker
    void arrange(const std::vector<int>& order, bool read);  ///< see EngineWorker
    void refresh();                                          ///< see EngineWorker
    void checkFidelity();
    void compareSettings(const std::vector<KvSettings>& settings);
    void calibrate(const std::string& model, const CalibrationRequest& request);
    /// `file` ends as its format is called.
    void exportConversation(const std::string& branch, const std::filesystem::path& file);
    void planSummary(const SummaryRequest& request);
    void summarize(const SummaryRequest& request);
    void removeSummary(int id);
    void exportSummary(int id, const std::filesystem::path& file);  ///< as exportConversation()
    /// See EngineWorker. Not while something else is under way: that would be cancelled.
    void weighDisk(const std::vector<SessionOnDisk>& sessions, std::uint64_t quota);
    void strip(const std::vector<std::filesystem::path>& files);
    void importModel(const std::filesystem::path& model, const std::filesystem::path& folder);
    void removeModel(const std::filesystem::path& model);    ///< its files go to the trash
    void describeModel(const std::filesystem::path& model);  ///< finds its fingerprint
    void close();
    void cancel();  ///< of whatever runs; its result still arrives, usually as Interrupted

signals:
    void activityChanged(lectern::ui::Activity activity);
    void sessionChanged();
    void sessionShown();  ///< after sessionChanged: one that is being opened can be read
    void loadAdvanced(double share);
    void loadEnded(const lectern::ui::LoadEnd& end);    ///< after sessionChanged
    void ended(const lectern::ui::TaskResult& result);  ///< after sessionChanged and activityChanged
    void progressed(const lectern::IngestEvent& event);
    void advanced(double share);                               ///< of a check, comparison or calibration
    void measured(const lectern::ui::Statistics& statistics);  ///< of the session being read, so far; or null
    void answerGrew(const QString& text);
    void summaryGrew(const lectern::ui::SummaryNews& news);

private:
    using Request = std::function<void(EngineWorker&, std::uint64_t id, std::stop_token stop)>;
    void send(Activity activity, Request request);
    void receive(const TaskResult& result);
    void receiveLoad(std::uint64_t id, const LoadEnd& end);
    void open(Activity activity, Request request);
    void leaveSession();
    void setActivity(Activity activity);

    QThread m_thread;
    EngineWorker* m_worker = nullptr;  ///< lives on m_thread and is deleted at its end
    std::stop_source m_stop;           ///< of request m_id
    std::uint64_t m_id = 0;
    std::uint64_t m_open_id = 0;  ///< the request that opened the session, or is to; 0: none
    bool m_loading = false;
    Activity m_activity = Activity::Starting;
    EngineFacts m_engine;
    std::optional<SessionSnapshot> m_session;
};

}  // namespace lectern::ui
