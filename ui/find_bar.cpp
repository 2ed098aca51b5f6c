// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/find_bar.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>

#include "ui/widgets.h"

namespace lectern::ui {

FindBar::FindBar(const QString& what, QWidget* parent) : QWidget(parent) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(4);
    m_field = new QLineEdit(this);
    m_field->setPlaceholderText(what);
    m_field->setAccessibleName(what);
    m_count = new TextLabel(TextRole::Small, {}, this);
    auto* up = makeIconButton("up", tr("Previous match"), this);
    auto* down = makeIconButton("down", tr("Next match"), this);
    auto* shut = makeIconButton("close", tr("Close the search"), this);
    row->addWidget(m_field, 1);
    for (QWidget* widget : std::initializer_list<QWidget*>{m_count, up, down, shut}) row->addWidget(widget);
    connect(m_field, &QLineEdit::textEdited, this, &FindBar::changed);
    connect(up, &QToolButton::clicked, this, [this] { emit step(-1); });
    connect(down, &QToolButton::clicked, this, [this] { emit step(1); });
    connect(shut, &QToolButton::clicked, this, &FindBar::close);
    hide();
}

void FindBar::open() {
    show();
    m_field->setFocus();
    m_field->selectAll();
    emit changed(m_field->text());
}

QString FindBar::text() const {
    return isHidden() ? QString() : m_field->text();
}

void FindBar::close() {
    hide();
    emit changed({});
}

void FindBar::showCount(int current, int count) {
    m_count->setText(count < 0 ? QString() : count == 0 ? tr("Not found") : tr("%1 of %2").arg(current + 1).arg(count));
}

void FindBar::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape) return close();
    if (event->key() != Qt::Key_Return && event->key() != Qt::Key_Enter) return QWidget::keyPressEvent(event);
    emit step(event->modifiers() & Qt::ShiftModifier ? -1 : 1);
}

}  // namespace lectern::ui
