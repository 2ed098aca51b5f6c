// SPDX-License-Identifier: GPL-3.0-or-later
// Drives the real main window as a person would, for tests and screenshots.
#pragma once

#include <memory>

#include "tests/support/test_data.h"
#include "tests/ui/fake_engine.h"
#include "ui/main_window.h"
#include "ui/message_card.h"

namespace lectern::test {

/// One window on settings and files of its own.
class WindowDriver {
public:
    explicit WindowDriver(ui::Services services);
    ~WindowDriver();

    ui::MainWindow& window() { return *m_window; }
    const std::filesystem::path& folder() const { return m_folder.path(); }
    void closeWindow();  ///< and the engine with it
    void crash();        ///< the window goes without having been closed
    void openWindow();   ///< a new one on the same settings
    ui::SettingsFile& settings() { return *m_settings; }
    void setPreferences(const ui::Preferences& preferences);

    /// A file for the fake engine to read; returns its path.
    QString document(const QString& name, const QString& content);
    void drop(const QStringList& paths);

    template <typename Widget>
    Widget* find(const char* name) const {
        return m_window->findChild<Widget*>(name);
    }
    /// The visible one of several with that name.
    QWidget* visible(const char* name) const;
    std::vector<ui::MessageCard*> cards() const;  ///< the visible ones, oldest first
    void click(const char* name);
    void trigger(const char* dock);  ///< shows or hides a dock, as its menu entry does
    void type(const char* name, const QString& text);
    QString notice() const;
    QString activity() const;
    bool idle() const;
    bool waitFor(const std::function<bool()>& holds, int milliseconds = 10000);
    bool waitForPage(const char* page);
    bool waitIdle(int milliseconds = 10000);
    void ask(const QString& question);

    using Look = std::function<void(const ui::Preferences&)>;
    Look look = [](const ui::Preferences&) {};

private:
    TempDir m_folder;
    ui::Services m_services;
    std::unique_ptr<ui::SettingsFile> m_settings;
    std::unique_ptr<ui::PreferenceStore> m_store;
    std::unique_ptr<ui::MainWindow> m_window;
};

}  // namespace lectern::test
