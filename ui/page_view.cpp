// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/page_view.h"

#include <QKeyEvent>
#include <QPainter>
#include <QScrollBar>
#include <QWheelEvent>

#include "ui/theme.h"

namespace lectern::ui {
namespace {

constexpr int kMargin = 10;

}  // namespace

/// Paints the page; its size is the page's at the zoom, with a margin.
class PageView::Canvas final : public QWidget {
public:
    using QWidget::QWidget;

    QSizeF points;
    double zoom = 1;
    QImage image;
    std::vector<Rect> cited, found;

    QSize paperSize() const { return (points * zoom).toSize(); }
    void resizeToPage() {
        setFixedSize(paperSize() + QSize(2 * kMargin, 2 * kMargin));
        update();
    }
    QRectF onCanvas(const Rect& rect) const {
        return {kMargin + rect.x * zoom - 1, kMargin + rect.y * zoom - 1, rect.width * zoom + 2,
                rect.height * zoom + 2};
    }

protected:
    void paintEvent(QPaintEvent*) override {
        const ThemeColors& colors = themeColors();
        QPainter painter(this);
        painter.setRenderHints(QPainter::SmoothPixmapTransform | QPainter::Antialiasing);
        const QRect paper(QPoint(kMargin, kMargin), paperSize());
        painter.fillRect(paper.translated(0, 2).adjusted(-1, 0, 1, 1), QColor(0, 0, 0, 40));
        painter.fillRect(paper, Qt::white);
        if (!image.isNull()) painter.drawImage(paper, image);
        painter.setCompositionMode(QPainter::CompositionMode_Multiply);
        painter.setPen(Qt::NoPen);
        drawMarks(painter, cited, colors.mark);
        drawMarks(painter, found, colors.find);
        painter.setCompositionMode(QPainter::CompositionMode_SourceOver);
        painter.setPen(colors.border);
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(paper);
    }

private:
    void drawMarks(QPainter& painter, const std::vector<Rect>& rects, const QColor& color) const {
        painter.setBrush(color);
        for (const Rect& rect : rects) painter.drawRoundedRect(onCanvas(rect), 2, 2);
    }
};

PageView::PageView(QWidget* parent) : QScrollArea(parent), m_canvas(new Canvas) {
    setWidget(m_canvas);
    setAlignment(Qt::AlignHCenter | Qt::AlignTop);
    setFrameShape(QFrame::NoFrame);
    setAccessibleName(tr("Page"));
}

void PageView::setPage(QSizeF points, double zoom) {
    m_canvas->points = points;
    m_canvas->zoom = zoom;
    m_canvas->resizeToPage();
}

void PageView::setImage(const QImage& image) {
    m_canvas->image = image;
    m_canvas->update();
}

void PageView::clearImage() {
    setImage({});
}

void PageView::setMarks(const std::vector<Rect>& cited, const std::vector<Rect>& found) {
    m_canvas->cited = cited;
    m_canvas->found = found;
    m_canvas->update();
}

void PageView::showMarks() {
    const auto& marks = m_canvas->found.empty() ? m_canvas->cited : m_canvas->found;
    if (marks.empty()) return verticalScrollBar()->setValue(0);
    const QPoint centre = m_canvas->onCanvas(marks.front()).center().toPoint();
    ensureVisible(centre.x(), centre.y(), 60, qMax(60, viewport()->height() / 3));
}

double PageView::fitWidthZoom(QSizeF points) const {
    const int bar = verticalScrollBar()->sizeHint().width();
    return qMax(0.1, (width() - bar - 2 * kMargin - 2) / qMax(1.0, points.width()));
}

const QImage& PageView::image() const {
    return m_canvas->image;
}

std::size_t PageView::markCount() const {
    return m_canvas->cited.size() + m_canvas->found.size();
}

void PageView::resizeEvent(QResizeEvent* event) {
    QScrollArea::resizeEvent(event);
    emit resized();
}

void PageView::wheelEvent(QWheelEvent* event) {
    const int turn = event->angleDelta().y();
    if (event->modifiers() & Qt::ControlModifier) {
        emit zoomBy(turn > 0 ? 1.1 : 1 / 1.1);
        return event->accept();
    }
    const QScrollBar* bar = verticalScrollBar();
    if (turn < 0 && bar->value() == bar->maximum())
        emit pageBy(1);
    else if (turn > 0 && bar->value() == bar->minimum())
        emit pageBy(-1);
    else
        QScrollArea::wheelEvent(event);
}

void PageView::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
        case Qt::Key_PageDown:
            return emit pageBy(1);
        case Qt::Key_PageUp:
            return emit pageBy(-1);
        default:
            QScrollArea::keyPressEvent(event);
    }
}

}  // namespace lectern::ui
