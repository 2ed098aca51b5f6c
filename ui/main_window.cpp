// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main_window.h"

#include <QAction>
#include <QCloseEvent>
#include <QDockWidget>
#include <QGuiApplication>
#include <QMimeData>
#include <QScreen>
#include <QStackedWidget>
#include <QStatusBar>
#include <algorithm>

#include "ui/branch_flow.h"
#include "ui/conversation_panel.h"
#include "ui/document_flow.h"
#include "ui/drop_zone.h"
#include "ui/export_flow.h"
#include "ui/format.h"
#include "ui/link_flow.h"
#include "ui/memory_panel.h"
#include "ui/model_flow.h"
#include "ui/notice_bar.h"
#include "ui/plan_page.h"
#include "ui/quantization_panel.h"
#include "ui/quota_flow.h"
#include "ui/reader_panel.h"
#include "ui/shelf_model.h"
#include "ui/shelf_panel.h"
#include "ui/start_page.h"
#include "ui/status_line.h"
#include "ui/summary_panel.h"
#include "ui/widgets.h"

namespace lectern::ui {
namespace {

constexpr int kLayoutVersion = 2;

}  // namespace

MainWindow::MainWindow(Services services, PreferenceStore& store, ApplyLook apply_look)
    : m_services(std::move(services)),
      m_store(store),
      m_apply_look(std::move(apply_look)),
      m_preferences(store.load()),
      m_known(store.settings()),
      m_mark(store.settings()) {
    m_controller = new SessionController(m_services, this);
    setWindowTitle(tr("Lectern"));
    setAcceptDrops(true);
    setCentralWidget(makeCentre());
    makeDocks();
    m_status = new StatusLine(this);
    statusBar()->addWidget(m_status, 1);
    statusBar()->setSizeGripEnabled(false);
    m_links = new LinkFlow(m_controller, m_reader, m_notice, this);
    m_export = new ExportFlow(m_controller, m_store.settings(), m_conversation, m_summaries, m_notice, this);
    makeActions();
    makeMenus();
    makeToolBar();
    m_document_flow = new DocumentFlow(m_controller, m_shelf, m_notice, this);
    m_quota_flow = new QuotaFlow(m_controller, m_store, m_notice, this);
    m_quota_flow->setQuota(m_preferences.quotaBytes());
    m_model_flow = new ModelFlow(m_controller, m_services.model_folder, this);
    m_model_flow->setInPlace(m_preferences.models);
    connectModels();
    new BranchFlow(m_controller, &m_conversation->tabs(), m_notice, this);
    connectController();
    connectPages();
    connectSummaries();
    m_start->setSessions(m_store.recentSessions());
    m_start->setModel(m_preferences.model);
    const QSize screen = QGuiApplication::primaryScreen()->availableSize();
    resize(QSize(1360, 860).boundedTo(screen));
    restoreGeometry(m_store.settings().value("window/geometry").toByteArray());
    m_docks_arranged = restoreState(m_store.settings().value("window/state").toByteArray(), kLayoutVersion);
    for (QDockWidget* dock : m_docks) m_docks_wanted << !dock->isHidden();
    showPage(m_start);
    m_status->setActivity(m_controller->activity());
    m_controller->start(engineOptions());
}

MainWindow::~MainWindow() {
    for (const QDockWidget* dock : m_docks) dock->disconnect(this);  // they tell of being hidden as they go
}

QWidget* MainWindow::makeCentre() {
    auto* centre = new QWidget(this);
    auto* column = makeColumn(centre, 0, 0);
    auto* strip = makeColumn(nullptr, 0, 0);
    m_notice = new NoticeBar(centre);
    m_notice->setObjectName("notice");
    strip->setContentsMargins(12, 8, 12, 0);
    strip->addWidget(m_notice);
    column->addLayout(strip);
    m_pages = new QStackedWidget(centre);
    m_start = new StartPage(!m_services.sample.empty(), m_pages);
    m_plan = new PlanPage(m_known, m_pages);
    m_conversation = new ConversationPanel(m_pages);
    m_summaries = new SummaryPanel(m_pages);
    m_summaries->setObjectName("summaryPage");
    for (QWidget* page : std::initializer_list<QWidget*>{m_start, m_plan, m_conversation, m_summaries})
        m_pages->addWidget(page);
    column->addWidget(m_pages, 1);
    return centre;
}

QDockWidget* MainWindow::makeDock(const QString& name, const QString& title, QWidget* content,
                                  Qt::DockWidgetArea area) {
    auto* dock = new QDockWidget(title, this);
    dock->setObjectName(name);
    dock->setWidget(content);
    auto* bar = new QWidget(dock);
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(12, 6, 6, 2);
    auto* label = new TextLabel(TextRole::Heading, title, bar);
    label->setObjectName("dockTitle");
    auto* close = makeIconButton("close", tr("Hide %1").arg(title), bar);
    close->setIconSize({14, 14});
    row->addWidget(label, 1);
    row->addStretch();
    row->addWidget(close);
    connect(close, &QToolButton::clicked, dock, &QWidget::hide);
    connect(dock, &QDockWidget::visibilityChanged, this, &MainWindow::titleDocks);
    dock->setTitleBarWidget(bar);
    addDockWidget(area, dock);
    m_docks << dock;
    return dock;
}

/// A dock that shares its place has its title on a tab already.
void MainWindow::titleDocks() {
    for (QDockWidget* dock : m_docks) {
        const auto beside = tabifiedDockWidgets(dock);
        const bool tabbed =
            std::any_of(beside.begin(), beside.end(), [](const QDockWidget* other) { return !other->isHidden(); });
        QWidget* bar = dock->titleBarWidget();
        bar->findChild<QWidget*>("dockTitle")->setVisible(!tabbed);
        bar->layout()->setContentsMargins(12, tabbed ? 0 : 6, 6, tabbed ? 0 : 2);
    }
}

void MainWindow::makeDocks() {
    setDockOptions(AnimatedDocks | AllowNestedDocks | AllowTabbedDocks);
    m_shelf = new ShelfPanel(this);
    m_memory = new MemoryPanel(m_services.machine_memory, this);
    m_reader = new ReaderPanel(m_services, this);
    m_quantization = new QuantizationPanel(this);
    makeDock("shelfDock", tr("Shelf"), m_shelf, Qt::LeftDockWidgetArea);
    makeDock("memoryDock", tr("Memory"), m_memory, Qt::LeftDockWidgetArea);
    makeDock("readerDock", tr("Reader"), m_reader, Qt::RightDockWidgetArea);
    auto* quantization = makeDock("quantizationDock", tr("Quantization"), m_quantization, Qt::RightDockWidgetArea);
    tabifyDockWidget(m_docks[2], quantization);
    setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);
    quantization->hide();  // for those who look for it
    m_quantization->setMinimumWidth(300);
    m_reader->setMinimumWidth(300);
    m_shelf->setMinimumWidth(220);
}

