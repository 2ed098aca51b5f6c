// SPDX-License-Identifier: GPL-3.0-or-later
// Opening sessions in the window, on the fake engine: what is there at once, what waits, what cannot be opened.
#include "tests/ui/test_session.h"

#include <QAction>
#include <QDialog>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTabBar>
#include <QTreeView>
#include <QTreeWidget>
#include <QtTest/QTest>

#include "tests/ui/support/gui_watch.h"
#include "ui/format.h"
#include "ui/page_view.h"
#include "ui/recent_list.h"
#include "ui/status_line.h"
#include "ui/widgets.h"

namespace lectern::test {

void TestSession::readOne() {
    readDocuments({m_driver->document("harbour.pdf", "pages 6\n")});
    m_driver->ask("What did the keeper write?");
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("citation") != nullptr; }));
    QVERIFY(m_driver->waitIdle());
}

bool TestSession::shown() const {
    return m_driver->waitFor([&] { return m_driver->visible("question") != nullptr && m_driver->cards().size() == 1; });
}

void TestSession::textsAreReadableWhileTheSessionOpens() {
    readOne();
    m_world->open_ms = 1500;
    reopenRecent();
    QVERIFY(shown());
    QCOMPARE(m_driver->activity(), QString("Opening…"));
    auto* shelf = m_driver->find<QTreeView>("shelf");
    QCOMPARE(shelf->model()->rowCount(), 1);
    emit shelf->clicked(shelf->model()->index(0, 0));
    auto* page = m_driver->find<ui::PageView>("pageView");
    QVERIFY(m_driver->waitFor([&] { return page->isVisible() && !page->image().isNull(); }));
    QVERIFY2(!m_driver->find<QAction>("regenerate")->isEnabled(), "nothing is changed yet");
    QCOMPARE(m_driver->activity(), QString("Opening…"));
    QVERIFY(m_driver->waitIdle());
    QVERIFY2(page->isVisible() && !page->image().isNull(), "the page stays");
    QVERIFY(m_driver->find<QAction>("regenerate")->isEnabled());
    QVERIFY(m_driver->notice().isEmpty());
}

void TestSession::earlyQuestionWaitsForTheSession() {
    readOne();
    m_world->open_ms = 800;
    reopenRecent();
    QVERIFY(shown());
    m_driver->ask("How long is the breakwater?");
    QVERIFY(m_driver->waitFor([&] { return m_driver->cards().size() == 2; }));
    QVERIFY(m_driver->visible("stop") != nullptr);
    QTest::qWait(100);
    QCOMPARE(m_world->questions.load(), 1);
    QVERIFY(m_driver->waitFor([&] { return m_world->questions == 2; }));
    QVERIFY(m_driver->waitIdle());
    QCOMPARE(m_driver->cards().back()->question(), QString("How long is the breakwater?"));
    QVERIFY(m_driver->cards().back()->answer().contains("ten years"));
}

void TestSession::stoppedEarlyQuestionGoesBackToTheInput() {
    readOne();
    m_world->open_ms = 600;
    reopenRecent();
    QVERIFY(shown());
    m_driver->ask("How long is the breakwater?");
    m_driver->click("stop");
    QCOMPARE(m_driver->find<QPlainTextEdit>("question")->toPlainText(), QString("How long is the breakwater?"));
    QVERIFY(m_driver->waitIdle());
    QCOMPARE(m_driver->cards().size(), std::size_t(1));
    QCOMPARE(m_world->questions.load(), 1);
    m_driver->click("ask");
    QVERIFY(m_driver->waitFor([&] { return m_world->questions == 2; }));
}

void TestSession::startLongReading() {
    m_world->page_ms = 20;
    startReading({m_driver->document("long.pdf", "pages 40\n")});
    QVERIFY(m_driver->waitFor([&] { return m_world->pages_read > 1; }));
}

