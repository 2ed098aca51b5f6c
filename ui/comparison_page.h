// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "ui/session_controller.h"

class QPushButton;
class QTreeWidget;

namespace lectern::ui {

class FigureSaver;
class TextLabel;

/// "nuq2, no Q-Norm, no sinks": a setting by its name and what sets it apart from the session's own.
QString settingWords(const KvSettings& setting, const KvSettings& own);
/// Every number of the comparison, a line for each setting.
QString csvOf(const Comparison& comparison, const KvSettings& own);

/// What cache settings would cost on the session's own text: a table to choose from, to measure and to sort. Shows what
/// it is given; asks by signals. GUI thread.
class ComparisonPage final : public QWidget {
    Q_OBJECT
public:
    explicit ComparisonPage(FigureSaver* saver, QWidget* parent = nullptr);

    void setSession(const std::optional<SessionSnapshot>& session);
    void setActivity(Activity activity);
    void showShare(double share);
    std::vector<KvSettings> chosen() const;  ///< in the order of settingsToCompare()

signals:
    void compare();
    void cancel();

private:
    QWidget* makeHead(FigureSaver* saver);
    void makeTable();
    void showRows();
    void sync();

    std::optional<SessionSnapshot> m_session;
    Activity m_activity = Activity::Idle;
    std::vector<KvSettings> m_settings;  ///< [rows] as first filled; items have the index
    TextLabel* m_words;
    QTreeWidget* m_table;
    QPushButton* m_compare;
    QPushButton* m_cancel;
    QToolButton* m_export;
};

}  // namespace lectern::ui