void MainWindow::arrangeDocks() {
    if (m_docks_arranged) return;
    m_docks_arranged = true;
    resizeDocks({m_docks[0], m_docks[2]}, {width() / 5, width() * 3 / 8}, Qt::Horizontal);
    resizeDocks({m_docks[0], m_docks[1]}, {height() / 2, height() / 2}, Qt::Vertical);
}

void MainWindow::reveal(QWidget* panel) {
    for (QDockWidget* dock : m_docks) {
        if (dock->widget() != panel) continue;
        dock->show();
        dock->raise();
    }
}

void MainWindow::connectController() {
    connect(m_controller, &SessionController::activityChanged, this, [this](Activity activity) {
        m_conversation->setActivity(activity);
        m_status->setActivity(activity);
        m_memory->setActivity(activity);
        m_quantization->setActivity(activity);
        if (activity == Activity::Reading && m_controller->session())
            m_mark.set(fromPath(m_controller->session()->file));
        updateActions();
    });
    connect(m_controller, &SessionController::sessionChanged, this, &MainWindow::sessionChanged);
    connect(m_controller, &SessionController::sessionShown, this, [this] {
        showPage(m_conversation);
        m_links->follow();
    });
    connect(m_controller, &SessionController::loadAdvanced, m_status, &StatusLine::setLoading);
    connect(m_controller, &SessionController::loadEnded, this, [this](const LoadEnd& end) {
        m_status->setLoading({});
        if (end.error) return reportSession(*end.error);
        if (end.session.restored) m_status->showReceipt(restoredText(*end.session.restored));
    });
    connect(m_controller, &SessionController::ended, this, &MainWindow::taskEnded);
    connect(m_controller, &SessionController::answerGrew, m_conversation, &ConversationPanel::growAnswer);
    connect(m_controller, &SessionController::progressed, this, [this](const IngestEvent& event) {
        m_status->showProgress(event);
        if (m_controller->activity() == Activity::Parsing && m_pages->currentWidget() == m_plan)
            m_plan->showParsing(text(event.document));
        if (m_controller->activity() != Activity::Reading) return;
        m_conversation->showProgress(event);
        m_shelf->model().apply(event);
        if (event.memory.kvBytes() > 0) m_memory->showLedger(event.memory);
    });
    connect(m_controller, &SessionController::measured, m_quantization, &QuantizationPanel::setStatistics);
    connect(m_controller, &SessionController::measured, m_memory, &MemoryPanel::showLayers);
    connect(m_controller, &SessionController::advanced, this, &MainWindow::showShare);
    connect(m_status, &StatusLine::cancel, m_controller, &SessionController::cancel);
}

