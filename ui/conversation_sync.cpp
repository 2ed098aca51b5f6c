// SPDX-License-Identifier: GPL-3.0-or-later
// The half of ConversationPanel that brings what is shown in line with the session.
#include <QApplication>
#include <QClipboard>
#include <QElapsedTimer>
#include <QStackedWidget>
#include <QTimer>
#include <QToolButton>
#include <algorithm>

#include "ui/branch_beside.h"
#include "ui/branch_tabs.h"
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

std::span<const Message> ConversationPanel::messages() const {
    const BranchTab& tab = m_tabs->current();
    if (!m_session || (tab.draft && !tab.fork)) return {};
    const std::string name = tab.draft ? tab.fork->branch : tab.name.toStdString();
    for (const BranchInfo& info : *m_session->branches) {
        if (info.name != name) continue;
        const std::span<const Message> all(info.messages);
        return tab.draft ? all.first(std::min(all.size(), std::size_t(tab.fork->turns))) : all;
    }
    return {};
}

QString ConversationPanel::branchName() const {
    return m_tabs->current().draft ? QString() : m_tabs->current().name;
}

void ConversationPanel::setSession(const std::optional<SessionSnapshot>& session) {
    const bool other = !session || !m_session || session->file != m_session->file;
    m_session = session;
    if (other) {
        m_pending.reset();
        m_messages->followEnd();
        m_input->clear();
    }
    m_tabs->setSession(session, other);
    m_beside->setSession(session);
    lookThrough(m_find->text());
    syncMessages();
    syncReading();
    syncInput();
}

MessageCard* ConversationPanel::cardAt(std::size_t index) {
    while (m_messages->size() <= index) {
        MessageCard* card = m_messages->append();
        card->setObjectName("message");
        connect(card, &MessageCard::citationOpened, this, &ConversationPanel::citationOpened);
        connect(card, &MessageCard::regenerate, this, &ConversationPanel::regenerateLast);
        connect(card, &MessageCard::editQuestion, this, [this, at = m_messages->size() - 1] { editAt(at); });
        connect(card, &MessageCard::fork, this, [this, at = m_messages->size() - 1] { forkAt(at); });
    }
    return m_messages->card(index);
}

/// Brings the cards of finished messages in line with the tab, as many as one turn of the event loop has time for;
/// returns how many there are.
std::size_t ConversationPanel::syncCards(bool waiting) {
    const auto all = messages();
    const bool draft = m_tabs->current().draft;
    QElapsedTimer clock;
    clock.start();
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (i >= m_messages->size() && clock.elapsed() >= kTurnMs) return i;
        cardAt(i)->setMessage(all[i], m_session->built_in_model);
        cardAt(i)->highlight(m_find->text());
        const bool last = i + 1 == all.size() && !waiting && !draft;
        const bool can_ask = m_session->open || m_activity == Activity::Opening;
        cardAt(i)->setActions(last, can_ask, m_activity == Activity::Idle);
    }
    return all.size();
}

void ConversationPanel::syncMessages() {
    const bool waiting = m_pending && m_pending->branch == m_tabs->current().name;
    std::size_t wanted = syncCards(waiting);
    if (wanted < messages().size()) {
        m_more->start();
    } else if (waiting) {
        cardAt(wanted)->setPending(m_pending->question, waitingWords());
        cardAt(wanted)->setAnswer(m_pending->answer);
        ++wanted;
    }
    while (m_messages->size() > wanted) m_messages->removeLast();
    m_stack->setCurrentIndex(wanted > 0 ? 1 : 0);
    const bool reading = m_activity == Activity::Reading, context = m_session && m_session->hasContext();
    m_empty_title->setText(reading || context ? tr("Ask about your documents") : tr("Nothing to ask about yet"));
    m_empty_text->setText(
        reading   ? tr("They are being read. Ask already: the answer comes once all is read.")
        : context ? tr("Everything on the shelf is in one context. The pages an answer attended to come with it.")
                  : tr("Answers come once the documents on the shelf are read."));
    m_suggestions->setVisible(reading || context);
    m_tabs->setVisible(m_session && m_session->hasContext());
}

/// What a question waits for.
QString ConversationPanel::waitingWords() const {
    if (m_activity == Activity::Opening) return tr("Waits for the session to open…");
    return m_activity == Activity::Reading ? tr("Is asked once all is read…") : tr("Thinking…");
}

void ConversationPanel::syncReading() {
    const bool reading = m_activity == Activity::Reading;
    const bool paused = m_activity == Activity::Idle && m_session && m_session->canChange() && m_session->hasUnread();
    m_reading->setVisible(reading || paused);
    if (paused) m_reading->showPaused(m_session->tokens);
}

void ConversationPanel::syncInput() {
    const bool reading = m_activity == Activity::Reading;
    const bool context = m_session && (m_session->hasContext() || reading);
    const bool opening = m_activity == Activity::Opening;
    const bool closed = m_session && !m_session->open && !opening;  // its texts alone can be read
    const bool answering = m_activity == Activity::Answering || m_pending;
    const bool can_ask = context && !closed && !m_pending && (m_activity == Activity::Idle || opening || reading);
    m_send->setVisible(!answering);
    m_stop->setVisible(answering);
    m_send->setEnabled(can_ask && !m_input->toPlainText().trimmed().isEmpty());
    m_suggestions->setEnabled(can_ask);
    const QString stops =
        m_pending && (opening || reading) ? tr("Take the question back (Esc)") : tr("Stop answering (Esc)");
    m_stop->setToolTip(stops);
    m_stop->setAccessibleName(stops);
    const bool other = m_activity == Activity::CheckingFidelity || m_activity == Activity::Comparing ||
                       m_activity == Activity::Calibrating || m_activity == Activity::PlanningSummary ||
                       m_activity == Activity::Summarizing;
    m_input->setPlaceholderText(can_ask || answering ? tr("Ask about the documents")
                                : closed             ? tr("This session is open for reading only")
                                : other              ? tr("Questions wait for the present work")
                                                     : tr("Questions are answered when all is read"));
    const bool idle = m_activity == Activity::Idle;
    m_tabs->setCanChange(m_session && m_session->open && idle, m_session && m_session->canChange() && idle);
    m_hint->setText(hint());
}

/// What Enter does, and what it leaves out.
QString ConversationPanel::hint() const {
    if (m_tabs->current().draft && m_tabs->current().fork)
        return tr("Asking begins a conversation of its own here; the other one stays as it is");
    const QString keys = m_activity == Activity::Reading
                             ? tr("Enter asks once all is read · Shift+Enter for a new line")
                             : tr("Enter asks · Shift+Enter for a new line");
    const auto off = [](const DocumentEntry& entry) {
        return !entry.info.on && entry.info.state != DocumentState::Failed;
    };
    const auto count = m_session ? std::count_if(m_session->documents.begin(), m_session->documents.end(), off) : 0;
    if (count == 0) return keys;
    return keys + " · " + (count == 1 ? tr("one document is off") : tr("%1 documents are off").arg(count));
}

void ConversationPanel::copyLast() {
    if (m_messages->size() > 0) QApplication::clipboard()->setText(m_messages->last()->answer());
}

}  // namespace lectern::ui
