// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/thumbnail_list.h"

#include <QAbstractListModel>
#include <QPainter>
#include <QStyledItemDelegate>
#include <algorithm>

#include "ui/format.h"
#include "ui/page_pictures.h"
#include "ui/theme.h"

namespace lectern::ui {
namespace {

constexpr int kWidth = 96, kHeight = 128, kPad = 8;  ///< a page is drawn inside so much
enum Role { kPoints = Qt::UserRole };

/// Pixels per point.
double scaleOf(QSizeF points) {
    return std::min(kWidth / points.width(), kHeight / points.height());
}

}  // namespace

class ThumbnailList::Model final : public QAbstractListModel {
public:
    using QAbstractListModel::QAbstractListModel;

    void setPages(const std::vector<PageInfo>& pages) {
        beginResetModel();
        m_pages = pages;
        endResetModel();
    }
    QSizeF points(int page) const {
        const PageInfo& info = m_pages[std::size_t(page)];
        return info.width > 0 && info.height > 0 ? QSizeF(info.width, info.height) : QSizeF(595, 842);
    }
    void touch(int page) {
        if (page < int(m_pages.size())) emit dataChanged(index(page), index(page));
    }
    int rowCount(const QModelIndex&) const override { return int(m_pages.size()); }
    QVariant data(const QModelIndex& index, int role) const override {
        const std::string& label = m_pages[std::size_t(index.row())].label;
        const QString number = QString::number(index.row() + 1);
        const QString name = label.empty() ? number : text(label);
        if (role == Qt::DisplayRole) return name;
        if (role == Qt::AccessibleTextRole || role == Qt::ToolTipRole)
            return name == number ? ThumbnailList::tr("Page %1").arg(number)
                                  : ThumbnailList::tr("Page %1 (%2)").arg(number, name);
        return role == kPoints ? QVariant(points(index.row())) : QVariant();
    }

private:
    std::vector<PageInfo> m_pages;
};

class ThumbnailList::Delegate final : public QStyledItemDelegate {
public:
    Delegate(PagePictures* pictures, QObject* parent) : QStyledItemDelegate(parent), m_pictures(pictures) {}

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const override {
        return {kWidth + 2 * kPad, kHeight + option.fontMetrics.height() + 3 * kPad};
    }
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const ThemeColors& colors = themeColors();
        const bool selected = option.state & QStyle::State_Selected, hovered = option.state & QStyle::State_MouseOver;
        painter->save();
        painter->setRenderHints(QPainter::Antialiasing | QPainter::SmoothPixmapTransform);
        if (selected || hovered) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(selected ? colors.accent_soft : colors.sunken);
            painter->drawRoundedRect(option.rect.adjusted(2, 2, -2, -2), 6, 6);
        }
        const QSizeF points = index.data(kPoints).toSizeF();
        QRect paper(QPoint(), (points * scaleOf(points)).toSize());
        paper.moveCenter(QPoint(option.rect.center().x(), option.rect.y() + kPad + kHeight / 2));
        painter->fillRect(paper, Qt::white);
        if (const QImage image = m_pictures->thumbnail(index.row()); !image.isNull()) painter->drawImage(paper, image);
        painter->setBrush(Qt::NoBrush);
        painter->setPen(QPen(selected ? colors.accent : colors.border, selected ? 2 : 1));
        painter->drawRect(paper);
        painter->setPen(selected ? colors.text : colors.muted);
        painter->drawText(option.rect.adjusted(0, 0, 0, -kPad), Qt::AlignHCenter | Qt::AlignBottom,
                          index.data().toString());
        painter->restore();
    }

private:
    PagePictures* m_pictures;
};

ThumbnailList::ThumbnailList(PagePictures* pictures, QWidget* parent) : QListView(parent), m_pictures(pictures) {
    m_model = new Model(this);
    setModel(m_model);
    setItemDelegate(new Delegate(pictures, this));
    setUniformItemSizes(true);
    setVerticalScrollMode(ScrollPerPixel);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFrameShape(QFrame::NoFrame);
    setProperty("plain", true);
    viewport()->setAutoFillBackground(false);
    setMouseTracking(true);
    setAccessibleName(tr("Pages"));
    connect(this, &QListView::clicked, this, [this](const QModelIndex& index) { emit pageChosen(index.row()); });
    connect(this, &QListView::activated, this, [this](const QModelIndex& index) { emit pageChosen(index.row()); });
    connect(m_pictures, &PagePictures::thumbnailReady, m_model, &Model::touch);
}

void ThumbnailList::setPages(const std::vector<PageInfo>& pages) {
    m_model->setPages(pages);
    want();
}

void ThumbnailList::showPage(int page) {
    const QModelIndex index = m_model->index(page);
    if (!index.isValid() || index == currentIndex()) return;
    setCurrentIndex(index);
    scrollTo(index);
}

/// Nothing while it is hidden.
void ThumbnailList::want() {
    std::vector<WantedPicture> wanted;
    const QModelIndex top = indexAt({width() / 2, kPad}), bottom = indexAt({width() / 2, viewport()->height() - 1});
    const int last = bottom.isValid() ? bottom.row() : m_model->rowCount({}) - 1;
    for (int page = top.isValid() ? top.row() : 0; isVisible() && page <= last; ++page)
        wanted.push_back({page, 72 * scaleOf(m_model->points(page)) * devicePixelRatioF()});
    m_pictures->wantThumbnails(std::move(wanted));
}

void ThumbnailList::resizeEvent(QResizeEvent* event) {
    QListView::resizeEvent(event);
    want();
}

void ThumbnailList::showEvent(QShowEvent* event) {
    QListView::showEvent(event);
    want();
}

void ThumbnailList::scrollContentsBy(int dx, int dy) {
    QListView::scrollContentsBy(dx, dy);
    want();
}

}  // namespace lectern::ui
