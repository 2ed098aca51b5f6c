// SPDX-License-Identifier: GPL-3.0-or-later
// Questions, answers and branches in the window, short and long, on the fake engine.
#include "tests/ui/test_conversation.h"

#include <QAction>
#include <QFile>
#include <QFileDialog>
#include <QInputDialog>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QTabBar>
#include <QTextBlock>
#include <QTextTable>
#include <QToolButton>
#include <QtTest/QTest>

#include "tests/ui/support/gui_watch.h"
#include "ui/answer_view.h"
#include "ui/branch_tabs.h"
#include "ui/conversation_export.h"
#include "ui/find_bar.h"
#include "ui/format.h"
#include "ui/message_card.h"
#include "ui/message_list.h"
#include "ui/theme.h"

namespace lectern::test {

void TestConversation::failedQuestionGoesBackToTheInput() {
    readDocuments({m_driver->document("harbour.pdf", "pages 2\n")});
    m_driver->ask("please fail");
    QVERIFY(m_driver->waitFor([&] { return !m_driver->notice().isEmpty(); }));
    auto* input = m_driver->find<QPlainTextEdit>("question");
    QCOMPARE(input->toPlainText(), QString("please fail"));
    QVERIFY2(input->textCursor().atEnd(), "to go on typing");
    QVERIFY(m_driver->cards().empty());
}

void TestConversation::stoppedAnswerKeepsItsWords() {
    m_world->word_ms = 30;
    readDocuments({m_driver->document("harbour.pdf", "pages 2\n")});
    m_driver->ask("What did the keeper write?");
    QVERIFY(m_driver->waitFor(
        [&] { return !m_driver->cards().empty() && m_driver->cards().back()->answer().size() > 10; }));
    QTest::keyClick(&m_driver->window(), Qt::Key_Escape);
    QVERIFY(m_driver->waitIdle());
    const QString answer = m_driver->cards().back()->answer();
    QVERIFY(answer.size() > 10);
    QVERIFY(!answer.contains("ten years"));
    QVERIFY(m_driver->visible("regenerate") != nullptr);
}

void TestConversation::passageThatTheAnswerHasIsNotQuotedAgain() {
    readDocuments({m_driver->document("harbour.pdf", "pages 2\n")});
    askAll({"When did the lighthouse receive an electric lamp?"});
    m_world->word_ms = 30;
    m_driver->ask("How many ships came?");
    QVERIFY(m_driver->waitFor(
        [&] { return m_driver->cards().size() == 2 && m_driver->cards().back()->answer().size() > 10; }));
    QTest::keyClick(&m_driver->window(), Qt::Key_Escape);  // before the answer comes to the passage
    QVERIFY(m_driver->waitIdle());
    const auto cards = m_driver->cards();
    QCOMPARE(cards.size(), std::size_t(2));
    QVERIFY(cards[0]->answer().contains("In 1911 the lighthouse received an electric lamp"));
    QVERIFY(cards[0]->findChild<QLabel*>("quote")->isHidden());
    const auto* quote = cards[1]->findChild<QLabel*>("quote");
    QVERIFY(!quote->isHidden() && quote->text().contains("harbour.pdf"));
}

void TestConversation::answeredAgainTheEarlierAnswerCanComeBack() {
    readDocuments({m_driver->document("harbour.pdf", "pages 2\n")});
    askAll({"How many ships came? Give me a table.", "How long is the breakwater?"});
    const QString earlier = m_driver->cards().back()->answer();
    for (int times = 1; times <= 2; ++times) {
        QVERIFY(m_driver->waitFor([&] { return m_driver->visible("regenerate") != nullptr; }));
        m_driver->click("regenerate");
        QVERIFY(m_driver->waitFor([&] { return m_driver->notice().contains("earlier answer is kept"); }));
        QVERIFY(m_driver->waitIdle());
        QCOMPARE(m_driver->cards().size(), std::size_t(2));
        QCOMPARE(m_driver->find<QTabBar>("branches")->count(), 1);
    }
    const QString ledger = m_driver->cards().back()->findChild<QLabel*>("ledger")->text();
    QVERIFY2(ledger.contains("temperature 0"), "the built-in model quotes again and makes nothing up");
    m_driver->click("noticeAction");
    auto* tabs = m_driver->find<QTabBar>("branches");
    QVERIFY(m_driver->waitFor([&] { return tabs->count() == 2; }));
    tabs->setCurrentIndex(1);
    QVERIFY(m_driver->waitFor([&] { return m_driver->cards().size() == 2; }));
    QCOMPARE(m_driver->cards().back()->answer(), earlier);
    QVERIFY2(tabs->tabToolTip(1).contains("breakwater") || tabs->tabText(1).contains("breakwater"),
             qPrintable(tabs->tabText(1)));
}

void TestConversation::answeredAgainWhileNothingIsSavedNothingIsKept() {
    readDocuments({m_driver->document("harbour.pdf", "pages 2\n")});
    askAll({"How long is the breakwater?"});
    m_world->read_only = "harbour.lectern cannot be written: its disk is read-only.";
    m_driver->click("regenerate");
    QVERIFY(m_driver->waitFor([&] { return m_world->questions == 2; }));
    QVERIFY(m_driver->waitIdle());
    QCOMPARE(m_driver->cards().size(), std::size_t(1));
    QVERIFY2(m_driver->notice().isEmpty(), qPrintable(m_driver->notice()));
}

void TestConversation::askAll(const QStringList& questions) {
    for (const QString& question : questions) {
        const int before = m_world->questions;
        m_driver->ask(question);
        QVERIFY(m_driver->waitFor([&] { return m_world->questions == before + 1; }));
        QVERIFY(m_driver->waitIdle());
    }
}

std::vector<BranchInfo> TestConversation::branches() const {
    const std::lock_guard guard(m_world->lock);
    return m_world->files.begin()->second.branches;
}

void TestConversation::editedQuestionBeginsAConversationOfItsOwn() {
    readDocuments({m_driver->document("harbour.pdf", "pages 2\n")});
    askAll({"What did the keeper write?", "How many ships came?"});
    QVERIFY(m_driver->waitFor([&] { return m_driver->cards().size() == 2; }));
    m_driver->find<QAction>("edit")->trigger();
    auto* input = m_driver->find<QPlainTextEdit>("question");
    QCOMPARE(input->toPlainText(), QString("How many ships came?"));
    QVERIFY(m_driver->waitFor([&] { return m_driver->cards().size() == 1; }));
    input->selectAll();
    askAll({"How long is the breakwater?"});
    QVERIFY(m_driver->waitFor([&] { return m_driver->cards().size() == 2; }));
    const auto all = branches();
    QCOMPARE(all.size(), std::size_t(2));
    QCOMPARE(all[0].messages.size(), std::size_t(2));
    QCOMPARE(all[1].name, std::string("How long is the breakwater?"));
    QCOMPARE(all[1].parent, std::string("main"));
    QCOMPARE(all[1].turn, 1);
    QCOMPARE(all[1].messages.size(), std::size_t(2));
    m_driver->cards().front()->findChild<QToolButton*>("editQuestion")->click();
    QVERIFY2(m_driver->waitFor([&] { return m_driver->cards().empty(); }), "before the first there is nothing");
    QCOMPARE(input->toPlainText(), QString("What did the keeper write?"));
}

void TestConversation::conversationGoesOnFromAnyAnswerInATabOfItsOwn() {
    readDocuments({m_driver->document("harbour.pdf", "pages 2\n")});
    askAll({"What did the keeper write?", "How many ships came?"});
    QVERIFY(m_driver->waitFor([&] { return m_driver->cards().size() == 2; }));
    m_driver->cards().front()->findChild<QToolButton*>("forkHere")->click();
    QVERIFY(m_driver->waitFor([&] { return m_driver->cards().size() == 1; }));
    QCOMPARE(branches().size(), std::size_t(1));  // nothing is made before a question
    const QString question = "Which of the many things that were said there is true, and who said it first of all?";
    askAll({question});
    const auto all = branches();
    QCOMPARE(all.size(), std::size_t(2));
    QCOMPARE(all[1].turn, 1);
    QCOMPARE(ui::text(all[1].name), ui::titleOf(question, 48));
    auto* tabs = m_driver->find<QTabBar>("branches");
    QCOMPARE(tabs->count(), 2);
    QCOMPARE(tabs->currentIndex(), 1);
    m_driver->find<QAction>("fork")->trigger();
    askAll({question});
    QCOMPARE(branches().at(2).name, all[1].name + " (2)");
    QCOMPARE(branches().at(2).turn, 2);
}

void TestConversation::conversationsAreRenamedDeletedAndBroughtBack() {
    readDocuments({m_driver->document("harbour.pdf", "pages 2\n")});
    askAll({"What did the keeper write?"});
    m_driver->click("newBranch");
    askAll({"How many ships came?"});
    auto* tabs = m_driver->find<QTabBar>("branches");
    const auto rename = [&](const QString& to) {
        QVERIFY(m_driver->waitFor([&] { return m_driver->find<QAction>("renameBranch")->isEnabled(); }));
        m_driver->find<QAction>("renameBranch")->trigger();
        auto* dialog = m_driver->find<QInputDialog>("renameBranch");
        QVERIFY(dialog != nullptr);
        dialog->setTextValue(to);
        dialog->accept();
        QVERIFY(m_driver->waitFor([&] { return m_driver->find<QInputDialog>("renameBranch") == nullptr; }));
        QVERIFY(m_driver->waitIdle());
    };
    rename("Ships");
    QVERIFY(m_driver->waitFor([&] { return tabs->tabText(1) == "Ships"; }));
    QCOMPARE(tabs->currentIndex(), 1);
    rename("taken");
    QVERIFY(m_driver->waitFor([&] { return m_driver->notice().contains("already"); }));
    QCOMPARE(tabs->tabText(1), QString("Ships"));
    m_driver->find<QAction>("closeBranch")->trigger();
    QVERIFY(m_driver->waitFor([&] { return tabs->count() == 1; }));
    QVERIFY(m_driver->notice().contains("Ships"));
    QVERIFY(m_driver->waitFor([&] {
        return m_driver->cards().size() == 1 && m_driver->cards()[0]->question() == "What did the keeper write?";
    }));
    m_driver->click("noticeAction");
    QVERIFY(m_driver->waitFor([&] { return tabs->count() == 2; }));
    QMenu menu;
    auto& all = *m_driver->window().findChild<ui::BranchTabs*>();
    all.fillMenu(menu);
    QCOMPARE(menu.actions().size(), qsizetype(2));
    menu.actions().first()->trigger();
    QCOMPARE(tabs->currentIndex(), 1);
    QVERIFY(m_driver->waitFor([&] { return m_driver->cards()[0]->question() == "How many ships came?"; }));
    m_driver->find<QAction>("closeBranch")->trigger();
    QVERIFY(m_driver->waitFor([&] { return tabs->count() == 1; }));
    QVERIFY(m_driver->waitIdle());
    all.fillMenu(menu);
    QMenu* deleted = menu.actions().last()->menu();
    QVERIFY(deleted != nullptr);
    deleted->actions().first()->trigger();
    QVERIFY(m_driver->waitFor([&] { return tabs->count() == 2; }));
    QVERIFY(m_driver->waitIdle());
    m_driver->find<QAction>("closeBranch")->trigger();
    QVERIFY(m_driver->waitFor([&] { return tabs->count() == 1; }));
    QVERIFY(m_driver->waitIdle());
    all.fillMenu(menu);
    menu.actions().last()->menu()->actions().last()->trigger();
    auto* box = m_driver->find<QMessageBox>("confirmForget");
    QVERIFY(box != nullptr);
    box->findChild<QPushButton*>("confirmed")->click();
    QVERIFY(m_driver->waitFor([&] {
        const std::lock_guard guard(m_world->lock);
        return m_world->files.begin()->second.deleted.empty();
    }));
    QVERIFY(m_driver->waitIdle());
    all.fillMenu(menu);
    QCOMPARE(menu.actions().size(), qsizetype(1));
}

void TestConversation::twoConversationsAreReadSideBySide() {
    readDocuments({m_driver->document("harbour.pdf", "pages 2\n")});
    askAll({"What did the keeper write?", "How many ships came?"});
    auto* beside = m_driver->find<QAction>("beside");
    beside->trigger();
    QVERIFY2(m_driver->visible("beside") == nullptr, "there is one conversation only");
    QVERIFY(m_driver->waitFor([&] { return m_driver->cards().size() == 2; }));
    m_driver->cards().front()->findChild<QToolButton*>("forkHere")->click();
    askAll({"What did the flood carry away?"});
    beside->trigger();
    QVERIFY(m_driver->visible("beside") != nullptr);
    const auto shown = [&] {
        QStringList questions;
        for (const auto* card : m_driver->visible("beside")->findChildren<ui::MessageCard*>())
            if (card->isVisible()) questions << card->question();
        return questions.join('|');
    };
    QVERIFY2(m_driver->waitFor([&] { return shown() == "What did the keeper write?|How many ships came?"; }),
             "the one it was forked from");
    const auto* list = m_driver->visible("beside")->findChild<ui::MessageList*>();
    QVERIFY(list->card(0)->findChild<QToolButton*>("forkHere")->isHidden());
    m_driver->find<QAction>("closeBranch")->trigger();
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("beside") == nullptr; }));
}

