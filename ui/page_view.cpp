// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/page_view.h"

#include <QPainter>
#include <QScrollBar>
#include <algorithm>

#include "ui/night.h"
#include "ui/page_pictures.h"
#include "ui/selection_bar.h"
#include "ui/theme.h"

namespace lectern::ui {
namespace {

constexpr int kMargin = 10;                                                        ///< around each page
constexpr int kStep = 20;                                                          ///< of the wheel's lines
constexpr QColor kSelection(0xb4, 0xd0, 0xf7), kNightSelection(0x1f, 0x3f, 0x73);  ///< over and under print
constexpr double kSmallestZoom = 0.25, kLargestZoom = 5;

}  // namespace

PageView::PageView(PagePictures* pictures, QWidget* parent) : QAbstractScrollArea(parent), m_pictures(pictures) {
    setFrameShape(QFrame::NoFrame);
    setAccessibleName(tr("Page"));
    setFocusPolicy(Qt::StrongFocus);
    viewport()->setMouseTracking(true);
    verticalScrollBar()->setSingleStep(kStep);
    horizontalScrollBar()->setSingleStep(kStep);
    m_bar = new SelectionBar(viewport());
    connect(m_bar, &SelectionBar::copy, this, &PageView::copy);
    connect(m_pictures, &PagePictures::pageReady, this, [this](int page) {
        m_problems.erase(page);
        viewport()->update(pageRect(page));
    });
}

void PageView::setPages(std::vector<QSizeF> points) {
    m_points = std::move(points);
    for (QSizeF& size : m_points)
        if (size.width() <= 0 || size.height() <= 0) size = {595, 842};
    m_texts.clear();
    m_problems.clear();
    m_cited = m_found = {};
    m_current = 0;
    clearSelection();
    layOut();
    scrollTo(0, 0);
}

double PageView::zoomOf(int page) const {
    if (m_zoom > 0 || m_points.empty()) return m_zoom > 0 ? m_zoom : 1;
    const int room = width() - verticalScrollBar()->sizeHint().width() - 2 * kMargin - 2;
    return qBound(kSmallestZoom, room / m_points[std::size_t(page)].width(), kLargestZoom);
}

double PageView::zoom() const {
    return zoomOf(m_current);
}

/// Tops of all pages; what was at the top of the view stays there.
void PageView::layOut() {
    const int page = m_current;
    const bool known = std::size_t(page) + 1 < m_tops.size();
    const double down = known ? double(verticalScrollBar()->value() - m_tops[std::size_t(page)]) /
                                    std::max(1, m_tops[std::size_t(page) + 1] - m_tops[std::size_t(page)])
                              : 0;
    m_tops.assign(1, 0);
    int widest = 0;
    for (int i = 0; i < int(m_points.size()); ++i) {
        const QSizeF size = m_points[std::size_t(i)] * zoomOf(i);
        m_tops.push_back(m_tops.back() + qRound(size.height()) + kMargin);
        widest = std::max(widest, qRound(size.width()) + 2 * kMargin);
    }
    m_placing = true;
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setRange(0, std::max(0, m_tops.back() + kMargin - viewport()->height()));
    horizontalScrollBar()->setPageStep(viewport()->width());
    horizontalScrollBar()->setRange(0, std::max(0, widest - viewport()->width()));
    if (known && std::size_t(page) + 1 < m_tops.size()) {
        const int height = m_tops[std::size_t(page) + 1] - m_tops[std::size_t(page)];
        verticalScrollBar()->setValue(m_tops[std::size_t(page)] + qRound(down * height));
    }
    m_placing = false;
    placeBar();
    viewport()->update();
    emit sightChanged();
}

void PageView::setZoom(double zoom) {
    m_zoom = zoom;
    layOut();
}

void PageView::setNight(bool night) {
    m_night = night;
    viewport()->update();
}

void PageView::scrollTo(int page, double points_down) {
    if (std::size_t(page) >= m_points.size()) return;
    m_placing = true;
    m_current = page;
    verticalScrollBar()->setValue(m_tops[std::size_t(page)] + qRound(points_down * zoomOf(page)));
    m_placing = false;
    emit sightChanged();
}

void PageView::goToPage(int page) {
    scrollTo(page, 0);
}

void PageView::setMarks(PageMarks cited, PageMarks found) {
    m_cited = std::move(cited);
    m_found = std::move(found);
    viewport()->update();
}

void PageView::showMarks() {
    const PageMarks& marks = m_found.rects.empty() ? m_cited : m_found;
    if (marks.rects.empty() || std::size_t(marks.page) >= m_points.size()) return;
    const QRectF mark = inViewport(marks.page, marks.rects.front());
    const double third = viewport()->height() / 3.0;
    if (mark.top() < 0 || mark.bottom() > 2 * third || m_current != marks.page)
        scrollTo(marks.page, std::max(0.0, marks.rects.front().y - third / zoomOf(marks.page)));
    if (mark.left() < 0 || mark.right() > viewport()->width())
        horizontalScrollBar()->setValue(horizontalScrollBar()->value() + int(mark.left()) - 60);
}

void PageView::setText(int page, const PageText& text) {
    m_texts[page] = text;
}

void PageView::setProblem(int page, const QString& sentence) {
    m_problems[page] = sentence;
    viewport()->update(pageRect(page));
}

int PageView::pageAt(int y) const {
    const auto after = std::upper_bound(m_tops.begin(), m_tops.end(), y);
    return qBound(0, int(after - m_tops.begin()) - 1, std::max(0, int(m_points.size()) - 1));
}

std::vector<int> PageView::pagesInSight() const {
    std::vector<int> pages;
    if (m_points.empty()) return pages;
    const int top = verticalScrollBar()->value();
    const int first = pageAt(top), last = pageAt(top + viewport()->height()), count = int(m_points.size());
    pages.push_back(m_current);
    for (int page = first; page <= last; ++page)
        if (page != m_current) pages.push_back(page);
    if (last + 1 < count) pages.push_back(last + 1);
    if (first > 0) pages.push_back(first - 1);
    return pages;
}

QRect PageView::pageRect(int page) const {
    if (page < 0 || std::size_t(page) >= m_points.size()) return {};
    const QSize size = (m_points[std::size_t(page)] * zoomOf(page)).toSize();
    const int content = std::max(viewport()->width(), horizontalScrollBar()->maximum() + viewport()->width());
    return {QPoint((content - size.width()) / 2 - horizontalScrollBar()->value(),
                   m_tops[std::size_t(page)] + kMargin - verticalScrollBar()->value()),
            size};
}

QRectF PageView::inViewport(int page, const Rect& rect) const {
    const QRect paper = pageRect(page);
    const double zoom = zoomOf(page);
    return {paper.x() + rect.x * zoom - 1, paper.y() + rect.y * zoom - 1, rect.width * zoom + 2,
            rect.height * zoom + 2};
}

QImage PageView::image() const {
    return m_points.empty() ? QImage() : m_pictures->page(m_current);
}

void PageView::paintRects(QPainter& painter, int page, const std::vector<Rect>& rects, const QColor& color) const {
    painter.setBrush(color);
    for (const Rect& rect : rects) painter.drawRoundedRect(inViewport(page, rect), 2, 2);
}

void PageView::paintPage(QPainter& painter, int page) const {
    const ThemeColors& colors = m_night ? darkColors() : lightColors();
    const QRect paper = pageRect(page);
    painter.fillRect(paper.translated(0, 2).adjusted(-1, 0, 1, 1), QColor(0, 0, 0, 40));
    painter.fillRect(paper, m_night ? nightPaper() : QColor(Qt::white));
    const QImage image = m_pictures->page(page);
    if (!image.isNull()) painter.drawImage(paper, image);
    const auto problem = m_problems.find(page);
    if (image.isNull() && problem != m_problems.end()) {
        painter.setPen(colors.muted);
        painter.drawText(paper.adjusted(24, 24, -24, -24), Qt::AlignCenter | Qt::TextWordWrap, problem->second);
    }
    // Over white paper ink stays ink; over dark paper light print stays light.
    painter.setCompositionMode(m_night ? QPainter::CompositionMode_Screen : QPainter::CompositionMode_Multiply);
    painter.setPen(Qt::NoPen);
    if (m_cited.page == page) paintRects(painter, page, m_cited.rects, m_night ? colors.text_mark : colors.mark);
    if (m_found.page == page) paintRects(painter, page, m_found.rects, m_night ? colors.text_find : colors.find);
    paintRects(painter, page, selectedBoxes(page), m_night ? kNightSelection : kSelection);
    painter.setCompositionMode(QPainter::CompositionMode_SourceOver);
    painter.setPen(themeColors().border);
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(paper);
}

void PageView::paintEvent(QPaintEvent*) {
    if (m_points.empty()) return;
    QPainter painter(viewport());
    painter.setRenderHints(QPainter::SmoothPixmapTransform | QPainter::Antialiasing);
    const int top = verticalScrollBar()->value();
    for (int page = pageAt(top); page <= pageAt(top + viewport()->height()); ++page) paintPage(painter, page);
}

}  // namespace lectern::ui
