// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings_file.h"

#include <mutex>
#include <utility>

namespace lectern::ui {

struct SettingsFile::Pending {
    Open open;
    std::mutex lock;
    QMap<QString, QVariant> values;  ///< guarded
    bool writing = false;            ///< guarded: a job is queued or at work

    /// Keys are written one by one: another window's keys in the same file stay as they are.
    void writeAll() {
        for (;;) {
            QMap<QString, QVariant> batch;
            {
                const std::lock_guard guard(lock);
                batch.swap(values);
                writing = !batch.isEmpty();
                if (!writing) return;
            }
            const auto file = open();
            for (auto i = batch.cbegin(); i != batch.cend(); ++i) file->setValue(i.key(), i.value());
            file->sync();
        }
    }
};

SettingsFile::SettingsFile(Open open) : m_pending(std::make_shared<Pending>()) {
    m_pending->open = std::move(open);
    m_writer.setMaxThreadCount(1);
    const auto file = m_pending->open();
    for (const QString& key : file->allKeys()) m_values.insert(key, file->value(key));
}

SettingsFile::~SettingsFile() {
    m_writer.waitForDone();
}

void SettingsFile::setValue(const QString& key, const QVariant& value) {
    if (m_values.contains(key) && m_values.value(key) == value) return;
    m_values.insert(key, value);
    const std::lock_guard guard(m_pending->lock);
    m_pending->values.insert(key, value);
    if (!std::exchange(m_pending->writing, true)) m_writer.start([pending = m_pending] { pending->writeAll(); });
}

}  // namespace lectern::ui
