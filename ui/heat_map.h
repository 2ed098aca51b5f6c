// SPDX-License-Identifier: GPL-3.0-or-later
// One number for the keys and one for the values of every layer, as colours.
#pragma once

#include <QFont>
#include <QRectF>
#include <QString>
#include <array>
#include <vector>

class QPainter;

namespace lectern::ui {

struct ThemeColors;

/// Value type.
struct HeatMapData {
    QString title;
    QString unit = {};                         ///< after a number, as "dB"; empty: none
    std::vector<std::array<double, 2>> cells;  ///< [layers] keys, values; NaN: there is no such number
    bool percent = false;                      ///< numbers are shares

    std::array<double, 2> range() const;  ///< of the colours: from the lowest to the highest number, somewhat apart
    QString number(double value) const;   ///< with its unit; a dash where there is none
};

struct HeatCell {
    int layer = 0;  ///< from 0
    int kind = 0;   ///< 0 keys, 1 values
    bool operator==(const HeatCell&) const = default;
};

struct HeatMapLook {
    const ThemeColors& colors;
    QFont font;
    HeatCell selected = {-1, 0}, cursor = {-1, 0};  ///< layer -1: none
    bool title = false;
};

/// Where cells lie: layers side by side, keys above values, in as many bands as the width asks for. `font` is the
/// look's; `area` is tall enough by heatMapHeight(). Any thread.
double heatMapHeight(const HeatMapData& data, double width, const HeatMapLook& look);
HeatCell heatCellAt(const HeatMapData& data, const QRectF& area, const HeatMapLook& look, QPointF at);
QRectF heatCellRect(const HeatMapData& data, const QRectF& area, const HeatMapLook& look, HeatCell cell);
/// Layers in one band: what Up and Down have to know.
int heatMapColumns(const HeatMapData& data, double width, const QFont& font);
void paintHeatMap(QPainter& painter, const QRectF& area, const HeatMapData& data, const HeatMapLook& look);

QString csvOf(const HeatMapData& data);

}  // namespace lectern::ui
