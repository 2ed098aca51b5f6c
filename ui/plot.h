// SPDX-License-Identifier: GPL-3.0-or-later
// A plot as numbers: the same value is painted on screen, exported as a picture and written as a table.
#pragma once

#include <QString>
#include <QStringList>
#include <vector>

namespace lectern::ui {

enum class PlotShape { Line, Dashes, Bars, Band, Area };
enum class PlotUnit { None, Share, Bytes };
/// In the place of a categoryColor(): that of quiet text, and that of borders.
inline constexpr int kMutedColor = -1, kQuietColor = -2;

struct PlotSeries {
    QString name;
    PlotShape shape = PlotShape::Line;
    int color = 0;                 ///< of categoryColor(), or one of the above
    std::vector<double> y;         ///< [x]
    std::vector<double> low = {};  ///< [x] the lower edge of a Band, else empty
};

/// Vertical lines over the whole height, as of thresholds or centroids.
struct PlotMarks {
    QString name;
    int color = 0;  ///< of categoryColor()
    bool dashed = false;
    std::vector<double> x;
};

/// Value type.
struct Plot {
    QString title, x_name, y_name;
    QString empty = {};       ///< one sentence, shown where there is no number
    std::vector<double> x;    ///< ascending
    QStringList labels = {};  ///< [x] in the place of numbers, or none
    double bar = 1;           ///< width of bars and of the room at both ends, units of x; 0: the ends are points
    double x_step = 0;        ///< numbers on the x axis are at least so far apart, and between its ends; 0: anywhere
    std::vector<PlotSeries> series;
    std::vector<PlotMarks> marks = {};
    std::vector<double> guides = {};  ///< faint vertical lines that order the x axis
    PlotUnit unit = PlotUnit::None;   ///< of y values; shares are shown of 100
    bool stacked = false;             ///< bars and areas lie on each other
    bool from_zero = true;            ///< the y axis begins at 0 where no value is below it

    bool hasNumbers() const;
};

/// A column for x, one for each series (two for a Band) and one for each kind of marks; numbers in the C locale.
QString csvOf(const Plot& plot);
/// One field of a CSV line, quoted where it has to be.
QString csvField(const QString& text);
QString csvNumber(double number);  ///< empty where it is no number

/// What the plot says at one x, for a tool tip or a screen reader: "Channel 12: mean 1.4, thresholds -3 … 2.8".
QString readout(const Plot& plot, std::size_t index);
/// A number with as many digits as tell it apart, in its unit.
QString plotNumber(double number, PlotUnit unit = PlotUnit::None);
/// With the percent sign as the language sets it.
QString ofHundred(const QString& number);

}  // namespace lectern::ui
