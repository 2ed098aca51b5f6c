// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shelf_delegate.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include "ui/shelf_model.h"
#include "ui/theme.h"
#include "ui/themed_icon.h"

namespace lectern::ui {
namespace {

constexpr int kEye = 18;

void paintOutline(QPainter& painter, const QRect& body, const QModelIndex& index, const ThemeColors& colors) {
    const QString page = index.data(ShelfModel::kDetail).toString();
    const int right = painter.fontMetrics().horizontalAdvance(page) + 8;
    painter.setPen(colors.muted);
    painter.drawText(body, Qt::AlignRight | Qt::AlignVCenter, page);
    painter.setPen(colors.text);
    painter.drawText(body, Qt::AlignVCenter,
                     painter.fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, body.width() - right));
}

/// What is in the context, page by page.
void paintCoverage(QPainter& painter, const QRectF& track, const QByteArray& covers, bool off,
                   const ThemeColors& colors) {
    painter.setPen(Qt::NoPen);
    const double cell = track.width() / double(covers.size());
    for (qsizetype first = 0, end = 0; first < covers.size(); first = end) {
        while (end < covers.size() && covers[end] == covers[first]) ++end;
        const bool there = covers[first] == ShelfModel::kInContext;
        painter.setBrush(covers[first] == ShelfModel::kNoText ? colors.warning
                         : !there                             ? colors.border
                         : off                                ? colors.muted
                                                              : colors.accent);
        painter.drawRect(
            QRectF(track.x() + double(first) * cell, track.y(), double(end - first) * cell, track.height()));
    }
}

void paintDocument(QPainter& painter, const QRect& body, const QModelIndex& index, const ThemeColors& colors,
                   bool hovered) {
    const auto state = DocumentState(index.data(ShelfModel::kState).toInt());
    const bool failed = state == DocumentState::Failed;
    const bool warned = state == DocumentState::Partial || index.data(ShelfModel::kChanged).toBool();
    const QVariant check = index.data(Qt::CheckStateRole);
    const bool off = !check.isNull() && check.toInt() == Qt::Unchecked;
    const QString kind = index.data(ShelfModel::kKind).toString();
    const QString icon = failed || warned ? "warning" : kind == "pdf" ? "pdf" : "text";
    const QColor tint = failed ? colors.bad : warned ? colors.warning : off ? colors.muted : colors.accent;
    const double ratio = painter.device()->devicePixelRatioF();
    painter.drawPixmap(body.x(), body.y() + 1, iconPixmap(icon, tint, kEye, ratio));
    const bool eye = !check.isNull() && (off || hovered);
    if (eye)
        painter.drawPixmap(body.right() - kEye, body.y() + 1,
                           iconPixmap(off ? "eye-off" : "eye", colors.muted, kEye, ratio));
    const QRect lines = body.adjusted(26, 0, check.isNull() ? 0 : -kEye - 6, 0);
    const QFontMetrics metrics = painter.fontMetrics();
    painter.setPen(state == DocumentState::Queued || off ? colors.muted : colors.text);
    painter.drawText(lines, Qt::AlignTop, metrics.elidedText(index.data().toString(), Qt::ElideMiddle, lines.width()));
    QFont small = painter.font();
    small.setPointSizeF(small.pointSizeF() * 0.9);
    painter.setFont(small);
    painter.setPen(failed ? colors.bad : warned ? colors.warning : colors.muted);
    const QRect second = body.adjusted(26, metrics.height() + 2, 0, 0);
    painter.drawText(
        second, Qt::AlignTop,
        painter.fontMetrics().elidedText(index.data(ShelfModel::kDetail).toString(), Qt::ElideRight, second.width()));
    const QByteArray covers = index.data(ShelfModel::kCoverage).toByteArray();
    if (!covers.isEmpty())
        paintCoverage(painter, QRectF(second.x(), body.bottom() + 2, second.width(), 2), covers, off, colors);
}

}  // namespace

QSize ShelfDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const int line = option.fontMetrics.height();
    return {60, index.data(ShelfModel::kKind).isNull() ? line + 8 : line * 2 + 16};
}

QRect ShelfDelegate::eyeRect(const QRect& row) {
    return QRect(row.right() - 10 - kEye - 4, row.y(), kEye + 12, kEye + 12);
}

void ShelfDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const ThemeColors& colors = themeColors();
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const bool hovered = option.state & QStyle::State_MouseOver, selected = option.state & QStyle::State_Selected;
    if (selected || hovered) {
        painter->setPen(Qt::NoPen);
        painter->setBrush(selected ? colors.accent_soft : colors.sunken);
        painter->drawRoundedRect(option.rect.adjusted(1, 1, -3, -1), 6, 6);
    }
    painter->setFont(option.font);
    if (index.data(ShelfModel::kKind).isNull())
        paintOutline(*painter, option.rect.adjusted(4, 0, -10, 0), index, colors);
    else
        paintDocument(*painter, option.rect.adjusted(4, 5, -10, -5), index, colors, hovered || selected);
    painter->restore();
}

bool ShelfDelegate::editorEvent(QEvent* event, QAbstractItemModel* model, const QStyleOptionViewItem& option,
                                const QModelIndex& index) {
    if (event->type() == QEvent::MouseButtonPress) m_click_taken = false;
    if (!index.flags().testFlag(Qt::ItemIsUserCheckable)) return false;
    const bool mouse = event->type() == QEvent::MouseButtonRelease || event->type() == QEvent::MouseButtonPress ||
                       event->type() == QEvent::MouseButtonDblClick;
    if (mouse) {
        const auto* click = static_cast<QMouseEvent*>(event);
        if (click->button() != Qt::LeftButton || !eyeRect(option.rect).contains(click->position().toPoint()))
            return false;
        if (event->type() != QEvent::MouseButtonRelease) return true;
        m_click_taken = true;
    } else if (event->type() != QEvent::KeyPress || static_cast<QKeyEvent*>(event)->key() != Qt::Key_Space) {
        return false;
    }
    const bool on = index.data(Qt::CheckStateRole).toInt() == Qt::Checked;
    return model->setData(index, on ? Qt::Unchecked : Qt::Checked, Qt::CheckStateRole);
}

}  // namespace lectern::ui
