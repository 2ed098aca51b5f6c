// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QFont>
#include <QRectF>

#include "ui/plot.h"

class QPainter;

namespace lectern::ui {

struct ThemeColors;

/// How a plot is painted. `colors` outlives the painting.
struct PlotLook {
    const ThemeColors& colors;
    QFont font;       ///< of axes and legend
    int cursor = -1;  ///< index of x that is marked and read out above the plot; -1: none
    bool legend = true;
    bool title = false;  ///< with the plot's title above it
};

/// The colour that a series' number stands for.
QColor plotColor(int index, const ThemeColors& colors);

/// Paints axes, series, marks and legend into `area`, or the sentence that says why there is nothing. Any thread.
void paintPlot(QPainter& painter, const QRectF& area, const Plot& plot, const PlotLook& look);

/// The index of the x nearest to the horizontal place `at` of a plot painted into `area`; -1 where it has no numbers.
int plotIndexAt(const QRectF& area, const Plot& plot, const PlotLook& look, double at);

}  // namespace lectern::ui
