// SPDX-License-Identifier: GPL-3.0-or-later
// Summaries in the window, on the fake engine.
#include "tests/ui/test_summary.h"

#include <QAbstractButton>
#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QFile>
#include <QFileDialog>
#include <QLabel>
#include <QListWidget>
#include <QMenu>
#include <QMessageBox>
#include <QTreeView>
#include <QTreeWidget>
#include <QtTest/QTest>
#include <algorithm>

#include "tests/ui/support/gui_watch.h"
#include "ui/reader_panel.h"
#include "ui/summary_card.h"
#include "ui/summary_dialog.h"

namespace lectern::test {

/// Through the menu and the dialog, to the end.
void TestSummary::summarize() {
    m_driver->find<QAction>("summarize")->trigger();
    QVERIFY(m_driver->waitFor([&] {
        auto* start = m_driver->visible("startSummary");
        return start != nullptr && start->isEnabled();
    }));
    m_driver->click("startSummary");
    QVERIFY(m_driver->waitFor([&] { return m_world->summaries_made > 0; }));
}

QList<QWidget*> TestSummary::cardsInSight() const {
    QList<QWidget*> cards;
    for (auto* card : m_driver->window().findChildren<ui::SummaryCard*>())
        if (card->isVisible()) cards << card;
    return cards;
}

void TestSummary::waitForCards(int count) {
    QVERIFY(m_driver->waitIdle());
    QVERIFY(m_driver->waitFor([&] { return cardsInSight().size() == count; }));
}

void TestSummary::planIsShownBeforeTheWork() {
    readDocuments({m_driver->document("harbour.pdf", "pages 12\n"), m_driver->document("b.pdf", "pages 3\n")});
    m_driver->find<QAction>("summarize")->trigger();
    QVERIFY(m_driver->waitFor([&] { return m_driver->find<QTreeWidget>("summaryPlan") != nullptr; }));
    auto* plan = m_driver->find<QTreeWidget>("summaryPlan");
    QVERIFY(m_driver->waitFor([&] { return plan->topLevelItemCount() > 1; }));
    const QString facts = m_driver->find<QLabel>("summaryFacts")->text();
    QVERIFY2(facts.contains("about 4 s"), qPrintable(facts));
    QVERIFY(facts.contains("word for word"));
    const int all = plan->topLevelItemCount();
    auto* what = m_driver->find<QComboBox>("summaryWhat");
    what->setCurrentIndex(what->findText("b.pdf"));
    QVERIFY(m_driver->waitFor([&] { return plan->topLevelItemCount() < all && plan->topLevelItemCount() > 0; }));
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("startSummary")->isEnabled(); }));
    m_driver->find<ui::SummaryDialog>("summaryDialog")->reject();
    QCOMPARE(m_world->summaries_made.load(), 0);
}

void TestSummary::sectionsBecomeCardsWithTheirPages() {
    readDocuments({m_driver->document("harbour.pdf", "pages 12\n")});
    const int sections = int(m_world->files.begin()->second.documents[0].info.outline.size());
    QVERIFY(sections > 1);
    summarize();
    waitForCards(sections + 1);
    QVERIFY(m_driver->find<QLabel>("summaryState")->text().contains("chosen by Lectern Reader"));
    auto* link = qobject_cast<QAbstractButton*>(m_driver->visible("summaryCitation"));
    QVERIFY(link != nullptr);
    QVERIFY(link->accessibleName().contains("harbour.pdf"));
    link->click();
    QVERIFY(m_driver->waitFor([&] { return m_driver->find<QWidget>("readerDock")->isVisible(); }));
    QVERIFY(m_driver->visible("summaryPage") != nullptr);
    m_driver->click("summaryBack");
    QVERIFY(m_driver->visible("question") != nullptr);
    m_driver->find<QAction>("summaries")->trigger();
    QVERIFY(m_driver->visible("summaryPage") != nullptr);
}

void TestSummary::ownWordsGrowAsTheyAreWritten() {
    m_world->quotes = false;
    m_world->word_ms = 25;
    readDocuments({m_driver->document("harbour.pdf", "pages 12\n")});
    summarize();
    QVERIFY(m_driver->waitFor([&] {
        const auto cards = cardsInSight();
        return !cards.isEmpty() && !qobject_cast<ui::SummaryCard*>(cards.first())->plainText().isEmpty();
    }));
    QVERIFY(m_driver->visible("stopSummary") != nullptr);
    m_world->word_ms = 0;
    QVERIFY(m_driver->waitIdle());
    QVERIFY(m_driver->visible("stopSummary") == nullptr);
    QVERIFY(m_driver->find<QLabel>("summaryState")->text().contains("Written by"));
}

