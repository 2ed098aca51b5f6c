// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/heat_map_view.h"

#include <QAccessible>
#include <QApplication>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "ui/theme.h"

namespace lectern::ui {

HeatMapView::HeatMapView(QWidget* parent) : QWidget(parent) {
    setObjectName("heatMap");
    setFocusPolicy(Qt::StrongFocus);
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

HeatMapLook HeatMapView::look() const {
    QFont small = font();
    small.setPointSizeF(small.pointSizeF() * 0.85);
    return {themeColors(), small, m_selected, hasFocus() ? m_cursor : HeatCell{-1, 0}};
}

void HeatMapView::setData(const HeatMapData& data) {
    const bool other = data.cells.size() != m_data.cells.size();
    m_data = data;
    const int layers = int(m_data.cells.size());
    for (HeatCell* cell : {&m_selected, &m_cursor}) cell->layer = std::clamp(cell->layer, 0, std::max(0, layers - 1));
    setAccessibleName(tr("%1 by layer").arg(data.title));
    setAccessibleDescription(words(m_cursor));
    if (other) updateGeometry();
    update();
}

QString HeatMapView::words(HeatCell cell) const {
    if (cell.layer < 0 || cell.layer >= int(m_data.cells.size())) return {};
    const double value = m_data.cells[std::size_t(cell.layer)][std::size_t(cell.kind)];
    const QString number = std::isfinite(value) ? m_data.number(value) : tr("no such number");
    return cell.kind == 0 ? tr("Layer %1, keys: %2").arg(cell.layer).arg(number)
                          : tr("Layer %1, values: %2").arg(cell.layer).arg(number);
}

QRectF HeatMapView::cellRect(HeatCell cell) const {
    return heatCellRect(m_data, rect(), look(), cell);
}

int HeatMapView::heightForWidth(int width) const {
    return int(std::ceil(heatMapHeight(m_data, width, look()))) + 2;
}

QSize HeatMapView::sizeHint() const {
    return {260, heightForWidth(260)};
}

Figure HeatMapView::figure() const {
    const QFont font = QApplication::font();
    const auto paint = [data = m_data, font](QPainter& painter, const QRectF& area) {
        paintHeatMap(painter, area, data, {lightColors(), font, {-1, 0}, {-1, 0}, true});
    };
    const double tall = heatMapHeight(m_data, 696, {lightColors(), font, {-1, 0}, {-1, 0}, true});
    return {tr("%1 by layer").arg(m_data.title), {720, int(std::ceil(tall)) + 24}, paint, csvOf(m_data)};
}

bool HeatMapView::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip) return QWidget::event(event);
    auto* help = static_cast<QHelpEvent*>(event);
    const HeatCell cell = heatCellAt(m_data, rect(), look(), help->pos());
    QToolTip::showText(help->globalPos(), words(cell), this);
    return true;
}

void HeatMapView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    paintHeatMap(painter, rect(), m_data, look());
}

void HeatMapView::moveTo(HeatCell cell) {
    const int layers = int(m_data.cells.size());
    if (layers == 0) return;
    m_cursor = {std::clamp(cell.layer, 0, layers - 1), cell.kind};
    setAccessibleDescription(words(m_cursor));
    QAccessibleEvent changed(this, QAccessible::DescriptionChanged);
    QAccessible::updateAccessibility(&changed);
    update();
}

void HeatMapView::choose(HeatCell cell) {
    if (cell.layer < 0) return;
    moveTo(cell);
    m_selected = m_cursor;
    emit chosen(m_selected);
}

void HeatMapView::keyPressEvent(QKeyEvent* event) {
    const int columns = heatMapColumns(m_data, width(), look().font);
    const auto [layer, kind] = m_cursor;
    switch (event->key()) {
        case Qt::Key_Left:
            return moveTo({layer - 1, kind});
        case Qt::Key_Right:
            return moveTo({layer + 1, kind});
        case Qt::Key_Up:
            return moveTo(kind == 1 || layer < columns ? HeatCell{layer, 0} : HeatCell{layer - columns, 1});
        case Qt::Key_Down:
            return moveTo(kind == 0 || layer + columns >= int(m_data.cells.size()) ? HeatCell{layer, 1}
                                                                                   : HeatCell{layer + columns, 0});
        case Qt::Key_Home:
            return moveTo({0, kind});
        case Qt::Key_End:
            return moveTo({int(m_data.cells.size()) - 1, kind});
        case Qt::Key_Return:
        case Qt::Key_Enter:
        case Qt::Key_Space:
            return choose(m_cursor);
        default:
            QWidget::keyPressEvent(event);
    }
}

void HeatMapView::mousePressEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton) choose(heatCellAt(m_data, rect(), look(), event->position()));
}

void HeatMapView::focusInEvent(QFocusEvent* event) {
    QWidget::focusInEvent(event);
    moveTo(m_selected);
}

}  // namespace lectern::ui
