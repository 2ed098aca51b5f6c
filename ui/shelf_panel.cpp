// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shelf_panel.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QMenu>
#include <QPainter>
#include <QSortFilterProxyModel>
#include <QStyledItemDelegate>
#include <QTreeView>

#include "ui/shelf_model.h"
#include "ui/theme.h"
#include "ui/themed_icon.h"
#include "ui/widgets.h"

namespace lectern::ui {
namespace {

class ShelfDelegate final : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const int line = option.fontMetrics.height();
        return {60, index.data(ShelfModel::kKind).isNull() ? line + 8 : line * 2 + 16};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const ThemeColors& colors = themeColors();
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        if (option.state & (QStyle::State_Selected | QStyle::State_MouseOver)) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(option.state & QStyle::State_Selected ? colors.accent_soft : colors.sunken);
            painter->drawRoundedRect(option.rect.adjusted(1, 1, -3, -1), 6, 6);
        }
        painter->setFont(option.font);
        if (index.data(ShelfModel::kKind).isNull())
            paintOutline(*painter, option.rect.adjusted(4, 0, -10, 0), index, colors);
        else
            paintDocument(*painter, option.rect.adjusted(4, 5, -10, -5), index, colors);
        painter->restore();
    }

private:
    static void paintOutline(QPainter& painter, const QRect& body, const QModelIndex& index,
                             const ThemeColors& colors) {
        const QString page = index.data(ShelfModel::kDetail).toString();
        const int right = painter.fontMetrics().horizontalAdvance(page) + 8;
        painter.setPen(colors.muted);
        painter.drawText(body, Qt::AlignRight | Qt::AlignVCenter, page);
        painter.setPen(colors.text);
        painter.drawText(
            body, Qt::AlignVCenter,
            painter.fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, body.width() - right));
    }

    static void paintDocument(QPainter& painter, const QRect& body, const QModelIndex& index,
                              const ThemeColors& colors) {
        const auto state = DocumentState(index.data(ShelfModel::kState).toInt());
        const bool failed = state == DocumentState::Failed;
        const QString kind = index.data(ShelfModel::kKind).toString();
        const QString icon = failed || state == DocumentState::Partial ? "warning" : kind == "pdf" ? "pdf" : "text";
        const QColor tint = failed ? colors.bad : state == DocumentState::Partial ? colors.warning : colors.accent;
        painter.drawPixmap(body.x(), body.y() + 1, iconPixmap(icon, tint, 18, painter.device()->devicePixelRatioF()));
        const QRect lines = body.adjusted(26, 0, 0, 0);
        const QFontMetrics metrics = painter.fontMetrics();
        painter.setPen(state == DocumentState::Queued ? colors.muted : colors.text);
        painter.drawText(lines, Qt::AlignTop,
                         metrics.elidedText(index.data().toString(), Qt::ElideMiddle, lines.width()));
        QFont small = painter.font();
        small.setPointSizeF(small.pointSizeF() * 0.9);
        painter.setFont(small);
        painter.setPen(failed ? colors.bad : colors.muted);
        const QString detail = index.data(ShelfModel::kDetail).toString();
        painter.drawText(lines.adjusted(0, metrics.height() + 2, 0, 0), Qt::AlignTop,
                         painter.fontMetrics().elidedText(detail, Qt::ElideRight, lines.width()));
        const double progress = index.data(ShelfModel::kProgress).toDouble();
        if (progress < 0) return;
        const QRectF track(lines.x(), body.bottom() + 1, lines.width(), 3);
        painter.setPen(Qt::NoPen);
        painter.setBrush(colors.border);
        painter.drawRoundedRect(track, 1.5, 1.5);
        painter.setBrush(colors.accent);
        painter.drawRoundedRect(QRectF(track.topLeft(), QSizeF(track.width() * qMin(1.0, progress), 3)), 1.5, 1.5);
    }
};

}  // namespace

ShelfPanel::ShelfPanel(QWidget* parent) : QWidget(parent) {
    auto* column = makeColumn(this, 8, 8);
    auto* row = makeRow(4);
    m_filter = new QLineEdit(this);
    m_filter->setPlaceholderText(tr("Filter"));
    m_filter->setAccessibleName(tr("Filter documents"));
    m_filter->setClearButtonEnabled(true);
    auto* add = makeIconButton("add", tr("Add documents"), this);
    m_add = add;
    row->addWidget(m_filter, 1);
    row->addWidget(add);
    column->addLayout(row);
    m_model = new ShelfModel(this);
    m_filtered = new QSortFilterProxyModel(this);
    m_filtered->setSourceModel(m_model);
    m_filtered->setRecursiveFilteringEnabled(true);
    m_filtered->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_tree = new QTreeView(this);
    m_tree->setObjectName("shelf");
    m_tree->setAccessibleName(tr("Documents"));
    m_tree->setModel(m_filtered);
    m_tree->setItemDelegate(new ShelfDelegate(m_tree));
    m_tree->setHeaderHidden(true);
    m_tree->setIndentation(16);
    m_tree->setMouseTracking(true);
    m_tree->setFrameShape(QFrame::NoFrame);
    m_tree->setProperty("plain", true);
    m_tree->viewport()->setAutoFillBackground(false);
    m_tree->setContextMenuPolicy(Qt::CustomContextMenu);
    m_tree->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    column->addWidget(m_tree, 1);
    connect(m_filter, &QLineEdit::textChanged, m_filtered, &QSortFilterProxyModel::setFilterFixedString);
    connect(m_tree, &QTreeView::clicked, this, &ShelfPanel::activate);
    connect(m_tree, &QTreeView::activated, this, &ShelfPanel::activate);
    connect(m_tree, &QWidget::customContextMenuRequested, this, &ShelfPanel::showMenu);
    connect(add, &QToolButton::clicked, this, &ShelfPanel::addDocuments);
}

void ShelfPanel::focusFilter() {
    m_filter->setFocus();
}

void ShelfPanel::setCanAdd(bool can_add) {
    m_add->setEnabled(can_add);
}

void ShelfPanel::activate(const QModelIndex& index) {
    const int page = index.data(ShelfModel::kPage).toInt();
    const bool failed = index.data(ShelfModel::kState).toInt() == int(DocumentState::Failed);
    if (page >= 0 && !(failed && !index.data(ShelfModel::kKind).isNull()))
        emit openPage(index.data(ShelfModel::kDocumentId).toInt(), page);
}

void ShelfPanel::showMenu(const QPoint& at) {
    const QModelIndex index = m_tree->indexAt(at);
    if (!index.isValid()) return;
    auto* menu = new QMenu(this);
    menu->setObjectName("shelfMenu");
    menu->setAttribute(Qt::WA_DeleteOnClose);
    if (index.data(ShelfModel::kState).toInt() == int(DocumentState::Failed) &&
        !index.data(ShelfModel::kKind).isNull()) {
        const QString source = index.data(ShelfModel::kSource).toString();
        menu->addAction(tr("Try again"), this, [this, source] { emit retry(source); });
    } else {
        const int document = index.data(ShelfModel::kDocumentId).toInt();
        const int item = index.data(ShelfModel::kOutline).toInt();
        menu->addAction(tr("Open"), this, [this, index = QPersistentModelIndex(index)] { activate(index); });
        QAction* summarize = menu->addAction(themedIcon("quote"), tr("Summarize…"), this,
                                             [this, document, item] { emit this->summarize(document, item); });
        summarize->setEnabled(m_add->isEnabled());
    }
    menu->popup(m_tree->viewport()->mapToGlobal(at));
}

}  // namespace lectern::ui
