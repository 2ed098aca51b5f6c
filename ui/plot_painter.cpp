// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plot_painter.h"

#include <QFontMetricsF>
#include <QLocale>
#include <QPainter>
#include <QPolygonF>
#include <algorithm>
#include <cmath>

#include "ui/format.h"
#include "ui/plot_colors.h"
#include "ui/theme.h"

namespace lectern::ui {
namespace {

constexpr double kGap = 6, kWidestBar = 96;

/// Round numbers from `low` to `high`, about `count` of them and at least `least` apart.
struct Ticks {
    Ticks() = default;
    Ticks(double low, double high, double count, double least = 0) {
        const double raw = std::max((high - low) / std::max(1.0, count), least);
        if (!(raw > 0)) return;
        const double power = std::pow(10, std::floor(std::log10(raw) + 1e-9));
        step = 10 * power;
        for (const double factor : {5.0, 2.0, 1.0})
            if (factor * power >= raw * (1 - 1e-9)) step = factor * power;
        for (double at = std::ceil(low / step - 1e-9) * step; at <= high + step * 1e-9; at += step)
            places.push_back(std::abs(at) < step * 1e-9 ? 0 : at);
    }
    QString text(double at, PlotUnit unit) const {
        if (unit == PlotUnit::Bytes) return bytesText(std::uint64_t(std::max(0.0, at)));
        if (unit == PlotUnit::None && step >= 1000) return shortCountText(std::uint64_t(std::max(0.0, at)));
        const double factor = unit == PlotUnit::Share ? 100 : 1;
        const int decimals = std::clamp(int(std::ceil(-std::log10(step * factor) - 1e-9)), 0, 6);
        const QString number = QLocale().toString(at * factor, 'f', decimals);
        return unit == PlotUnit::Share ? ofHundred(number) : number;
    }
    double step = 1;
    std::vector<double> places;
};

struct Range {
    double low = 0, high = 1;
    double span() const { return high - low; }
};

/// One painting: measures, then draws from back to front.
class PlotPainting {
public:
    PlotPainting(const QRectF& area, const Plot& plot, const PlotLook& look)
        : m_plot(plot), m_look(look), m_metrics(look.font), m_area(area) {
        m_x = {plot.x.front() - plot.bar / 2, plot.x.back() + plot.bar / 2};
        if (m_x.span() <= 0) m_x = {m_x.low - 0.5, m_x.high + 0.5};
        measureY();
        measureFrame();
    }

    void paint(QPainter& painter) const {
        painter.save();
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setFont(m_look.font);
        paintTitle(painter);
        paintGrid(painter);
        paintXAxis(painter);
        for (const PlotShape shape :
             {PlotShape::Band, PlotShape::Area, PlotShape::Bars, PlotShape::Dashes, PlotShape::Line})
            paintShapes(painter, shape);
        paintMarks(painter);
        paintCursor(painter);
        layLegend(&painter);
        painter.restore();
    }

    int indexAt(double at) const {
        const double x = m_x.low + (at - m_frame.left()) / m_frame.width() * m_x.span();
        const auto next = std::lower_bound(m_plot.x.begin(), m_plot.x.end(), x);
        if (next == m_plot.x.begin()) return 0;
        if (next == m_plot.x.end()) return int(m_plot.x.size()) - 1;
        const auto index = int(next - m_plot.x.begin());
        return *next - x < x - *(next - 1) ? index : index - 1;
    }

private:
    double toX(double x) const { return m_frame.left() + (x - m_x.low) / m_x.span() * m_frame.width(); }
    double toY(double y) const { return m_frame.bottom() - (y - m_y.low) / m_y.span() * m_frame.height(); }
    QColor color(int index) const { return plotColor(index, m_look.colors); }
    static bool stacks(PlotShape shape) { return shape == PlotShape::Bars || shape == PlotShape::Area; }

    void measureY() {
        double low = m_plot.from_zero ? 0 : 1e300, high = m_plot.from_zero ? 0 : -1e300;
        std::vector<double> sums(m_plot.x.size(), 0.0);
        for (const PlotSeries& series : m_plot.series) {
            for (std::size_t i = 0; i < series.y.size(); ++i) {
                if (!std::isfinite(series.y[i])) continue;
                const bool on_others = m_plot.stacked && stacks(series.shape);
                const double top = on_others ? sums[i] += series.y[i] : series.y[i];
                low = std::min({low, top, series.shape == PlotShape::Band ? series.low[i] : top});
                high = std::max(high, top);
            }
        }
        if (!(high > low)) high = low + (low == 0 ? 1 : std::abs(low) * 0.1);
        const double room = (high - low) * 0.06;
        const bool whole = m_plot.unit == PlotUnit::Share && m_plot.stacked;  // shares of one whole end at it
        m_y = {low == 0 ? 0 : low - room, whole ? high : high + room};
    }

