// SPDX-License-Identifier: GPL-3.0-or-later
// The window program.
#include <QApplication>
#include <QSettings>
#include <cstdio>
#include <memory>
#include <optional>
#include <string_view>

#include "app/single_instance.h"
#include "app/system_look.h"
#include "app/window_services.h"
#include "engine/base/heap.h"
#include "ui/main_window.h"
#include "ui/theme.h"
#include "ui/translation.h"

namespace {

constexpr const char* kHelp =
    "Usage: lectern [FILE…|LINK]\n"
    "\n"
    "Reads very long documents with a language model and answers with the pages it looked at.\n"
    "\n"
    "  FILE        a session (.lectern) to open, or PDF, text and Markdown files or folders to read\n"
    "  LINK        lectern://session?path=FILE&document=NAME&page=N, a page of a session\n"
    "  --version   print the version and exit\n"
    "  --help      print this help and exit\n"
    "\n"
    "Started again, it hands what it is given to the window that is open.\n"
    "For scripts and machines without a screen there is lectern-cli.\n";

/// The exit status of what needs no window; nothing where a window is wanted. Works without a display.
std::optional<int> answerWithoutWindow(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        if (argument == "--version") return std::printf("lectern %s\n", LECTERN_VERSION), 0;
        if (argument == "--help" || argument == "-h") return std::fputs(kHelp, stdout), 0;
    }
    return std::nullopt;
}

}  // namespace

int main(int argc, char** argv) {
    lectern::keepHeapSmall();
    if (const auto status = answerWithoutWindow(argc, argv)) return *status;
    QGuiApplication::setHighDpiScaleFactorRoundingPolicy(Qt::HighDpiScaleFactorRoundingPolicy::PassThrough);
    QApplication application(argc, argv);
    QApplication::setOrganizationName("lectern");
    QApplication::setApplicationName("lectern");
    QApplication::setApplicationDisplayName("Lectern");
    QApplication::setApplicationVersion(LECTERN_VERSION);
    QApplication::setDesktopFileName("lectern");
    QApplication::setWindowIcon(QIcon(":/icons/lectern.svg"));
    const QStringList arguments = lectern::absoluteArguments(QApplication::arguments().mid(1));
    lectern::SingleInstance instance(lectern::instanceName());
    if (instance.handOver(arguments)) return 0;
    instance.listen();
    lectern::SystemLook system(QDBusConnection::sessionBus());
    const auto apply_look = [&](const lectern::ui::Preferences& preferences) {
        lectern::ui::applyTheme(application, preferences, system.palette());
    };
    lectern::ui::SettingsFile settings([] { return std::make_unique<QSettings>(); });
    lectern::ui::PreferenceStore store(settings);
    lectern::ui::speak(store.load().language);
    apply_look(store.load());
    QObject::connect(&system, &lectern::SystemLook::changed, [&] { apply_look(store.load()); });
    lectern::ui::MainWindow window(lectern::windowServices(), store, apply_look);
    window.show();
    window.openPaths(arguments);
    QObject::connect(&instance, &lectern::SingleInstance::started, &window, [&](const QStringList& more) {
        window.setWindowState(window.windowState() & ~Qt::WindowMinimized);
        window.show();
        window.raise();
        window.activateWindow();
        window.openPaths(more);
    });
    return QApplication::exec();
}
