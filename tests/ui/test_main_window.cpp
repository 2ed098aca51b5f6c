// SPDX-License-Identifier: GPL-3.0-or-later
// Drives the main window through a person's whole job, on the fake engine.
#include "tests/ui/test_main_window.h"

#include <QAccessible>
#include <QAction>
#include <QDialog>
#include <QInputDialog>
#include <QLabel>
#include <QListWidget>
#include <QMessageBox>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QTreeView>
#include <QTreeWidget>
#include <QtTest/QTest>

#include "tests/ui/support/gui_watch.h"
#include "tests/ui/support/whole_job.h"
#include "tests/ui/support/window_driver.h"
#include "ui/calibration_dialog.h"
#include "ui/citation_chip.h"
#include "ui/drop_zone.h"
#include "ui/format.h"
#include "ui/memory_panel.h"
#include "ui/message_card.h"
#include "ui/notice_bar.h"
#include "ui/page_view.h"
#include "ui/plan_page.h"
#include "ui/reader_panel.h"
#include "ui/reading_desk.h"
#include "ui/session_controller.h"
#include "ui/shelf_model.h"
#include "ui/text_page.h"

namespace lectern::test {

void TestMainWindow::wholeJobFromDropToSecondQuestionAfterReopening() {
    const QString pdf = m_driver->document("harbour.pdf", "pages 8\n");
    doWholeJob(*m_driver, pdf,
               {"When did the lighthouse receive an electric lamp?", "What did the keeper write?", 10000});
    QCOMPARE(m_world->questions.load(), 2);
    QCOMPARE(m_world->pages_read.load(), 8);  // reopening reads nothing again
}

void TestMainWindow::cancelledReadingIsKeptAndResumed() {
    m_world->page_ms = 20;
    startReading({m_driver->document("long.pdf", "pages 40\n")});
    QVERIFY(m_driver->waitFor([&] { return m_world->pages_read > 3; }));
    m_driver->click("cancelReading");
    QVERIFY(m_driver->waitIdle());
    const int read = m_world->pages_read;
    QVERIFY(read < 40);
    QVERIFY2(m_driver->notice().isEmpty(), "a cancel is no error");
    m_driver->ask("What was rebuilt?");  // of what is read so far
    QVERIFY(m_driver->waitFor([&] { return m_world->questions == 1; }));
    QVERIFY(m_driver->waitIdle());
    m_world->page_ms = 1;
    m_driver->click("resumeReading");
    QVERIFY(m_driver->waitFor([&] { return m_world->pages_read == 40; }));
    QVERIFY(m_driver->waitIdle());
    m_driver->ask("What happened in 1911?");
    QVERIFY(m_driver->waitFor([&] { return m_driver->cards().size() == 2; }));
    QVERIFY(m_driver->waitIdle());
}

void TestMainWindow::damagedDocumentIsListedAndTheRestIsRead() {
    m_driver->drop({m_driver->document("bad.pdf", "broken\n"), m_driver->document("good.pdf", "pages 3\n")});
    QVERIFY(
        m_driver->waitFor([&] { return m_driver->visible("planRead") && m_driver->visible("planRead")->isEnabled(); }));
    auto* list = m_driver->find<QTreeWidget>("planDocuments");
    QCOMPARE(list->topLevelItemCount(), 2);
    QVERIFY(list->topLevelItem(0)->text(0).contains("damaged"));
    m_driver->click("planRead");
    QVERIFY(m_driver->waitFor([&] { return m_world->pages_read == 3; }));
    QVERIFY(m_driver->waitIdle());
    auto* shelf = m_driver->find<QTreeView>("shelf");
    QCOMPARE(shelf->model()->rowCount(), 2);
    const QModelIndex bad = shelf->model()->index(0, 0);
    QVERIFY(bad.data(ui::ShelfModel::kDetail).toString().contains("get another copy"));
}

void TestMainWindow::scanIsReadOnceItsTextIsRecognized() {
    m_world->can_recognize = false;
    m_driver->drop({m_driver->document("scan.pdf", "scan\npages 3\npassword sesame\n")});
    QVERIFY(m_driver->waitFor([&] { return m_driver->find<QInputDialog>("passwordDialog") != nullptr; }));
    auto* dialog = m_driver->find<QInputDialog>("passwordDialog");
    dialog->setTextValue("sesame");
    dialog->accept();
    const auto ready = [&] {
        auto* recognize = m_driver->visible("planRecognize");
        return recognize != nullptr && recognize->isEnabled();
    };
    QVERIFY(m_driver->waitFor(ready));
    auto* list = m_driver->find<QTreeWidget>("planDocuments");
    QCOMPARE(list->topLevelItem(0)->text(0), QString("“scan.pdf” needs OCR: its pages are pictures."));
    QVERIFY2(m_driver->visible("planMemory") == nullptr, "of nothing that can be read there are no figures");
    QVERIFY2(m_driver->visible("planRecognize")->property("primary").toBool(), "it is what there is to do");
    m_driver->click("planRecognize");
    QVERIFY2(m_driver->notice().contains("Tesseract"), qPrintable(m_driver->notice()));
    m_world->can_recognize = true;
    m_driver->click("planRecognize");
    QVERIFY2(m_driver->waitFor([&] {
        auto* read = m_driver->visible("planRead");
        return read != nullptr && read->isEnabled() && m_driver->visible("planRecognize") == nullptr;
    }),
             "nothing is left to be recognized");
    QVERIFY(m_driver->visible("planMemory") != nullptr);
    m_driver->click("planRead");
    QVERIFY(m_driver->waitFor([&] { return m_world->pages_read == 3; }));
    QVERIFY(m_driver->waitIdle());
}

void TestMainWindow::lockedDocumentIsReadWithItsPassword() {
    m_driver->drop({m_driver->document("locked.pdf", "pages 2\npassword sesame\n")});
    QVERIFY(m_driver->waitFor([&] { return m_driver->find<QInputDialog>("passwordDialog") != nullptr; }));
    auto* dialog = m_driver->find<QInputDialog>("passwordDialog");
    QCOMPARE(dialog->textEchoMode(), QLineEdit::Password);
    dialog->setTextValue("sesame");
    dialog->accept();
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("planRead")->isEnabled(); }));
    m_driver->click("planRead");
    QVERIFY(m_driver->waitFor([&] { return m_world->pages_read == 2; }));
    QVERIFY(m_driver->waitIdle());
    QCOMPARE(m_driver->find<QTreeView>("shelf")->model()->rowCount(), 1);
    auto* shelf = m_driver->find<QTreeView>("shelf");
    emit shelf->clicked(shelf->model()->index(0, 0));
    auto* page = m_driver->find<ui::PageView>("pageView");
    QVERIFY(m_driver->waitFor([&] { return page->isVisible() && !page->image().isNull(); }));
}

