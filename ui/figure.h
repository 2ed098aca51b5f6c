// SPDX-License-Identifier: GPL-3.0-or-later
// What can be saved of a plot: a picture and the numbers behind it.
#pragma once

#include <QFont>
#include <QMetaType>
#include <QObject>
#include <QSize>
#include <functional>

#include "engine/base/result.h"

class QMenu;
class QPainter;
class QToolButton;

namespace lectern::ui {

/// Value type. `paint` draws with the light theme's colours, on white, from any thread; it holds copies only.
struct Figure {
    QString name;  ///< suggested for the file, without its ending
    QSize size = {720, 400};
    std::function<void(QPainter&, const QRectF&)> paint;  ///< none: a table only
    QString csv;
};

enum class FigureFormat { Png, Svg, Csv };

/// Writes the whole file or nothing. PNG has twice the figure's size in pixels. Any thread.
/// Errors: Failed, naming the file.
Status writeFigure(const Figure& figure, const QString& file, FigureFormat format);

/// A flat button whose menu offers every format that `figure` has; `chosen` gets the choice. `subject` names the plot
/// for a screen reader.
QToolButton* makeExportButton(const QString& subject, bool picture, QWidget* parent,
                              std::function<void(FigureFormat)> chosen);

/// Asks for a file, and writes figures on another thread. One per panel; GUI thread.
class FigureSaver final : public QObject {
    Q_OBJECT
public:
    explicit FigureSaver(QWidget* parent);
    void save(const Figure& figure, FigureFormat format);

signals:
    void saved(const QString& file);
    void failed(const QString& sentence);

private:
    void write(const Figure& figure, const QString& file, FigureFormat format);
    QString m_folder;  ///< of the last file
};

}  // namespace lectern::ui

Q_DECLARE_METATYPE(lectern::ui::Figure)
