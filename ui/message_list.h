// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/card_list.h"

namespace lectern::ui {

class MessageCard;

/// The messages of a conversation. GUI thread.
class MessageList final : public CardList {
    Q_OBJECT
public:
    explicit MessageList(QWidget* parent = nullptr);

    MessageCard* append();  ///< a new card at the end
    MessageCard* card(std::size_t index) const;
    MessageCard* last() const;  ///< null where there is none
};

}  // namespace lectern::ui
