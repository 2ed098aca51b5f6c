// SPDX-License-Identifier: GPL-3.0-or-later
// The whole job in the main window with the real engine, the built-in model and the sample document.
#include "tests/ui/test_real_engine.h"

#include <QAbstractButton>
#include <QAction>
#include <QFileDialog>
#include <QInputDialog>
#include <QLabel>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTabBar>
#include <QToolButton>
#include <QTreeView>
#include <QTreeWidget>
#include <QtTest/QTest>

#include "app/window_services.h"
#include "tests/ui/support/gui_watch.h"
#include "tests/ui/support/whole_job.h"
#include "ui/format.h"
#include "ui/heat_map_view.h"
#include "ui/plot_view.h"
#include "ui/summary_card.h"

namespace lectern::test {
namespace {

constexpr int kPatienceMs = 120'000;

bool planIsReady(WindowDriver& driver) {
    return driver.waitFor([&] { return driver.visible("planRead") && driver.visible("planRead")->isEnabled(); },
                          kPatienceMs);
}

/// Opens the window with these files; true when their plan is ready.
bool planOpens(WindowDriver& driver, const QStringList& files) {
    driver.openWindow();
    if (!driver.waitIdle(kPatienceMs)) return false;
    driver.drop(files);
    return planIsReady(driver);
}

/// Begins to read what the plan shows; the conversation is there meanwhile.
bool readingOpens(WindowDriver& driver) {
    driver.click("planRead");
    return driver.waitFor([&] { return driver.visible("question") != nullptr; });
}

}  // namespace

void TestRealEngine::sampleIsReadAskedReopenedAndAskedAgain() {
    const ui::Services services = windowServices();
    if (services.options.built_in.empty() || services.sample.empty())
        QSKIP("the built-in model or the sample document is not there");
    WindowDriver driver(services);
    driver.openWindow();
    QVERIFY(driver.waitIdle(kPatienceMs));
    auto& app = *static_cast<WatchedApplication*>(QCoreApplication::instance());
    app.restartWatch();
    doWholeJob(driver, ui::fromPath(services.sample),
               {"Who keeps the keys of the north tower?", "How deep is the well?", kPatienceMs});
    QVERIFY2(app.problem().isEmpty(), qPrintable(app.problem()));
}

void TestRealEngine::fidelityOfTheSampleIsMeasuredInTheWindow() {
    const ui::Services services = windowServices();
    if (services.options.built_in.empty() || services.sample.empty())
        QSKIP("the built-in model or the sample document is not there");
    QVERIFY2(!services.options.calibration_text.empty(), "our calibration text is found like the other resources");
    WindowDriver driver(services);
    QVERIFY(planOpens(driver, {ui::fromPath(services.sample)}));
    QVERIFY2(driver.visible("planCalibrate") == nullptr, "the built-in model comes with its calibration");
    QVERIFY(readingOpens(driver));
    QVERIFY(driver.waitIdle(kPatienceMs));
    driver.click("checkFidelity");
    QVERIFY(driver.waitFor([&] { return driver.visible("fidelityGrade") != nullptr; }, kPatienceMs));
    QVERIFY(driver.find<QLabel>("fidelityResult")->text().contains("places"));
    auto& app = *static_cast<WatchedApplication*>(QCoreApplication::instance());
    QVERIFY2(app.problem().isEmpty(), qPrintable(app.problem()));
}

void TestRealEngine::layersOfTheSampleAreDrawnAndSettingsCompared() {
    const ui::Services services = windowServices();
    if (services.options.built_in.empty() || services.sample.empty())
        QSKIP("the built-in model or the sample document is not there");
    WindowDriver driver(services);
    QVERIFY(planOpens(driver, {ui::fromPath(services.sample)}));
    QVERIFY(readingOpens(driver));
    driver.trigger("quantizationDock");
    QVERIFY(driver.waitIdle(kPatienceMs));
    auto& app = *static_cast<WatchedApplication*>(QCoreApplication::instance());
    QVERIFY2(app.problem().isEmpty(), qPrintable(app.problem()));
    const auto map = driver.find<ui::HeatMapView>("heatMap")->data();
    QVERIFY(map.cells.size() > 1);
    for (const auto& layer : map.cells) QVERIFY(layer[0] > 0 && layer[0] < 0.1 && layer[1] > 0 && layer[1] < 0.1);
    for (const char* name : {"channelPlot", "histogramPlot", "codesPlot", "outliersPerTokenPlot",
                             "outliersOverTimePlot", "driftOverTimePlot", "layerBytes", "memoryChart"})
        QVERIFY2(driver.find<ui::PlotView>(name)->plot().hasNumbers(), name);
    auto* table = driver.find<QTreeWidget>("comparison");
    for (int i = 0; i < table->topLevelItemCount(); ++i)
        table->topLevelItem(i)->setCheckState(0,
                                              table->topLevelItem(i)->text(0) == "nuq2" ? Qt::Checked : Qt::Unchecked);
    driver.find<QAction>("compare")->trigger();
    QVERIFY(driver.waitIdle(kPatienceMs));
    QVERIFY2(driver.notice().isEmpty(), qPrintable(driver.notice()));
    const auto measured = table->findItems("nuq2", Qt::MatchExactly).value(0);
    QVERIFY(measured != nullptr && !measured->text(1).isEmpty());
    QVERIFY2(app.problem().isEmpty(), qPrintable(app.problem()));
}

void TestRealEngine::documentsAreTakenOutAndConversationsForkedInTheWindow() {
    const ui::Services services = windowServices();
    if (services.options.built_in.empty()) QSKIP("the built-in model is not there");
    WindowDriver driver(services);
    QVERIFY(planOpens(driver, {driver.document("lamp.txt", "The lamp of the north tower was lit in 1911.\n"),
                               driver.document("well.txt", "The well in the yard is twenty-two metres deep.\n")}));
    QVERIFY(readingOpens(driver));
    QVERIFY(driver.waitIdle(kPatienceMs));
    const auto ask = [&](const QString& question) {
        const auto before = driver.cards().size();
        driver.find<QPlainTextEdit>("question")->setPlainText(question);
        driver.click("ask");
        QVERIFY(driver.waitFor([&] { return driver.cards().size() == before + 1; }));
        QVERIFY(driver.waitIdle(kPatienceMs));
    };
    ask("How deep is the well?");
    ask("When was the lamp lit?");
    driver.cards().front()->findChild<QToolButton*>("forkHere")->click();
    QVERIFY(driver.waitFor([&] { return driver.cards().size() == 1; }));
    ask("Where is the well?");
    QCOMPARE(driver.find<QTabBar>("branches")->count(), 2);
    auto* shelf = driver.find<QTreeView>("shelf");
    shelf->setCurrentIndex(shelf->model()->index(0, 0));
    driver.find<QAction>("removeDocuments")->trigger();
    QVERIFY(driver.waitFor([&] { return driver.find<QMessageBox>("confirmReread") != nullptr; }));
    auto* box = driver.find<QMessageBox>("confirmReread");
    QVERIFY2(box->informativeText().contains("tokens are read again"), qPrintable(box->informativeText()));
    box->findChild<QPushButton*>("confirmed")->click();
    QVERIFY(driver.waitFor([&] { return shelf->model()->rowCount() == 1; }, kPatienceMs));
    QVERIFY(driver.waitIdle(kPatienceMs));
    QCOMPARE(driver.notice(), QString("“lamp.txt” is out of the session."));
    ask("How deep is the well in the yard?");
    QVERIFY2(driver.cards().back()->answer().contains("twenty-two"), qPrintable(driver.cards().back()->answer()));
    const std::size_t turns = driver.cards().size();
    driver.click("regenerate");
    QVERIFY(driver.waitFor([&] { return driver.notice() == "The earlier answer is kept."; }, kPatienceMs));
    QVERIFY(driver.waitIdle(kPatienceMs));
    QCOMPARE(driver.cards().size(), turns);
    driver.click("noticeAction");
    QVERIFY(driver.waitFor([&] { return driver.find<QTabBar>("branches")->count() == 3; }, kPatienceMs));
    auto& app = *static_cast<WatchedApplication*>(QCoreApplication::instance());
    QVERIFY2(app.problem().isEmpty(), qPrintable(app.problem()));
}

void TestRealEngine::sampleIsSummarizedSentenceByPage() {
    const ui::Services services = windowServices();
    if (services.options.built_in.empty() || services.sample.empty())
        QSKIP("the built-in model or the sample document is not there");
    WindowDriver driver(services);
    QVERIFY(planOpens(driver, {ui::fromPath(services.sample)}));
    QVERIFY(readingOpens(driver));
    QVERIFY(driver.waitIdle(kPatienceMs));
    driver.find<QAction>("summarize")->trigger();
    QVERIFY(driver.waitFor(
        [&] { return driver.visible("startSummary") != nullptr && driver.visible("startSummary")->isEnabled(); },
        kPatienceMs));
    driver.click("startSummary");
    QVERIFY(driver.waitFor([&] { return driver.visible("summaryState") != nullptr; }, kPatienceMs));
    QVERIFY(driver.waitIdle(kPatienceMs));
    QVERIFY(driver.find<QLabel>("summaryState")->text().contains("chosen by"));
    const auto cards = driver.window().findChildren<ui::SummaryCard*>();
    QVERIFY2(cards.size() >= 10, "a lead and nine sections");
    driver.find<QAction>("exportSummary")->trigger();
    auto* dialog = driver.find<QFileDialog>("summaryExport");
    QVERIFY(dialog != nullptr);
    const std::filesystem::path pdf = driver.folder() / "summary.pdf";
    dialog->selectFile(ui::fromPath(pdf));
    QMetaObject::invokeMethod(dialog, "accept");
    QVERIFY(driver.waitFor([&] { return driver.notice().contains("summary.pdf"); }, kPatienceMs));
    const auto read = DocumentReader(services.options.worker).read({.file = pdf, .password = {}, .limits = {}});
    QVERIFY2(read, read ? "" : read.error().message.c_str());
    QVERIFY(ui::text(read->pages.front().text).contains("[sample.pdf p. 1]"));
    auto& app = *static_cast<WatchedApplication*>(QCoreApplication::instance());
    QVERIFY2(app.problem().isEmpty(), qPrintable(app.problem()));
}

void TestRealEngine::answersInAllScriptsAreExportedAsPdf() {
    const ui::Services services = windowServices();
    if (services.options.built_in.empty() || services.sample.empty())
        QSKIP("the built-in model or the sample document is not there");
    WindowDriver driver(services);
    QVERIFY(planOpens(driver, {driver.document("notes.txt", "The well is twenty-two metres deep.\n")}));
    QVERIFY(readingOpens(driver));
    QVERIFY(driver.waitIdle(kPatienceMs));
    const QString question =
        QString::fromUtf8("\u4e95\u6709\u591a\u6df1 \u00fc\u00df \u043a\u043e\u043b\u043e\u0434\u0435\u0446");
    driver.find<QPlainTextEdit>("question")->setPlainText(question);
    driver.click("ask");
    QVERIFY(driver.waitFor([&] { return !driver.cards().empty(); }));
    QVERIFY(driver.waitIdle(kPatienceMs));
    driver.find<QAction>("export")->trigger();
    auto* dialog = driver.find<QFileDialog>("conversationExport");
    QVERIFY(dialog != nullptr);
    const std::filesystem::path pdf = driver.folder() / "talk.pdf";
    dialog->selectFile(ui::fromPath(pdf));
    QMetaObject::invokeMethod(dialog, "accept");
    QVERIFY(driver.waitFor([&] { return driver.notice().contains("talk.pdf"); }));
    const auto read = DocumentReader(services.options.worker).read({.file = pdf, .password = {}, .limits = {}});
    QVERIFY2(read, read ? "" : read.error().message.c_str());
    const QString text = ui::text(read->pages.front().text);
    for (const QString& part : question.split(' ')) QVERIFY2(text.contains(part), qPrintable(text));
    QVERIFY2(text.contains("lectern-reader") || text.contains("Lectern"), "it says which model answered");
}

/// A PDF that was not made for us: asked with a citation opened, closed, reopened and asked again; summarized; its
/// layers drawn.
void TestRealEngine::everyJobIsDoneOnAPublishedReport() {
    const auto report = testData("pdf/papers-layout/multi_page.pdf");
    const ui::Services services = windowServices();
    if (!report) QSKIP("the public test data is not there");
    if (services.options.built_in.empty()) QSKIP("the built-in model is not there");
    WindowDriver driver(services);
    driver.openWindow();
    QVERIFY(driver.waitIdle(kPatienceMs));
    auto& app = *static_cast<WatchedApplication*>(QCoreApplication::instance());
    app.restartWatch();
    doWholeJob(driver, ui::fromPath(*report),
               {"Who patented the typewriter in 1868?", "When was the IBM MT/ST introduced?", kPatienceMs});
    if (QTest::currentTestFailed()) return;
    driver.trigger("quantizationDock");
    QVERIFY(driver.waitIdle(kPatienceMs));
    QVERIFY(driver.find<ui::HeatMapView>("heatMap")->data().cells.size() > 1);
    QVERIFY(driver.find<ui::PlotView>("histogramPlot")->plot().hasNumbers());
    driver.find<QAction>("summarize")->trigger();
    QVERIFY(driver.waitFor(
        [&] { return driver.visible("startSummary") != nullptr && driver.visible("startSummary")->isEnabled(); },
        kPatienceMs));
    driver.click("startSummary");
    QVERIFY(driver.waitFor([&] { return driver.visible("summaryState") != nullptr; }, kPatienceMs));
    QVERIFY(driver.waitIdle(kPatienceMs));
    const auto cards = driver.window().findChildren<ui::SummaryCard*>();
    QVERIFY(cards.size() > 2);
    QVERIFY(!cards.back()->findChildren<QAbstractButton*>().empty());
    QVERIFY2(app.problem().isEmpty(), qPrintable(app.problem()));
}

void TestRealEngine::closingWhileItReadsOrAnswersIsFast() {
    const ui::Services services = windowServices();
    if (services.options.built_in.empty()) QSKIP("the built-in model is not there");
    WindowDriver driver(services);
    const QString text = QString("The well in the yard is twenty-two metres deep. ").repeated(20'000);
    QVERIFY(planOpens(driver, {driver.document("long.txt", text)}));
    QVERIFY(readingOpens(driver));
    QVERIFY(driver.waitFor([&] { return driver.activity() == "Reading…"; }));
    QElapsedTimer clock;
    clock.start();
    driver.closeWindow();
    QVERIFY2(clock.elapsed() < 3000, qPrintable(QString::number(clock.elapsed())));
    driver.openWindow();
    QVERIFY(driver.waitIdle(kPatienceMs));
    driver.drop({driver.document("short.txt", text.left(4000))});
    QVERIFY(planIsReady(driver));
    QVERIFY(readingOpens(driver));
    QVERIFY(driver.waitIdle(kPatienceMs));
    driver.ask("How deep is the well?");
    QVERIFY(driver.waitFor([&] { return driver.activity() == "Answering…"; }));
    clock.restart();
    driver.closeWindow();
    QVERIFY2(clock.elapsed() < 3000, qPrintable(QString::number(clock.elapsed())));
}

/// Of a question so long that reading it takes a while.
void TestRealEngine::stopReachesTheEngineWhileItReadsTheQuestion() {
    const ui::Services services = windowServices();
    if (services.options.built_in.empty()) QSKIP("the built-in model is not there");
    WindowDriver driver(services);
    QVERIFY(planOpens(driver, {driver.document("well.txt", "The well in the yard is twenty-two metres deep.\n")}));
    QVERIFY(readingOpens(driver));
    QVERIFY(driver.waitIdle(kPatienceMs));
    const QString question = QString("The rope of the well is new, and its bucket is old. ").repeated(2000) + "So?";
    auto* input = driver.find<QPlainTextEdit>("question");
    input->setPlainText(question);
    driver.click("ask");
    QVERIFY(driver.waitFor([&] { return driver.activity() == "Answering…"; }));
    QTest::qWait(500);
    QCOMPARE(driver.activity(), QString("Answering…"));
    QElapsedTimer clock;
    clock.start();
    QTest::keyClick(&driver.window(), Qt::Key_Escape);
    QVERIFY(driver.waitIdle(kPatienceMs));
    QVERIFY2(clock.elapsed() < 2000, qPrintable(QString::number(clock.elapsed())));  // a chunk takes a fraction of it
    QCOMPARE(input->toPlainText(), question);
    QVERIFY(driver.cards().empty());
}

void TestRealEngine::lockedFileAsksForItsPassword() {
    const auto locked = testData("pdf/encrypted/libreoffice-writer-password.pdf");
    const ui::Services services = windowServices();
    if (!locked) QSKIP("the public test data is not there");
    if (services.options.built_in.empty()) QSKIP("the built-in model is not there");
    WindowDriver driver(services);
    driver.openWindow();
    QVERIFY(driver.waitIdle(kPatienceMs));
    driver.drop({ui::fromPath(*locked)});
    QVERIFY(driver.waitFor([&] { return driver.find<QInputDialog>("passwordDialog") != nullptr; }, kPatienceMs));
    auto* dialog = driver.find<QInputDialog>("passwordDialog");
    dialog->setTextValue("openpassword");
    dialog->accept();
    QVERIFY(driver.waitFor([&] { return driver.visible("planRead")->isEnabled(); }, kPatienceMs));
    QCOMPARE(driver.find<QTreeWidget>("planDocuments")->topLevelItemCount(), 1);
}

void TestRealEngine::damagedFileIsListedWithItsReason() {
    const ui::Services services = windowServices();
    if (services.options.built_in.empty()) QSKIP("the built-in model is not there");
    WindowDriver driver(services);
    QVERIFY(planOpens(driver, {driver.document("torn.pdf", "%PDF-1.7\n1 0 obj\n"),
                               driver.document("notes.txt", "The well is deep.\n")}));
    auto* list = driver.find<QTreeWidget>("planDocuments");
    QCOMPARE(list->topLevelItemCount(), 2);
    QVERIFY2(list->topLevelItem(0)->text(0).contains("torn.pdf"), qPrintable(list->topLevelItem(0)->text(0)));
    QCOMPARE(list->topLevelItem(1)->text(1), QString("1"));
}

}  // namespace lectern::test

int main(int argc, char** argv) {
    lectern::test::WatchedApplication application(argc, argv);
    QApplication::setStyle("Fusion");
    lectern::test::TestRealEngine test;
    return QTest::qExec(&test, argc, argv);
}