void MainWindow::connectPages() {
    connect(m_start, &StartPage::documentsDropped, this, &MainWindow::openPaths);
    connect(m_start, &StartPage::chooseFiles, this, &MainWindow::chooseDocuments);
    connect(m_start, &StartPage::chooseFolder, this, &MainWindow::chooseFolder);
    connect(m_start, &StartPage::chooseSession, this, &MainWindow::chooseSession);
    connect(m_start, &StartPage::openSession, this, &MainWindow::openSession);
    connect(m_start, &StartPage::openSample, this, [this] { openPaths({fromPath(m_services.sample)}); });
    connect(m_start, &StartPage::forgetSession, this, &MainWindow::forgetSession);
    connect(m_start, &StartPage::locateSession, this, &MainWindow::locateSession);
    connect(m_plan, &PlanPage::read, this, &MainWindow::confirmPlan);
    connect(m_plan, &PlanPage::cancelled, this, &MainWindow::cancelPlan);
    connect(m_plan, &PlanPage::calibrate, this, &MainWindow::calibrate);
    connect(m_plan, &PlanPage::measureQuality, this, &MainWindow::measurePlanned);
    connect(m_plan, &PlanPage::estimate, this, [this] {
        if (!m_controller->busy() && m_pages->currentWidget() == m_plan)
            m_controller->estimateReading(m_plan->kvSettings());
    });
    connect(m_memory, &MemoryPanel::calibrate, this, &MainWindow::calibrate);
    connect(m_memory, &MemoryPanel::checkFidelity, this, &MainWindow::checkFidelity);
    connect(m_plan, &PlanPage::replan, this, [this] { replan(tr("Counting the tokens with the other model")); });
    connect(m_plan, &PlanPage::changeFile, this, &MainWindow::changeSessionFile);
    connect(m_plan, &PlanPage::addMore, this, &MainWindow::chooseDocuments);
    connect(m_plan, &PlanPage::recognize, this, &MainWindow::recognizeText);
    connect(m_shelf, &ShelfPanel::recognize, this, [this](const QString& source) { recognizeText({source}); });
    connect(m_conversation, &ConversationPanel::ask, this, &MainWindow::ask);
    connect(m_conversation, &ConversationPanel::stop, this, &MainWindow::cancel);
    connect(m_conversation, &ConversationPanel::cancelReading, m_controller, &SessionController::cancel);
    connect(m_conversation, &ConversationPanel::resumeReading, m_controller, &SessionController::read);
    connect(m_conversation, &ConversationPanel::citationOpened, this, &MainWindow::openCitation);
    connect(m_shelf, &ShelfPanel::addDocuments, this, &MainWindow::chooseDocuments);
    connect(m_shelf, &ShelfPanel::openPage, this, [this](int document_id, int page) {
        reveal(m_reader);
        m_reader->open({document_id, page, {}, {}});
    });
    connect(m_shelf, &ShelfPanel::retry, this, [this](const QString& source) {
        m_refused.erase(toPath(source));
        takeDocuments({source});
    });
    connect(m_quantization, &QuantizationPanel::compare, this, &MainWindow::compareSettings);
    connect(m_quantization, &QuantizationPanel::cancel, m_controller, &SessionController::cancel);
    const auto failed = [this](const QString& sentence) { m_notice->showNotice(NoticeBar::Kind::Problem, sentence); };
    connect(m_quantization, &QuantizationPanel::exported, m_export, &ExportFlow::showExported);
    connect(m_quantization, &QuantizationPanel::exportFailed, this, failed);
    connect(m_memory, &MemoryPanel::exported, m_export, &ExportFlow::showExported);
    connect(m_memory, &MemoryPanel::exportFailed, this, failed);
    connectReader();
}

