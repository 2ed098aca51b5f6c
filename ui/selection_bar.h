// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

namespace lectern::ui {

/// What can be done with selected text, over the page beside it.
class SelectionBar final : public QFrame {
    Q_OBJECT
public:
    explicit SelectionBar(QWidget* viewport);
    /// Below `selected` (of the viewport), or above it where there is no room.
    void showAt(const QRect& selected);

signals:
    void ask();
    void copy();
};

}  // namespace lectern::ui