void TestConversation::thousandsOfConversationsOpenWithoutBlocking() {
    readDocuments({m_driver->document("harbour.pdf", "pages 2\n")});
    askAll({"What did the keeper write?"});
    {
        const std::lock_guard guard(m_world->lock);
        auto& all = m_world->files.begin()->second.branches;
        for (int i = 0; i < 3000; ++i) all.push_back({"branch " + std::to_string(i), 0, all.front().messages});
    }
    reopenRecent();
    QVERIFY(m_driver->waitFor([&] { return !m_driver->cards().empty(); }));
    QVERIFY(m_driver->waitIdle());
    auto* tabs = m_driver->find<QTabBar>("branches");
    QVERIFY(tabs->count() >= 20 && tabs->count() < 30);
    QCOMPARE(tabs->tabText(tabs->count() - 1), QString("branch 2999"));
}

void TestConversation::branchesKeepTheirOwnMessages() {
    readDocuments({m_driver->document("harbour.pdf", "pages 2\n")});
    m_driver->ask("What did the keeper write?");
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("citation") != nullptr; }));
    QVERIFY(m_driver->waitIdle());
    m_driver->click("newBranch");
    QVERIFY(m_driver->cards().empty());
    m_driver->ask("How long is the breakwater?");
    QVERIFY(m_driver->waitFor([&] { return m_world->questions == 2; }));
    QVERIFY(m_driver->waitIdle());
    QVERIFY(m_driver->waitFor([&] { return !m_driver->cards().empty(); }));
    QCOMPARE(m_driver->cards().front()->question(), QString("How long is the breakwater?"));
    QTest::keyClick(&m_driver->window(), Qt::Key_Tab, Qt::ControlModifier);
    QCOMPARE(m_driver->cards().front()->question(), QString("What did the keeper write?"));
}

