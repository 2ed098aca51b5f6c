// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QApplication>
#include <QString>

namespace lectern::test {

/// The longest an event may keep the GUI thread. Laying out a long conversation takes half of it on a slow core.
inline constexpr double kLongestEventMs = 400;

/// An application that measures how long each event keeps the GUI thread, waiting for a free core not counted.
class WatchedApplication final : public QApplication {
public:
    using QApplication::QApplication;
    bool notify(QObject* receiver, QEvent* event) override;

    void restartWatch() { m_longest_ms = 0; }
    double longestMs() const { return m_longest_ms; }
    QString longestWhat() const { return m_what; }

private:
    int m_depth = 0;
    double m_longest_ms = 0;
    QString m_what;
};

}  // namespace lectern::test
