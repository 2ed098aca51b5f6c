// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <optional>
#include <vector>

#include "ui/session_controller.h"

class QStackedWidget;
class QTabBar;
class QToolButton;
class QTimer;

namespace lectern::ui {

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
    void addBranch();
    void stepBranch(int by);
    void regenerateLast();
    void editLast();
    void copyLast();

signals:
    /// `vary`: another answer to the same question is wanted.
    void ask(const QString& question, const QString& branch, bool undo_last, bool vary);
    void stop();
    void resumeReading();
    void citationOpened(const lectern::Citation& citation);

private:
    QWidget* makeTabs();
    QWidget* makeEmpty();
    QWidget* makeInput();
    void submit();
    void startAsking(const QString& question, bool undo_last, bool vary = false);
    void syncTabs();
    void syncMessages();
    void syncReading();
    void syncInput();
    MessageCard* cardAt(std::size_t index);
    std::size_t syncCards(const BranchInfo* branch, bool waiting);
    const BranchInfo* branch() const;
    QString branchName() const;

    struct Pending {
        QString branch, question, answer;
    };
    std::optional<SessionSnapshot> m_session;
    std::optional<Pending> m_pending;
    Activity m_activity = Activity::Idle;
    bool m_editing = false;  ///< the input holds the last question: asking replaces it
    QStringList m_branches;  ///< as the tabs
    QWidget* m_tab_row;
    QTabBar* m_tabs;
    QStackedWidget* m_stack;
    MessageList* m_messages;
    QTimer* m_more;  ///< goes on with a conversation that is too long for one turn
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
