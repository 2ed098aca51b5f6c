// SPDX-License-Identifier: GPL-3.0-or-later
// Colours of the window. The application palette carries the theme; what it has no role for is looked up from it.
#pragma once

#include <QColor>
#include <QPalette>

#include "ui/preferences.h"

class QApplication;

namespace lectern::ui {

struct ThemeColors {
    QColor window, surface, sunken, border, text, muted, accent, on_accent, accent_soft, good, warning, bad, bad_soft;
    QColor mark;                  ///< over white paper
    QColor find;                  ///< over white paper
    QColor text_mark, text_find;  ///< behind text of the theme's own colour
    bool dark = false;
};

const ThemeColors& lightColors();
const ThemeColors& darkColors();
const ThemeColors& contrastColors();
/// The set that belongs to the application's palette: for painting.
const ThemeColors& themeColors();

/// Whether the palette the platform brought is a dark one.
bool isDark(const QPalette& palette);
/// Whether it is white on black: the platform's, of high contrast, or ours.
bool isContrast(const QPalette& palette);

/// Sets style, palette, style sheet and font of the application as the preferences say. `system`: the palette it
/// started with.
void applyTheme(QApplication& application, const Preferences& preferences, const QPalette& system);

}  // namespace lectern::ui
