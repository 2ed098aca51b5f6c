// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMainWindow>
#include <functional>
#include <set>

#include "ui/open_mark.h"
#include "ui/preferences.h"
#include "ui/quality_records.h"
#include "ui/services.h"
#include "ui/session_controller.h"
#include "ui/window_parts.h"

namespace lectern::ui {

/// The window: start page, plan or conversation in the centre, docks around it, and the flow from one to the other.
/// Owns the controller, and through it the engine's thread; the store has to outlive it.
class MainWindow final : public QMainWindow {
    Q_OBJECT
public:
    using ApplyLook = std::function<void(const Preferences&)>;
    MainWindow(Services services, PreferenceStore& store, ApplyLook apply_look);
    ~MainWindow() override;

    /// Session files are opened, documents planned for a new session (or the open one), links followed.
    void openPaths(const QStringList& paths);

protected:
    void closeEvent(QCloseEvent* event) override;
    void changeEvent(QEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    // main_window.cpp: construction
    QWidget* makeCentre();
    void makeDocks();
    QDockWidget* makeDock(const QString& name, const QString& title, QWidget* content, Qt::DockWidgetArea area);
    void connectController();
    void connectPages();
    void connectModels();
    void showPage(QWidget* page);
    void showConversation();  ///< where a summary is in sight
    void arrangeDocks();
    void titleDocks();
    void reveal(QWidget* panel);  ///< shows its dock, in front of what shares its place
    // main_window_actions.cpp
    void makeActions();
    void makeBranchActions();
    void makeQualityActions();
    void makeDockActions();
    QAction* addAction(const char* name, const QString& text, const QString& icon, const QList<QKeySequence>& keys,
                       std::function<void()> act);
    void makeMenus();
    void makeToolBar();
    void updateActions();
    void openSettings();
    void applyPreferences(const Preferences& preferences);
    // main_window_session.cpp: from documents and files to a session
    void chooseDocuments();
    void chooseFolder();
    void chooseSession();
    void takeDocuments(const QStringList& paths);
    void planDocuments(const QStringList& files, const std::optional<OcrSettings>& ocr = {});
    void recognizeText(const QStringList& files);
    void openSession(const QString& file);
    void locateSession(const QString& file);
    void forgetSession(const QString& file);
    void begin();
    void confirmPlan();
    void beginReading();
    void cancelPlan();
    void replan(const QString& why);
    void changeSessionFile();
    void goHome();
    void ask(Question question, bool vary);
    void cancel();
    void openCitation(const Citation& citation);
    void connectReader();
    // main_window_quality.cpp: what compression costs, and calibration against it
    void checkFidelity();
    void compareSettings();
    void measurePlanned();
    void calibrate();
    void fidelityChecked(const TaskResult& result);
    void calibrated(const TaskResult& result);
    void showShare(double share);
    // main_window_summary.cpp
    void makeSummaryActions();
    void connectSummaries();
    void summarize(const std::optional<SummaryPart>& part);
    void startSummary(const SummaryRequest& request);
    void removeSummary(int id);
    void offerSummary(const Summary& summary);
    void summaryEnded(const TaskResult& result);
    // main_window_results.cpp: what the engine brought
    void taskEnded(const TaskResult& result);
    void showModels();
    void modelsChanged(const TaskResult& result);
    void estimateAgain();
    void planEnded(const TaskResult& result);
    void openFailed(const Error& error);
    void sessionChanged();
    void askPassword(const QString& file, bool again, std::function<void(const std::string&)> use);
    bool askForLockedDocument(const PlanFacts& facts);
    void offerReread(const QString& file, const Error& why);
    void offerRereadOf(const Error& error);
    void report(const Error& error);
    void reportSession(const Error& error);
    void sessionOpened();
    void startDraft(const QStringList& files);
    EngineOptions engineOptions() const;
    bool inSession() const;

    Services m_services;
    PreferenceStore& m_store;
    ApplyLook m_apply_look;
    Preferences m_preferences;
    SessionController* m_controller;
    QualityRecords m_known;
    PlanRequest m_draft;                                    ///< what is planned
    bool m_draft_is_new = true, m_read_after_plan = false;  ///< no: for the open session; the choices are made
    bool m_plan_again = false;                              ///< once the engine has started again
    std::set<std::filesystem::path> m_refused, m_tried;     ///< locked documents: left out; given a wrong password
    QString m_opening;                                      ///< session file being opened
    std::optional<Question> m_early;                        ///< asked while its session was being opened or read
    QString m_reopen;                                       ///< after the engine's restart
    QStringList m_waiting;                                  ///< paths to open once the engine is there
    std::map<QString, QAction*> m_actions;
    QStackedWidget* m_pages;
    NoticeBar* m_notice;
    StartPage* m_start;
    PlanPage* m_plan;
    ConversationPanel* m_conversation;
    SummaryPanel* m_summaries;
    ShelfPanel* m_shelf;
    ReaderPanel* m_reader;
    MemoryPanel* m_memory;
    QuantizationPanel* m_quantization;
    DocumentFlow* m_document_flow;
    QuotaFlow* m_quota_flow;
    ModelFlow* m_model_flow;
    ExportFlow* m_export;
    LinkFlow* m_links;
    OpenMark m_mark;
    StatusLine* m_status;
    QList<QDockWidget*> m_docks;
    QList<QAction*> m_dock_actions;  ///< as m_docks; checked: in sight, not behind another on the same place
    bool m_docks_arranged = false;   ///< by the person, earlier, or by arrangeDocks()
    QList<bool> m_docks_wanted;      ///< as m_docks, while they are hidden
};

}  // namespace lectern::ui
