// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QApplication>
#include <QString>

namespace lectern::test {

/// What one event of the GUI thread may take: processor time, and time in all (locks, disks) without waiting for a free
/// core. The second has room for a core that is taken away in ways the kernel does not tell.
inline constexpr double kMostWorkMs = 50, kLongestMs = 200;

/// An application that measures what each event takes of the GUI thread.
class WatchedApplication final : public QApplication {
public:
    using QApplication::QApplication;
    bool notify(QObject* receiver, QEvent* event) override;

    void restartWatch() { m_work = m_all = {}; }
    /// What broke a limit since the last restart; empty where nothing did.
    QString problem() const;

private:
    int m_depth = 0;
    struct Worst {
        double ms = 0;
        QString what;
    };
    Worst m_work, m_all;
};

}  // namespace lectern::test