    void measureFrame() {
        m_line = m_metrics.height();
        const double title = m_look.title ? m_line + kGap : 0, above = title + m_line + 6;
        m_legend_lines = layLegend(nullptr);
        const double below = 2 * m_line + kGap + m_legend_lines * (m_line + 4);
        m_frame = m_area.adjusted(0, above, -kGap, -below);
        m_y_ticks = Ticks(m_y.low, m_y.high, m_frame.height() / (1.9 * m_line));
        double widest = 0;
        for (const double tick : m_y_ticks.places)
            widest = std::max(widest, m_metrics.horizontalAdvance(m_y_ticks.text(tick, m_plot.unit)));
        m_frame.setLeft(m_area.left() + widest + kGap);
    }

    void paintTitle(QPainter& painter) const {
        double top = m_area.top();
        if (m_look.title) {
            QFont bold = m_look.font;
            bold.setWeight(QFont::DemiBold);
            painter.setFont(bold);
            painter.setPen(m_look.colors.text);
            painter.drawText(QRectF(m_area.left(), top, m_area.width(), m_line), Qt::AlignLeft, m_plot.title);
            painter.setFont(m_look.font);
            top += m_line + kGap;
        }
        const bool reading = m_look.cursor >= 0;
        const QString words = reading ? readout(m_plot, std::size_t(m_look.cursor)) : m_plot.y_name;
        painter.setPen(reading ? m_look.colors.text : m_look.colors.muted);
        painter.drawText(QRectF(m_area.left(), top, m_area.width(), m_line), Qt::AlignLeft,
                         m_metrics.elidedText(words, Qt::ElideRight, m_area.width()));
    }

    void paintGrid(QPainter& painter) const {
        for (const double guide : m_plot.guides) {
            painter.setPen(QPen(m_look.colors.border, 1, Qt::DotLine));
            painter.drawLine(QPointF(toX(guide), m_frame.top()), QPointF(toX(guide), m_frame.bottom()));
        }
        for (const double tick : m_y_ticks.places) {
            const double y = std::round(toY(tick)) + 0.5;
            painter.setPen(QPen(m_look.colors.border, tick == 0 ? 1.4 : 1));
            painter.drawLine(QPointF(m_frame.left(), y), QPointF(m_frame.right(), y));
            painter.setPen(m_look.colors.muted);
            const QRectF box(m_area.left(), y - m_line / 2, m_frame.left() - kGap - m_area.left(), m_line);
            painter.drawText(box, Qt::AlignRight | Qt::AlignVCenter, m_y_ticks.text(tick, m_plot.unit));
        }
    }

    void paintXAxis(QPainter& painter) const {
        painter.setPen(m_look.colors.muted);
        double free_from = m_area.left() - kGap;  // labels that would touch the one before are left out
        const auto label = [&](double x, const QString& text) {
            const double width = m_metrics.horizontalAdvance(text);
            const double left = std::clamp(toX(x) - width / 2, m_area.left(), m_area.right() - width);
            if (left < free_from + kGap) return;
            painter.drawText(QPointF(left, m_frame.bottom() + m_metrics.ascent() + 3), text);
            free_from = left + width;
        };
        for (qsizetype i = 0; i < m_plot.labels.size(); ++i) label(m_plot.x[std::size_t(i)], m_plot.labels[i]);
        if (m_plot.labels.isEmpty()) {
            const Ticks ticks(m_x.low, m_x.high, m_frame.width() / 60, m_plot.x_step);
            for (const double tick : ticks.places)
                if (m_plot.x_step == 0 || (tick >= m_plot.x.front() && tick <= m_plot.x.back()))
                    label(tick, ticks.text(tick, PlotUnit::None));
        }
        const QRectF name(m_frame.left(), m_frame.bottom() + m_line + 2, m_frame.width(), m_line);
        painter.drawText(name, Qt::AlignHCenter | Qt::AlignTop, m_plot.x_name);
    }

    void paintShapes(QPainter& painter, PlotShape shape) const {
        std::vector<double> base(m_plot.x.size(), 0.0);
        for (const PlotSeries& series : m_plot.series) {
            if (series.shape != shape) continue;
            if (shape == PlotShape::Line || shape == PlotShape::Dashes) paintLine(painter, series);
            if (shape == PlotShape::Area) paintArea(painter, series, base);
            if (shape == PlotShape::Band) paintBand(painter, series);
            if (shape == PlotShape::Bars) paintBars(painter, series, base);
        }
    }

