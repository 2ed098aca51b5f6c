// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets.h"

#include <QApplication>
#include <QEvent>
#include <QPainter>
#include <QStyle>
#include <QStyledItemDelegate>
#include <QTreeWidget>

#include "ui/theme.h"
#include "ui/themed_icon.h"

namespace lectern::ui {
namespace {

double scaleOf(TextRole role) {
    switch (role) {
        case TextRole::Small:
            return 0.9;
        case TextRole::Heading:
            return 1.15;
        case TextRole::Title:
            return 1.7;
        case TextRole::Display:
            return 2.6;
        default:
            return 1.0;
    }
}

/// In place of a padding in the style sheet, with which Qt paints icons and ticks twice, a little apart.
class RoomyDelegate final : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        return QStyledItemDelegate::sizeHint(option, index) + QSize(6, 8);
    }
};

}  // namespace

TextLabel::TextLabel(TextRole role, const QString& text, QWidget* parent) : QLabel(text, parent), m_role(role) {
    setTextFormat(Qt::PlainText);
    restyle();
}

void TextLabel::restyle() {
    m_restyling = true;
    QFont font = QApplication::font();
    font.setPointSizeF(font.pointSizeF() * scaleOf(m_role));
    if (m_role >= TextRole::Heading) font.setWeight(QFont::DemiBold);
    setFont(font);
    QPalette palette = QApplication::palette();
    const ThemeColors& colors = themeColors();
    if (m_role == TextRole::Muted || m_role == TextRole::Small) palette.setColor(QPalette::WindowText, colors.muted);
    setPalette(palette);
    m_restyling = false;
}

void TextLabel::changeEvent(QEvent* event) {
    QLabel::changeEvent(event);
    const bool theme = event->type() == QEvent::ApplicationFontChange ||
                       event->type() == QEvent::ApplicationPaletteChange || event->type() == QEvent::StyleChange;
    if (theme && !m_restyling) restyle();
}

ElidedLabel::ElidedLabel(const QString& text, QWidget* parent) : QLabel(parent) {
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    setFullText(text);
}

void ElidedLabel::setFullText(const QString& text) {
    m_text = text;
    setAccessibleName(text);
    setToolTip(text);
    updateGeometry();
    update();
}

QSize ElidedLabel::minimumSizeHint() const {
    return {40, fontMetrics().height() + 2};
}

QSize ElidedLabel::sizeHint() const {
    return {fontMetrics().horizontalAdvance(m_text) + 4, fontMetrics().height() + 2};
}

void ElidedLabel::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setPen(palette().color(isEnabled() ? QPalette::Active : QPalette::Disabled, foregroundRole()));
    painter.drawText(rect(), int(alignment() | Qt::AlignVCenter),
                     fontMetrics().elidedText(m_text, Qt::ElideMiddle, width()));
}

FlowLayout::FlowLayout(int spacing) {
    setSpacing(spacing);
    setContentsMargins(0, 0, 0, 0);
}

FlowLayout::~FlowLayout() {
    qDeleteAll(m_items);
}

QLayoutItem* FlowLayout::takeAt(int index) {
    return index >= 0 && index < m_items.size() ? m_items.takeAt(index) : nullptr;
}

QSize FlowLayout::minimumSize() const {
    QSize size;
    for (const QLayoutItem* item : m_items) size = size.expandedTo(item->minimumSize());
    return size;
}

void FlowLayout::setGeometry(const QRect& rect) {
    QLayout::setGeometry(rect);
    arrange(rect, true);
}

int FlowLayout::arrange(const QRect& rect, bool apply) const {
    int x = rect.x(), y = rect.y(), line = 0;
    for (QLayoutItem* item : m_items) {
        if (item->isEmpty()) continue;
        const QSize size = item->sizeHint().boundedTo(QSize(qMax(rect.width(), 1), QWIDGETSIZE_MAX));
        if (x > rect.x() && x + size.width() > rect.x() + rect.width()) {
            x = rect.x();
            y += line + spacing();
            line = 0;
        }
        if (apply) item->setGeometry(QRect(QPoint(x, y), size));
        x += size.width() + spacing();
        line = qMax(line, size.height());
    }
    return y + line - rect.y();
}

QTreeWidget* makeTree(QWidget* parent) {
    auto* tree = new QTreeWidget(parent);
    tree->setItemDelegate(new RoomyDelegate(tree));
    return tree;
}

QFrame* makeCard(QWidget* parent) {
    auto* card = new QFrame(parent);
    card->setProperty("card", true);
    return card;
}

QToolButton* makeIconButton(const QString& icon, const QString& name, QWidget* parent) {
    auto* button = new QToolButton(parent);
    button->setIcon(themedIcon(icon));
    button->setIconSize({18, 18});
    button->setProperty("flat", true);
    button->setAccessibleName(name);
    button->setToolTip(name);
    button->setFocusPolicy(Qt::TabFocus);
    return button;
}

QPushButton* makePrimaryButton(const QString& text, QWidget* parent) {
    auto* button = new QPushButton(text, parent);
    button->setProperty("primary", true);
    return button;
}

QPushButton* makeLinkButton(const QString& text, QWidget* parent) {
    auto* button = new QPushButton(text, parent);
    button->setProperty("link", true);
    button->setCursor(Qt::PointingHandCursor);
    return button;
}

QVBoxLayout* makeColumn(QWidget* parent, int margin, int spacing) {
    auto* column = new QVBoxLayout(parent);
    column->setContentsMargins(margin, margin, margin, margin);
    column->setSpacing(spacing);
    return column;
}

QHBoxLayout* makeRow(int spacing) {
    auto* row = new QHBoxLayout();
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(spacing);
    return row;
}

}  // namespace lectern::ui
