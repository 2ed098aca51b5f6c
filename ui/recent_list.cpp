// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/recent_list.h"

#include <QContextMenuEvent>
#include <QFileInfo>
#include <QMenu>
#include <QPainter>
#include <QStyledItemDelegate>

#include "ui/format.h"
#include "ui/theme.h"
#include "ui/themed_icon.h"

namespace lectern::ui {
namespace {

enum Role { kFile = Qt::UserRole, kDetail, kMissing, kWhen };
constexpr int kPad = 10;

class RecentDelegate final : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const override {
        return {100, option.fontMetrics.height() * 3 + 2 * kPad};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const ThemeColors& colors = themeColors();
        const bool missing = index.data(kMissing).toBool();
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        if (option.state & (QStyle::State_MouseOver | QStyle::State_Selected)) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(option.state & QStyle::State_Selected ? colors.accent_soft : colors.sunken);
            painter->drawRoundedRect(option.rect.adjusted(2, 2, -2, -2), 8, 8);
        }
        const double ratio = painter->device()->devicePixelRatioF();
        const QRect body = option.rect.adjusted(kPad + 30, kPad, -kPad, -kPad);
        painter->drawPixmap(
            option.rect.x() + kPad, body.y() + 2,
            iconPixmap(missing ? "warning" : "shelf", missing ? colors.warning : colors.accent, 20, ratio));
        drawLines(*painter, body, option.font, index, colors);
        painter->restore();
    }

private:
    static void drawLines(QPainter& painter, const QRect& body, QFont font, const QModelIndex& index,
                          const ThemeColors& colors) {
        const QStringList details = index.data(kDetail).toStringList();
        const int line = body.height() / 3;
        const auto draw = [&](int row, const QString& text, const QColor& color, int right = 0) {
            const QRect place(body.x(), body.y() + row * line, body.width() - right, line);
            painter.setPen(color);
            painter.drawText(
                place, Qt::AlignVCenter,
                painter.fontMetrics().elidedText(text, row == 0 ? Qt::ElideMiddle : Qt::ElideRight, place.width()));
        };
        QFont small = font;
        small.setPointSizeF(font.pointSizeF() * 0.9);
        painter.setFont(small);
        const QString when = index.data(kWhen).toString();
        const int right = painter.fontMetrics().horizontalAdvance(when);
        painter.setPen(colors.muted);
        painter.drawText(QRect(body.x(), body.y(), body.width(), line), Qt::AlignRight | Qt::AlignVCenter, when);
        draw(1, details.value(0), index.data(kMissing).toBool() ? colors.warning : colors.muted);
        draw(2, details.value(1), colors.muted);
        font.setWeight(QFont::DemiBold);
        painter.setFont(font);
        draw(0, index.data().toString(), index.data(kMissing).toBool() ? colors.muted : colors.text, right + 12);
    }
};

/// "54,000 tokens · 120 MB · opens in about 7 s"
QString factsOf(const RecentSession& session) {
    QStringList parts = {RecentList::tr("%1 tokens").arg(shortCountText(session.tokens)), bytesText(session.bytes)};
    if (session.opens_in >= 1)
        parts << RecentList::tr("opens in about %1").arg(durationText(session.opens_in));
    else if (session.opens_in > 0)
        parts << RecentList::tr("opens in under a second");
    return parts.join(" · ");
}

}  // namespace

RecentList::RecentList(QWidget* parent) : QListWidget(parent) {
    setItemDelegate(new RecentDelegate(this));
    setMouseTracking(true);
    setFrameShape(QFrame::NoFrame);
    setProperty("plain", true);
    viewport()->setAutoFillBackground(false);
    setVerticalScrollMode(ScrollPerPixel);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setAccessibleName(tr("Recent sessions"));
    connect(this, &QListWidget::itemClicked, this, [this](const QListWidgetItem* item) { choose(*item); });
}

void RecentList::setSessions(const std::vector<RecentSession>& sessions) {
    clear();
    for (const RecentSession& session : sessions) {
        const QFileInfo info(session.file);
        auto* item = new QListWidgetItem(info.completeBaseName(), this);
        const bool missing = !info.exists();
        const QString facts =
            missing ? tr("The file is not there any more. Click to locate or remove it.") : factsOf(session);
        item->setData(kFile, session.file);
        item->setData(kMissing, missing);
        item->setData(kWhen, whenText(session.time));
        item->setData(kDetail, QStringList{facts, missing ? pathText(toPath(session.file))
                                                          : session.model + " · " + session.documents});
        item->setToolTip(session.file);
        item->setData(Qt::AccessibleDescriptionRole, facts);
    }
}

/// A file that is gone is not opened: what can be done about it is asked.
void RecentList::choose(const QListWidgetItem& item) {
    if (item.data(kMissing).toBool())
        showMenu(item, viewport()->mapToGlobal(visualItemRect(&item).center()));
    else
        emit openSession(item.data(kFile).toString());
}

void RecentList::showMenu(const QListWidgetItem& item, const QPoint& at) {
    const QString file = item.data(kFile).toString();
    auto* menu = new QMenu(this);
    menu->setObjectName("recentMenu");
    menu->setAttribute(Qt::WA_DeleteOnClose);
    if (item.data(kMissing).toBool())
        menu->addAction(tr("Locate…"), this, [this, file] { emit locateSession(file); });
    else
        menu->addAction(tr("Open"), this, [this, file] { emit openSession(file); });
    menu->addAction(tr("Remove from this list"), this, [this, file] { emit forgetSession(file); });
    menu->popup(at);
}

void RecentList::contextMenuEvent(QContextMenuEvent* event) {
    if (const QListWidgetItem* item = itemAt(event->pos())) showMenu(*item, event->globalPos());
}

void RecentList::keyPressEvent(QKeyEvent* event) {
    const QListWidgetItem* item = currentItem();
    if (item != nullptr && (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter))
        choose(*item);
    else if (item != nullptr && event->key() == Qt::Key_Delete)
        emit forgetSession(item->data(kFile).toString());
    else
        QListWidget::keyPressEvent(event);
}

}  // namespace lectern::ui