void TestMainWindow::wrongPasswordIsAskedForAgain() {
    m_driver->drop({m_driver->document("locked.pdf", "pages 2\npassword sesame\n")});
    QVERIFY(m_driver->waitFor([&] { return m_driver->find<QInputDialog>("passwordDialog") != nullptr; }));
    auto* dialog = m_driver->find<QInputDialog>("passwordDialog");
    dialog->setTextValue("open");
    dialog->accept();
    QVERIFY(m_driver->waitFor([&] {
        auto* again = m_driver->find<QInputDialog>("passwordDialog");
        return again != nullptr && again->isVisible() && again->labelText().contains("did not open");
    }));
}

void TestMainWindow::refusedPasswordLeavesTheDocumentOut() {
    m_driver->drop(
        {m_driver->document("locked.pdf", "pages 2\npassword sesame\n"), m_driver->document("free.pdf", "pages 2\n")});
    QVERIFY(m_driver->waitFor([&] { return m_driver->find<QInputDialog>("passwordDialog") != nullptr; }));
    m_driver->find<QInputDialog>("passwordDialog")->reject();
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("planRead")->isEnabled(); }));
    QCOMPARE(static_cast<QPushButton*>(m_driver->visible("planRead"))->text(), QString("Read 1 document"));
}

void TestMainWindow::sessionOfAnotherModelIsReadAgainOnRequest() {
    readDocuments({m_driver->document("harbour.pdf", "pages 4\n")});
    m_driver->closeWindow();
    m_world->other_model = true;
    m_driver->openWindow();
    QVERIFY(m_driver->waitIdle());
    auto* recent = m_driver->find<QListWidget>("recentSessions");
    emit recent->itemClicked(recent->item(0));
    QVERIFY(m_driver->waitFor([&] { return m_driver->find<QMessageBox>("wrongModelDialog") != nullptr; }));
    auto* dialog = m_driver->find<QMessageBox>("wrongModelDialog");
    QVERIFY(dialog->text().contains("another model"));
    dialog->findChild<QPushButton*>("readAgain")->click();
    QVERIFY(m_driver->waitFor([&] { return m_world->pages_read == 8; }));
    QVERIFY(m_driver->waitIdle());
    m_driver->ask("What did the keeper write?");
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("citation") != nullptr; }));
}

