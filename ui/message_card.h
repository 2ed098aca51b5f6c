// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "engine/session_types.h"

class QFrame;
class QLabel;
class QTimer;
class QToolButton;
class QVBoxLayout;

namespace lectern::ui {

class AnswerView;
class FlowLayout;
class TextLabel;

/// One question with its answer: text, the pages attended to, what it cost, what can be done with it.
class MessageCard final : public QWidget {
    Q_OBJECT
public:
    explicit MessageCard(QWidget* parent = nullptr);

    /// A finished message. `quotes`: show the passages in words (the built-in model needs them).
    void setMessage(const Message& message, bool quotes);
    /// A question being answered; text follows with setAnswer().
    void setPending(const QString& question, const QString& waiting);
    void setAnswer(const QString& markdown);  ///< at most every 40 ms on screen
    /// Regenerate is for the newest answer only; all but copying ask the session, while nothing runs.
    void setActions(bool last, bool can_ask, bool enabled);

    void highlight(const QString& words);  ///< what is looked for; empty: nothing
    QString question() const { return m_question_text; }
    QString answer() const { return m_answer_text; }

signals:
    void citationOpened(const lectern::Citation& citation);
    void regenerate();
    void editQuestion();
    void fork();  ///< a new conversation goes on from this answer

private:
    void makeFooter(QVBoxLayout* column);
    void showAnswer();
    void showCitations(const std::vector<Citation>& citations, bool quotes);
    void showLedger(const Message& message);
    void copyAnswer() const;

    QString m_question_text, m_answer_text, m_highlighted;
    std::int64_t m_time = 0;
    bool m_quotes = false;
    QLabel* m_question;
    AnswerView* m_answer;
    TextLabel* m_waiting;
    TextLabel* m_weak;
    QWidget* m_chips;
    FlowLayout* m_chip_flow;
    TextLabel* m_quote;
    TextLabel* m_chips_title;
    TextLabel* m_ledger;
    TextLabel* m_ledger_details;
    QToolButton* m_more;
    QToolButton* m_copy;
    QToolButton* m_regenerate;
    QToolButton* m_edit;
    QToolButton* m_fork;
    QTimer* m_refresh;
};

}  // namespace lectern::ui
