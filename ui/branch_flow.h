// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include "ui/session_controller.h"

namespace lectern::ui {

class BranchTabs;
class NoticeBar;

/// Conversations renamed, deleted with a way back, and brought back. GUI thread.
class BranchFlow final : public QObject {
    Q_OBJECT
public:
    /// Asks `controller` for what `tabs` wants and tells about it in `notice`; dialogs belong to `window`. Owns none.
    BranchFlow(SessionController* controller, const BranchTabs* tabs, NoticeBar* notice, QWidget* window);

private:
    void rename(const QString& name, const QString& to);
    void remove(const QString& name);
    void bringBack(const QString& name);
    void forgetDeleted();
    void changed(const TaskResult& result);

    SessionController* m_controller;
    NoticeBar* m_notice;
    QWidget* m_window;
    QString m_removing;
};

}  // namespace lectern::ui
