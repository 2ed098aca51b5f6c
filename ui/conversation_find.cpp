// SPDX-License-Identifier: GPL-3.0-or-later
// The part of ConversationPanel that looks for words in the messages of the tab in sight.
#include <cstdint>

#include "ui/conversation_panel.h"
#include "ui/find_bar.h"
#include "ui/format.h"
#include "ui/message_card.h"
#include "ui/message_list.h"

namespace lectern::ui {

void ConversationPanel::openFind() {
    m_find->open();
}

/// Looks through the texts, which are at hand for messages whose cards are yet to come.
void ConversationPanel::lookThrough(const QString& words) {
    m_found.clear();
    const auto all = messages();
    for (std::size_t i = 0; !words.isEmpty() && i < all.size(); ++i) {
        const Message& message = all[i];
        if (text(message.question).contains(words, Qt::CaseInsensitive) ||
            text(message.answer).contains(words, Qt::CaseInsensitive))
            m_found.push_back(i);
    }
    if (m_find_at >= m_found.size()) m_find_at = m_found.empty() ? 0 : m_found.size() - 1;
    m_find->showCount(int(m_find_at), words.isEmpty() ? -1 : int(m_found.size()));
}

/// Shows the last match.
void ConversationPanel::find(const QString& words) {
    m_find_at = SIZE_MAX;
    lookThrough(words);
    for (std::size_t i = 0; i < m_messages->size(); ++i) m_messages->card(i)->highlight(words);
    if (!m_found.empty()) m_messages->reveal(m_found[m_find_at]);
}

void ConversationPanel::stepFind(int by) {
    if (m_found.empty()) return;
    const auto count = m_found.size();
    m_find_at = (m_find_at + count + std::size_t(by + int(count))) % count;
    m_find->showCount(int(m_find_at), int(count));
    m_messages->reveal(m_found[m_find_at]);
}

}  // namespace lectern::ui