void TestMainWindow::missingSessionIsAClearSentence() {
    m_driver->window().openPaths({"/nowhere/gone.lectern"});
    QVERIFY(m_driver->waitFor([&] { return !m_driver->notice().isEmpty(); }));
    QVERIFY(m_driver->notice().startsWith("gone.lectern is not"));
    QVERIFY(m_driver->visible("startPage") != nullptr);
}

void TestMainWindow::noRoomIsSaidAndNothingIsLost() {
    m_world->full = true;
    readDocuments({m_driver->document("harbour.pdf", "pages 4\n")});
    QVERIFY(m_driver->notice().contains("fewer bits"));
    QVERIFY(m_driver->visible("resumeReading") != nullptr);
    m_world->full = false;
    m_driver->click("resumeReading");
    QVERIFY(m_driver->waitFor([&] { return m_world->pages_read == 4; }));
}

void TestMainWindow::cancelledPlanLeavesNoFile() {
    m_driver->drop({m_driver->document("harbour.pdf", "pages 4\n")});
    QVERIFY(
        m_driver->waitFor([&] { return m_driver->visible("planRead") && m_driver->visible("planRead")->isEnabled(); }));
    const auto file = m_driver->folder() / "sessions" / "harbour.lectern";
    QVERIFY(std::filesystem::exists(file));
    m_driver->click("planCancel");
    QVERIFY(m_driver->waitForPage("startPage"));
    QVERIFY(m_driver->waitFor([&] { return !std::filesystem::exists(file); }));
}

void TestMainWindow::chatTemplateThatIsNotTakenIsSaidOnce() {
    m_world->frame_problem = "Framing questions as \"chatml\". The chat template is too deep.";
    readDocuments({m_driver->document("harbour.pdf", "pages 4\n")});
    QVERIFY2(m_driver->notice().contains("chatml"), qPrintable(m_driver->notice()));
    QVERIFY2(m_driver->visible("noticeDetails") == nullptr, "on request");
    m_driver->click("noticeMore");
    QVERIFY(qobject_cast<QLabel*>(m_driver->visible("noticeDetails"))->text().contains("too deep"));
    readDocuments({m_driver->document("annex.pdf", "pages 2\n")});
    QVERIFY2(m_driver->notice().isEmpty(), "not again");
}

