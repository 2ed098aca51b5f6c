// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/heat_map.h"

#include <QCoreApplication>
#include <QFontMetricsF>
#include <QLinearGradient>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "ui/plot.h"
#include "ui/plot_colors.h"
#include "ui/theme.h"

namespace lectern::ui {
namespace {

constexpr double kLeastCell = 16, kMostCell = 56, kBandGap = 8, kScaleHeight = 10;
constexpr double kLeastContrast = 0.1;  ///< of the range to its upper end: smaller differences stay pale

QString tr(const char* text) {
    return QCoreApplication::translate("heatmap", text);
}

struct Geometry {
    Geometry(const HeatMapData& data, double width, const QFont& font) {
        const QFontMetricsF metrics(font);
        line = metrics.height();
        left = std::max(metrics.horizontalAdvance(tr("K")), metrics.horizontalAdvance(tr("V"))) + 8;
        const int layers = std::max(1, int(data.cells.size()));
        const int most = std::max(1, int((width - left) / kLeastCell));
        bands = (layers + most - 1) / most;
        columns = (layers + bands - 1) / bands;
        cell = std::min(kMostCell, (width - left) / columns);
        row = std::round(line * 1.5);
        band = line + 2 * row + kBandGap;
    }
    double line = 0, left = 0, cell = 0, row = 0, band = 0;
    int bands = 1, columns = 1;

    QRectF box(const QRectF& area, HeatCell at) const {
        const double x = area.left() + left + at.layer % columns * cell;
        const double y = area.top() + at.layer / columns * band + line + at.kind * row;
        return QRectF(QPointF(std::round(x), y), QPointF(std::round(x + cell), y + row)).adjusted(0, 0, -1, -1);
    }
};

/// One painting of a map.
class HeatMapPainting {
public:
    HeatMapPainting(QPainter& painter, const QRectF& area, const HeatMapData& data, const HeatMapLook& look)
        : m_painter(painter),
          m_area(area),
          m_data(data),
          m_look(look),
          m_place(data, area.width(), look.font),
          m_range(data.range()),
          m_numbers(numbersFit()) {}

    void paint() {
        m_painter.save();
        m_painter.setFont(m_look.font);
        if (m_look.title) {
            m_painter.setPen(m_look.colors.text);
            m_painter.drawText(QRectF(m_area.topLeft(), QSizeF(m_area.width(), m_place.line)), Qt::AlignLeft,
                               m_data.title);
            m_area.adjust(0, m_place.line + 6, 0, 0);
        }
        for (int layer = 0; layer < int(m_data.cells.size()); ++layer) {
            labelLayer(layer);
            for (const int kind : {0, 1}) paintCell({layer, kind});
        }
        outline(m_look.cursor, m_look.colors.accent, 2);
        outline(m_look.selected, m_look.colors.text, 2);
        paintScale();
        m_painter.restore();
    }

private:
    /// Every layer's number where they fit, else every second, fifth, tenth, … and the first of each band.
    void labelLayer(int layer) {
        const QFontMetricsF metrics(m_look.font);
        const double width = metrics.horizontalAdvance(QString::number(m_data.cells.size())) + 4;
        int step = 1;
        for (const int next : {2, 5, 10, 20, 50})
            if (step * m_place.cell < width) step = next;
        m_painter.setPen(m_look.colors.muted);
        const QRectF box = m_place.box(m_area, {layer, 0});
        const int column = layer % m_place.columns;
        if (column % step == 0) {
            const QRectF above(box.center().x() - 30, box.top() - m_place.line, 60, m_place.line);
            m_painter.drawText(above, Qt::AlignHCenter | Qt::AlignTop, QString::number(layer));
        }
        if (column != 0) return;
        for (const int kind : {0, 1}) {
            const QRectF row = m_place.box(m_area, {layer, kind});
            m_painter.drawText(QRectF(m_area.left(), row.top(), m_place.left - 6, row.height()),
                               Qt::AlignRight | Qt::AlignVCenter, kind == 0 ? tr("K") : tr("V"));
        }
    }

    void paintCell(HeatCell at) {
        const double value = m_data.cells[std::size_t(at.layer)][std::size_t(at.kind)];
        const QRectF box = m_place.box(m_area, at);
        if (!std::isfinite(value)) {
            m_painter.fillRect(box, m_look.colors.sunken);
            m_painter.setPen(QPen(m_look.colors.border, 1));
            m_painter.drawLine(box.bottomLeft(), box.topRight());
            return;
        }
        const QColor back = heatColor((value - m_range[0]) / (m_range[1] - m_range[0]), m_look.colors.dark);
        m_painter.fillRect(box, back);
        if (!m_numbers) return;
        m_painter.setPen(inkOn(back));
        m_painter.drawText(box, Qt::AlignCenter, inCell(value));
    }

