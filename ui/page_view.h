// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractScrollArea>
#include <QImage>
#include <map>
#include <optional>
#include <vector>

#include "ui/page_selection.h"

namespace lectern::ui {

class PagePictures;
class SelectionBar;

/// Places on one page that are marked.
struct PageMarks {
    int page = -1;            ///< 0-based
    std::vector<Rect> rects;  ///< points
};

/// The pages of a document below one another as pictures, with marks and a selection over them. A page is white paper
/// until its picture is there, and shown at another size until it is sharp. What it needs is asked for by signals.
class PageView final : public QAbstractScrollArea {
    Q_OBJECT
public:
    explicit PageView(PagePictures* pictures, QWidget* parent = nullptr);

    /// Another document: sizes of its pages in points, 72 per inch. Shows the first.
    void setPages(std::vector<QSizeF> points);
    void setZoom(double zoom);  ///< 0: each page as wide as there is room
    double zoom() const;        ///< of the page in sight
    void setNight(bool night);  ///< paper and marks; pictures are dark already
    void goToPage(int page);
    void setMarks(PageMarks cited, PageMarks found);
    void showMarks();  ///< scrolls to the found ones, else to the cited ones
    /// A page's text, to be selected.
    void setText(int page, const PageText& text);
    bool hasText(int page) const { return m_texts.contains(page); }
    void setProblem(int page, const QString& sentence);  ///< why it has no picture
    QString selectedText() const;
    int selectedPage() const { return m_selection ? std::min(m_selection->first, m_selection->second).page : -1; }
    void selectPage();  ///< all of the page in sight
    void clearSelection();

    int currentPage() const { return m_current; }
    std::vector<int> pagesInSight() const;  ///< the current one first, then its neighbours; one more on each side
    double zoomOf(int page) const;
    QImage image() const;  ///< of the current page; null until it is there
    std::size_t markCount() const { return m_cited.rects.size() + m_found.rects.size(); }
    QRect pageRect(int page) const;  ///< of its paper, in the viewport
    SelectionBar* selectionBar() const { return m_bar; }

signals:
    void sightChanged();                ///< other pages, or another size
    void currentPageChanged(int page);  ///< by scrolling
    void zoomBy(double factor);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;

private:
    void layOut();
    void scrollTo(int page, double points_down);
    int pageAt(int y) const;  ///< of the content
    std::optional<WordPlace> wordAt(QPoint at) const;
    void select(WordPlace from, WordPlace to);
    void paintPage(QPainter& painter, int page) const;
    void paintRects(QPainter& painter, int page, const std::vector<Rect>& rects, const QColor& color) const;
    QRectF inViewport(int page, const Rect& rect) const;
    std::pair<int, int> selectedWords(int page) const;
    std::vector<Rect> selectedBoxes(int page) const;
    void placeBar();
    void copy() const;

    PagePictures* m_pictures;
    std::vector<QSizeF> m_points;
    std::vector<int> m_tops;  ///< [pages + 1], pixels of the content at the zoom
    double m_zoom = 0;
    bool m_night = false, m_placing = false;
    int m_current = 0;
    PageMarks m_cited, m_found;
    std::map<int, PageText> m_texts;  ///< of pages that are or were in sight
    std::map<int, QString> m_problems;
    std::optional<std::pair<WordPlace, WordPlace>> m_selection;  ///< where it was begun, and where it goes to
    std::optional<WordPlace> m_pressed;                          ///< while the mouse is held
    QPoint m_pressed_at;
    SelectionBar* m_bar;
};

}  // namespace lectern::ui