void TestMainWindow::otherBitsMakeTheSessionWithThem() {
    m_driver->drop({m_driver->document("harbour.pdf", "pages 4\n")});
    QVERIFY(
        m_driver->waitFor([&] { return m_driver->visible("planRead") && m_driver->visible("planRead")->isEnabled(); }));
    m_driver->click("setting-nuq2");
    m_driver->click("planRead");
    QVERIFY(m_driver->waitFor([&] { return m_world->pages_read == 4; }));
    QVERIFY(m_driver->waitIdle());
    const std::lock_guard guard(m_world->lock);
    const KvSettings kv = m_world->files[m_driver->folder() / "sessions" / "harbour.lectern"].kv;
    QCOMPARE(kv.key_bits, 2);
    QCOMPARE(kv.value_bits, 2);
}

void TestMainWindow::moreDocumentsJoinTheOpenSession() {
    readDocuments({m_driver->document("harbour.pdf", "pages 4\n")});
    readDocuments({m_driver->document("annex.pdf", "pages 2\n")});
    QCOMPARE(m_driver->find<QTreeView>("shelf")->model()->rowCount(), 2);
    QCOMPARE(m_world->pages_read.load(), 6);
}

void TestMainWindow::documentsDroppedDuringReadingAreRefusedInWords() {
    m_world->page_ms = 30;
    startReading({m_driver->document("long.pdf", "pages 60\n")});
    QVERIFY(m_driver->waitFor([&] { return m_world->pages_read > 1; }));
    m_driver->drop({m_driver->document("annex.pdf", "pages 2\n")});
    QVERIFY(m_driver->waitFor([&] { return m_driver->notice().contains("once the present work"); }));
    QCOMPARE(m_driver->activity(), QString("Reading…"));
}

void TestMainWindow::textDocumentsAndMovedFilesAreShownAsText() {
    const QString pdf = m_driver->document("harbour.pdf", "pages 2\n");
    readDocuments({m_driver->document("notes.txt", "One line.\nAnother line.\n"), pdf});
    auto* shelf = m_driver->find<QTreeView>("shelf");
    emit shelf->clicked(shelf->model()->index(0, 0));
    auto* page = m_driver->find<ui::TextPage>("textPage");
    QVERIFY(m_driver->waitFor([&] { return page->isVisible() && page->toPlainText().contains("Another line."); }));
    QFile::remove(pdf);
    emit shelf->clicked(shelf->model()->index(1, 0));
    QVERIFY(m_driver->waitFor([&] { return page->isVisible() && page->toPlainText().contains("harbour"); }));
    const auto said = m_driver->window().findChild<ui::ReaderPanel*>()->findChild<QLabel*>("noticeMessage")->text();
    QCOMPARE(said, QString("“harbour.pdf” does not exist: check its name and folder. Below is the stored text of the "
                           "page."));
}

void TestMainWindow::findGoesThroughTheDocument() {
    readDocuments({m_driver->document("harbour.pdf", "pages 6\n")});
    auto* shelf = m_driver->find<QTreeView>("shelf");
    emit shelf->clicked(shelf->model()->index(0, 0));
    QTest::keyClick(&m_driver->window(), Qt::Key_F, Qt::ControlModifier);
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("findField") != nullptr; }));
    m_driver->type("findField", "LIGHTHOUSE received");
    auto* page = m_driver->find<ui::PageView>("pageView");
    QVERIFY(m_driver->waitFor([&] { return page->markCount() > 0; }));
}

void TestMainWindow::closingWhileReadingIsFast() {
    m_world->page_ms = 50;
    startReading({m_driver->document("long.pdf", "pages 400\n")});
    QVERIFY(m_driver->waitFor([&] { return m_world->pages_read > 1; }));
    QElapsedTimer clock;
    clock.start();
    m_driver->closeWindow();
    QVERIFY2(clock.elapsed() < 1000, qPrintable(QString::number(clock.elapsed())));
    QVERIFY(m_world->pages_read < 400);
}

