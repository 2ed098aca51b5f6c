// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plot_canvas.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>

#include "ui/plot_painter.h"
#include "ui/theme.h"

namespace lectern::ui {

PlotCanvas::PlotCanvas(QWidget* parent) : QWidget(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
}

void PlotCanvas::setPlot(const Plot& plot) {
    m_plot = plot;
    setAccessibleName(plot.title);
    setFocusPolicy(plot.hasNumbers() ? Qt::StrongFocus : Qt::NoFocus);
    if (m_cursor >= int(plot.x.size())) m_cursor = -1;
    update();
}

QRectF PlotCanvas::area() const {
    return QRectF(rect()).adjusted(2, 2, -2, -2);
}

QFont PlotCanvas::axisFont() const {
    QFont small = font();
    small.setPointSizeF(small.pointSizeF() * 0.85);
    return small;
}

void PlotCanvas::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    paintPlot(painter, area(), m_plot, {themeColors(), axisFont(), m_cursor, m_legend});
    if (!hasFocus()) return;
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(themeColors().accent, 1.5));
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 5, 5);
}

void PlotCanvas::moveTo(int index) {
    if (index == m_cursor) return;
    m_cursor = index;
    setAccessibleDescription(index < 0 ? QString() : readout(m_plot, std::size_t(index)));
    update();
}

void PlotCanvas::keyPressEvent(QKeyEvent* event) {
    const int last = int(m_plot.x.size()) - 1;
    if (last < 0) return QWidget::keyPressEvent(event);
    switch (event->key()) {
        case Qt::Key_Right:
            return moveTo(std::min(last, m_cursor + 1));
        case Qt::Key_Left:
            return moveTo(m_cursor < 0 ? last : std::max(0, m_cursor - 1));
        case Qt::Key_Home:
            return moveTo(0);
        case Qt::Key_End:
            return moveTo(last);
        default:
            QWidget::keyPressEvent(event);
    }
}

void PlotCanvas::mouseMoveEvent(QMouseEvent* event) {
    moveTo(plotIndexAt(area(), m_plot, {themeColors(), axisFont(), -1, m_legend}, event->position().x()));
}

void PlotCanvas::leaveEvent(QEvent* event) {
    QWidget::leaveEvent(event);
    if (!hasFocus()) moveTo(-1);
}

void PlotCanvas::focusOutEvent(QFocusEvent* event) {
    QWidget::focusOutEvent(event);
    if (!underMouse()) moveTo(-1);
}

}  // namespace lectern::ui
