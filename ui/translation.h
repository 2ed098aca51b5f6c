// SPDX-License-Identifier: GPL-3.0-or-later
// The window's languages. Sentences of the engine (what failed, and what to do) are English in all of them:
// error_words.h.
#pragma once

#include <QLocale>
#include <QString>
#include <QTranslator>

namespace lectern::ui {

/// Translations of the window, whatever the name of the class that asks: lupdate does not see namespaces as Qt's
/// run time does.
class WindowTranslator final : public QTranslator {
    Q_OBJECT
public:
    using QTranslator::QTranslator;
    QString translate(const char* context, const char* source, const char* disambiguation = nullptr,
                      int n = -1) const override;
};

/// "de", "zh_CN", or empty where the window is English for people of that locale.
QString translationFor(const QLocale& locale);

/// Makes the application speak `language` ("en", "de", "zh_CN"; empty: the system's), its own words and Qt's, numbers
/// and dates too. Once, before the first window.
void speak(const QString& language);

}  // namespace lectern::ui