void TestConversation::longConversationOpensWithoutBlocking() {
    readDocuments({m_driver->document("harbour.pdf", "pages 2\n")});
    m_driver->ask("What did the keeper write?");
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("citation") != nullptr; }));
    QVERIFY(m_driver->waitIdle());
    {
        const std::lock_guard guard(m_world->lock);
        auto& messages = m_world->files.begin()->second.branches.front().messages;
        const Message first = messages.front();
        for (int i = 0; i < 150; ++i) messages.push_back(first);
    }
    reopenRecent();
    QVERIFY(m_driver->waitFor([&] { return m_driver->cards().size() == 151; }));
    auto* bar = m_driver->window().findChild<ui::MessageList*>("messages")->verticalScrollBar();
    const auto placed = [&] {
        const auto all = m_driver->cards();
        for (std::size_t i = 1; i < all.size(); ++i)
            if (all[i]->y() < all[i - 1]->geometry().bottom() || all[i]->width() != all[0]->width()) return false;
        return true;
    };
    QVERIFY(m_driver->waitFor([&] { return placed() && bar->value() == bar->maximum() && bar->maximum() > 10000; }));
    const int width = m_driver->cards()[0]->width();
    m_driver->window().resize(1100, 700);
    QVERIFY(m_driver->waitFor([&] { return placed() && m_driver->cards()[0]->width() < width; }));
    QVERIFY2(bar->value() == bar->maximum(), "the end stays in sight");
}

