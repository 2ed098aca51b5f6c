// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMap>
#include <QSettings>
#include <QString>
#include <QThreadPool>
#include <QVariant>
#include <functional>
#include <memory>

namespace lectern::ui {

/// The program's settings: kept in memory, written by a thread of their own, so that the window never waits for a disk.
/// GUI thread. Destruction waits until everything set is written.
class SettingsFile {
public:
    using Open = std::function<std::unique_ptr<QSettings>()>;

    /// `open` opens the file where it lies; called here once to read it, and by the writing thread for each write.
    explicit SettingsFile(Open open);
    ~SettingsFile();
    SettingsFile(const SettingsFile&) = delete;
    SettingsFile& operator=(const SettingsFile&) = delete;

    QVariant value(const QString& key, const QVariant& fallback = {}) const { return m_values.value(key, fallback); }
    void setValue(const QString& key, const QVariant& value);

private:
    struct Pending;  ///< what is set and not yet written; shared with the writing thread

    QMap<QString, QVariant> m_values;
    std::shared_ptr<Pending> m_pending;
    QThreadPool m_writer;
};

}  // namespace lectern::ui
