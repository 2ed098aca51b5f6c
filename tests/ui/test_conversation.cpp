// SPDX-License-Identifier: GPL-3.0-or-later
// Questions, answers and branches in the window, short and long, on the fake engine.
#include "tests/ui/test_conversation.h"

#include <QPlainTextEdit>
#include <QScrollBar>
#include <QtTest/QTest>

#include "tests/ui/support/gui_watch.h"
#include "ui/message_card.h"
#include "ui/message_list.h"

namespace lectern::test {

void TestConversation::failedQuestionGoesBackToTheInput() {
    readDocuments({m_driver->document("harbour.pdf", "pages 2\n")});
    m_driver->ask("please fail");
    QVERIFY(m_driver->waitFor([&] { return !m_driver->notice().isEmpty(); }));
    QCOMPARE(m_driver->find<QPlainTextEdit>("question")->toPlainText(), QString("please fail"));
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

void TestConversation::editedQuestionReplacesTheLast() {
    readDocuments({m_driver->document("harbour.pdf", "pages 2\n")});
    m_driver->ask("What did the keeper write?");
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("citation") != nullptr; }));
    m_driver->click("editQuestion");
    auto* input = m_driver->find<QPlainTextEdit>("question");
    QCOMPARE(input->toPlainText(), QString("What did the keeper write?"));
    input->selectAll();
    m_driver->ask("How long is the breakwater?");
    QVERIFY(m_driver->waitFor([&] { return m_world->questions == 2; }));
    QVERIFY(m_driver->waitIdle());
    QVERIFY(m_driver->waitFor([&] { return m_driver->cards().size() == 1; }));
    QCOMPARE(m_driver->cards().front()->question(), QString("How long is the breakwater?"));
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
    auto* bar = m_driver->window().findChild<ui::MessageList*>()->verticalScrollBar();
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
    auto* list = m_driver->window().findChild<ui::MessageList*>();
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

}  // namespace lectern::test

int main(int argc, char** argv) {
    lectern::test::WatchedApplication application(argc, argv);
    QApplication::setStyle("Fusion");
    lectern::test::TestConversation test;
    return QTest::qExec(&test, argc, argv);
}
