// SPDX-License-Identifier: GPL-3.0-or-later
// What the main window does with what the engine brought.
#include <QFileInfo>
#include <QInputDialog>
#include <QMessageBox>
#include <QPushButton>
#include <QStackedWidget>
#include <algorithm>

#include "ui/conversation_panel.h"
#include "ui/error_words.h"
#include "ui/export_flow.h"
#include "ui/format.h"
#include "ui/link_flow.h"
#include "ui/main_window.h"
#include "ui/memory_panel.h"
#include "ui/model_chooser.h"
#include "ui/model_flow.h"
#include "ui/notice_bar.h"
#include "ui/plan_page.h"
#include "ui/quantization_panel.h"
#include "ui/reader_panel.h"
#include "ui/shelf_model.h"
#include "ui/shelf_panel.h"
#include "ui/start_page.h"
#include "ui/status_line.h"

namespace lectern::ui {

void MainWindow::report(const Error& error) {
    if (error.code != ErrorCode::Interrupted) m_notice->showProblem(error);
}

/// The same for the open session, with what can be done about it.
void MainWindow::reportSession(const Error& error) {
    const auto& session = m_controller->session();
    if (!session || error.code == ErrorCode::Interrupted) return report(error);
    const auto file = session->file;
    if (error.code == ErrorCode::Busy && !session->open) {
        m_notice->showNotice(
            NoticeBar::Kind::Problem,
            tr("“%1” is open in another program; close it there. Its texts can be read here meanwhile.")
                .arg(fromPath(file.filename())),
            tr("Try again"), [this, file] { openSession(fromPath(file)); });
        return m_notice->setDetails(text(error.message));
    }
    switch (error.code) {
        case ErrorCode::Damaged:
            m_notice->showNotice(
                NoticeBar::Kind::Problem,
                tr("“%1” is damaged. What is damaged can be computed again.").arg(fromPath(file.filename())),
                tr("Repair"), [this, file] { m_controller->repair(file); });
            return m_notice->setDetails(text(error.message));
        case ErrorCode::WrongModel:
            return m_notice->showProblem(error, tr("Read again…"),
                                         [this, file, error] { offerReread(fromPath(file), error); });
        case ErrorCode::Busy:
        case ErrorCode::NoRoom:
        case ErrorCode::Failed:
            if (session->open) break;
            return m_notice->showProblem(error, tr("Try again"), [this, file] { openSession(fromPath(file)); });
        default:
            break;
    }
    report(error);
}

void MainWindow::sessionOpened() {
    if (!inSession()) showPage(m_conversation);
    m_links->follow();
    const auto& session = m_controller->session();
    if (!session->read_only.empty()) {
        m_notice->showNotice(NoticeBar::Kind::Info,
                             tr("“%1” cannot be written. Questions are answered here, and nothing is saved.")
                                 .arg(fromPath(session->file.filename())));
        m_notice->setDetails(text(session->read_only));
    }
    if (m_early) m_controller->ask(*std::exchange(m_early, {}));
}

void MainWindow::showModels() {
    m_start->setEngine(m_controller->engine());
    m_start->setModel(m_preferences.model);
    m_plan->setModels(m_controller->engine().models);
}

/// The manager of models says what there is to say, where it is still there.
void MainWindow::modelsChanged(const TaskResult& result) {
    if (result.task == Task::RemoveModel && !result.error && m_preferences.model == fromPath(result.model)) {
        m_preferences.model.clear();
        m_store.save(m_preferences);
    }
    showModels();
    estimateAgain();
    if (result.error && !m_model_flow->isOpen()) report(*result.error);
}

/// Other work took the place of the measurement that the plan waits for.
void MainWindow::estimateAgain() {
    if (m_pages->currentWidget() == m_plan) m_plan->askForEstimate();
}

void MainWindow::taskEnded(const TaskResult& result) {
    const auto& session = m_controller->session();
    const bool waits = m_early && !result.error && session && session->hasContext();
    if (!waits) m_conversation->answerEnded(std::exchange(m_early, {}) || (result.task == Task::Ask && result.error));
    if (waits && result.task != Task::Open) m_controller->ask(*std::exchange(m_early, {}));
    updateActions();
    switch (result.task) {
        case Task::Start: {
            showModels();
            m_memory->setDevices(m_controller->engine().devices);
            m_status->setDevice(describeDevice(m_controller->engine(), m_preferences.device));
            if (result.error) return m_plan_again = false, showPage(m_start), report(*result.error);
            if (std::exchange(m_plan_again, false)) return replan(tr("Preparing the session with your choices"));
            if (!m_reopen.isEmpty()) return openSession(std::exchange(m_reopen, {}));
            return begin();
        }
        case Task::Open:
            if (result.error) return openFailed(*result.error);
            return sessionOpened();
        case Task::Plan:
            return planEnded(result);
        case Task::Read:
        case Task::Reread:
            if (!m_controller->session()) showPage(m_start);
            for (const ReadRequest& document : m_draft.documents)
                if (!document.password.empty()) m_reader->setPassword(document.file, document.password);
            break;
        case Task::Repair:
            if (result.repair)
                m_notice->showNotice(NoticeBar::Kind::Info, tr("The session is repaired: %1 damaged blocks are whole.")
                                                                .arg(countText(result.repair->repaired)));
            if (result.error && m_controller->session()) return offerRereadOf(*result.error);
            break;
        case Task::Change:
        case Task::Weigh:
            break;
        case Task::Ask:
            if (result.answer && result.answer->ledger.decode_tokens_per_s > 0)
                m_status->showRate(result.answer->ledger.decode_tokens_per_s);
            break;
        case Task::Estimate:
            if (result.estimated) m_plan->showEstimate(*result.estimated, result.estimate);
            return;
        case Task::Compare:
            if (m_pages->currentWidget() == m_plan && m_controller->session()) {
                m_plan->showQuality(m_controller->session()->comparison);
                m_plan->askForEstimate();
            }
            break;
        case Task::Export:
            if (!result.error) m_export->showExported(fromPath(result.exported));
            break;
        case Task::PlanSummary:
        case Task::Summarize:
        case Task::RemoveSummary:
            return summaryEnded(result);
        case Task::CheckFidelity:
            return fidelityChecked(result);
        case Task::Calibrate:
            return calibrated(result);
        case Task::ImportModel:
        case Task::RemoveModel:
        case Task::DescribeModel:
            return modelsChanged(result);
        case Task::WeighDisk:
        case Task::Strip:
            return estimateAgain();  // QuotaFlow says what there is to say
        case Task::Close:
            break;
    }
    if (result.error) reportSession(*result.error);
}

/// After a repair that failed.
void MainWindow::offerRereadOf(const Error& error) {
    if (error.code == ErrorCode::Interrupted) return;
    const QString file = fromPath(m_controller->session()->file);
    m_notice->showProblem(error, tr("Read again…"), [this, file, error] { offerReread(file, error); });
}

void MainWindow::sessionChanged() {
    const auto& session = m_controller->session();
    if (!m_controller->loading()) m_status->setLoading({});
    m_conversation->setSession(session);
    m_shelf->setSession(session);
    m_reader->setSession(session);
    m_memory->setSession(session);
    m_quantization->setSession(session);
    m_status->setSession(session);
    setWindowTitle(session ? tr("%1 – Lectern").arg(QFileInfo(fromPath(session->file)).completeBaseName())
                           : tr("Lectern"));
    if (session && session->hasContext()) m_store.remember(recentEntry(*session));
    const bool saved = session && session->open && session->hasContext() && session->read_only.empty();
    if (saved) m_mark.set(fromPath(session->file));
    if (session) m_known.note(*session);
}

void MainWindow::planEnded(const TaskResult& result) {
    if (result.error) {
        const bool stay = !m_draft_is_new && m_controller->session();
        showPage(stay ? static_cast<QWidget*>(m_conversation) : m_start);
        return report(*result.error);
    }
    if (askForLockedDocument(*result.plan)) return;
    m_plan->showPlan(*result.plan);
    if (!std::exchange(m_read_after_plan, false)) return m_plan->askForEstimate();
    beginReading();
}

bool MainWindow::askForLockedDocument(const PlanFacts& facts) {
    for (const DocumentEntry& entry : facts.documents) {
        const auto source = entry.info.source;
        const Error problem{ErrorCode::BadInput, entry.info.problem};
        if (entry.info.state != DocumentState::Failed || m_refused.contains(source) ||
            !m_services.needs_password(problem))
            continue;
        m_plan->showPlan(facts);
        const auto use = [this, source](const std::string& password) {
            m_tried.insert(source);
            m_reader->setPassword(source, password);
            ReadRequest request{.file = source, .password = password, .limits = {}};
            for (ReadRequest& known : m_draft.documents)
                if (known.file == source) known.password = password, request.ocr = known.ocr;
            m_plan->showParsing(text(source.filename().string()));
            m_controller->addDocuments({request});
        };
        askPassword(fromPath(source), m_tried.contains(source), use);
        return true;
    }
    return false;
}

void MainWindow::askPassword(const QString& file, bool again, std::function<void(const std::string&)> use) {
    auto* dialog = new QInputDialog(this);
    dialog->setObjectName("passwordDialog");
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("Password needed"));
    const QString name = QFileInfo(file).fileName();
    dialog->setLabelText(again ? tr("That did not open %1. Its password:").arg(name)
                               : tr("%1 is locked. Its password:").arg(name));
    dialog->setTextEchoMode(QLineEdit::Password);
    dialog->setOkButtonText(tr("Unlock"));
    dialog->setCancelButtonText(tr("Leave it out"));
    connect(dialog, &QInputDialog::textValueSelected, this,
            [use](const QString& password) { use(password.toStdString()); });
    connect(dialog, &QDialog::rejected, this, [this, file] {
        m_refused.insert(toPath(file));
        if (m_pages->currentWidget() == m_plan && m_plan->facts()) askForLockedDocument(*m_plan->facts());
    });
    dialog->open();
}

void MainWindow::openFailed(const Error& error) {
    m_links->forget();
    if (inSession() && !m_controller->session()) showPage(m_start);
    reportSession(error);
    if (error.code == ErrorCode::WrongModel) offerReread(m_opening, error);
}

void MainWindow::offerReread(const QString& file, const Error& why) {
    auto* box =
        new QMessageBox(QMessageBox::Warning, tr("Read the session again"), errorText(why), QMessageBox::Cancel, this);
    box->setDetailedText(errorDetails(why));
    box->setObjectName("wrongModelDialog");
    box->setAttribute(Qt::WA_DeleteOnClose);
    const QString model = m_start->model();
    const QString name = model.isEmpty() ? tr("the built-in model") : QFileInfo(model).fileName();
    box->setInformativeText(
        tr("The text of its documents is stored in the session, so it can be read again with %1.").arg(name));
    auto* again = box->addButton(tr("Read again"), QMessageBox::AcceptRole);
    again->setObjectName("readAgain");
    connect(again, &QPushButton::clicked, this, [this, file, model] {
        m_notice->hide();
        m_controller->reread(toPath(file), model.toStdString());
        showPage(m_conversation);
    });
    box->open();
}

}  // namespace lectern::ui
