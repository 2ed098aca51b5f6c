// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

#include "engine/summary_types.h"

class QTimer;
class QVBoxLayout;

namespace lectern::ui {

class AnswerView;
class TextLabel;

/// One section of a summary, or its lead: heading, pages, what is said, and the pages it comes from. Sentences that are
/// quoted have each its own page beside them.
class SummaryCard final : public QFrame {
    Q_OBJECT
public:
    /// `pages`: "p. 3", or empty for a lead.
    SummaryCard(const QString& title, const QString& pages, bool lead, QWidget* parent);

    void grow(const QString& text);  ///< of a section being written; at most every 40 ms on screen
    void setText(const QString& markdown, const std::vector<Citation>& citations, bool quotes, bool cut);
    QString plainText() const { return m_text; }

signals:
    void citationOpened(const lectern::Citation& citation);

private:
    void showSentences(const QString& text, const std::vector<Citation>& citations);
    void showWords(const std::vector<Citation>& citations);
    QWidget* makeLink(const Citation& citation);

    bool m_lead;
    QString m_text;
    QVBoxLayout* m_column;
    AnswerView* m_view;
    TextLabel* m_note;
    QTimer* m_refresh;
};

}  // namespace lectern::ui
