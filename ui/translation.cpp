// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/translation.h"

#include <QCoreApplication>
#include <QLibraryInfo>

namespace lectern::ui {
namespace {

/// Contexts of functions that belong to no class.
constexpr const char* kFunctions[] = {"lectern::ui", "lectern::ui::Geometry", "lectern::ui::HeatMapPainting",
                                      "memory",      "MemoryHistory",         "export"};

/// Qt's words on our buttons, for where its own translations are not installed.
[[maybe_unused]] constexpr const char* kButtons[] = {
    QT_TRANSLATE_NOOP("QPlatformTheme", "OK"),           QT_TRANSLATE_NOOP("QPlatformTheme", "Cancel"),
    QT_TRANSLATE_NOOP("QPlatformTheme", "Close"),        QT_TRANSLATE_NOOP("QPlatformTheme", "Restore Defaults"),
    QT_TRANSLATE_NOOP("QMessageBox", "Show Details..."), QT_TRANSLATE_NOOP("QMessageBox", "Hide Details...")};

void install(QTranslator* translator, const QString& file, const QString& folder) {
    translator->setParent(QCoreApplication::instance());
    if (translator->load(file, folder)) QCoreApplication::installTranslator(translator);
}

}  // namespace

QString WindowTranslator::translate(const char* context, const char* source, const char* disambiguation, int n) const {
    QString found = QTranslator::translate(context, source, disambiguation, n);
    if (!found.isEmpty()) return found;
    const QByteArray name(context);
    found = QTranslator::translate(name.mid(name.lastIndexOf(':') + 1).constData(), source, disambiguation, n);
    for (const char* function : kFunctions)
        if (found.isEmpty()) found = QTranslator::translate(function, source, disambiguation, n);
    return found;
}

QString translationFor(const QLocale& locale) {
    const bool traditional = locale.script() == QLocale::TraditionalHanScript;
    if (locale.language() == QLocale::German) return "de";
    return locale.language() == QLocale::Chinese && !traditional ? "zh_CN" : QString();
}

void speak(const QString& language) {
    const QLocale system = QLocale::system();
    const QLocale wanted(language);
    const QLocale locale = language.isEmpty() || wanted.language() == system.language() ? system : wanted;
    QLocale::setDefault(locale);
    const QString file = translationFor(locale);
    if (file.isEmpty()) return;
    install(new QTranslator, "qtbase_" + file, QLibraryInfo::path(QLibraryInfo::TranslationsPath));
    install(new WindowTranslator, "lectern_" + file, ":/i18n");
}

}  // namespace lectern::ui