    /// What one pixel's width of the plot holds; points further apart are columns of their own.
    struct Column {
        double x = 0, low = 0, high = 0;
    };
    /// So many points that several share a pixel become their lowest and highest: a line through thousands of them
    /// looks the same and takes too long.
    std::vector<Column> columnsOf(const std::vector<double>& low, const std::vector<double>& high) const {
        std::vector<Column> columns;
        const bool crowded = double(high.size()) > 2 * m_frame.width();
        for (std::size_t i = 0; i < std::min({low.size(), high.size(), m_plot.x.size()}); ++i) {
            if (!std::isfinite(low[i]) || !std::isfinite(high[i])) continue;
            const double x = crowded ? std::floor(toX(m_plot.x[i])) : toX(m_plot.x[i]);
            if (columns.empty() || !crowded || columns.back().x != x) {
                columns.push_back({x, low[i], high[i]});
                continue;
            }
            columns.back().low = std::min(columns.back().low, low[i]);
            columns.back().high = std::max(columns.back().high, high[i]);
        }
        return columns;
    }

    void paintLine(QPainter& painter, const PlotSeries& series) const {
        QPolygonF line;
        for (const Column& column : columnsOf(series.y, series.y)) {
            line << QPointF(column.x, toY(column.high));
            if (column.low < column.high) line << QPointF(column.x, toY(column.low));
        }
        const auto style = series.shape == PlotShape::Dashes ? Qt::DashLine : Qt::SolidLine;
        painter.setPen(QPen(color(series.color), 1.5, style, Qt::RoundCap, Qt::RoundJoin));
        painter.setBrush(Qt::NoBrush);
        if (line.size() == 1) line << line.front() + QPointF(0.5, 0);
        painter.drawPolyline(line);
    }

    void paintBand(QPainter& painter, const PlotSeries& series) const {
        QPolygonF band;
        const auto columns = columnsOf(series.low, series.y);
        for (const Column& column : columns) band << QPointF(column.x, toY(column.high));
        for (std::size_t i = columns.size(); i-- > 0;) band << QPointF(columns[i].x, toY(columns[i].low));
        QColor fill = color(series.color);
        fill.setAlphaF(0.28F);
        painter.setPen(Qt::NoPen);
        painter.setBrush(fill);
        painter.drawPolygon(band);
    }

    void paintArea(QPainter& painter, const PlotSeries& series, std::vector<double>& base) const {
        QPolygonF area;
        for (std::size_t i = base.size(); i-- > 0;) area << QPointF(toX(m_plot.x[i]), toY(base[i]));
        for (std::size_t i = 0; i < base.size(); ++i) {
            base[i] = (m_plot.stacked ? base[i] : 0) + series.y[i];
            area << QPointF(toX(m_plot.x[i]), toY(base[i]));
        }
        painter.setPen(Qt::NoPen);
        painter.setBrush(color(series.color));
        painter.drawPolygon(area);
    }

    void paintBars(QPainter& painter, const PlotSeries& series, std::vector<double>& base) const {
        const double room = m_plot.bar / m_x.span() * m_frame.width();
        const double width = std::min(room, kWidestBar), gap = width > 4 ? std::min(width * 0.16, 10.0) : 0;
        painter.setPen(Qt::NoPen);
        painter.setBrush(color(series.color));
        for (std::size_t i = 0; i < series.y.size(); ++i) {
            if (!std::isfinite(series.y[i]) || series.y[i] == 0) continue;
            const double from = m_plot.stacked ? base[i] : 0;
            base[i] = from + series.y[i];
            const QPointF top(toX(m_plot.x[i]) - width / 2 + gap / 2, toY(from + series.y[i]));
            painter.drawRect(QRectF(top, QPointF(top.x() + width - gap, toY(from))));
        }
    }

    void paintMarks(QPainter& painter) const {
        for (const PlotMarks& marks : m_plot.marks) {
            painter.setPen(QPen(color(marks.color), 1.4, marks.dashed ? Qt::DashLine : Qt::SolidLine));
            painter.setBrush(color(marks.color));
            for (const double x : marks.x) {
                const double at = toX(x);
                if (at < m_frame.left() - 1 || at > m_frame.right() + 1) continue;
                painter.drawLine(QPointF(at, m_frame.top()), QPointF(at, m_frame.bottom()));
                if (marks.dashed) continue;
                const double top = m_frame.top();
                painter.drawPolygon(QPolygonF({{at - 3, top}, {at + 3, top}, {at, top + 5}}));
            }
        }
    }