void TestMainWindow::closingDuringAnyWorkIsFast_data() {
    QTest::addColumn<QString>("action");
    QTest::addColumn<QString>("activity");
    QTest::newRow("answering") << ""
                               << "Answering…";
    QTest::newRow("summarizing") << "summarize"
                                 << "Summarizing…";
    QTest::newRow("checking") << "fidelity"
                              << "Checking fidelity…";
    QTest::newRow("comparing") << "compare"
                               << "Comparing settings…";
    QTest::newRow("calibrating") << "calibrate"
                                 << "Calibrating…";
}

void TestMainWindow::closingDuringAnyWorkIsFast() {
    QFETCH(QString, action);
    QFETCH(QString, activity);
    readDocuments({m_driver->document("harbour.pdf", "pages 4\n")});
    m_world->word_ms = m_world->piece_ms = 400;
    m_world->quotes = false;
    if (action.isEmpty()) m_driver->ask("What did the keeper write?");
    if (!action.isEmpty()) m_driver->find<QAction>(qPrintable(action))->trigger();
    const auto start = [&](const char* button) {
        return m_driver->waitFor([&] {
            QWidget* there = m_driver->visible(button);
            if (there != nullptr && there->isEnabled()) QTest::mouseClick(there, Qt::LeftButton);
            return there != nullptr && there->isEnabled();
        });
    };
    if (action == "summarize") QVERIFY(start("startSummary"));
    if (auto* dialog = m_driver->find<ui::CalibrationDialog>("calibrationDialog")) {
        dialog->addTexts({m_driver->document("mine.txt", "One line.\n")});
        QVERIFY(start("startCalibration"));
    }
    QVERIFY(m_driver->waitFor([&] { return m_driver->activity() == activity; }));
    QElapsedTimer clock;
    clock.start();
    m_driver->closeWindow();
    QVERIFY2(clock.elapsed() < 1000, qPrintable(QString::number(clock.elapsed())));
}

/// Names that a screen reader has for what can be focused or pressed; those without one.
QStringList TestMainWindow::namelessIn(const QWidget& top) {
    QStringList nameless;
    for (QWidget* widget : top.findChildren<QWidget*>()) {
        const bool button = qobject_cast<QAbstractButton*>(widget) != nullptr;
        const QWidget* around = widget->parentWidget();
        bool inner = widget->objectName().startsWith("qt_") || qobject_cast<QScrollBar*>(widget) != nullptr ||
                     widget->inherits("QComboBoxListView") ||
                     (widget->objectName().startsWith("notice") && !widget->isVisible());  // has its text when shown
        for (const char* whole : {"QAbstractSpinBox", "QComboBox", "QLineEdit", "QTabWidget"})
            inner = inner || around->inherits(whole);
        const bool container =
            widget->inherits("QMainWindow") || widget->metaObject() == &QScrollArea::staticMetaObject;
        if ((!button && widget->focusPolicy() == Qt::NoFocus) || inner || container) continue;
        const QAccessibleInterface* seen = QAccessible::queryAccessibleInterface(widget);
        if (seen == nullptr || seen->text(QAccessible::Name).isEmpty())
            nameless << QString(widget->metaObject()->className()) + ' ' + widget->objectName();
    }
    nameless.removeDuplicates();
    return nameless;
}

void TestMainWindow::everyControlHasAName() {
    readDocuments({m_driver->document("harbour.pdf", "pages 12\n")});
    m_driver->ask("How long is the breakwater?");
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("citation") != nullptr; }));
    QVERIFY(m_driver->waitIdle());
    m_driver->trigger("quantizationDock");
    m_driver->find<QAction>("beside")->trigger();
    m_driver->find<QAction>("summarize")->trigger();
    QVERIFY(m_driver->waitFor([&] { return m_driver->find<QDialog>("summaryDialog") != nullptr; }));
    QVERIFY(m_driver->waitIdle());
    m_driver->find<QAction>("settings")->trigger();
    m_driver->find<QAction>("palette")->trigger();
    m_driver->find<QAction>("shortcuts")->trigger();
    m_driver->find<QAction>("about")->trigger();
    m_driver->find<QAction>("calibrate")->trigger();
    m_driver->find<QAction>("models")->trigger();
    const QStringList nameless = namelessIn(m_driver->window());
    QVERIFY2(nameless.isEmpty(), qPrintable(nameless.join(", ")));
}

