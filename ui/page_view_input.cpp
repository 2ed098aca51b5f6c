// SPDX-License-Identifier: GPL-3.0-or-later
// What a person does to the pages: scrolling, zooming, selecting.
#include <QClipboard>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QScrollBar>
#include <QStyleHints>
#include <QWheelEvent>
#include <algorithm>

#include "ui/page_view.h"
#include "ui/selection_bar.h"

namespace lectern::ui {
namespace {

constexpr int kAutoScroll = 24;  ///< pixels for each move of the mouse outside

}  // namespace

void PageView::resizeEvent(QResizeEvent* event) {
    QAbstractScrollArea::resizeEvent(event);
    layOut();
}

void PageView::scrollContentsBy(int, int) {
    viewport()->update();
    placeBar();
    if (m_placing || m_points.empty()) return;
    const int page = pageAt(verticalScrollBar()->value() + viewport()->height() / 3);
    const bool other = std::exchange(m_current, page) != page;
    emit sightChanged();
    if (other) emit currentPageChanged(page);
}

void PageView::wheelEvent(QWheelEvent* event) {
    if (!(event->modifiers() & Qt::ControlModifier)) return QAbstractScrollArea::wheelEvent(event);
    emit zoomBy(event->angleDelta().y() > 0 ? 1.1 : 1 / 1.1);
    event->accept();
}

void PageView::keyPressEvent(QKeyEvent* event) {
    const auto scroll = [&](QAbstractSlider::SliderAction action) { verticalScrollBar()->triggerAction(action); };
    if (event->matches(QKeySequence::Copy)) return copy();
    if (event->matches(QKeySequence::SelectAll)) return selectPage();
    switch (event->key()) {
        case Qt::Key_PageDown:
        case Qt::Key_Space:
            return scroll(QAbstractSlider::SliderPageStepAdd);
        case Qt::Key_PageUp:
            return scroll(QAbstractSlider::SliderPageStepSub);
        case Qt::Key_Home:
            return scroll(QAbstractSlider::SliderToMinimum);
        case Qt::Key_End:
            return scroll(QAbstractSlider::SliderToMaximum);
        case Qt::Key_Escape:
            if (m_selection) return clearSelection();
            [[fallthrough]];
        default:
            QAbstractScrollArea::keyPressEvent(event);
    }
}

std::optional<WordPlace> PageView::wordAt(QPoint at) const {
    if (m_points.empty()) return {};
    const int page = pageAt(at.y() + verticalScrollBar()->value());
    const auto text = m_texts.find(page);
    if (text == m_texts.end()) return {};
    const QPointF points = QPointF(at - pageRect(page).topLeft()) / zoomOf(page);
    const int word = nearestWord(text->second, points);
    return word < 0 ? std::nullopt : std::optional(WordPlace{page, word});
}

void PageView::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton) return QAbstractScrollArea::mousePressEvent(event);
    clearSelection();
    m_pressed = wordAt(event->position().toPoint());
    m_pressed_at = event->position().toPoint();
}

void PageView::mouseMoveEvent(QMouseEvent* event) {
    const QPoint at = event->position().toPoint();
    if (!m_pressed || !(event->buttons() & Qt::LeftButton)) {
        const bool words = m_texts.contains(m_points.empty() ? -1 : pageAt(at.y() + verticalScrollBar()->value()));
        viewport()->setCursor(words ? Qt::IBeamCursor : Qt::ArrowCursor);
        return;
    }
    if (!m_selection && (at - m_pressed_at).manhattanLength() < QGuiApplication::styleHints()->startDragDistance())
        return;
    if (at.y() < 0) verticalScrollBar()->setValue(verticalScrollBar()->value() - kAutoScroll);
    if (at.y() > viewport()->height()) verticalScrollBar()->setValue(verticalScrollBar()->value() + kAutoScroll);
    if (const auto to = wordAt(at)) select(*m_pressed, *to);
}

void PageView::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton) return QAbstractScrollArea::mouseReleaseEvent(event);
    m_pressed.reset();
    placeBar();
}

void PageView::mouseDoubleClickEvent(QMouseEvent* event) {
    if (const auto word = wordAt(event->position().toPoint())) select(*word, *word);
}

void PageView::select(WordPlace from, WordPlace to) {
    m_selection = {from, to};
    viewport()->update();
}

void PageView::selectPage() {
    const auto text = m_texts.find(m_current);
    if (text == m_texts.end() || text->second.words.empty()) return;
    select({m_current, 0}, {m_current, int(text->second.words.size()) - 1});
    placeBar();
}

void PageView::clearSelection() {
    m_bar->hide();
    if (!std::exchange(m_selection, {})) return;
    viewport()->update();
}

/// First and last word of the selection on a page; last before first: none.
std::pair<int, int> PageView::selectedWords(int page) const {
    if (!m_selection) return {0, -1};
    const auto [first, last] = std::minmax(m_selection->first, m_selection->second);
    const auto text = m_texts.find(page);
    if (page < first.page || page > last.page || text == m_texts.end()) return {0, -1};
    return {page == first.page ? first.word : 0, page == last.page ? last.word : int(text->second.words.size()) - 1};
}

std::vector<Rect> PageView::selectedBoxes(int page) const {
    const auto [first, last] = selectedWords(page);
    return last < first ? std::vector<Rect>() : lineBoxes(m_texts.at(page), first, last);
}

QString PageView::selectedText() const {
    if (!m_selection) return {};
    QStringList parts;
    const auto [from, to] = std::minmax(m_selection->first.page, m_selection->second.page);
    for (int page = from; page <= to; ++page) {
        const auto [first, last] = selectedWords(page);
        if (first <= last) parts << wordsText(m_texts.at(page), first, last);
    }
    return parts.join('\n');
}

/// Beside the end of the selection, where it is in sight and no longer being made.
void PageView::placeBar() {
    if (!m_selection || m_pressed) return m_bar->hide();
    const int page = std::max(m_selection->first, m_selection->second).page;
    const auto boxes = selectedBoxes(page);
    const QRect end = boxes.empty() ? QRect() : inViewport(page, boxes.back()).toRect();
    if (end.isNull() || !end.intersects(viewport()->rect())) return m_bar->hide();
    m_bar->showAt(end);
}

void PageView::copy() const {
    if (const QString text = selectedText(); !text.isEmpty()) QGuiApplication::clipboard()->setText(text);
}

}  // namespace lectern::ui