    /// The scale below tells the unit.
    QString inCell(double value) const { return plotNumber(m_data.percent ? value * 100 : value); }

    bool numbersFit() const {
        const QFontMetricsF metrics(m_look.font);
        double widest = 0;
        for (const auto& layer : m_data.cells)
            for (const double value : layer) widest = std::max(widest, metrics.horizontalAdvance(inCell(value)));
        return widest + 6 <= m_place.cell;
    }

    void outline(HeatCell at, const QColor& color, double width) {
        if (at.layer < 0 || at.layer >= int(m_data.cells.size())) return;
        const QRectF box = m_place.box(m_area, at);
        m_painter.setBrush(Qt::NoBrush);
        m_painter.setPen(QPen(m_look.colors.surface, width + 2));
        m_painter.drawRect(box);
        m_painter.setPen(QPen(color, width));
        m_painter.drawRect(box);
    }

    void paintScale() {
        const double top = m_area.top() + m_place.bands * m_place.band + 2;
        const QString low = m_data.number(m_range[0]), high = m_data.number(m_range[1]);
        const QFontMetricsF metrics(m_look.font);
        m_painter.setPen(m_look.colors.muted);
        double x = m_area.left() + m_place.left;
        m_painter.drawText(QPointF(x, top + metrics.ascent()), low);
        x += metrics.horizontalAdvance(low) + 8;
        const QRectF bar(x, top + (m_place.line - kScaleHeight) / 2, 110, kScaleHeight);
        QLinearGradient gradient(bar.topLeft(), bar.topRight());
        for (int i = 0; i <= 16; ++i) gradient.setColorAt(i / 16.0, heatColor(i / 16.0, m_look.colors.dark));
        m_painter.fillRect(bar, gradient);
        m_painter.drawText(QPointF(bar.right() + 8, top + metrics.ascent()), high);
    }

    QPainter& m_painter;
    QRectF m_area;
    const HeatMapData& m_data;
    const HeatMapLook& m_look;
    Geometry m_place;
    std::array<double, 2> m_range;
    bool m_numbers;  ///< cells are wide enough for theirs
};

}  // namespace

std::array<double, 2> HeatMapData::range() const {
    double low = 1e300, high = -1e300;
    for (const auto& layer : cells) {
        for (const double value : layer) {
            if (!std::isfinite(value)) continue;
            low = std::min(low, value);
            high = std::max(high, value);
        }
    }
    if (low > high) return {0, 1};
    const double least = std::max(std::abs(high) * kLeastContrast, 1e-9);
    return {low, std::max(high, low + least)};
}

QString HeatMapData::number(double value) const {
    const QString text = plotNumber(value, percent ? PlotUnit::Share : PlotUnit::None);
    return unit.isEmpty() || !std::isfinite(value) ? text : text + QChar(0xa0) + unit;
}

double heatMapHeight(const HeatMapData& data, double width, const HeatMapLook& look) {
    const Geometry place(data, width, look.font);
    return place.bands * place.band + place.line + 4 + (look.title ? place.line + 6 : 0);
}

int heatMapColumns(const HeatMapData& data, double width, const QFont& font) {
    return Geometry(data, width, font).columns;
}

HeatCell heatCellAt(const HeatMapData& data, const QRectF& area, const HeatMapLook& look, QPointF at) {
    const Geometry place(data, area.width(), look.font);
    for (int layer = 0; layer < int(data.cells.size()); ++layer)
        for (const int kind : {0, 1})
            if (place.box(area, {layer, kind}).adjusted(0, 0, 1, 1).contains(at)) return {layer, kind};
    return {-1, 0};
}

QRectF heatCellRect(const HeatMapData& data, const QRectF& area, const HeatMapLook& look, HeatCell cell) {
    return Geometry(data, area.width(), look.font).box(area, cell);
}

void paintHeatMap(QPainter& painter, const QRectF& area, const HeatMapData& data, const HeatMapLook& look) {
    HeatMapPainting(painter, area, data, look).paint();
}

QString csvOf(const HeatMapData& data) {
    const QString unit = data.unit.isEmpty() ? QString() : " (" + data.unit + ")";
    QString csv = QStringList{tr("Layer"), csvField(tr("Keys") + unit), csvField(tr("Values") + unit)}.join(',') + '\n';
    for (std::size_t layer = 0; layer < data.cells.size(); ++layer) {
        const auto& [keys, values] = data.cells[layer];
        csv += QString("%1,%2,%3\n").arg(layer).arg(csvNumber(keys), csvNumber(values));
    }
    return csv;
}

}  // namespace lectern::ui
