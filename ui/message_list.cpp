// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/message_list.h"

#include "ui/message_card.h"

namespace lectern::ui {
namespace {

constexpr int kSpacing = 22;

}  // namespace

MessageList::MessageList(QWidget* parent) : CardList(kSpacing, parent) {}

MessageCard* MessageList::append() {
    auto* made = new MessageCard(page());
    insert(size(), made);
    return made;
}

MessageCard* MessageList::card(std::size_t index) const {
    return static_cast<MessageCard*>(CardList::card(index));
}

MessageCard* MessageList::last() const {
    return size() == 0 ? nullptr : card(size() - 1);
}

}  // namespace lectern::ui
