// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStyledItemDelegate>

namespace lectern::ui {

/// Draws documents with their state and progress, and outlines; switches a document by its eye or the space bar.
class ShelfDelegate final : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    /// Where the eye of a document row is drawn.
    static QRect eyeRect(const QRect& row);

    /// The last click was on an eye: it opens nothing.
    bool clickTaken() const { return m_click_taken; }

protected:
    bool editorEvent(QEvent* event, QAbstractItemModel* model, const QStyleOptionViewItem& option,
                     const QModelIndex& index) override;

private:
    bool m_click_taken = false;
};

}  // namespace lectern::ui
