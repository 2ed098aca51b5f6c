// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QIcon>

namespace lectern::ui {

/// One of resources/icons by its stem ("add", "open"), drawn in the palette's text colour of the moment, so that it
/// follows the theme by itself. An unknown name is our bug and asserts.
QIcon themedIcon(const QString& name);
/// The same, always in the colour of text on an accent-coloured button.
QIcon accentIcon(const QString& name);
/// Draws it in any colour.
QPixmap iconPixmap(const QString& name, const QColor& color, int size, double device_pixel_ratio);

}  // namespace lectern::ui
