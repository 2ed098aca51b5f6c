// SPDX-License-Identifier: GPL-3.0-or-later
// Colours of plots. Both sets differ in lightness or along blue and yellow, which people who confuse red and green see
// as others do.
#pragma once

#include <QColor>

namespace lectern::ui {

inline constexpr int kCategoryColors = 8;

/// A place on the scale of a heat map: 0 lies near the surface of the theme, 1 far from it. Lightness changes all the
/// way in one direction, so that the order is seen in grey too. `share` outside 0 … 1 is clamped.
QColor heatColor(double share, bool dark);
/// Black or white, whichever is easier to read on `back`.
QColor inkOn(const QColor& back);
/// One of kCategoryColors; further ones begin anew.
QColor categoryColor(int index, bool dark);

/// Relative luminance, 0 … 1, of WCAG 2.1.
double luminance(const QColor& color);
/// Contrast ratio, 1 … 21, of WCAG 2.1.
double contrast(const QColor& a, const QColor& b);

}  // namespace lectern::ui
