// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures of every page of the window on the fake engine, light and dark, at 100%, 125%, 150% and 200%, and some of
// the real engine; in high contrast at 100%; in German and Chinese at 100% and 150%: screenshots FOLDER
#include <QAction>
#include <QComboBox>
#include <QInputDialog>
#include <QListWidget>
#include <QLocale>
#include <QMessageBox>
#include <QMouseEvent>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QTabBar>
#include <QTabWidget>
#include <QToolButton>
#include <QTreeView>
#include <QTreeWidget>
#include <QtTest/QTest>
#include <cstdio>

#include "app/window_services.h"
#include "tests/ui/support/scaled_run.h"
#include "tests/ui/support/window_driver.h"
#include "ui/format.h"
#include "ui/heat_map_view.h"
#include "ui/memory_panel.h"
#include "ui/page_view.h"
#include "ui/settings_dialog.h"
#include "ui/statistics_plots.h"
#include "ui/summary_card.h"
#include "ui/theme.h"
#include "ui/translation.h"

using namespace lectern;
using namespace lectern::test;

namespace {

constexpr int kPatienceMs = 300'000;

/// Takes the pictures of one theme at the scale this process runs at.
class Photographer {
public:
    Photographer(QApplication& application, QString folder, ui::ThemeChoice theme, QString suffix)
        : m_folder(std::move(folder)), m_suffix(std::move(suffix)), m_world(std::make_shared<FakeWorld>()) {
        ui::Services services = fakeServices(m_world, "/usr/share/lectern/samples/sample.pdf");
        services.options.calibration_text = "/usr/share/lectern/samples/calibration.txt";
        m_driver = std::make_unique<WindowDriver>(services);
        m_world->calibrated = false;
        std::filesystem::create_directories(m_driver->folder() / "models");
        for (const char* name : {"models/Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf", "models/Qwen2.5-7B-Instruct.gguf"})
            m_world->models.push_back(fakeModel(ui::toPath(m_driver->document(name, "a model\n"))));
        m_world->models.back().problem = "Qwen2.5-7B-Instruct.gguf is cut short: copy it again.";
        open(application, theme);
    }
    /// With the real engine, for the README.
    Photographer(QApplication& application, QString folder, const ui::Services& services)
        : m_folder(std::move(folder)), m_suffix("real") {
        m_driver = std::make_unique<WindowDriver>(services);
        open(application, ui::ThemeChoice::Light);
    }

    void takeReal(const QString& document, const QStringList& questions) {
        drop({document});
        take("plan");
        m_driver->click("planRead");
        m_driver->waitFor([&] { return m_driver->visible("question") != nullptr; });
        m_driver->waitIdle(kPatienceMs);
        for (const QString& question : questions) {
            m_driver->ask(question);
            m_driver->waitFor([&] { return !m_driver->idle(); }, 2000);
            m_driver->waitIdle(kPatienceMs);
        }
        m_driver->click("citation");
        QTest::qWait(1500);
        take("main-window");
        takeTall("memory", "memoryPanel");
        m_driver->trigger("quantizationDock");
        take("quantization");
        takeTall("quantization-layer", "layerPage");
        m_driver->trigger("quantizationDock");
        summarize();
        m_driver->waitIdle(kPatienceMs);
        take("summary");
    }

