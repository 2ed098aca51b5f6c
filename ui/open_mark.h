// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace lectern::ui {

class SettingsFile;

/// Which session is open, written down, so that the next start knows what was open at the end of this run and whether
/// it ended properly. GUI thread.
class OpenMark {
public:
    /// Reads what the last run left. `settings` has to outlive it.
    explicit OpenMark(SettingsFile& settings);

    QString leftOpen() const { return m_closed ? m_left : QString(); }  ///< when its window was closed
    QString cutShort() const { return m_closed ? QString() : m_left; }  ///< when it ended without closing
    void set(const QString& file);                                      ///< is open from now on; empty: none is
    void forget() { m_left.clear(); }                                   ///< what the last run left is dealt with
    void close();                                                       ///< the window closes

private:
    SettingsFile& m_settings;
    QString m_left;
    bool m_closed;
};

}  // namespace lectern::ui
