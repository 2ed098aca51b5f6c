// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <optional>
#include <vector>

#include "ui/session_controller.h"

class QScrollArea;
class QStackedWidget;
class QTabBar;
class QToolButton;
class QVBoxLayout;

namespace lectern::ui {

class MessageCard;
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
    QWidget* makeMessages();
    QWidget* makeEmpty();
    QWidget* makeInput();
    void submit();
    void startAsking(const QString& question, bool undo_last, bool vary = false);
    void syncTabs();
    void syncMessages();
    void syncReading();
    void syncInput();
    MessageCard* cardAt(std::size_t index);
    const BranchInfo* branch() const;
    QString branchName() const;
    void scrollToEnd();

    struct Pending {
        QString branch, question, answer;
    };
    std::optional<SessionSnapshot> m_session;
    std::optional<Pending> m_pending;
    Activity m_activity = Activity::Idle;
    bool m_editing = false;  ///< the input holds the last question: asking replaces it
    bool m_stick = true;     ///< follow the end while text grows
    QStringList m_branches;  ///< as the tabs
    QWidget* m_tab_row;
    QTabBar* m_tabs;
    QStackedWidget* m_stack;
    QScrollArea* m_scroll;
    QVBoxLayout* m_messages;
    std::vector<MessageCard*> m_cards;
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