    void takeAll() {
        take("start-empty");
        scans();
        divided();
        plan();
        reading();
        answer();
        reader();
        summaries();
        quantization();
        settings();
        models();
        branches();
        shelf();
        commands();
        errors();
        opening();
    }

private:
    void open(QApplication& application, ui::ThemeChoice theme) {
        ui::Preferences preferences;
        preferences.theme = theme;
        preferences.reopen = false;
        m_driver->setPreferences(preferences);
        ui::applyTheme(application, preferences, QApplication::palette());
        m_driver->openWindow();
        m_driver->waitIdle(kPatienceMs);
    }
    void take(const char* name, QWidget* of = nullptr) {
        QTest::qWait(120);
        QWidget* widget = of != nullptr ? of : &m_driver->window();
        const QString file = QString("%1/%2-%3.png").arg(m_folder, name, m_suffix);
        if (!widget->grab().save(file)) std::fprintf(stderr, "cannot write %s\n", qPrintable(file));
    }
    void drop(const QStringList& paths) {
        m_driver->drop(paths);
        m_driver->waitFor([&] { return m_driver->visible("planRead") && m_driver->visible("planRead")->isEnabled(); });
        m_driver->waitIdle(kPatienceMs);  // until the time is measured
    }
    /// Of pages that are pictures: offered to be recognized, then recognized.
    void scans() {
        drop({m_driver->document("Minutes of the council 1902 (scan).pdf", "scan\npages 46\n")});
        take("plan-scan-only");
        m_driver->click("planCancel");
        m_driver->waitIdle();
        drop({m_driver->document("Minutes of the council 1902 (scan).pdf", "scan\npages 46\n"),
              m_driver->document("annual-report-1909.pdf", "pages 40\n")});
        take("plan-scan");
        m_driver->click("planRecognize");
        m_driver->waitFor([&] { return m_driver->visible("planRecognize") == nullptr; });
        m_driver->waitIdle();
        take("plan-recognized");
        m_driver->click("planCancel");
        m_driver->waitIdle();
    }
    /// Of a context that does not fit the device.
    void divided() {
        m_world->divides = true;
        drop({m_driver->document("The Harbour of Lindholm, all volumes.pdf", "pages 900\n")});
        take("plan-divided");
        m_driver->click("planCancel");
        m_driver->waitIdle();
        m_world->divides = false;
    }
    void plan() {
        drop({m_driver->document("The Harbour of Lindholm 1904-1911.pdf", "pages 120\n"),
              m_driver->document("annual-report-1910.pdf", "pages 46\n"),
              m_driver->document("letters.md", "# Letters\n\nThe gulls circled all night.\n"),
              m_driver->document("Minutes of the council 1903 (scan).pdf", "scan\npages 31\n"),
              m_driver->document("torn.pdf", "broken\n")});
        take("plan");
        m_driver->click("planCalibrate");
        m_driver->waitFor([&] { return m_driver->visible("startCalibration") != nullptr; });
        auto* dialog = m_driver->find<QDialog>("calibrationDialog");
        take("calibration", dialog);
        dialog->reject();
    }
    void reading() {
        m_world->page_ms = 12;
        m_driver->click("planRead");
        m_driver->waitFor([&] { return m_world->pages_read > 70; });
        take("reading");
        m_driver->ask("When did the lighthouse receive an electric lamp?");
        take("readingAsked");
        m_driver->click("stop");
        m_driver->click("cancelReading");
        m_driver->waitIdle();
        take("paused");
        m_world->page_ms = 1;
        m_driver->click("resumeReading");
        m_driver->waitIdle(60000);
        take("ready");
    }
    void answer() {
        m_driver->ask("When did the lighthouse receive an electric lamp, and what did the keeper say?");
        m_driver->waitFor([&] { return m_driver->visible("citation") != nullptr; });
        m_driver->click("citation");
        auto* shelf = m_driver->find<QTreeView>("shelf");
        shelf->expand(shelf->model()->index(0, 0));
        QTest::qWait(300);
        take("answer");
        takeTall("memory", "memoryPanel");
        m_driver->ask("How many ships came? Give me a table.");
        m_driver->waitFor([&] { return !m_driver->idle(); });
        m_driver->waitIdle();
        m_driver->cards().back()->findChild<QToolButton*>("ledgerDetails")->click();
        QTest::qWait(200);
        take("answer-table");
        quality();
    }
    void reader() {
        m_driver->click("readerSideButton");
        auto* view = m_driver->find<ui::PageView>("pageView");
        m_driver->waitFor([&] { return view->hasText(view->currentPage()); });
        QTest::qWait(400);
        const QRect paper = view->pageRect(view->currentPage());
        const QPoint from(paper.x() + paper.width() / 5, std::max(60, paper.y() + paper.height() / 4));
        const QPoint to = from + QPoint(paper.width() / 3, 40);
        QTest::mousePress(view->viewport(), Qt::LeftButton, {}, from);
        QTest::mouseMove(view->viewport(), to);
        QMouseEvent move(QEvent::MouseMove, to, view->viewport()->mapToGlobal(to), Qt::NoButton, Qt::LeftButton, {});
        QCoreApplication::sendEvent(view->viewport(), &move);
        QTest::mouseRelease(view->viewport(), Qt::LeftButton, {}, to);
        QTest::qWait(200);
        take("reader");
        m_driver->click("askAboutSelection");
        m_driver->click("readerNight");
        m_driver->find<QTabBar>("readerSideTabs")->setCurrentIndex(1);
        QTest::qWait(400);
        take("reader-night");
        m_driver->find<QTabBar>("readerSideTabs")->setCurrentIndex(0);
        m_driver->click("readerNight");
        m_driver->click("readerSideButton");
        m_driver->find<QPlainTextEdit>("question")->clear();
    }
    void summarize() {
        m_driver->find<QAction>("summarize")->trigger();
        m_driver->waitFor([&] {
            QWidget* start = m_driver->visible("startSummary");
            return start != nullptr && start->isEnabled();
        });
        take("summary-plan", m_driver->find<QDialog>("summaryDialog"));
        m_driver->click("startSummary");
    }
    void summaries() {
        const QSize size = m_driver->window().size();
        m_driver->window().resize(1280, 720);
        m_world->quotes = false;
        m_world->word_ms = 30;
        summarize();
        m_driver->waitFor([&] { return m_driver->window().findChildren<ui::SummaryCard*>().size() > 2; });
        take("summary-making");
        m_driver->click("stopSummary");
        m_driver->waitIdle();
        take("summary-stopped");
        m_world->quotes = true;
        m_world->word_ms = 1;
        m_driver->click("summaryAgain");
        m_driver->waitFor([&] { return !m_driver->idle(); });
        m_driver->waitIdle();
        take("summary");
        m_driver->click("summaryBack");
        m_driver->window().resize(size);
    }
    void quality() {
        m_world->kl = 0.31;
        m_world->piece_ms = 60;
        m_driver->click("checkFidelity");
        m_driver->waitFor([&] { return !m_driver->idle(); });
        auto* memory = m_driver->window().findChild<ui::MemoryPanel*>();
        auto* bar = memory->verticalScrollBar();
        bar->setValue(bar->maximum());
        QTest::qWait(200);
        take("checking");
        m_driver->waitIdle();
        QTest::qWait(100);
        bar->setValue(bar->maximum());
        take("fidelity");
    }
    void quantization() {
        m_driver->trigger("quantizationDock");
        auto* map = m_driver->find<ui::HeatMapView>("heatMap");
        QTest::mouseClick(map, Qt::LeftButton, {}, map->cellRect({3, 0}).center().toPoint());
        take("quantization");
        takeTall("quantization-layer", "layerPage");
        auto* measure = m_driver->find<QComboBox>("layerMeasure");
        measure->setCurrentIndex(int(ui::LayerMeasure::Attention));
        take("quantization-attention");
        measure->setCurrentIndex(0);
        auto* tabs = m_driver->find<QTabBar>("quantizationTabs");
        tabs->setCurrentIndex(1);
        m_driver->ask("What did the breakwater cost?");
        m_driver->waitFor([&] { return !m_driver->idle(); });
        m_driver->waitIdle();
        take("quantization-documents");
        tabs->setCurrentIndex(2);
        m_driver->click("compareSettings");
        m_driver->waitFor([&] { return !m_driver->idle(); });
        m_driver->waitIdle();
        take("quantization-settings");
        tabs->setCurrentIndex(0);
        m_driver->trigger("quantizationDock");
    }
    /// All of a scrolled page at the width it has, whether in sight or not.
    void takeTall(const char* name, const char* scroll_area) {
        auto* area = m_driver->find<QScrollArea>(scroll_area);
        QTest::qWait(50);
        take(name, area->widget());
    }
    void settings() {
        ui::Preferences preferences;
        preferences.sampler.dry_multiplier = 0.8;
        preferences.stop_strings = {"###", "Question:"};
        ui::SettingsDialog dialog(preferences, {}, &m_driver->window());
        dialog.show();
        auto* tabs = dialog.findChild<QTabWidget*>();
        for (int tab = 0; tab < tabs->count(); ++tab) {
            tabs->setCurrentIndex(tab);
            take(qPrintable(QString("settings-%1").arg(tab + 1)), &dialog);
        }
    }
    void models() {
        m_driver->find<QAction>("models")->trigger();
        auto* dialog = m_driver->find<QDialog>("modelManager");
        auto* list = dialog->findChild<QTreeWidget*>("modelList");
        if (QTreeWidgetItem* folder = list->topLevelItem(1)) list->setCurrentItem(folder->child(0));
        take("models", dialog);
        dialog->close();
    }
    void branches() {
        m_driver->cards().front()->findChild<QToolButton*>("forkHere")->click();
        QTest::qWait(100);
        take("fork");
        m_driver->ask("And what did the harbour master say about it?");
        m_driver->waitFor([&] { return !m_driver->idle(); });
        m_driver->waitIdle();
        m_driver->click("newBranch");
        m_driver->ask("Which years are covered?");
        m_driver->waitFor([&] { return !m_driver->idle(); });
        m_driver->waitIdle();
        m_driver->find<QTabBar>("branches")->setCurrentIndex(1);
        QTest::qWait(200);
        take("branches");
        m_driver->trigger("readerDock");
        m_driver->find<QAction>("beside")->trigger();
        QTest::qWait(300);
        take("beside");
        m_driver->find<QAction>("beside")->trigger();
        m_driver->trigger("readerDock");
        m_driver->find<QAction>("closeBranch")->trigger();
        m_driver->waitFor([&] { return !m_driver->notice().isEmpty(); });
        take("branch-deleted");
        m_driver->click("noticeAction");
        m_driver->waitIdle();
    }
    void shelf() {
        {
            const std::lock_guard guard(m_world->lock);
            m_world->changed = {"letters.md"};
        }
        m_driver->find<QAction>("checkFiles")->trigger();
        m_driver->waitFor([&] { return m_driver->visible("readChanged") != nullptr; });
        m_driver->waitIdle();
        auto* tree = m_driver->find<QTreeView>("shelf");
        tree->collapseAll();
        tree->setCurrentIndex(tree->model()->index(1, 0));
        m_driver->find<QAction>("switchOff")->trigger();
        m_driver->waitFor([&] { return !m_driver->idle(); }, 500);
        m_driver->waitIdle();
        take("shelf");
        m_driver->find<QAction>("removeDocuments")->trigger();
        m_driver->waitFor([&] { return m_driver->find<QMessageBox>("confirmReread") != nullptr; });
        auto* box = m_driver->find<QMessageBox>("confirmReread");
        take("confirm", box);
        {
            const std::lock_guard guard(m_world->lock);
            m_world->changed.clear();
        }
        box->findChild<QPushButton*>("confirmed")->click();
        m_driver->waitFor([&] { return !m_driver->notice().isEmpty(); });
        m_driver->waitIdle();
        take("shelf-taken-out");
        m_driver->click("noticeAction");
        m_driver->waitFor([&] { return !m_driver->idle(); }, 1000);
        m_driver->waitIdle(30000);
    }
    void commands() {
        m_driver->find<QAction>("palette")->trigger();
        auto* palette = m_driver->find<QDialog>("commandPalette");
        take("commands", palette);
        palette->reject();
        for (const auto& [action, dialog] : {std::pair("shortcuts", "shortcutsDialog"), {"about", "aboutDialog"}}) {
            m_driver->find<QAction>(action)->trigger();
            take(action, m_driver->find<QDialog>(dialog));
            m_driver->find<QDialog>(dialog)->close();
        }
    }
    /// A session on its way: shown, restored, and one that is open elsewhere.
    void opening() {
        auto* recent = m_driver->find<QListWidget>("recentSessions");
        m_world->open_ms = 2500;
        m_world->load_ms = 900;
        emit recent->itemClicked(recent->item(0));
        m_driver->waitFor([&] { return m_driver->visible("question") != nullptr; });
        m_driver->ask("How long is the breakwater?");
        QTest::qWait(400);
        take("opening");
        m_driver->waitFor([&] { return m_driver->idle(); }, 20000);
        QTest::qWait(300);
        take("restored");
        m_world->open_ms = 0;
        m_world->busy = true;
        m_driver->find<QAction>("home")->trigger();
        m_driver->waitIdle();
        take("start-restored");
        emit recent->itemClicked(recent->item(0));
        m_driver->waitFor([&] { return !m_driver->notice().isEmpty(); });
        take("busy");
    }
    void errors() {
        m_driver->ask("please fail");
        m_driver->waitFor([&] { return !m_driver->notice().isEmpty(); });
        take("error");
        m_driver->closeWindow();
        m_driver->openWindow();
        m_driver->waitIdle();
        take("start");
    }