void TestConversation::scrolledConversationStaysWhereItIs() {
    readDocuments({m_driver->document("harbour.pdf", "pages 2\n")});
    for (int i = 0; i < 6; ++i) {
        m_driver->ask("What did the keeper write?");
        QVERIFY(m_driver->waitFor([&] { return m_world->questions == i + 1; }));
        QVERIFY(m_driver->waitIdle());
    }
    auto* list = m_driver->window().findChild<ui::MessageList*>("messages");
    QScrollBar* bar = list->verticalScrollBar();
    QVERIFY(m_driver->waitFor([&] { return m_driver->cards().size() == 6 && bar->maximum() > 0; }));
    auto* third = list->card(2);
    bar->triggerAction(QAbstractSlider::SliderToMinimum);
    bar->setSliderPosition(third->y());
    bar->triggerAction(QAbstractSlider::SliderMove);
    const int width = third->width();
    m_driver->window().resize(1000, 700);
    QVERIFY(m_driver->waitFor([&] { return third->width() < width && list->card(0)->width() == third->width(); }));
    QCOMPARE(bar->value(), third->y());
    m_driver->ask("What did the keeper write?");
    QVERIFY(m_driver->waitFor([&] { return m_driver->cards().size() == 7; }));
    QVERIFY2(m_driver->waitFor([&] { return bar->value() == bar->maximum(); }), "a question leads to its answer");
}

