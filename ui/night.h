// SPDX-License-Identifier: GPL-3.0-or-later
// Pages for dark rooms.
#pragma once

#include <QColor>
#include <QImage>

namespace lectern::ui {

/// Lightness turned round, hue and saturation as they are: white paper becomes dark, black print bright, red stays red.
/// Pure. `page`: Format_RGB32.
QImage nightImage(QImage page);
QColor nightPaper();  ///< what white becomes

}  // namespace lectern::ui
