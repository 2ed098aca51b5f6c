// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "ui/figure.h"
#include "ui/heat_map.h"

namespace lectern::ui {

/// A heat map to choose a layer's keys or values from: by a click, or by the arrow keys, Home, End and Enter. GUI
/// thread.
class HeatMapView final : public QWidget {
    Q_OBJECT
public:
    explicit HeatMapView(QWidget* parent = nullptr);

    void setData(const HeatMapData& data);  ///< the selection stays where there still is such a layer
    const HeatMapData& data() const { return m_data; }
    HeatCell selected() const { return m_selected; }
    Figure figure() const;
    QString words(HeatCell cell) const;  ///< "Layer 3, keys: 1.02%"
    QRectF cellRect(HeatCell cell) const;

    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize sizeHint() const override;

signals:
    void chosen(lectern::ui::HeatCell cell);

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;

private:
    void moveTo(HeatCell cell);
    void choose(HeatCell cell);
    HeatMapLook look() const;

    HeatMapData m_data;
    HeatCell m_selected = {0, 0}, m_cursor = {0, 0};
};

}  // namespace lectern::ui