void TestConversation::conversationIsExportedInEveryFormat() {
    readDocuments({m_driver->document("harbour.pdf", "pages 2\n")});
    auto* action = m_driver->find<QAction>("export");
    action->trigger();
    QVERIFY(m_driver->notice().contains("no answer to export"));
    m_driver->ask("When was the lamp lit?");
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("citation") != nullptr; }));
    for (const auto& [name, start] : {std::pair<QString, QByteArray>{"talk.md", "# harbour"},
                                      {"talk.html", "<h1>harbour"},
                                      {"talk.json", "{harbour"},
                                      {"talk.pdf", "%PDF-1."}}) {
        action->trigger();
        auto* dialog = m_driver->find<QFileDialog>("conversationExport");
        QVERIFY(dialog != nullptr);
        const QString path = ui::fromPath(m_driver->folder()) + '/' + name;
        dialog->selectFile(path);
        QMetaObject::invokeMethod(dialog, "accept");
        QVERIFY2(m_driver->waitFor([&] { return m_driver->notice().contains(name); }), qPrintable(m_driver->notice()));
        QVERIFY(m_driver->waitFor([&] { return m_driver->find<QFileDialog>("conversationExport") == nullptr; }));
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray bytes = file.readAll();
        QVERIFY2(bytes.startsWith(start), bytes.left(40).constData());
        if (!name.endsWith("pdf")) QVERIFY(bytes.contains("When was the lamp lit?"));
    }
}

void TestConversation::failedExportSaysWhy() {
    const QString path = ui::fromPath(m_driver->folder() / "no such folder" / "talk.md");
    for (const auto format : {ui::ConversationFormat::Markdown, ui::ConversationFormat::Pdf}) {
        const Status done = ui::writeConversation("text", path, format);
        QVERIFY(!done);
        QVERIFY(ui::text(done.error().message).contains(path));
    }
}