void TestSession::questionWhileReadingIsAskedOnceAllIsRead() {
    startLongReading();
    m_driver->ask("How long is the breakwater?");
    QVERIFY(m_driver->waitFor([&] { return m_driver->cards().size() == 1; }));
    QVERIFY2(m_world->pages_read < 40 && m_world->questions == 0, "it waits");
    m_driver->click("stop");
    QCOMPARE(m_driver->find<QPlainTextEdit>("question")->toPlainText(), QString("How long is the breakwater?"));
    QVERIFY2(!m_driver->idle(), "only the question is taken back");
    m_driver->click("ask");
    m_world->page_ms = 1;
    QVERIFY(m_driver->waitFor([&] { return m_world->questions == 1; }));
    QCOMPARE(m_world->pages_read.load(), 40);
    QVERIFY(m_driver->waitIdle());
    QCOMPARE(m_driver->cards().size(), std::size_t(1));
    QVERIFY(m_driver->cards().back()->answer().contains("ten years"));
}

void TestSession::questionWhileReadingComesBackWhereReadingIsCancelled() {
    startLongReading();
    m_driver->ask("How long is the breakwater?");
    QVERIFY(m_driver->waitFor([&] { return m_driver->cards().size() == 1; }));
    m_driver->click("cancelReading");
    QVERIFY(m_driver->waitIdle());
    QVERIFY(m_world->pages_read < 40);
    QCOMPARE(m_world->questions.load(), 0);
    QCOMPARE(m_driver->cards().size(), std::size_t(0));
    QCOMPARE(m_driver->find<QPlainTextEdit>("question")->toPlainText(), QString("How long is the breakwater?"));
}

