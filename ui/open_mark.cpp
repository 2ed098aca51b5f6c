// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/open_mark.h"

#include "ui/settings_file.h"

namespace lectern::ui {
namespace {

constexpr const char* kFile = "session/open";
constexpr const char* kClosed = "session/closed";

}  // namespace

OpenMark::OpenMark(SettingsFile& settings)
    : m_settings(settings),
      m_left(settings.value(kFile).toString()),
      m_closed(settings.value(kClosed, true).toBool()) {}

void OpenMark::set(const QString& file) {
    m_settings.setValue(kFile, file);
    m_settings.setValue(kClosed, file.isEmpty());
}

void OpenMark::close() {
    m_settings.setValue(kClosed, true);
}

}  // namespace lectern::ui