    QString m_folder, m_suffix;
    std::shared_ptr<FakeWorld> m_world;
    std::unique_ptr<WindowDriver> m_driver;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) return std::fprintf(stderr, "Usage: screenshots FOLDER\n"), 2;
    const QString folder = QString::fromLocal8Bit(argv[1]);
    if (argc == 2) {
        QCoreApplication application(argc, argv);
        std::filesystem::create_directories(ui::toPath(folder));
        int failed = 0;
        for (const char* scale : {"1", "1.25", "1.5", "2"}) failed += runAt(scale, folder);
        for (const char* language : {"de", "zh_CN"})
            for (const char* scale : {"1", "1.5"}) failed += runAt(scale, folder, language);
        return failed;
    }
    QLocale::setDefault(QLocale("en_GB"));
    QApplication application(argc, argv);
    const QString scale = QString::number(int(QString(argv[2]).toDouble() * 100));
    const QString language = QString::fromLocal8Bit(argc > 3 ? argv[3] : "");
    if (!language.isEmpty()) {
        ui::speak(language);
        Photographer(application, folder, ui::ThemeChoice::Light, language + '-' + scale).takeAll();
        return 0;
    }
    Photographer(application, folder, ui::ThemeChoice::Light, "light-" + scale).takeAll();
    Photographer(application, folder, ui::ThemeChoice::Dark, "dark-" + scale).takeAll();
    if (scale == "100") Photographer(application, folder, ui::ThemeChoice::HighContrast, "contrast-100").takeAll();
    const ui::Services real = windowServices();
    if (scale == "100" && !real.sample.empty() && !real.options.built_in.empty())
        Photographer(application, folder, real)
            .takeReal(ui::fromPath(real.sample),
                      {"Who keeps the keys of the north tower?", "How much does the great lens weigh?"});
    return 0;
}