void TestSession::cacheLoadsWhileQuestionsAreAnsweredAndTheReceiptSaysWhatItSaved() {
    readOne();
    m_world->load_ms = 1200;
    reopenRecent();
    QVERIFY(m_driver->waitFor([&] { return m_driver->activity().startsWith("Restoring"); }));
    auto* receipt = m_driver->find<ui::ElidedLabel>("receipt");
    QVERIFY(receipt->fullText().isEmpty());
    m_driver->ask("How long is the breakwater?");
    QVERIFY(m_driver->waitFor([&] { return m_driver->activity().startsWith("Answering"); }));
    QVERIFY(m_driver->waitIdle());
    QVERIFY(m_driver->cards().back()->answer().contains("ten years"));
    QVERIFY(m_driver->waitFor([&] { return !receipt->fullText().isEmpty(); }));
    QVERIFY2(receipt->fullText().contains("restored in 1.2 s; about 38 min of reading saved"),
             qPrintable(receipt->fullText()));
    QCOMPARE(ui::restoredText({812'344, 1, 6.9, 2280}),
             QString("812,344 tokens restored in 6.9 s; about 38 min of reading saved"));
    QCOMPARE(ui::restoredText({10, 1, 0.2, 0}), QString("10 tokens restored in 0.2 s"));
}

void TestSession::damagedCacheIsSaidAndRepaired() {
    readOne();
    m_world->load_ms = 200;
    m_world->damaged = true;
    reopenRecent();
    QVERIFY(m_driver->waitFor([&] { return m_driver->notice().contains("harbour.lectern” is damaged"); }));
    m_driver->click("noticeMore");
    QVERIFY(qobject_cast<QLabel*>(m_driver->visible("noticeDetails"))->text().contains("keys of layer 3"));
    QVERIFY2(shown(), "the session stays readable");
    QCOMPARE(static_cast<QPushButton*>(m_driver->visible("noticeAction"))->text(), QString("Repair"));
    m_driver->click("noticeAction");
    QVERIFY(m_driver->waitFor([&] { return m_driver->notice().contains("4 damaged blocks are whole"); }));
    QVERIFY(m_driver->waitIdle());
    m_driver->ask("How long is the breakwater?");
    QVERIFY(m_driver->waitFor([&] { return m_driver->cards().size() == 2; }));
    QVERIFY(m_driver->waitIdle());
    QVERIFY(m_driver->cards().back()->answer().contains("ten years"));
}

void TestSession::sessionOpenElsewhereStaysReadable() {
    readOne();
    m_world->busy = true;
    reopenRecent();
    QVERIFY(m_driver->waitFor([&] { return m_driver->notice().contains("open in another program"); }));
    QVERIFY(shown());
    auto* input = m_driver->find<QPlainTextEdit>("question");
    QVERIFY(input->placeholderText().contains("reading only"));
    m_driver->type("question", "How long?");
    QVERIFY(!m_driver->visible("ask")->isEnabled());
    for (const char* name : {"add", "branch", "regenerate", "fidelity", "compare"})
        QVERIFY2(!m_driver->find<QAction>(name)->isEnabled(), name);
    QVERIFY2(m_driver->find<QAction>("export")->isEnabled(), "texts are at hand");
    m_driver->window().openPaths({m_driver->document("more.pdf", "pages 1\n")});
    QVERIFY(m_driver->waitFor([&] { return m_driver->notice().contains("no document can be added"); }));
    m_world->busy = false;
    auto* recent = m_driver->find<QListWidget>("recentSessions");
    emit recent->itemClicked(recent->item(0));
    QVERIFY(m_driver->waitFor([&] { return m_driver->find<QAction>("add")->isEnabled(); }));
    QVERIFY(m_driver->notice().isEmpty());
}

void TestSession::readOnlySessionOpensAndSaysThatNothingIsSaved() {
    readOne();
    m_world->read_only = "harbour.lectern cannot be written: its disk is read-only.";
    reopenRecent();
    QVERIFY(m_driver->waitFor([&] { return m_driver->notice().contains("nothing is saved"); }));
    QVERIFY(m_driver->waitIdle());
    QVERIFY(!m_driver->find<QAction>("add")->isEnabled());
    m_driver->ask("How long is the breakwater?");
    QVERIFY(m_driver->waitFor([&] { return m_world->questions == 2; }));
    QVERIFY(m_driver->waitIdle());
}

void TestSession::recentSessionsSayWhatOpeningTakes() {
    ui::SettingsFile settings([this] {
        return std::make_unique<QSettings>(ui::fromPath(m_driver->folder() / "recent.ini"), QSettings::IniFormat);
    });
    ui::PreferenceStore store(settings);
    store.remember({"/a.lectern", "Reader", "a.pdf", 54'000, 120'000'000, 1, 0});
    QCOMPARE(store.recentSessions().front().opens_in, 0.0);
    store.remember({"/b.lectern", "Reader", "b.pdf", 812'000, 1'200'000'000, 2, 60});
    QCOMPARE(store.recentSessions().back().opens_in, 6.0);  // as fast as the other
    store.remember({"/b.lectern", "Reader", "b.pdf", 812'000, 1'200'000'000, 3, 0});
    QCOMPARE(store.recentSessions().front().opens_in, 60.0);
    ui::RecentList list;
    std::filesystem::create_directory(m_driver->folder() / "b.lectern");
    auto sessions = store.recentSessions();
    sessions.front().file = ui::fromPath(m_driver->folder() / "b.lectern");
    list.setSessions(sessions);
    const QString facts = list.item(0)->data(Qt::AccessibleDescriptionRole).toString();
    QVERIFY2(facts.contains("812K tokens") && facts.contains("opens in about 1 min 0 s"), qPrintable(facts));
    QVERIFY(list.item(1)->data(Qt::AccessibleDescriptionRole).toString().contains("not there any more"));
}

void TestSession::missingRecentSessionIsLocatedOrRemoved() {
    readOne();
    m_driver->closeWindow();
    const auto was = m_driver->folder() / "sessions" / "harbour.lectern", is = m_driver->folder() / "moved.lectern";
    std::filesystem::rename(was, is);
    {
        const std::lock_guard guard(m_world->lock);
        m_world->files[is] = m_world->files[was];
    }
    reopenRecent();
    const auto choose = [&](const char* name) {
        auto* menu = m_driver->find<QMenu>("recentMenu");
        QVERIFY(menu != nullptr);
        for (QAction* action : menu->actions())
            if (action->text() == name) action->trigger();
        menu->close();
    };
    choose("Locate…");
    auto* dialog = m_driver->find<QFileDialog>("locateSession");
    QVERIFY(dialog != nullptr);
    emit dialog->fileSelected(ui::fromPath(is));
    dialog->close();
    QVERIFY(shown());
    QVERIFY(m_driver->waitIdle());
    m_driver->closeWindow();
    std::filesystem::remove(is);
    reopenRecent();
    auto* recent = m_driver->find<QListWidget>("recentSessions");
    QCOMPARE(recent->count(), 1);  // the old place is forgotten
    QVERIFY(m_driver->waitFor([&] { return m_driver->find<QMenu>("recentMenu") != nullptr; }));
    choose("Remove from this list");
    QCOMPARE(recent->count(), 0);
    m_driver->click("noticeAction");
    QCOMPARE(recent->count(), 1);
}

void TestSession::diskQuotaDropsTheOldestCachesAfterAYesAndNothingWithoutOne() {
    readOne();
    const auto file = m_driver->folder() / "sessions" / "harbour.lectern";
    std::filesystem::resize_file(file, 1'500'000'000);  // a hole: takes no room
    ui::Preferences preferences;
    preferences.quota_gb = 1;
    preferences.reopen = false;  // an open session is never stripped
    const auto asked = [&]() -> QMessageBox* {
        m_driver->closeWindow();
        m_driver->setPreferences(preferences);
        m_driver->openWindow();
        if (!m_driver->waitFor([&] { return m_driver->notice().contains("Recent sessions take 1.5"); })) return nullptr;
        m_driver->click("noticeAction");
        return m_driver->find<QMessageBox>("confirmStrip");
    };
    const auto stripped = [&] {
        const std::lock_guard guard(m_world->lock);
        return m_world->stripped;
    };
    auto* box = asked();
    QVERIFY(box != nullptr);
    QVERIFY2(box->informativeText().contains("harbour: 1.5"), qPrintable(box->informativeText()));
    box->reject();
    QTest::qWait(50);
    QVERIFY(stripped().empty());
    box = asked();
    QVERIFY(box != nullptr);
    m_driver->click("stripThem");
    QVERIFY(m_driver->waitFor([&] { return m_driver->notice().contains("free again"); }));
    QCOMPARE(stripped(), std::vector{file});
    preferences.quota_gb = 2;
    m_driver->closeWindow();
    m_driver->setPreferences(preferences);
    m_driver->openWindow();
    QVERIFY(m_driver->waitIdle());
    QTest::qWait(50);
    QVERIFY2(m_driver->notice().isEmpty(), "within the quota nothing is said");
}

void TestSession::commandsAreFoundByWords() {
    readOne();
    m_driver->visible("question")->setFocus();
    QTest::keyClick(m_driver->visible("question"), Qt::Key_K, Qt::ControlModifier);
    auto* palette = m_driver->find<QDialog>("commandPalette");
    QVERIFY(palette != nullptr);
    auto* list = palette->findChild<QTreeWidget*>("commands");
    QVERIFY(list->topLevelItemCount() > 20);
    auto* words = palette->findChild<QLineEdit*>("commandWords");
    QTest::keyClicks(words, "conv new");
    QCOMPARE(list->topLevelItemCount(), 1);
    QCOMPARE(list->topLevelItem(0)->text(0), QString("New conversation"));
    QCOMPARE(list->topLevelItem(0)->text(1), QString("Ctrl+T"));
    QTest::keyClick(words, Qt::Key_Down);
    QTest::keyClick(words, Qt::Key_Return);
    QVERIFY(m_driver->waitFor([&] { return m_driver->find<QDialog>("commandPalette") == nullptr; }));
    QVERIFY(m_driver->cards().empty());
    QCOMPARE(m_driver->find<QTabBar>("branches")->count(), 2);
}

}  // namespace lectern::test

int main(int argc, char** argv) {
    lectern::test::WatchedApplication application(argc, argv);
    QApplication::setStyle("Fusion");
    lectern::test::TestSession test;
    return QTest::qExec(&test, argc, argv);
}