    void paintCursor(QPainter& painter) const {
        if (m_look.cursor < 0 || std::size_t(m_look.cursor) >= m_plot.x.size()) return;
        const double at = toX(m_plot.x[std::size_t(m_look.cursor)]);
        painter.setPen(QPen(m_look.colors.text, 1, Qt::DotLine));
        painter.drawLine(QPointF(at, m_frame.top()), QPointF(at, m_frame.bottom()));
        if (m_plot.stacked) return;
        for (const PlotSeries& series : m_plot.series) {
            const auto i = std::size_t(m_look.cursor);
            if (i >= series.y.size() || !std::isfinite(series.y[i]) || series.shape != PlotShape::Line) continue;
            painter.setPen(QPen(m_look.colors.surface, 1.5));
            painter.setBrush(color(series.color));
            painter.drawEllipse(QPointF(at, toY(series.y[i])), 4, 4);
        }
    }

    /// Lays the legend out in lines, and draws it where there is a painter; returns how many lines it takes.
    int layLegend(QPainter* painter) const {
        if (!m_look.legend || m_plot.series.size() + m_plot.marks.size() < 2) return 0;
        double x = m_area.left(), y = m_area.bottom() - m_legend_lines * (m_line + 4) + 4;
        int lines = 1;
        const auto entry = [&](const QString& name, const auto& draw) {
            const QString shown = m_metrics.elidedText(name, Qt::ElideMiddle, m_area.width() - 24);
            const double width = 16 + m_metrics.horizontalAdvance(shown) + 12;
            if (x > m_area.left() && x + width - 12 > m_area.right()) x = m_area.left(), y += m_line + 4, ++lines;
            if (painter != nullptr) {
                draw(QRectF(x, y + m_line / 2 - 5, 10, 10));
                painter->setPen(m_look.colors.muted);
                painter->drawText(QPointF(x + 16, y + m_metrics.ascent()), shown);
            }
            x += width;
        };
        for (const PlotSeries& series : m_plot.series)
            entry(series.name, [&](const QRectF& box) { drawSwatch(*painter, series, box); });
        for (const PlotMarks& marks : m_plot.marks)
            entry(marks.name, [&](const QRectF& box) {
                painter->setPen(QPen(color(marks.color), 1.6, marks.dashed ? Qt::DashLine : Qt::SolidLine));
                painter->drawLine(QPointF(box.center().x(), box.top()), QPointF(box.center().x(), box.bottom()));
            });
        return lines;
    }

    void drawSwatch(QPainter& painter, const PlotSeries& series, const QRectF& box) const {
        QColor fill = color(series.color);
        if (series.shape == PlotShape::Line || series.shape == PlotShape::Dashes) {
            painter.setPen(QPen(fill, 2, series.shape == PlotShape::Dashes ? Qt::DotLine : Qt::SolidLine));
            painter.drawLine(QPointF(box.left(), box.center().y()), QPointF(box.right(), box.center().y()));
            return;
        }
        if (series.shape == PlotShape::Band) fill.setAlphaF(0.35F);
        painter.setPen(Qt::NoPen);
        painter.setBrush(fill);
        painter.drawRoundedRect(box, 2, 2);
    }

    const Plot& m_plot;
    const PlotLook& m_look;
    QFontMetricsF m_metrics;
    QRectF m_area, m_frame;
    Range m_x, m_y;
    Ticks m_y_ticks;
    double m_line = 0;
    int m_legend_lines = 0;
};

}  // namespace

QColor plotColor(int index, const ThemeColors& colors) {
    if (index == kMutedColor) return colors.muted;
    return index == kQuietColor ? colors.border : categoryColor(index, colors.dark);
}

void paintPlot(QPainter& painter, const QRectF& area, const Plot& plot, const PlotLook& look) {
    if (plot.hasNumbers()) return PlotPainting(area, plot, look).paint(painter);
    painter.save();
    painter.setFont(look.font);
    painter.setPen(look.colors.muted);
    painter.drawText(area, int(Qt::AlignCenter) | int(Qt::TextWordWrap), plot.empty);
    painter.restore();
}

int plotIndexAt(const QRectF& area, const Plot& plot, const PlotLook& look, double at) {
    return plot.hasNumbers() ? PlotPainting(area, plot, look).indexAt(at) : -1;
}

}  // namespace lectern::ui