void TestSummary::aStopKeepsTheSectionsThatWereDone() {
    m_world->word_ms = 20;
    readDocuments({m_driver->document("harbour.pdf", "pages 12\n")});
    summarize();
    QVERIFY(m_driver->waitFor([&] { return cardsInSight().size() == 1; }));
    m_driver->find<QAction>("stop")->trigger();
    QVERIFY(m_driver->waitIdle());
    QVERIFY(
        m_driver->waitFor([&] { return m_driver->find<QLabel>("summaryState")->text().contains("Stopped after"); }));
    QVERIFY(m_driver->waitFor([&] { return !cardsInSight().isEmpty(); }));
    QVERIFY(m_driver->notice().isEmpty());
    auto* again = m_driver->visible("summaryAgain");
    QVERIFY(again != nullptr && again->isEnabled());
    QCOMPARE(again->toolTip(), QString("Go on with the summary"));
}

void TestSummary::anInterruptedRepetitionLeavesTheFinishedOne() {
    readDocuments({m_driver->document("harbour.pdf", "pages 12\n")});
    summarize();
    const int cards = int(m_world->files.begin()->second.documents[0].info.outline.size()) + 1;  // and the lead
    waitForCards(cards);
    m_world->word_ms = 10;
    m_driver->click("summaryAgain");
    QVERIFY(m_driver->waitFor([&] { return m_world->summaries_made == 2; }));
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("stopSummary") != nullptr; }));
    m_driver->click("stopSummary");
    waitForCards(cards);
    QVERIFY(!m_driver->find<QLabel>("summaryState")->text().contains("Stopped"));
}

void TestSummary::reopeningShowsIt() {
    readDocuments({m_driver->document("harbour.pdf", "pages 12\n")});
    summarize();
    const int cards = int(m_world->files.begin()->second.documents[0].info.outline.size()) + 1;  // and the lead
    waitForCards(cards);
    reopenRecent();
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("question") != nullptr; }));
    m_driver->find<QAction>("summaries")->trigger();
    waitForCards(cards);
    QVERIFY(m_driver->find<QComboBox>("summaries")->currentText().contains("All documents"));
}

void TestSummary::shelfSummarizesADocumentAndAnEntryOfItsOutline() {
    readDocuments({m_driver->document("harbour.pdf", "pages 12\n"), m_driver->document("b.pdf", "pages 12\n")});
    auto* shelf = m_driver->find<QTreeView>("shelf");
    const QModelIndex document = shelf->model()->index(1, 0);
    QVERIFY(shelf->model()->rowCount(document) > 0);
    shelf->expandAll();
    for (const QModelIndex& index : {document, shelf->model()->index(0, 0, document)}) {
        const QString title = index.data().toString();
        shelf->scrollTo(index);
        emit shelf->customContextMenuRequested(shelf->visualRect(index).center());
        QVERIFY(m_driver->waitFor([&] { return m_driver->visible("shelfMenu") != nullptr; }));
        auto* menu = qobject_cast<QMenu*>(m_driver->visible("shelfMenu"));
        const auto all = menu->actions();
        const auto wanted =
            std::find_if(all.begin(), all.end(), [](const QAction* act) { return act->text() == "Summarize…"; });
        QVERIFY(wanted != all.end());
        (*wanted)->trigger();
        menu->close();
        QVERIFY(m_driver->waitFor([&] { return m_driver->find<QComboBox>("summaryWhat") != nullptr; }));
        auto* what = m_driver->find<QComboBox>("summaryWhat");
        QCOMPARE(what->currentText().trimmed(), title);
        QVERIFY(m_driver->waitIdle());
        m_driver->find<ui::SummaryDialog>("summaryDialog")->reject();
        QVERIFY(m_driver->waitFor([&] { return m_driver->find<QComboBox>("summaryWhat") == nullptr; }));
    }
}

void TestSummary::itIsExportedAndCopied() {
    readDocuments({m_driver->document("harbour.pdf", "pages 12\n")});
    summarize();
    QVERIFY(m_driver->waitIdle());
    m_driver->click("copySummary");
    QVERIFY(QApplication::clipboard()->text().contains("## "));
    for (const QString& ending : {QString("md"), QString("html"), QString("pdf")}) {
        m_driver->click("exportSummary");
        QVERIFY(m_driver->waitFor([&] { return m_driver->find<QFileDialog>("summaryExport") != nullptr; }));
        auto* dialog = m_driver->find<QFileDialog>("summaryExport");
        const QString file = QString::fromStdString((m_driver->folder() / "summary.").string()) + ending;
        emit dialog->fileSelected(file);
        dialog->reject();
        QVERIFY(m_driver->waitIdle());
        QVERIFY(m_driver->waitFor([&] { return m_driver->notice().contains("Exported"); }));
        QFile written(file);
        QVERIFY(written.open(QIODevice::ReadOnly));
        const QByteArray bytes = written.readAll();
        QVERIFY(bytes.startsWith(ending == "pdf" ? "%PDF" : ending == "md" ? "# Summary" : "<title>"));
        QVERIFY(m_driver->waitFor([&] { return m_driver->find<QFileDialog>("summaryExport") == nullptr; }));
    }
}

