// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include "ui/preferences.h"
#include "ui/session_controller.h"

namespace lectern::ui {

class NoticeBar;

/// Keeps the recent sessions within the disk quota that the settings name: looks after reading and at the start, says
/// what is over, and drops caches after a yes, those of the sessions that were not used for longest first. Asks once
/// for each start of the window and each change of the quota. GUI thread.
class QuotaFlow final : public QObject {
    Q_OBJECT
public:
    /// Asks `controller`; the question comes in `notice`, then a dialog of `window`. Owns none of them.
    QuotaFlow(SessionController* controller, PreferenceStore& store, NoticeBar* notice, QWidget* window);
    void setQuota(std::uint64_t bytes);  ///< 0: there is none

private:
    void check();
    void ended(const TaskResult& result);
    void offer(const QuotaPlan& plan);
    void ask(const QuotaPlan& plan);
    void stripped(const TaskResult& result);

    SessionController* m_controller;
    PreferenceStore& m_store;
    NoticeBar* m_notice;
    QWidget* m_window;
    std::uint64_t m_quota = 0;
    bool m_offered = false;
};

}  // namespace lectern::ui
