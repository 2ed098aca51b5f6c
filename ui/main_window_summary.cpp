// SPDX-License-Identifier: GPL-3.0-or-later
// Summaries in the window: the dialog, the page of them, and what the engine brought.
#include <QAction>
#include <QStackedWidget>
#include <algorithm>

#include "ui/conversation_panel.h"
#include "ui/error_words.h"
#include "ui/export_flow.h"
#include "ui/main_window.h"
#include "ui/notice_bar.h"
#include "ui/shelf_panel.h"
#include "ui/status_line.h"
#include "ui/summary_dialog.h"
#include "ui/summary_panel.h"

namespace lectern::ui {
namespace {

/// Nothing else is being done, but what is brief: its end need not be waited for.
bool maySummarize(const SessionController& controller) {
    const Activity now = controller.activity();
    const bool brief = now == Activity::PlanningSummary || now == Activity::Changing;
    return (brief || now == Activity::Idle) && controller.session() && controller.session()->open;
}

}  // namespace

void MainWindow::makeSummaryActions() {
    addAction("summarize", tr("&Summarize…"), "quote", {QKeySequence("Ctrl+Shift+U")}, [this] { summarize({}); });
    addAction("summaries", tr("Show s&ummaries"), {}, {QKeySequence("Ctrl+U")}, [this] {
        const bool there = m_pages->currentWidget() == m_summaries;
        showPage(there ? static_cast<QWidget*>(m_conversation) : m_summaries);
    });
    addAction("exportSummary", tr("E&xport the summary…"), "export", {QKeySequence("Ctrl+Alt+E")},
              [this] { m_export->exportSummary(); });
}

void MainWindow::connectSummaries() {
    connect(m_controller, &SessionController::activityChanged, m_summaries, &SummaryPanel::setActivity);
    connect(m_controller, &SessionController::sessionChanged, m_summaries,
            [this] { m_summaries->setSession(m_controller->session()); });
    connect(m_controller, &SessionController::summaryGrew, this, [this](const SummaryNews& news) {
        m_summaries->show(news);
        if (news.total > 0) m_status->showShare(double(news.done) / double(news.total));
    });
    connect(m_summaries, &SummaryPanel::back, this, [this] { showPage(m_conversation); });
    connect(m_summaries, &SummaryPanel::summarize, this, [this] { summarize({}); });
    connect(m_summaries, &SummaryPanel::again, this, &MainWindow::startSummary);
    connect(m_summaries, &SummaryPanel::exportSummary, m_export, &ExportFlow::exportSummary);
    connect(m_summaries, &SummaryPanel::remove, this, &MainWindow::removeSummary);
    connect(m_summaries, &SummaryPanel::stop, m_controller, &SessionController::cancel);
    connect(m_summaries, &SummaryPanel::citationOpened, this, &MainWindow::openCitation);
    connect(m_shelf, &ShelfPanel::summarize, this, [this](int document_id, int item) {
        const auto& session = m_controller->session();
        const DocumentEntry* entry = session ? session->document(document_id) : nullptr;
        if (entry != nullptr) summarize(SummaryPart{entry->info.name, item});
    });
}

/// Asks what and how long, with the plan of it.
void MainWindow::summarize(const std::optional<SummaryPart>& part) {
    const auto& session = m_controller->session();
    if (m_controller->busy() || !inSession() || !session || !session->open || !session->hasContext()) return;
    const int last = m_store.settings().value("summary/length", int(SummaryLength::Medium)).toInt();
    const auto length = SummaryLength(std::clamp(last, 0, int(SummaryLength::Long)));
    auto* dialog = new SummaryDialog(*session, part, length, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &SummaryDialog::planWanted, this, [this](const SummaryRequest& request) {
        if (maySummarize(*m_controller)) m_controller->planSummary(request);
    });
    connect(dialog, &QDialog::accepted, this, [this, dialog] {
        const SummaryRequest request = dialog->request();
        m_store.settings().setValue("summary/length", int(request.length));
        startSummary(request);
    });
    dialog->open();
    emit dialog->planWanted(dialog->request());
}

void MainWindow::startSummary(const SummaryRequest& request) {
    if (!inSession() || !maySummarize(*m_controller)) return;
    showPage(m_summaries);
    m_controller->summarize(request);
}

/// At once; it can be brought back while its notice is there.
void MainWindow::removeSummary(int id) {
    const auto& session = m_controller->session();
    if (m_controller->busy() || !session) return;
    const auto found = std::find_if(session->summaries.begin(), session->summaries.end(),
                                    [id](const Summary& summary) { return summary.id == id; });
    if (found == session->summaries.end()) return;
    const Summary summary = *found;
    m_controller->removeSummary(id);
    offerSummary(summary);
}

/// Where it cannot come back now, the offer stays.
void MainWindow::offerSummary(const Summary& summary) {
    m_notice->showNotice(NoticeBar::Kind::Info, tr("The summary is deleted."), tr("Undo"), [this, summary] {
        if (!maySummarize(*m_controller)) return offerSummary(summary);
        m_controller->change([summary](Session& open) { return open.restoreSummary(summary); });
    });
}

void MainWindow::summaryEnded(const TaskResult& result) {
    auto* dialog = findChild<SummaryDialog*>();
    if (result.task == Task::PlanSummary && dialog != nullptr) {
        if (result.error) return dialog->showProblem(errorText(*result.error));
        return dialog->showPlan(*result.summary_plan);
    }
    if (result.task == Task::Summarize) m_summaries->ended(result.summary);
    if (result.error) reportSession(*result.error);
}

}  // namespace lectern::ui
