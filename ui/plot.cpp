// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plot.h"

#include <QCoreApplication>
#include <QLocale>
#include <algorithm>
#include <cmath>

#include "ui/format.h"

namespace lectern::ui {
namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("plot", text);
}

/// One column of the table: its name and its lines.
struct Column {
    QString name;
    QStringList cells;
};

Column columnOf(const QString& name, const std::vector<double>& numbers) {
    Column column{name, {}};
    for (const double number : numbers) column.cells << csvNumber(number);
    return column;
}

std::vector<Column> columnsOf(const Plot& plot) {
    std::vector<Column> columns;
    if (plot.labels.isEmpty())
        columns.push_back(columnOf(plot.x_name, plot.x));
    else
        columns.push_back({plot.x_name, plot.labels});
    for (const PlotSeries& series : plot.series) {
        if (series.shape == PlotShape::Band) {
            columns.push_back(columnOf(tr("%1, low").arg(series.name), series.low));
            columns.push_back(columnOf(tr("%1, high").arg(series.name), series.y));
        } else {
            columns.push_back(columnOf(series.name, series.y));
        }
    }
    for (const PlotMarks& marks : plot.marks) columns.push_back(columnOf(marks.name, marks.x));
    return columns;
}

}  // namespace

bool Plot::hasNumbers() const {
    return !x.empty() && std::any_of(series.begin(), series.end(), [](const PlotSeries& one) {
        return std::any_of(one.y.begin(), one.y.end(), [](double y) { return std::isfinite(y); });
    });
}

QString csvField(const QString& text) {
    const bool quotes = text.contains('"') || text.contains(',') || text.contains('\n') || text.contains('\r');
    if (!quotes) return text;
    return '"' + QString(text).replace('"', "\"\"") + '"';
}

QString csvNumber(double number) {
    return std::isfinite(number) ? QString::number(number, 'g', 9) : QString();
}

QString csvOf(const Plot& plot) {
    const std::vector<Column> columns = columnsOf(plot);
    qsizetype lines = 0;
    QStringList names;
    for (const Column& column : columns) {
        lines = std::max(lines, column.cells.size());
        names << csvField(column.name);
    }
    QString csv = names.join(',') + '\n';
    for (qsizetype line = 0; line < lines; ++line) {
        QStringList fields;
        for (const Column& column : columns) fields << csvField(column.cells.value(line));
        csv += fields.join(',') + '\n';
    }
    return csv;
}

QString plotNumber(double number, PlotUnit unit) {
    if (!std::isfinite(number)) return QStringLiteral("–");
    if (unit == PlotUnit::Bytes) return bytesText(std::uint64_t(std::max(0.0, number)));
    const double shown = unit == PlotUnit::Share ? number * 100 : number;
    const double size = std::abs(shown);
    const int decimals = size >= 100 || shown == std::floor(shown) ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 3;
    const QString text = QLocale().toString(shown, 'f', decimals);
    return unit == PlotUnit::Share ? ofHundred(text) : text;
}

QString ofHundred(const QString& number) {
    return tr("%1%").arg(number);
}

QString readout(const Plot& plot, std::size_t index) {
    if (index >= plot.x.size()) return {};
    const QString place = plot.labels.isEmpty() ? plotNumber(plot.x[index]) : plot.labels[qsizetype(index)];
    QStringList parts;
    for (const PlotSeries& series : plot.series) {
        if (index >= series.y.size() || !std::isfinite(series.y[index])) continue;
        QString value = plotNumber(series.y[index], plot.unit);
        if (series.shape == PlotShape::Band) value = tr("%1 … %2").arg(plotNumber(series.low[index], plot.unit), value);
        parts << (plot.series.size() == 1 ? value : series.name + ' ' + value);
    }
    return tr("%1 %2: %3").arg(plot.x_name, place, parts.join(", "));
}

}  // namespace lectern::ui
