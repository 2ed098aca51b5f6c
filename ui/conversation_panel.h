// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <optional>
#include <span>
#include <vector>

#include "ui/session_controller.h"

class QSplitter;
class QStackedWidget;
class QToolButton;
class QTimer;

namespace lectern::ui {

class BranchBeside;
class BranchTabs;
class FindBar;
class MessageCard;
class MessageList;
class QuestionEdit;
class ReadingCard;
class TextLabel;

/// Branch tabs, the messages of one branch, the reading card and the input. Shows what it is given; asks by signals.
class ConversationPanel final : public QWidget {
    Q_OBJECT
public:
    explicit ConversationPanel(QWidget* parent = nullptr);

    void setSession(const std::optional<SessionSnapshot>& session);
    void setActivity(Activity activity);
    void showProgress(const IngestEvent& event);
    void growAnswer(const QString& text);
    /// No answer is in progress any more, and the session is the new one. A failed one's question goes back to the
    /// input.
    void answerEnded(bool failed);
    void focusInput();
    void quote(const QString& words);  ///< before what is typed, to ask about
    BranchTabs& tabs() { return *m_tabs; }
    void regenerateLast();
    void editLast();
    void forkLast();
    void copyLast();
    void toggleBeside();  ///< another conversation beside the one in sight
    void openFind();
    QString branchName() const;  ///< of the tab in sight; empty where the session does not have it yet
    bool hasMessages() const { return !messages().empty(); }

signals:
    /// `vary`: another answer to the same question is wanted. Sampling is left to who answers.
    void ask(const lectern::ui::Question& question, bool vary);
    void stop();  ///< of the answer, or of the question that waits
    void cancelReading();
    void resumeReading();
    void citationOpened(const lectern::Citation& citation);

private:
    void makeTabs();
    QWidget* makeSides();
    QWidget* makeEmpty();
    QWidget* makeInput();
    void submit();
    void startAsking(const QString& question, bool undo_last, bool vary = false);
    void editAt(std::size_t index);
    void forkAt(std::size_t index);
    void beginFork(int turns);
    void syncMessages();
    void syncReading();
    void syncInput();
    QString hint() const;
    QString waitingWords() const;
    void lookThrough(const QString& words);
    void find(const QString& words);
    void stepFind(int by);
    MessageCard* cardAt(std::size_t index);
    std::size_t syncCards(bool waiting);
    std::span<const Message> messages() const;  ///< of the tab in sight; of a draft, those it goes on from

    struct Pending {
        QString branch, question, answer;
    };
    std::optional<SessionSnapshot> m_session;
    std::optional<Pending> m_pending;
    Activity m_activity = Activity::Idle;
    BranchTabs* m_tabs;
    BranchBeside* m_beside;
    QSplitter* m_sides;
    QStackedWidget* m_stack;
    MessageList* m_messages;
    FindBar* m_find;
    std::vector<std::size_t> m_found;  ///< messages of the tab in sight, ascending
    std::size_t m_find_at = 0;         ///< index in m_found
    QTimer* m_more;                    ///< goes on with a conversation that is too long for one turn
    ReadingCard* m_reading;
    TextLabel* m_empty_title;
    TextLabel* m_empty_text;
    QWidget* m_suggestions;
    QuestionEdit* m_input;
    QToolButton* m_send;
    QToolButton* m_stop;
    TextLabel* m_hint;
};

}  // namespace lectern::ui
