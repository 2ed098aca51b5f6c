// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QScrollArea>
#include <optional>
#include <vector>

class QTimer;

namespace lectern::ui {

/// Cards with layouts, one below the other, as tall as their text. They are measured and placed one by one in short
/// turns of the event loop, those in sight first, so that a list of any length never keeps the window waiting. Follows
/// the end while it grows, unless the person has scrolled away from it; what is in sight then stays where it is. GUI
/// thread.
class CardList : public QScrollArea {
    Q_OBJECT
public:
    explicit CardList(int spacing, QWidget* parent = nullptr);

    QWidget* page() const { return m_page; }        ///< the parent of cards to be
    void insert(std::size_t index, QWidget* card);  ///< owned here, shown once it is measured
    void removeLast();
    void remove(QWidget* card);  ///< nothing where it is none of them
    void clear();
    std::size_t size() const { return m_items.size(); }
    QWidget* card(std::size_t index) const { return m_items[index].card; }
    void followEnd();  ///< from now on
    /// Brings a card to the top, as soon as it is there; the end is not followed any more.
    void reveal(std::size_t index);

protected:
    bool eventFilter(QObject* object, QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    struct Item {
        QWidget* card = nullptr;
        int y = 0, height = 0;
        bool stale = true;  ///< its height is not known for its present content and width
    };
    int columnWidth() const;
    void work();
    int nextStale() const;  ///< index of the card to measure next; -1: none
    void measure(Item& item);
    void arrange();
    std::size_t itemAt(int y) const;

    int m_spacing;
    QWidget* m_page;
    QTimer* m_work;
    std::vector<Item> m_items;
    std::optional<std::size_t> m_reveal;  ///< a card that is not measured yet
    int m_width = 0;                      ///< of the cards
    bool m_follow = true;                 ///< keep the end in sight
    bool m_placing = false;               ///< geometry changes are our own
};

}  // namespace lectern::ui
