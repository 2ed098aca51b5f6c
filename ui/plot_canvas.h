// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "ui/plot.h"

namespace lectern::ui {

/// The painted part of a PlotView: axes, series and a cursor that pointer and keyboard move. GUI thread.
class PlotCanvas final : public QWidget {
    Q_OBJECT
public:
    explicit PlotCanvas(QWidget* parent = nullptr);
    void setPlot(const Plot& plot);
    void setLegend(bool shown) { m_legend = shown; }
    const Plot& plot() const { return m_plot; }

protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    void moveTo(int index);
    QRectF area() const;
    QFont axisFont() const;

    Plot m_plot;
    int m_cursor = -1;
    bool m_legend = true;
};

}  // namespace lectern::ui
