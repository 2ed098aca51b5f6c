// SPDX-License-Identifier: GPL-3.0-or-later
// The half of ConversationPanel that brings what is shown in line with the session.
#include <QApplication>
#include <QClipboard>
#include <QElapsedTimer>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QTabBar>
#include <QTimer>
#include <QToolButton>

#include "ui/conversation_panel.h"
#include "ui/find_bar.h"
#include "ui/format.h"
#include "ui/message_card.h"
#include "ui/message_list.h"
#include "ui/question_edit.h"
#include "ui/reading_card.h"
#include "ui/widgets.h"

namespace lectern::ui {
namespace {

constexpr qint64 kTurnMs = 8;  ///< of the event loop, spent on new cards

}  // namespace

const BranchInfo* ConversationPanel::branch() const {
    if (!m_session) return nullptr;
    const std::string name = branchName().toStdString();
    for (const BranchInfo& info : m_session->branches)
        if (info.name == name) return &info;
    return nullptr;
}

QString ConversationPanel::branchName() const {
    return m_branches.value(m_tabs->currentIndex(), "main");
}

void ConversationPanel::setSession(const std::optional<SessionSnapshot>& session) {
    const bool other = !session || !m_session || session->file != m_session->file;
    m_session = session;
    if (other) {
        m_branches.clear();
        m_editing = false;
        m_messages->followEnd();
        m_input->clear();
    }
    syncTabs();
    lookThrough(m_find->text());
    syncMessages();
    syncReading();
    syncInput();
}

void ConversationPanel::syncTabs() {
    if (m_session)
        for (const BranchInfo& info : m_session->branches)
            if (!m_branches.contains(text(info.name))) m_branches << text(info.name);
    if (!m_branches.contains("main")) m_branches.prepend("main");
    const QSignalBlocker quiet(m_tabs);
    while (m_tabs->count() > m_branches.size()) m_tabs->removeTab(m_tabs->count() - 1);
    for (int i = 0; i < m_branches.size(); ++i) {
        const QString title = m_branches[i] == "main" ? tr("Conversation") : m_branches[i];
        if (i < m_tabs->count())
            m_tabs->setTabText(i, title);
        else
            m_tabs->addTab(title);
    }
}

void ConversationPanel::addBranch() {
    int number = int(m_branches.size()) + 1;
    while (m_branches.contains(tr("Branch %1").arg(number))) ++number;
    m_branches << tr("Branch %1").arg(number);
    syncTabs();
    m_tabs->setCurrentIndex(int(m_branches.size()) - 1);
    focusInput();
}

void ConversationPanel::stepBranch(int by) {
    const int count = m_tabs->count();
    if (count > 0) m_tabs->setCurrentIndex((m_tabs->currentIndex() + by + count) % count);
}

MessageCard* ConversationPanel::cardAt(std::size_t index) {
    while (m_messages->size() <= index) {
        MessageCard* card = m_messages->append();
        card->setObjectName("message");
        connect(card, &MessageCard::citationOpened, this, &ConversationPanel::citationOpened);
        connect(card, &MessageCard::regenerate, this, &ConversationPanel::regenerateLast);
        connect(card, &MessageCard::editQuestion, this, &ConversationPanel::editLast);
    }
    return m_messages->card(index);
}

/// Brings the cards of finished messages in line with the branch, as many as one turn of the event loop has time for;
/// returns how many there are.
std::size_t ConversationPanel::syncCards(const BranchInfo* branch, bool waiting) {
    const std::size_t done = branch == nullptr ? 0 : branch->messages.size();
    QElapsedTimer clock;
    clock.start();
    for (std::size_t i = 0; i < done; ++i) {
        if (i >= m_messages->size() && clock.elapsed() >= kTurnMs) return i;
        cardAt(i)->setMessage(branch->messages[i], m_session->built_in_model);
        cardAt(i)->highlight(m_find->text());
        cardAt(i)->setActions(i + 1 == done && !waiting, m_activity == Activity::Idle);
    }
    return done;
}

void ConversationPanel::syncMessages() {
    const BranchInfo* now = branch();
    const bool waiting = m_pending && m_pending->branch == branchName();
    std::size_t wanted = syncCards(now, waiting);
    if (now != nullptr && wanted < now->messages.size()) {
        m_more->start();
    } else if (waiting) {
        cardAt(wanted)->setPending(m_pending->question);
        cardAt(wanted)->setAnswer(m_pending->answer);
        ++wanted;
    }
    while (m_messages->size() > wanted) m_messages->removeLast();
    m_stack->setCurrentIndex(wanted > 0 ? 1 : 0);
    const bool ready = m_session && m_session->hasContext() && m_activity != Activity::Reading;
    m_empty_title->setText(ready ? tr("Ask about your documents") : tr("Nothing to ask about yet"));
    m_empty_text->setText(
        ready ? tr("Everything on the shelf is in one context. The pages an answer attended to come with it.")
              : tr("Answers come once the documents on the shelf are read."));
    m_suggestions->setVisible(ready);
    m_tab_row->setVisible(m_session && m_session->hasContext());
}

void ConversationPanel::syncReading() {
    const bool reading = m_activity == Activity::Reading;
    const bool paused = m_activity == Activity::Idle && m_session && m_session->hasUnread();
    m_reading->setVisible(reading || paused);
    if (paused) m_reading->showPaused(m_session->tokens);
}

void ConversationPanel::syncInput() {
    const bool context = m_session && m_session->hasContext();
    const bool idle = m_activity == Activity::Idle;
    const bool answering = m_activity == Activity::Answering;
    const bool can_ask = context && idle;
    m_send->setVisible(!answering);
    m_stop->setVisible(answering);
    m_send->setEnabled(can_ask && !m_input->toPlainText().trimmed().isEmpty());
    m_suggestions->setEnabled(can_ask);
    const bool other = m_activity == Activity::CheckingFidelity || m_activity == Activity::Comparing ||
                       m_activity == Activity::Calibrating || m_activity == Activity::PlanningSummary ||
                       m_activity == Activity::Summarizing;
    m_input->setPlaceholderText(can_ask || answering ? tr("Ask about the documents")
                                : other              ? tr("Questions wait for the present work")
                                                     : tr("Questions are answered when all is read"));
    m_hint->setText(m_editing ? tr("Asking replaces the last question and its answer")
                              : tr("Enter asks · Shift+Enter for a new line"));
}

void ConversationPanel::copyLast() {
    if (m_messages->size() > 0) QApplication::clipboard()->setText(m_messages->last()->answer());
}

}  // namespace lectern::ui
