// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QScrollArea>
#include <optional>
#include <vector>

class QTimer;

namespace lectern::ui {

class MessageCard;

/// The messages of a conversation, one below the other, as tall as their text. Cards are measured and placed one by one
/// in short turns of the event loop, those in sight first, so that a conversation of any length never keeps the window
/// waiting. Follows the end while it grows, unless the person has scrolled away from it; what is in sight then stays
/// where it is. GUI thread.
class MessageList final : public QScrollArea {
    Q_OBJECT
public:
    explicit MessageList(QWidget* parent = nullptr);

    MessageCard* append();  ///< a new card at the end; owned here, shown once it is measured
    void removeLast();
    std::size_t size() const { return m_items.size(); }
    MessageCard* card(std::size_t index) const { return m_items[index].card; }
    MessageCard* last() const { return m_items.empty() ? nullptr : m_items.back().card; }
    void followEnd();  ///< from now on
    /// Brings a card to the top, as soon as it is there; the end is not followed any more.
    void reveal(std::size_t index);

protected:
    bool eventFilter(QObject* object, QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    struct Item {
        MessageCard* card = nullptr;
        int y = 0, height = 0;
        bool stale = true;  ///< its height is not known for its present content and width
    };
    int columnWidth() const;
    void work();
    int nextStale() const;  ///< index of the card to measure next; -1: none
    void measure(Item& item);
    void arrange();
    std::size_t itemAt(int y) const;

    QWidget* m_page;
    QTimer* m_work;
    std::vector<Item> m_items;
    std::optional<std::size_t> m_reveal;  ///< a card that is not measured yet
    int m_width = 0;                      ///< of the cards
    bool m_follow = true;                 ///< keep the end in sight
    bool m_placing = false;               ///< geometry changes are our own
};

}  // namespace lectern::ui
