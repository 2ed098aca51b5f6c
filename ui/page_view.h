// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QImage>
#include <QScrollArea>
#include <vector>

#include "engine/document/document.h"

namespace lectern::ui {

/// One page as a picture, with marks over it. Scaled to the zoom at once and sharp when the new picture arrives.
class PageView final : public QScrollArea {
    Q_OBJECT
public:
    explicit PageView(QWidget* parent = nullptr);

    /// `points`: size of the page at zoom 1, 72 per inch.
    void setPage(QSizeF points, double zoom);
    void setImage(const QImage& image);
    void clearImage();
    void setMarks(const std::vector<Rect>& cited, const std::vector<Rect>& found);
    void showMarks();  ///< scrolls to the first
    double fitWidthZoom(QSizeF points) const;
    const QImage& image() const;
    std::size_t markCount() const;

signals:
    void zoomBy(double factor);
    void pageBy(int pages);
    void resized();

protected:
    void resizeEvent(QResizeEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    class Canvas;
    Canvas* m_canvas;
};

}  // namespace lectern::ui
