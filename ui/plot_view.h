// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "ui/figure.h"
#include "ui/plot.h"

namespace lectern::ui {

class PlotCanvas;
class TextLabel;

/// A plot with its title, a sentence about it and a button that exports it. The number under the pointer or the
/// keyboard's cursor (Left, Right, Home, End) is read out above the axes. GUI thread.
class PlotView final : public QWidget {
    Q_OBJECT
public:
    explicit PlotView(int height, QWidget* parent = nullptr);

    /// `note`: what the plot shows, in a sentence; or nothing.
    void setPlot(const Plot& plot, const QString& note = {});
    void setLegend(bool shown);  ///< on screen; a figure always has it
    const Plot& plot() const;
    Figure figure() const;

signals:
    void exportWanted(const lectern::ui::Figure& figure, lectern::ui::FigureFormat format);

private:
    TextLabel* m_title;
    TextLabel* m_note;
    QToolButton* m_export;
    PlotCanvas* m_canvas;
};

}  // namespace lectern::ui