void MainWindow::connectModels() {
    const auto choose = [this](const QString& path) {
        m_preferences.model = path;
        m_store.save(m_preferences);
    };
    connect(m_start, &StartPage::modelChosen, this, choose);
    connect(m_start, &StartPage::manageModels, m_model_flow, &ModelFlow::open);
    connect(m_model_flow, &ModelFlow::chosen, this, [this, choose](const QString& path) {
        choose(path);
        m_start->setModel(path);
    });
    connect(m_model_flow, &ModelFlow::inPlaceChanged, this, [this](const QStringList& models) {
        Preferences preferences = m_preferences;
        preferences.models = models;
        applyPreferences(preferences);
    });
    connect(m_controller, &SessionController::advanced, m_model_flow, &ModelFlow::showShare);
}

void MainWindow::connectReader() {
    connect(m_links, &LinkFlow::openSession, this, &MainWindow::openSession);
    connect(m_links, &LinkFlow::pageShown, this, [this] { reveal(m_reader); });
    connect(m_reader, &ReaderPanel::passwordNeeded, this, [this](const QString& file) {
        askPassword(file, false,
                    [this, file](const std::string& password) { m_reader->setPassword(toPath(file), password); });
    });
    connect(m_reader, &ReaderPanel::askAbout, this,
            [this](const QString& quote, const QString& document, const QString& page) {
                showConversation();
                m_conversation->quote(tr("About “%1” (%2, p. %3):").arg(quote, document, page));
            });
    m_reader->setNight(m_store.settings().value("reader/night").toBool());
    m_reader->setSideVisible(m_store.settings().value("reader/side").toBool());
    connect(m_reader, &ReaderPanel::lookChanged, this, [this] {
        m_store.settings().setValue("reader/night", m_reader->isNight());
        m_store.settings().setValue("reader/side", m_reader->isSideVisible());
    });
}

bool MainWindow::inSession() const {
    return m_pages->currentWidget() == m_conversation || m_pages->currentWidget() == m_summaries;
}

void MainWindow::showPage(QWidget* page) {
    const bool was_inside = inSession(), inside = page == m_conversation || page == m_summaries;
    for (int i = 0; i < int(m_docks.size()); ++i) {
        if (was_inside && !inside) m_docks_wanted[i] = !m_docks[i]->isHidden();
        m_docks[i]->setVisible(inside && (was_inside ? !m_docks[i]->isHidden() : m_docks_wanted[i]));
    }
    if (page == m_start) m_start->setSessions(m_store.recentSessions());
    m_pages->setCurrentWidget(page);
    m_notice->hide();
    updateActions();
    if (!inside) return;
    arrangeDocks();
    if (page == m_conversation) m_conversation->focusInput();
}

void MainWindow::showConversation() {
    if (m_pages->currentWidget() == m_summaries) showPage(m_conversation);
}

void MainWindow::closeEvent(QCloseEvent* event) {
    m_controller->cancel();
    if (!inSession())
        for (int i = 0; i < int(m_docks.size()); ++i) m_docks[i]->setVisible(m_docks_wanted[i]);
    m_mark.close();
    m_store.settings().setValue("window/geometry", saveGeometry());
    m_store.settings().setValue("window/state", saveState(kLayoutVersion));
    event->accept();
}

void MainWindow::changeEvent(QEvent* event) {
    QMainWindow::changeEvent(event);
    if (event->type() == QEvent::ActivationChange && isActiveWindow() && inSession())
        m_document_flow->windowActivated();
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
    if (!localPaths(*event->mimeData()).isEmpty()) event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
    event->acceptProposedAction();
    openPaths(localPaths(*event->mimeData()));
}

}  // namespace lectern::ui