void TestSummary::deletingCanBeUndone() {
    readDocuments({m_driver->document("harbour.pdf", "pages 3\n")});
    summarize();
    QVERIFY(m_driver->waitIdle());
    QVERIFY(m_driver->waitFor([&] { return !cardsInSight().empty(); }));
    m_driver->click("removeSummary");
    waitForCards(0);
    QVERIFY(m_driver->find<QLabel>("summaryState")->text().contains("No summary"));
    QVERIFY(!m_driver->find<QWidget>("exportSummary")->isEnabled());
    QVERIFY(m_driver->waitIdle());
    QVERIFY(m_driver->notice().contains("deleted"));
    m_driver->click("noticeAction");
    QVERIFY(m_driver->waitFor([&] { return !cardsInSight().empty(); }));
    QVERIFY(m_driver->find<QWidget>("exportSummary")->isEnabled());
}

void TestSummary::longSummariesDoNotBlock() {
    QStringList files;
    for (int i = 0; i < 40; ++i) files << m_driver->document(QString("d%1.pdf").arg(i), "pages 12\n");
    m_world->page_ms = 0;
    readDocuments(files);
    m_world->word_ms = 0;
    summarize();
    QVERIFY(m_driver->waitIdle(30000));
    QVERIFY(m_driver->waitFor([&] { return cardsInSight().size() > 80; }, 20000));
}

void TestSummary::anOpeningSessionShowsItsSummaries() {
    readDocuments({m_driver->document("harbour.pdf", "pages 12\n")});
    summarize();
    const int cards = int(m_world->files.begin()->second.documents[0].info.outline.size()) + 1;  // and the lead
    waitForCards(cards);
    m_world->open_ms = 3000;
    reopenRecent();
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("question") != nullptr; }));
    m_driver->find<QAction>("summaries")->trigger();
    QVERIFY(m_driver->waitFor([&] { return cardsInSight().size() == cards; }));
    QVERIFY(m_driver->activity() != "Ready");
    QVERIFY(!m_driver->find<QWidget>("newSummary")->isEnabled());
    QVERIFY(!m_driver->find<QAction>("summarize")->isEnabled());
    QVERIFY(m_driver->waitIdle());
    QVERIFY(m_driver->visible("summaryPage") != nullptr);
    QVERIFY(m_driver->find<QWidget>("newSummary")->isEnabled());
}

void TestSummary::leavingTheSessionEndsTheOneBeingMade() {
    m_world->word_ms = 20;
    readDocuments({m_driver->document("harbour.pdf", "pages 12\n")});
    summarize();
    QVERIFY(m_driver->waitFor([&] { return cardsInSight().size() == 1; }));
    m_driver->find<QAction>("home")->trigger();
    QVERIFY(m_driver->waitIdle());
    auto* recent = m_driver->find<QListWidget>("recentSessions");
    emit recent->itemClicked(recent->item(0));
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("question") != nullptr; }));
    QVERIFY(m_driver->waitIdle());
    m_driver->find<QAction>("summaries")->trigger();
    QVERIFY(m_driver->visible("stopSummary") == nullptr);
    QVERIFY(m_driver->find<QLabel>("summaryState")->text().contains("Stopped after"));
}

void TestSummary::conversationsOutOfSightAreNotDeleted() {
    readDocuments({m_driver->document("harbour.pdf", "pages 12\n")});
    m_driver->ask("How long is the breakwater?");
    QVERIFY(m_driver->waitIdle());
    m_driver->find<QAction>("summaries")->trigger();
    for (const char* name : {"closeBranch", "renameBranch", "regenerate", "edit", "fork", "beside"})
        QVERIFY2(!m_driver->find<QAction>(name)->isEnabled(), name);
    m_driver->find<QAction>("ask")->trigger();
    QVERIFY(m_driver->visible("question") != nullptr);
    QVERIFY(m_driver->find<QAction>("closeBranch")->isEnabled());
}

void TestSummary::documentsThatAreOffAreNotOffered() {
    readDocuments({m_driver->document("harbour.pdf", "pages 12\n"), m_driver->document("b.pdf", "pages 3\n")});
    auto* shelf = m_driver->find<QTreeView>("shelf");
    shelf->setCurrentIndex(shelf->model()->index(1, 0));
    m_driver->find<QAction>("switchOff")->trigger();
    QVERIFY(m_driver->waitFor([&] { return m_driver->find<QAction>("switchOn")->isEnabled(); }));
    m_driver->find<QAction>("summarize")->trigger();
    QVERIFY(m_driver->waitFor([&] { return m_driver->find<QComboBox>("summaryWhat") != nullptr; }));
    auto* what = m_driver->find<QComboBox>("summaryWhat");
    QVERIFY(what->findText("harbour.pdf") > 0);
    QCOMPARE(what->findText("b.pdf"), -1);
    m_driver->find<ui::SummaryDialog>("summaryDialog")->reject();
    QVERIFY(m_driver->waitIdle());
}

}  // namespace lectern::test

int main(int argc, char* argv[]) {
    lectern::test::WatchedApplication application(argc, argv);
    QApplication::setStyle("Fusion");
    lectern::test::TestSummary test;
    return QTest::qExec(&test, argc, argv);
}
