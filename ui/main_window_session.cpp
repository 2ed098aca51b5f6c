// SPDX-License-Identifier: GPL-3.0-or-later
// The main window's way from documents and files to a session.
#include <QApplication>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QPointer>
#include <QRandomGenerator>
#include <QStackedWidget>
#include <QStandardPaths>
#include <QThreadPool>
#include <algorithm>

#include "ui/conversation_panel.h"
#include "ui/drop_zone.h"
#include "ui/format.h"
#include "ui/link_flow.h"
#include "ui/main_window.h"
#include "ui/notice_bar.h"
#include "ui/plan_page.h"
#include "ui/reader_panel.h"
#include "ui/start_page.h"

namespace lectern::ui {
namespace {

constexpr double kTemperatureForAnother = 0.7;  ///< the likeliest answer again would be the same answer

bool isSession(const QString& path) {
    return path.endsWith(".lectern", Qt::CaseInsensitive);
}

/// A name for the session of these documents that is not taken; `folder`: the last one used, or none.
QString suggestFile(QString folder, const QStringList& documents) {
    if (folder.isEmpty()) folder = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation) + "/Lectern";
    const QString base = QFileInfo(documents.first()).completeBaseName();
    QString file = QDir(folder).filePath(base + ".lectern");
    for (int number = 2; QFileInfo::exists(file); ++number)
        file = QDir(folder).filePath(QString("%1 %2.lectern").arg(base).arg(number));
    return file;
}

/// One that is to be read with OCR takes the place of the same one without, and its password.
void takeIntoPlan(std::vector<ReadRequest>& planned, ReadRequest& request) {
    const auto known = std::find_if(planned.begin(), planned.end(),
                                    [&](const ReadRequest& each) { return each.file == request.file; });
    if (known == planned.end() || !request.ocr) return planned.push_back(request);
    request.password = known->password;
    *known = request;
}

}  // namespace

/// Once the engine is there: with what the window was started with, or what the last run left.
void MainWindow::begin() {
    const QString left = m_mark.leftOpen(), cut = m_mark.cutShort();
    m_mark.forget();
    if (!m_waiting.isEmpty()) return openPaths(std::exchange(m_waiting, {}));
    if (!left.isEmpty() && m_preferences.reopen && QFileInfo::exists(left)) return openSession(left);
    if (cut.isEmpty() || !QFileInfo::exists(cut)) return;
    m_notice->showNotice(NoticeBar::Kind::Info,
                         tr("Lectern was not closed properly the last time. “%1” is saved up to the last chunk that "
                            "was read, and goes on "
                            "from there.")
                             .arg(QFileInfo(cut).completeBaseName()),
                         tr("Open it"), [this, cut] { openSession(cut); });
}

void MainWindow::openPaths(const QStringList& paths) {
    if (paths.isEmpty()) return;
    if (m_controller->activity() == Activity::Starting) {
        m_waiting = paths;
        return;
    }
    if (m_controller->activity() == Activity::Importing)
        return m_notice->showNotice(NoticeBar::Kind::Info,
                                    tr("A model is being copied: wait for it, or cancel it first."));
    if (isLink(paths.first())) return m_links->open(paths.first());
    if (paths.size() == 1 && isSession(paths.first())) return openSession(paths.first());
    takeDocuments(paths);
}

