// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/card_list.h"

#include <QElapsedTimer>
#include <QEvent>
#include <QLayout>
#include <QScrollBar>
#include <QTimer>
#include <algorithm>

namespace lectern::ui {
namespace {

constexpr int kLeft = 2, kRight = 10, kTop = 4, kBottom = 4;
constexpr qint64 kTurnMs = 8;  ///< of the event loop, spent on measuring cards
constexpr int kNearEnd = 20;   ///< pixels

}  // namespace

CardList::CardList(int spacing, QWidget* parent) : QScrollArea(parent), m_spacing(spacing) {
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFocusPolicy(Qt::TabFocus);
    m_page = new QWidget(this);
    setWidget(m_page);
    m_work = new QTimer(this);
    m_work->setSingleShot(true);
    m_work->setInterval(0);
    connect(m_work, &QTimer::timeout, this, &CardList::work);
    QScrollBar* bar = verticalScrollBar();
    connect(bar, &QScrollBar::actionTriggered, this,
            [this, bar] { m_follow = bar->sliderPosition() >= bar->maximum() - kNearEnd; });
}

void CardList::insert(std::size_t index, QWidget* card) {
    card->hide();
    card->installEventFilter(this);
    m_items.insert(m_items.begin() + std::ptrdiff_t(std::min(index, m_items.size())), {card, 0, 0, true});
    m_work->start();
}

void CardList::removeLast() {
    remove(m_items.back().card);
}

void CardList::remove(QWidget* card) {
    const auto found =
        std::find_if(m_items.begin(), m_items.end(), [card](const Item& item) { return item.card == card; });
    if (found == m_items.end()) return;
    m_items.erase(found);
    card->hide();
    card->deleteLater();
    arrange();
}

void CardList::clear() {
    for (const Item& item : m_items) {
        item.card->hide();
        item.card->deleteLater();
    }
    m_items.clear();
    arrange();
}

void CardList::followEnd() {
    m_follow = true;
    verticalScrollBar()->setValue(verticalScrollBar()->maximum());
}

void CardList::reveal(std::size_t index) {
    m_follow = false;
    m_reveal = index;
    if (index >= m_items.size() || m_items[index].height == 0) return;
    verticalScrollBar()->setValue(m_items[index].y - kTop);
    m_reveal.reset();
}

/// The same with and without a scroll bar: its coming does not change what is there already.
int CardList::columnWidth() const {
    return std::max(1, width() - verticalScrollBar()->sizeHint().width() - kLeft - kRight);
}

bool CardList::eventFilter(QObject* object, QEvent* event) {
    if (event->type() == QEvent::LayoutRequest && !m_placing) {
        for (Item& item : m_items) {
            if (item.card != object) continue;
            item.stale = true;
            m_work->start();
        }
    }
    return QScrollArea::eventFilter(object, event);
}

void CardList::resizeEvent(QResizeEvent* event) {
    QScrollArea::resizeEvent(event);
    if (columnWidth() != m_width) {
        m_width = columnWidth();
        for (Item& item : m_items) item.stale = true;
        m_work->start();
    }
    arrange();
}

/// The last card that begins at or above `y`. Asks where cards were placed, not how tall they have become since.
std::size_t CardList::itemAt(int y) const {
    const auto below = std::find_if(m_items.begin(), m_items.end(), [y](const Item& item) { return item.y > y; });
    return std::size_t(std::max<std::ptrdiff_t>(1, below - m_items.begin()) - 1);
}

int CardList::nextStale() const {
    const int top = verticalScrollBar()->value(), bottom = top + viewport()->height();
    int last = -1;
    for (int i = int(m_items.size()) - 1; i >= 0; --i) {
        const Item& item = m_items[std::size_t(i)];
        if (!item.stale) continue;
        if (item.y < bottom && item.y + item.height >= top) return i;
        if (last < 0) last = i;
    }
    return last;
}

void CardList::work() {
    if (m_width == 0) return;  // until there is a size
    QElapsedTimer clock;
    clock.start();
    int next = nextStale();
    while (next >= 0 && clock.elapsed() < kTurnMs) {
        measure(m_items[std::size_t(next)]);
        next = nextStale();
    }
    arrange();
    if (m_reveal && next < 0 && *m_reveal >= m_items.size()) m_reveal.reset();  // it went away
    if (m_reveal) reveal(*m_reveal);
    if (next >= 0) m_work->start();
}

void CardList::measure(Item& item) {
    m_placing = true;
    item.card->layout()->activate();
    item.height = item.card->heightForWidth(m_width);
    item.card->setGeometry(kLeft, item.y, m_width, item.height);
    item.card->show();
    item.stale = false;
    m_placing = false;
}

/// Puts every card below the one before it, and what was in sight back where it was.
void CardList::arrange() {
    QScrollBar* bar = verticalScrollBar();
    const std::size_t anchor = itemAt(bar->value());
    const int above = anchor < m_items.size() ? bar->value() - m_items[anchor].y : 0;
    m_placing = true;
    int y = kTop;
    for (Item& item : m_items) {
        if (item.y != y) item.card->move(kLeft, y);
        item.y = y;
        if (item.height > 0) y += item.height + m_spacing;
    }
    m_page->resize(viewport()->width(), std::max(viewport()->height(), y - m_spacing + kBottom));
    m_placing = false;
    if (m_follow)
        bar->setValue(bar->maximum());
    else if (anchor < m_items.size())
        bar->setValue(m_items[anchor].y + above);
}

}  // namespace lectern::ui