void TestConversation::wordsAreFoundInLongConversations() {
    readDocuments({m_driver->document("harbour.pdf", "pages 2\n")});
    for (int i = 0; i < 6; ++i) {
        m_driver->ask(i == 1 || i == 4 ? "What about the Walrus?" : "What did the keeper write?");
        QVERIFY(m_driver->waitFor([&] { return m_driver->activity() != "Ready"; }));
        QVERIFY(m_driver->waitIdle());
    }
    QVERIFY(m_driver->waitFor([&] { return m_driver->cards().size() == 6; }));
    QTest::keyClick(&m_driver->window(), Qt::Key_F, Qt::ControlModifier);
    auto* bar = qobject_cast<ui::FindBar*>(m_driver->visible("findInConversation"));
    QVERIFY(bar != nullptr);
    auto* field = bar->findChild<QLineEdit*>();
    QTest::keyClicks(field, "walrus");
    auto* list = m_driver->window().findChild<ui::MessageList*>("messages");
    const auto at_top = [&](std::size_t index) {
        const int y = list->card(index)->mapTo(list->viewport(), QPoint()).y();
        return y >= 0 && y < list->viewport()->height() - 20;
    };
    QVERIFY(m_driver->waitFor([&] { return at_top(4); }));
    QTest::keyClick(field, Qt::Key_Return);
    QVERIFY2(m_driver->waitFor([&] { return at_top(1); }), "past the last comes the first");
    QTest::keyClicks(field, "es");
    QVERIFY(bar->findChildren<QLabel*>().first()->text() == "Not found");
    QTest::keyClick(field, Qt::Key_Escape);
    QVERIFY(m_driver->visible("findInConversation") == nullptr);
    QVERIFY(bar->text().isEmpty());
}

void TestConversation::tablesAndCodeAreDressedInTheThemesColours() {
    ui::AnswerView view;
    view.resize(400, 200);
    view.show();
    for (int step = 0; step < 3; ++step)  // as it streams in, cut anywhere
        view.setAnswer(
            QString("| a | b |\n| --- | --- |\n| 1 | 2 |\n\n```\nlong = code\n```\n\n> said\n").left(17 + 12 * step));
    view.setAnswer("| a | b |\n| --- | --- |\n| 1 | 2 |\n\n```\nlong = code\n```\n\n> said\n");
    const auto frames = view.document()->rootFrame()->childFrames();
    QCOMPARE(frames.size(), qsizetype(1));
    auto* table = qobject_cast<QTextTable*>(frames.first());
    QVERIFY(table != nullptr && table->format().borderCollapse());
    QCOMPARE(table->cellAt(0, 1).format().background().color(), ui::themeColors().sunken);
    int code = 0;
    for (QTextBlock block = view.document()->begin(); block.isValid(); block = block.next())
        code += block.text().contains("code") && block.blockFormat().background().color() == ui::themeColors().sunken;
    QCOMPARE(code, 1);
}

void TestConversation::ledgerIsShownOnDemand() {
    readDocuments({m_driver->document("harbour.pdf", "pages 2\n")});
    m_driver->ask("When was the lamp lit?");
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("ledgerDetails") != nullptr; }));
    QVERIFY(m_driver->waitIdle());
    QVERIFY(m_driver->visible("ledger") == nullptr);
    m_driver->click("ledgerDetails");
    auto* ledger = qobject_cast<QLabel*>(m_driver->visible("ledger"));
    QVERIFY(ledger != nullptr);
    QVERIFY2(ledger->text().contains("24 read for the question") && ledger->text().contains("peak memory 41") &&
                 ledger->text().contains("each token: 2.3") && ledger->text().contains("temperature 0"),
             qPrintable(ledger->text()));
    m_driver->click("ledgerDetails");
    QVERIFY(m_driver->visible("ledger") == nullptr);
}

}  // namespace lectern::test

int main(int argc, char** argv) {
    lectern::test::WatchedApplication application(argc, argv);
    QApplication::setStyle("Fusion");
    lectern::test::TestConversation test;
    return QTest::qExec(&test, argc, argv);
}