void TestMainWindow::settingsAreReadBackFromTheirFile() {
    const QString file = ui::fromPath(m_driver->folder() / "own.ini");
    const auto open = [file] { return std::make_unique<QSettings>(file, QSettings::IniFormat); };
    open()->setValue("another/key", 7);
    ui::Preferences preferences;
    preferences.threads = 3;
    preferences.model_folders = QStringList{"/a, b", "/c"};
    preferences.kv = *parseKvSettings("nuq3/2-0.5%");
    preferences.sampler.top_p = 0.25;
    preferences.sampler.typical_p = 0.5;
    preferences.sampler.presence_penalty = -0.5;
    preferences.sampler.frequency_penalty = 0.125;
    preferences.sampler.dry_multiplier = 0.8;
    preferences.sampler.dry_base = 2;
    preferences.sampler.dry_allowed_length = 3;
    preferences.stop_strings = QStringList{"</answer>", "a, b"};
    preferences.theme = ui::ThemeChoice::Dark;
    preferences.font_family = "Noto Serif";
    {
        ui::SettingsFile settings(open);
        ui::PreferenceStore store(settings);
        store.save(preferences);
        for (const char* name : {"/x.lectern", "/\u00fc \"y\".lectern", "/x.lectern"})
            store.remember({QString::fromUtf8(name), "model", "a.pdf, b.pdf", 1'000'000'000'000ULL, 5, 6});
    }
    ui::SettingsFile settings(open);
    const ui::PreferenceStore store(settings);
    QVERIFY(store.load() == preferences);
    QCOMPARE(settings.value("another/key").toInt(), 7);
    const auto recent = store.recentSessions();
    QCOMPARE(recent.size(), std::size_t(2));
    QCOMPARE(recent[0].file, QString("/x.lectern"));
    QCOMPARE(recent[1].file, QString::fromUtf8("/\u00fc \"y\".lectern"));
    QCOMPARE(recent[1].tokens, 1'000'000'000'000ULL);
}

void TestMainWindow::foldersGiveTheirDocuments() {
    std::filesystem::create_directories(m_driver->folder() / "case" / "deep");
    m_driver->document("case/b.pdf", "pages 1\n");
    m_driver->document("case/deep/a.txt", "text\n");
    m_driver->document("case/picture.png", "no document\n");
    const QString folder = ui::fromPath(m_driver->folder() / "case");
    QCOMPARE(ui::documentsOf({folder}), (QStringList{folder + "/b.pdf", folder + "/deep/a.txt"}));
}

void TestMainWindow::findingCountsBytesAndLetters() {
    PageText page;
    page.text = "Größe und Gröbe, größe";
    page.words = {{0, 7, {1, 1, 10, 1}}, {8, 11, {20, 1, 10, 1}}, {12, 18, {40, 1, 10, 1}}, {20, 27, {60, 1, 10, 1}}};
    const auto hits = ui::findOnPage(page, 3, "größe");
    QCOMPARE(hits.size(), std::size_t(2));
    QCOMPARE(hits[0].rects.size(), std::size_t(1));
    QCOMPARE(hits[1].rects.front().x, 60.0F);
    QCOMPARE(hits[1].page, 3);
}

}  // namespace lectern::test

int main(int argc, char** argv) {
    lectern::test::WatchedApplication application(argc, argv);
    QApplication::setStyle("Fusion");
    lectern::test::TestMainWindow test;
    return QTest::qExec(&test, argc, argv);
}
