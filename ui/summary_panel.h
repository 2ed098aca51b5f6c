// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <optional>

#include "ui/session_controller.h"

class QComboBox;
class QProgressBar;
class QTimer;
class QToolButton;

namespace lectern::ui {

class CardList;
class SummaryCard;
class TextLabel;

/// The session's summaries, one at a time, as a card for each section; shows one being made as it grows. Shows what it
/// is given; asks by signals.
class SummaryPanel final : public QWidget {
    Q_OBJECT
public:
    explicit SummaryPanel(QWidget* parent = nullptr);

    void setSession(const std::optional<SessionSnapshot>& session);
    void setActivity(Activity activity);
    void show(const SummaryNews& news);  ///< of the one being made
    void showSummary(int id);            ///< of the session
    /// Nothing is being made any more. `id`: what came of it; none: the one seen before is shown again.
    void ended(const std::optional<int>& id);
    const Summary* current() const;  ///< in sight; null while one is being made, or without any
    QString asText() const;          ///< of what is in sight

signals:
    void back();
    void summarize();
    void again(const lectern::SummaryRequest& request);
    void exportSummary(int id);
    void remove(int id);
    void stop();
    void citationOpened(const lectern::Citation& citation);

private:
    QWidget* makeBar();
    QWidget* makeProgress();
    void begin(const SummaryNews& news);
    void fill();
    void addCards();
    SummaryCard* addCard(const QString& title, const QString& pages, bool lead);
    SummaryCard* growing(const SummaryNews& news);
    void addDocument(const std::string& name);
    void clear();
    void syncActions();
    void copy() const;

    std::vector<Summary> m_summaries;
    int m_shown = 0;  ///< id
    bool m_making = false;
    bool m_can_make = false, m_can_change = false;  ///< in the session, when nothing else is done
    Summary m_filling;                              ///< whose cards are being added
    std::size_t m_filled = 0;                       ///< sections of it that have cards
    std::vector<PlannedSection> m_planned;
    int m_kept = 0;  ///< of them, from a run that was stopped
    Activity m_activity = Activity::Idle;
    QComboBox* m_which;
    QToolButton* m_copy;
    QToolButton* m_again;
    QToolButton* m_export;
    QToolButton* m_remove;
    QToolButton* m_new;
    QWidget* m_progress_card;
    TextLabel* m_progress_text;
    TextLabel* m_progress_left;
    QProgressBar* m_progress;
    TextLabel* m_facts;
    CardList* m_cards;
    SummaryCard* m_growing = nullptr;
    QTimer* m_more;  ///< goes on with a summary that is too long for one turn
};

}  // namespace lectern::ui
