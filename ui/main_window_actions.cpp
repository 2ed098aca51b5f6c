// SPDX-License-Identifier: GPL-3.0-or-later
// The main window's actions, menus, tool bar and dialogs.
#include <QAction>
#include <QApplication>
#include <QDockWidget>
#include <QMenuBar>
#include <QMessageBox>
#include <QStackedWidget>
#include <QToolBar>
#include <QToolButton>

#include "ui/branch_tabs.h"
#include "ui/command_palette.h"
#include "ui/conversation_panel.h"
#include "ui/document_flow.h"
#include "ui/export_flow.h"
#include "ui/format.h"
#include "ui/link_flow.h"
#include "ui/main_window.h"
#include "ui/model_flow.h"
#include "ui/notice_bar.h"
#include "ui/plan_page.h"
#include "ui/quota_flow.h"
#include "ui/reader_panel.h"
#include "ui/settings_dialog.h"
#include "ui/shelf_panel.h"
#include "ui/shortcuts_dialog.h"
#include "ui/start_page.h"
#include "ui/status_line.h"
#include "ui/themed_icon.h"

namespace lectern::ui {
namespace {

template <typename Dialog>
void openList(const QList<QAction*>& actions, QWidget* window) {
    auto* dialog = new Dialog(actions, window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

void showAbout(QWidget* window) {
    auto* box = new QMessageBox(window);
    box->setObjectName("aboutDialog");
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setWindowTitle(MainWindow::tr("About Lectern"));
    box->setIconPixmap(QIcon(":/icons/lectern.svg").pixmap(64, 64));
    box->setText(MainWindow::tr("Lectern %1").arg(QCoreApplication::applicationVersion()));
    box->setInformativeText(MainWindow::tr(
        "Reads very long documents with a language model whose memory is compressed with KVQuant.\n\n"
        "Free software under the GNU General Public License, version 3 or later; it comes without any warranty."));
    box->setDetailedText(
        MainWindow::tr("Made with these libraries:") + "\n\nQt " + qVersion() +
        " – LGPL 3\nPoppler – GPL 2 or 3\nSQLite – public domain\noneDNN – Apache 2.0\nPCRE2 – BSD\n"
        "utf8proc – MIT\nxxHash – BSD\nnlohmann-json – MIT\n\n" +
        MainWindow::tr(
            "The method: KVQuant: Towards 10 Million Context Length LLM Inference with KV Cache Quantization "
            "(arXiv:2401.18079)."));
    box->open();
}

}  // namespace

QAction* MainWindow::addAction(const char* name, const QString& text, const QString& icon,
                               const QList<QKeySequence>& keys, std::function<void()> act) {
    auto* action = new QAction(text, this);
    action->setObjectName(name);
    if (!icon.isEmpty()) action->setIcon(themedIcon(icon));
    action->setShortcuts(keys);
    connect(action, &QAction::triggered, this, [act = std::move(act)] { act(); });
    QWidget::addAction(action);
    m_actions[name] = action;
    return action;
}

void MainWindow::makeActions() {
    addAction("new", tr("&New session…"), "new", {QKeySequence::New}, [this] {
        goHome();
        chooseDocuments();
    });
    addAction("open", tr("&Open session…"), "open", {QKeySequence::Open}, [this] { chooseSession(); });
    addAction("add", tr("&Add documents…"), "add", {QKeySequence("Ctrl+Shift+O")}, [this] { chooseDocuments(); });
    addAction("home", tr("&Start page"), "home", {QKeySequence("Alt+Home")}, [this] { goHome(); });
    addAction("models", tr("&Models…"), "model", {QKeySequence("Ctrl+M")}, [this] { m_model_flow->open(); });
    addAction("settings", tr("Se&ttings…"), "settings", {QKeySequence("Ctrl+,")}, [this] { openSettings(); });
    addAction("quit", tr("&Quit"), {}, {QKeySequence("Ctrl+Q")}, [this] { close(); });
    addAction("ask", tr("&Ask"), "send", {QKeySequence("Ctrl+L")},
              [this] { showConversation(), m_conversation->focusInput(); });
    addAction("stop", tr("&Stop"), "stop", {QKeySequence("Esc")}, [this] { cancel(); });
    addAction("regenerate", tr("Answer a&gain"), "again", {QKeySequence("Ctrl+R")},
              [this] { m_conversation->regenerateLast(); });
    addAction("edit", tr("&Edit the last question"), "edit", {QKeySequence("Ctrl+E")},
              [this] { m_conversation->editLast(); });
    addAction("copy", tr("&Copy the last answer"), "copy", {QKeySequence("Ctrl+Shift+C")},
              [this] { m_conversation->copyLast(); });
    addAction("export", tr("E&xport…"), "export", {QKeySequence("Ctrl+Shift+E")},
              [this] { m_export->exportConversation(); });
    makeBranchActions();
    const auto with_reader = [this](auto act) {
        return [this, act] {
            reveal(m_reader);
            act();
        };
    };
    const auto find_in_document = with_reader([this] { m_reader->openFind(); });
    addAction("find", tr("&Find"), "find", {QKeySequence::Find}, [this, find_in_document] {
        const bool reading = m_reader->isAncestorOf(QApplication::focusWidget());
        const bool talking = m_pages->currentWidget() == m_conversation && m_conversation->hasMessages();
        reading || !talking ? find_in_document() : m_conversation->openFind();
    });
    addAction("findInDocument", tr("Find in the &document"), {}, {QKeySequence("Ctrl+Alt+F")}, find_in_document);
    addAction("page", tr("&Go to page"), {}, {QKeySequence("Ctrl+G")},
              with_reader([this] { m_reader->focusPageField(); }));
    addAction("nextPage", tr("Next page"), "next", {QKeySequence("Ctrl+PgDown")}, [this] { m_reader->turnPage(1); });
    addAction("previousPage", tr("Previous page"), "previous", {QKeySequence("Ctrl+PgUp")},
              [this] { m_reader->turnPage(-1); });
    addAction("readerBack", tr("Back in the reader"), "back", {QKeySequence("Alt+Left")},
              [this] { m_reader->goBack(); });
    addAction("zoomIn", tr("Zoom in"), "zoom-in", {QKeySequence("Ctrl++"), QKeySequence("Ctrl+=")},
              [this] { m_reader->zoomBy(1.2); });
    addAction("zoomOut", tr("Zoom out"), "zoom-out", {QKeySequence("Ctrl+-")}, [this] { m_reader->zoomBy(1 / 1.2); });
    addAction("fit", tr("Fit the width"), "fit", {QKeySequence("Ctrl+0")}, [this] { m_reader->zoomToFit(); });
    addAction("copyLink", tr("Copy a &link to this page"), {}, {QKeySequence("Ctrl+Alt+C")},
              [this] { m_links->copy(); });
    addAction("askAbout", tr("&Ask about the selected text"), {}, {QKeySequence("Ctrl+Shift+Q")},
              [this] { m_reader->askAboutSelection(); });
    addAction("readerSide", tr("&Thumbnails and outline"), "side", {QKeySequence("F9")},
              with_reader([this] { m_reader->setSideVisible(!m_reader->isSideVisible()); }));
    addAction("readerNight", tr("Dar&k pages"), "night", {QKeySequence("Ctrl+Shift+N")},
              with_reader([this] { m_reader->setNight(!m_reader->isNight()); }));
    addAction("filter", tr("Filter the shelf"), {}, {QKeySequence("Ctrl+Shift+F")}, [this] {
        reveal(m_shelf);
        m_shelf->focusFilter();
    });
    addAction("checkFiles", tr("&Look for changed files"), {}, {QKeySequence("F5")},
              [this] { m_document_flow->checkSources(); });
    addAction("shortcuts", tr("&Keyboard shortcuts"), "help", {QKeySequence::HelpContents},
              [this] { openList<ShortcutsDialog>(actions() + m_shelf->actions(), this); });
    addAction("palette", tr("Commands…"), "find", {QKeySequence("Ctrl+K"), QKeySequence("Ctrl+Shift+P")}, [this] {
        QList<QAction*> all = actions() + m_shelf->actions();
        all.removeOne(m_actions.at("palette"));
        openList<CommandPalette>(all, this);
    });
    addAction("about", tr("&About Lectern"), {}, {}, [this] { showAbout(this); });
    makeQualityActions();
    makeSummaryActions();
    makeDockActions();
}

void MainWindow::makeBranchActions() {
    addAction("branch", tr("New con&versation"), "add", {QKeySequence("Ctrl+T")},
              [this] { showConversation(), m_conversation->tabs().begin({}); });
    addAction("fork", tr("Go on from the last answer in a new one"), "branch", {QKeySequence("Ctrl+Shift+T")},
              [this] { m_conversation->forkLast(); });
    addAction("renameBranch", tr("Re&name the conversation…"), {}, {QKeySequence("F2")},
              [this] { m_conversation->tabs().renameCurrent(); });
    addAction("closeBranch", tr("&Delete the conversation"), {}, {QKeySequence("Ctrl+W")},
              [this] { m_conversation->tabs().closeCurrent(); });
    addAction("beside", tr("&Two conversations side by side"), {}, {QKeySequence("Ctrl+B")},
              [this] { m_conversation->toggleBeside(); });
    addAction("nextBranch", tr("Next conversation"), {}, {QKeySequence("Ctrl+Tab")},
              [this] { showConversation(), m_conversation->tabs().step(1); });
    addAction("previousBranch", tr("Previous conversation"), {}, {QKeySequence("Ctrl+Shift+Tab")},
              [this] { showConversation(), m_conversation->tabs().step(-1); });
}

void MainWindow::makeQualityActions() {
    addAction("fidelity", tr("Check &fidelity"), {}, {QKeySequence("Ctrl+Shift+D")}, [this] { checkFidelity(); });
    addAction("compare", tr("Compare &settings"), {}, {QKeySequence("Ctrl+Shift+M")}, [this] { compareSettings(); });
    addAction("calibrate", tr("&Calibrate the model…"), {}, {QKeySequence("Ctrl+Shift+K")}, [this] { calibrate(); });
}

void MainWindow::makeDockActions() {
    const QStringList icons = {"shelf", "memory", "reader", "quantization"};
    const QStringList keys = {"Ctrl+1", "Ctrl+2", "Ctrl+3", "Ctrl+4"};
    for (int i = 0; i < int(m_docks.size()); ++i) {
        QDockWidget* dock = m_docks[i];
        auto* toggle = new QAction(themedIcon(icons[i]), dock->windowTitle(), this);
        toggle->setObjectName(dock->objectName() + "Toggle");
        toggle->setCheckable(true);
        toggle->setShortcut(QKeySequence(keys[i]));
        QWidget::addAction(toggle);
        m_dock_actions << toggle;
        connect(dock, &QDockWidget::visibilityChanged, toggle, &QAction::setChecked);
        connect(toggle, &QAction::triggered, dock,
                [this, dock](bool show) { show ? reveal(dock->widget()) : dock->hide(); });
    }
}

void MainWindow::makeMenus() {
    const auto fill = [this](const QString& title, const QStringList& names) {
        QMenu* menu = menuBar()->addMenu(title);
        for (const QString& name : names)
            name.isEmpty() ? menu->addSeparator() : (menu->addAction(m_actions.at(name)), nullptr);
        return menu;
    };
    fill(tr("&File"), {"new", "open", "", "home", "models", "settings", "", "quit"});
    QMenu* documents = fill(tr("&Documents"), {"add", "checkFiles", "filter", ""});
    documents->addActions(m_shelf->actions());
    QMenu* conversation =
        fill(tr("&Conversation"), {"ask", "stop", "", "find", "regenerate", "edit", "copy", "export", "", "branch",
                                   "fork", "renameBranch", "closeBranch", "beside", "nextBranch", "previousBranch"});
    QMenu* branches = conversation->addMenu(tr("All con&versations"));
    connect(branches, &QMenu::aboutToShow, this, [this, branches] { m_conversation->tabs().fillMenu(*branches); });
    connect(branches, &QMenu::triggered, this, &MainWindow::showConversation);
    fill(tr("&Summary"), {"summarize", "summaries", "", "exportSummary"});
    fill(tr("&Reader"), {"findInDocument", "page", "nextPage", "previousPage", "readerBack", "askAbout", "copyLink", "",
                         "zoomIn", "zoomOut", "fit", "readerSide", "readerNight"});
    fill(tr("&Quality"), {"fidelity", "compare", "calibrate"});
    QMenu* view = menuBar()->addMenu(tr("&View"));
    for (QAction* toggle : m_dock_actions) view->addAction(toggle);
    fill(tr("&Help"), {"palette", "shortcuts", "about"});
}

void MainWindow::makeToolBar() {
    auto* bar = addToolBar(tr("Tools"));
    bar->setObjectName("tools");
    bar->setMovable(false);
    bar->setIconSize({18, 18});
    bar->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    const auto add = [bar](QAction* action, const QString& text) {
        action->setIconText(text);
        bar->addAction(action);
    };
    add(m_actions.at("home"), tr("Start"));
    add(m_actions.at("new"), tr("New"));
    add(m_actions.at("open"), tr("Open"));
    add(m_actions.at("add"), tr("Add documents"));
    auto* space = new QWidget(bar);
    space->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    bar->addWidget(space);
    for (QAction* toggle : m_dock_actions) bar->addAction(toggle);
    bar->addSeparator();
    add(m_actions.at("settings"), tr("Settings"));
    bar->setContextMenuPolicy(Qt::PreventContextMenu);
}

void MainWindow::updateActions() {
    const Activity activity = m_controller->activity();
    const bool idle = activity == Activity::Idle;
    const bool engine = !m_controller->engine().models.empty() || idle;
    const auto& session = m_controller->session();
    const bool inside = inSession() && session.has_value();
    const bool open = inside && session->open && idle, change = open && session->canChange();
    const bool talking = inside && m_pages->currentWidget() == m_conversation;
    m_actions.at("add")->setEnabled(engine && (!inSession() || change));
    m_shelf->setCanChange(change);
    m_shelf->setCanSummarize(open);
    m_actions.at("checkFiles")->setEnabled(open);
    m_actions.at("stop")->setEnabled(!idle);
    m_actions.at("branch")->setEnabled(open);
    for (const char* name : {"regenerate", "edit", "fork"}) m_actions.at(name)->setEnabled(open && talking);
    for (const char* name : {"renameBranch", "closeBranch"}) m_actions.at(name)->setEnabled(change && talking);
    for (const char* name : {"copy", "beside"}) m_actions.at(name)->setEnabled(talking);
    for (const char* name :
         {"ask", "nextBranch", "previousBranch", "find", "findInDocument", "page", "nextPage", "previousPage",
          "readerBack", "zoomIn", "zoomOut", "fit", "filter", "askAbout", "copyLink", "readerSide", "readerNight"})
        m_actions.at(name)->setEnabled(inside);
    m_actions.at("export")->setEnabled(inside && idle);
    m_actions.at("summarize")->setEnabled(open && session->hasContext());
    m_actions.at("summaries")->setEnabled(inside);
    m_actions.at("exportSummary")->setEnabled(inside && idle && !session->summaries.empty());
    m_actions.at("fidelity")->setEnabled(open && session->hasQuantized());
    m_actions.at("compare")->setEnabled(open && session->hasContext());
    m_actions.at("calibrate")->setEnabled(idle && !m_controller->engine().models.empty());
    for (QAction* toggle : m_dock_actions) toggle->setEnabled(inSession());
}

void MainWindow::openSettings() {
    auto* dialog = new SettingsDialog(m_preferences, m_controller->engine(), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, dialog] { applyPreferences(dialog->preferences()); });
    dialog->open();
}

void MainWindow::applyPreferences(const Preferences& preferences) {
    const Preferences before = m_preferences;
    m_preferences = preferences;
    m_store.save(preferences);
    m_quota_flow->setQuota(preferences.quotaBytes());
    m_model_flow->setInPlace(preferences.models);
    if (before.theme != preferences.theme || before.font_family != preferences.font_family ||
        before.font_points != preferences.font_points)
        m_apply_look(preferences);
    if (before.language != preferences.language)
        m_notice->showNotice(NoticeBar::Kind::Info, tr("The window speaks the new language from its next start on."));
    if (before.device == preferences.device && before.threads == preferences.threads &&
        before.memory_limit == preferences.memory_limit && before.model_folders == preferences.model_folders &&
        before.models == preferences.models)
        return;
    if (inSession() && m_controller->session()) m_reopen = fromPath(m_controller->session()->file);
    m_plan_again = m_pages->currentWidget() == m_plan && m_plan->facts() && m_draft_is_new;
    if (!inSession() && !m_plan_again) showPage(m_start);
    m_controller->start(engineOptions());
}

EngineOptions MainWindow::engineOptions() const {
    EngineOptions options = m_services.options;
    options.device = m_preferences.device.toStdString();
    options.threads = m_preferences.threads;
    options.memory_limit = m_preferences.memory_limit;
    for (const QString& folder : m_preferences.model_folders) options.model_folders.push_back(toPath(folder));
    for (const QString& model : m_preferences.models) options.models.push_back(toPath(model));
    return options;
}

}  // namespace lectern::ui
