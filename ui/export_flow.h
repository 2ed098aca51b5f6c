// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <functional>

#include "ui/session_controller.h"
#include "ui/settings_file.h"

class QFileDialog;

namespace lectern::ui {

class ConversationPanel;
class NoticeBar;
class SummaryPanel;

/// From what is in sight to a file of the person's choice. GUI thread.
class ExportFlow final : public QObject {
    Q_OBJECT
public:
    /// Dialogs belong to `window`. Owns none of them; `settings` remembers the folder.
    ExportFlow(SessionController* controller, SettingsFile& settings, const ConversationPanel* conversation,
               const SummaryPanel* summaries, NoticeBar* notice, QWidget* window);

    void exportConversation();
    void exportSummary();
    void showExported(const QString& file);

private:
    QFileDialog* choose(const QString& title, const QString& name, bool json,
                        std::function<void(const QString&)> write);
    QString sessionName() const;

    SessionController* m_controller;
    SettingsFile& m_settings;
    const ConversationPanel* m_conversation;
    const SummaryPanel* m_summaries;
    NoticeBar* m_notice;
    QWidget* m_window;
};

}  // namespace lectern::ui