void MainWindow::chooseDocuments() {
    auto* dialog = new QFileDialog(this, tr("Choose documents to read"), {},
                                   tr("Documents (*.pdf *.txt *.md *.markdown);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFiles);
    connect(dialog, &QFileDialog::filesSelected, this, &MainWindow::openPaths);
    dialog->open();
}

void MainWindow::chooseFolder() {
    auto* dialog = new QFileDialog(this, tr("Choose a folder to read"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    connect(dialog, &QFileDialog::filesSelected, this, &MainWindow::openPaths);
    dialog->open();
}

void MainWindow::chooseSession() {
    auto* dialog = new QFileDialog(this, tr("Open a session"), {}, tr("Lectern sessions (*.lectern);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, &MainWindow::openSession);
    dialog->open();
}

/// Folders are walked on another thread: they may be on a slow disk.
void MainWindow::takeDocuments(const QStringList& paths) {
    QThreadPool::globalInstance()->start([window = QPointer<MainWindow>(this), paths] {
        bool truncated = false;
        const QStringList files = documentsOf(paths, &truncated);
        QMetaObject::invokeMethod(
            qApp,
            [window, files, truncated] {
                if (!window) return;
                window->planDocuments(files);
                if (truncated)
                    window->m_notice->showNotice(
                        NoticeBar::Kind::Info,
                        tr("There are more documents than %1; only the first are taken.").arg(files.size()));
            },
            Qt::QueuedConnection);
    });
}

/// Files whose pages are pictures are planned again, to be read with OCR.
void MainWindow::recognizeText(const QStringList& files) {
    if (m_services.can_recognize && m_services.can_recognize()) return planDocuments(files, OcrSettings());
    m_notice->showNotice(NoticeBar::Kind::Info,
                         tr("Text in pictures is recognized by the program Tesseract, which is not installed: install "
                            "it (for example: sudo apt install tesseract-ocr) and choose “Recognize text” again."));
}

void MainWindow::planDocuments(const QStringList& files, const std::optional<OcrSettings>& ocr) {
    if (files.isEmpty())
        return m_notice->showNotice(NoticeBar::Kind::Info,
                                    tr("There is no PDF, text or Markdown file in that folder."));
    std::vector<ReadRequest> requests;
    for (const QString& file : files)
        requests.push_back({.file = toPath(file), .password = {}, .limits = {}, .ocr = ocr});
    const bool planning = m_pages->currentWidget() == m_plan;
    if (m_controller->busy() && (inSession() || (planning && !m_draft_is_new)))
        return m_notice->showNotice(NoticeBar::Kind::Info,
                                    tr("Documents can be added once the present work is done or cancelled."));
    if (inSession() && m_controller->session() && !m_controller->session()->canChange())
        return m_notice->showNotice(NoticeBar::Kind::Info,
                                    tr("This session is open for reading only; no document can be added to it."));
    m_refused.clear();
    m_tried.clear();
    if (!planning) startDraft(files);
    for (ReadRequest& request : requests) takeIntoPlan(m_draft.documents, request);
    if (m_controller->session() && !m_controller->busy())
        m_controller->addDocuments(requests);
    else
        m_controller->plan(m_draft);
    m_read_after_plan = false;
    m_plan->showParsing(files.size() == 1 ? QFileInfo(files.first()).fileName() : tr("%1 files").arg(files.size()));
    showPage(m_plan);
}

/// What is planned next: documents for the open session, or a new session named after the first document.
void MainWindow::startDraft(const QStringList& files) {
    m_draft_is_new = !inSession() || !m_controller->session();
    if (m_draft_is_new)
        m_draft = {toPath(suggestFile(m_store.settings().value("session/folder").toString(), files)),
                   m_start->model().toStdString(),
                   m_preferences.kv,
                   {}};
    else
        m_draft = {m_controller->session()->file, {}, {}, {}};
}

void MainWindow::confirmPlan() {
    PlanRequest wanted = m_plan->request();
    wanted.documents = m_draft.documents;
    const PlanRequest& planned = m_plan->facts()->request;
    const bool as_planned = wanted.kv == planned.kv && wanted.model == planned.model && wanted.file == planned.file;
    if (as_planned || !m_plan->facts()->fresh) return beginReading();
    m_draft = wanted;
    m_read_after_plan = true;
    m_plan->showParsing(tr("Preparing the session with your choices"));
    m_controller->plan(m_draft);
}

/// What is planned. A session that was begun says once where its model's own chat template is of no use.
void MainWindow::beginReading() {
    const PromptFrame frame = m_controller->session() ? m_controller->session()->frame : PromptFrame();
    m_controller->read();
    showPage(m_conversation);
    if (frame.why.empty() || !m_plan->facts()->fresh) return;
    m_notice->showNotice(NoticeBar::Kind::Info,
                         tr("The model's own chat template cannot be used; questions are put to it in the form “%1”.")
                             .arg(text(frame.name)));
    m_notice->setDetails(text(frame.why));
}

void MainWindow::cancelPlan() {
    m_controller->cancel();
    if (m_controller->activity() == Activity::Calibrating) return;  // the plan comes back when it has ended
    if (m_draft_is_new || !m_controller->session()) return goHome();
    showPage(m_conversation);
}

void MainWindow::replan(const QString& why) {
    PlanRequest wanted = m_plan->request();
    wanted.documents = m_draft.documents;
    m_draft = wanted;
    m_plan->showParsing(why);
    m_controller->plan(m_draft);
}

void MainWindow::changeSessionFile() {
    auto* dialog =
        new QFileDialog(this, tr("Save the session as"), fromPath(m_draft.file), tr("Lectern sessions (*.lectern)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix("lectern");
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& file) {
        if (QFileInfo::exists(file) && toPath(file) != m_plan->facts()->request.file)
            return m_notice->showNotice(
                NoticeBar::Kind::Problem,
                tr("%1 is there already; choose another name.").arg(QFileInfo(file).fileName()));
        m_store.settings().setValue("session/folder", QFileInfo(file).path());
        m_plan->setFile(file);
    });
    dialog->open();
}

/// One that is open already is only shown.
void MainWindow::openSession(const QString& file) {
    const QString wanted = QFileInfo(file).absoluteFilePath();
    const auto& session = m_controller->session();
    if (session && session->open && session->file == toPath(wanted) && inSession()) return showPage(m_conversation);
    m_opening = wanted;
    m_early.reset();
    m_controller->open(toPath(m_opening));
}

/// Where a recent session is now that is not where it was.
void MainWindow::locateSession(const QString& file) {
    auto* dialog = new QFileDialog(this, tr("Locate %1").arg(QFileInfo(file).fileName()), QFileInfo(file).path(),
                                   tr("Lectern sessions (*.lectern)"));
    dialog->setObjectName("locateSession");
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, [this, file](const QString& found) {
        m_store.forget(file);
        openSession(found);
    });
    dialog->open();
}

/// Off the list of recent ones; the file stays, and the list can have it back.
void MainWindow::forgetSession(const QString& file) {
    const auto before = m_store.recentSessions();
    m_store.forget(file);
    m_start->setSessions(m_store.recentSessions());
    m_notice->showNotice(NoticeBar::Kind::Info,
                         tr("“%1” is off this list; its file stays.").arg(QFileInfo(file).completeBaseName()),
                         tr("Undo"), [this, before] {
                             m_store.setRecentSessions(before);
                             m_start->setSessions(m_store.recentSessions());
                         });
}

void MainWindow::goHome() {
    m_early.reset();
    m_mark.set({});
    m_controller->close();
    showPage(m_start);
}

/// A question to a session that is being opened, or whose documents are being read, waits for that.
void MainWindow::ask(Question question, bool vary) {
    AskRequest& request = question.request;
    request.max_tokens = m_preferences.max_tokens;
    request.sampler = m_preferences.sampler;
    for (const QString& stop : m_preferences.stop_strings) request.stop_strings.push_back(stop.toStdString());
    const auto& session = m_controller->session();
    vary = vary && session && !session->built_in_model;  // its quotes are sure only where nothing is sampled
    if (m_preferences.random_seed || vary) request.sampler.seed = QRandomGenerator::global()->generate();
    if (vary) request.sampler.temperature = std::max(request.sampler.temperature, kTemperatureForAnother);
    const Activity activity = m_controller->activity();
    if (activity == Activity::Opening || activity == Activity::Reading)
        m_early = std::move(question);
    else
        m_controller->ask(question);
}

/// A question that waits is taken back before what it waits for is broken off.
void MainWindow::cancel() {
    if (std::exchange(m_early, {})) return m_conversation->answerEnded(true);
    m_controller->cancel();
}

void MainWindow::openCitation(const Citation& citation) {
    reveal(m_reader);
    m_reader->open({citation.document_id, citation.page - 1, citation.rects, text(citation.text)});
}

}  // namespace lectern::ui
