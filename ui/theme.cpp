// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme.h"

#include <QApplication>
#include <QFont>
#include <QFontDatabase>
#include <QStyle>
#include <QStyleFactory>
#include <QToolTip>

namespace lectern::ui {
namespace {

QPalette makePalette(const ThemeColors& c) {
    QPalette palette(c.text, c.surface, c.surface.lighter(110), c.border.darker(130), c.border, c.text, c.text,
                     c.surface, c.window);
    palette.setColor(QPalette::AlternateBase, c.sunken);
    palette.setColor(QPalette::Highlight, c.accent);
    palette.setColor(QPalette::HighlightedText, c.on_accent);
    palette.setColor(QPalette::Link, c.accent);
    palette.setColor(QPalette::LinkVisited, c.accent);
    palette.setColor(QPalette::PlaceholderText, c.muted);
    palette.setColor(QPalette::ToolTipBase, c.surface);
    palette.setColor(QPalette::ToolTipText, c.text);
    palette.setColor(QPalette::Midlight, c.sunken);
    palette.setColor(QPalette::Mid, c.border);
    palette.setColor(QPalette::Shadow, c.dark ? QColor(0, 0, 0) : QColor(90, 86, 78));
    QColor faint = c.muted;
    faint.setAlphaF(0.6F);
    for (const auto role : {QPalette::Text, QPalette::WindowText, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, faint);
    palette.setColor(QPalette::Disabled, QPalette::Highlight, c.border);
    palette.setColor(QPalette::Disabled, QPalette::HighlightedText, c.muted);
    return palette;
}

/// Only what Fusion cannot be told through the palette.
const char* const kSheet = R"(
QToolTip { color: @text; background: @surface; border: 1px solid @border; padding: 4px 6px; }
QMainWindow::separator { background: @window; width: 6px; height: 6px; }
QMainWindow::separator:hover { background: @accent; }
QToolBar { background: @window; border: none; border-bottom: 1px solid @border; padding: 3px 6px; spacing: 4px; }
QToolBar QToolButton { padding: 4px 8px; border: 1px solid transparent; border-radius: 6px; }
QToolButton[flat="true"] { padding: 4px; border: 1px solid transparent; border-radius: 6px; background: transparent; }
QToolBar QToolButton:hover, QToolButton[flat="true"]:hover { background: @sunken; border-color: @border; }
QToolBar QToolButton:checked, QToolButton[flat="true"]:checked { background: @soft; border-color: @soft; }
QToolBar QToolButton:focus, QToolButton[flat="true"]:focus { border-color: @accent; }
QStatusBar { background: @window; border-top: 1px solid @border; }
QStatusBar::item { border: none; }
QFrame[card="true"] { background: @surface; border: 1px solid @border; border-radius: 10px; }
QFrame[notice="true"] { background: @soft; border: 1px solid @border; border-radius: 8px; }
QFrame[notice="true"][problem="true"] { background: @badsoft; }
QFrame[question="true"] { background: @soft; border: none; border-radius: 10px; }
QPushButton { padding: 6px 14px; border: 1px solid @border; border-radius: 7px; background: @surface; color: @text; }
QPushButton:hover { background: @sunken; }
QPushButton:focus { border-color: @accent; }
QPushButton:disabled { color: @faint; background: @window; }
QPushButton[primary="true"] { background: @accent; color: @onaccent; border-color: @accent; }
QPushButton[primary="true"]:hover { background: @hover; }
QPushButton[primary="true"]:focus { border: 2px solid @text; padding: 5px 13px; }
QPushButton[primary="true"]:disabled { background: @off; border-color: @border; color: @muted; }
QPushButton[link="true"] { border: 1px solid transparent; background: transparent; color: @accent; text-align: left; padding: 3px 4px; }
QPushButton[flush="true"] { padding: 3px 0; }
QPushButton[link="true"]:hover { text-decoration: underline; }
QPushButton[link="true"]:focus { border-color: @accent; }
QLineEdit, QPlainTextEdit[input="true"] { border: 1px solid @border; border-radius: 7px; padding: 4px 8px; background: @surface; }
QLineEdit:focus, QPlainTextEdit[input="true"]:focus { border-color: @accent; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: @border; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: @accent; }
QSlider::handle:horizontal { width: 12px; height: 12px; margin: -6px 0; border: 2px solid @accent; border-radius: 8px; background: @surface; }
QSlider::handle:horizontal:focus, QSlider::handle:horizontal:hover { background: @accent; }
QProgressBar { border: none; border-radius: 3px; background: @border; max-height: 6px; min-height: 6px; }
QProgressBar::chunk { background: @accent; border-radius: 3px; }
QTabBar::tab { padding: 5px 12px; border: none; border-bottom: 2px solid transparent; color: @muted; background: transparent; }
QTabBar::tab:selected { color: @text; border-bottom-color: @accent; }
QTabBar::tab:focus { color: @accent; }
QToolButton[primary="true"] { background: @accent; border: 1px solid @accent; border-radius: 8px; }
QToolButton[primary="true"]:hover { background: @hover; }
QToolButton[primary="true"]:focus { border: 2px solid @text; }
QToolButton[primary="true"]:disabled { background: @off; border-color: @border; }
QCheckBox::indicator, QTreeView::indicator { width: 14px; height: 14px; border: 1px solid @muted; border-radius: 4px; background: @surface; }
QCheckBox::indicator:checked, QTreeView::indicator:checked { background: @accent; border-color: @accent; image: url(@check); }
QCheckBox::indicator:disabled, QTreeView::indicator:disabled { border-color: @border; }
QCheckBox::indicator:checked:disabled { background: @border; }
QCheckBox:focus, QRadioButton:focus { color: @accent; }
QRadioButton::indicator { width: 14px; height: 14px; border: 1px solid @muted; border-radius: 8px; background: @surface; }
QRadioButton::indicator:checked { border-color: @accent; background: qradialgradient(cx: 0.5, cy: 0.5, radius: 0.5, fx: 0.5, fy: 0.5, stop: 0 @onaccent, stop: 0.4 @onaccent, stop: 0.5 @accent, stop: 1 @accent); }
QRadioButton::indicator:disabled { border-color: @border; }
QTreeView#shelf { show-decoration-selected: 0; }
QListWidget { border: 1px solid @border; border-radius: 8px; background: @surface; }
QTreeWidget { border: 1px solid @border; border-radius: 8px; background: @surface; padding: 1px 5px; }
QHeaderView::section { background: @surface; color: @muted; border: none; border-bottom: 1px solid @border; padding: 6px 3px; }
QScrollArea, QAbstractScrollArea[plain="true"] { background: transparent; border: none; }
QScrollBar { background: transparent; border: none; margin: 0; }
QScrollBar:vertical { width: 10px; }
QScrollBar:horizontal { height: 10px; }
QScrollBar::handle { background: @scroll; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: @muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
)";

/// Fusion draws outlines in a shade of the window's colour, and black has none.
const char* const kContrastSheet = R"(
QComboBox, QAbstractSpinBox, QTabWidget::pane { border: 1px solid @border; }
QComboBox:focus, QAbstractSpinBox:focus { border-color: @accent; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { width: 18px; border: none; background: @sunken; }
QAbstractSpinBox::up-arrow { image: url(:/icons/spin-up.svg); width: 9px; height: 6px; }
QAbstractSpinBox::down-arrow { image: url(:/icons/spin-down.svg); width: 9px; height: 6px; }
QAbstractSpinBox::up-arrow:off, QAbstractSpinBox::down-arrow:off { image: none; }
QComboBox::drop-down { width: 20px; border: none; }
QComboBox::down-arrow { image: url(:/icons/spin-down.svg); width: 9px; height: 6px; }
)";

QString styleSheet(const ThemeColors& c) {
    const bool contrast = &c == &contrastColors();
    QString sheet = contrast ? QString(kSheet) + kContrastSheet : kSheet;
    const auto set = [&](const char* name, const QColor& color) { sheet.replace(name, color.name()); };
    const QColor hover = c.dark ? c.accent.lighter(112) : c.accent.darker(112);
    set("@window", c.window), set("@surface", c.surface), set("@sunken", c.sunken), set("@border", c.border);
    set("@text", c.text), set("@muted", c.muted), set("@faint", c.muted), set("@accent", c.accent),
        set("@hover", hover);
    set("@badsoft", c.bad_soft), set("@off", contrast ? c.sunken : c.border);
    sheet.replace("@check", c.dark ? ":/icons/checked-dark.svg" : ":/icons/checked-light.svg");
    set("@scroll", c.dark ? c.border.lighter(130) : c.border.darker(115));
    set("@onaccent", c.on_accent), set("@soft", c.accent_soft);
    return sheet;
}

}  // namespace

const ThemeColors& lightColors() {
    static const ThemeColors colors = {.window = 0xf6f5f1,
                                       .surface = 0xffffff,
                                       .sunken = 0xeeece6,
                                       .border = 0xd9d5cc,
                                       .text = 0x1f2328,
                                       .muted = 0x5f5c55,
                                       .accent = 0x2457a6,
                                       .on_accent = 0xffffff,
                                       .accent_soft = 0xe4ecf8,
                                       .good = 0x2a7a4b,
                                       .warning = 0x8a5a00,
                                       .bad = 0xb3261e,
                                       .bad_soft = 0xfbeae7,
                                       .mark = 0xffe169,
                                       .find = 0xffc9a3,
                                       .text_mark = 0xffe169,
                                       .text_find = 0xffc9a3,
                                       .dark = false};
    return colors;
}

const ThemeColors& darkColors() {
    static const ThemeColors colors = {.window = 0x191b1f,
                                       .surface = 0x22252a,
                                       .sunken = 0x2b2f35,
                                       .border = 0x3b4048,
                                       .text = 0xe7e6e2,
                                       .muted = 0xa3a7ae,
                                       .accent = 0x86b4ff,
                                       .on_accent = 0x10151d,
                                       .accent_soft = 0x2a384e,
                                       .good = 0x6fcf97,
                                       .warning = 0xe6b450,
                                       .bad = 0xff8a80,
                                       .bad_soft = 0x42292b,
                                       .mark = 0xffe169,
                                       .find = 0xffc9a3,
                                       .text_mark = 0x6b5a12,
                                       .text_find = 0x7a4420,
                                       .dark = true};
    return colors;
}

/// Text at 21 to 1, everything that can be used at 7 to 1 and more.
const ThemeColors& contrastColors() {
    static const ThemeColors colors = {.window = Qt::black,
                                       .surface = Qt::black,
                                       .sunken = 0x1f1f1f,
                                       .border = 0xffffff,
                                       .text = 0xffffff,
                                       .muted = 0xe0e0e0,
                                       .accent = 0xffe14d,
                                       .on_accent = Qt::black,
                                       .accent_soft = 0x3a3200,
                                       .good = 0x6dff9c,
                                       .warning = 0xffc24d,
                                       .bad = 0xffb8b0,
                                       .bad_soft = 0x3d0000,
                                       .mark = 0xffe169,
                                       .find = 0xffc9a3,
                                       .text_mark = 0x6b5a12,
                                       .text_find = 0x7a4420,
                                       .dark = true};
    return colors;
}

const ThemeColors& themeColors() {
    const QPalette palette = QApplication::palette();
    if (isContrast(palette)) return contrastColors();
    return isDark(palette) ? darkColors() : lightColors();
}

bool isContrast(const QPalette& palette) {
    return palette.color(QPalette::Window) == Qt::black && palette.color(QPalette::WindowText) == Qt::white;
}

bool isDark(const QPalette& palette) {
    return palette.color(QPalette::WindowText).lightness() > palette.color(QPalette::Window).lightness();
}

void applyTheme(QApplication& application, const Preferences& preferences, const QPalette& system) {
    const ThemeChoice choice = preferences.theme;
    const bool own = choice == ThemeChoice::System;
    const bool contrast = choice == ThemeChoice::HighContrast || (own && isContrast(system));
    const bool dark = choice == ThemeChoice::Dark || (own && isDark(system));
    const ThemeColors& colors = contrast ? contrastColors() : dark ? darkColors() : lightColors();
    if (application.style()->name() != "fusion") QApplication::setStyle(QStyleFactory::create("Fusion"));
    QApplication::setPalette(makePalette(colors));
    QToolTip::setPalette(makePalette(colors));
    QFont font = QApplication::font();
    const QString& family = preferences.font_family;
    font.setFamilies({family.isEmpty() ? QFontDatabase::systemFont(QFontDatabase::GeneralFont).family() : family});
    font.setPointSizeF(preferences.font_points > 0 ? preferences.font_points : 10);
    QApplication::setFont(font);
    application.setStyleSheet(styleSheet(colors));
}

}  // namespace lectern::ui
