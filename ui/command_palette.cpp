// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/command_palette.h"

#include <QAction>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLineEdit>
#include <QTreeWidget>
#include <algorithm>

#include "ui/format.h"
#include "ui/theme.h"
#include "ui/widgets.h"

namespace lectern::ui {
namespace {

QString nameOf(const QAction& action) {
    return commandText(action.text());
}

}  // namespace

CommandPalette::CommandPalette(const QList<QAction*>& actions, QWidget* parent) : QDialog(parent) {
    setObjectName("commandPalette");
    setWindowTitle(tr("Commands"));
    for (QAction* action : actions)
        if (action->isEnabled()) m_actions << action;
    auto* column = makeColumn(this, 10, 8);
    m_words = new QLineEdit(this);
    m_words->setObjectName("commandWords");
    m_words->setPlaceholderText(tr("What do you want to do?"));
    m_words->setAccessibleName(tr("Find a command"));
    m_words->installEventFilter(this);
    m_list = makeTree(this);
    m_list->setObjectName("commands");
    m_list->setAccessibleName(tr("Commands"));
    m_list->setRootIsDecorated(false);
    m_list->setHeaderHidden(true);
    m_list->setColumnCount(2);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->header()->setStretchLastSection(false);
    m_list->header()->setSectionResizeMode(0, QHeaderView::Stretch);
    m_list->header()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
    column->addWidget(m_words);
    column->addWidget(m_list, 1);
    connect(m_words, &QLineEdit::textChanged, this, &CommandPalette::filter);
    connect(m_words, &QLineEdit::returnPressed, this, &CommandPalette::run);
    connect(m_list, &QTreeWidget::itemClicked, this, &CommandPalette::run);
    resize(460, 380);
    filter({});
}

/// All of the words have to be there, in any order.
void CommandPalette::filter(const QString& words) {
    m_list->clear();
    const QStringList wanted = words.split(' ', Qt::SkipEmptyParts);
    for (int i = 0; i < int(m_actions.size()); ++i) {
        const QString name = nameOf(*m_actions[i]);
        const bool all = std::all_of(wanted.begin(), wanted.end(),
                                     [&](const QString& word) { return name.contains(word, Qt::CaseInsensitive); });
        if (!all) continue;
        auto* item = new QTreeWidgetItem(m_list, {name, m_actions[i]->shortcut().toString(QKeySequence::NativeText)});
        item->setData(0, Qt::UserRole, i);
        item->setForeground(1, themeColors().muted);
        item->setTextAlignment(1, Qt::AlignRight | Qt::AlignVCenter);
    }
    m_list->setCurrentItem(m_list->topLevelItem(0));
}

void CommandPalette::run() {
    const QTreeWidgetItem* item = m_list->currentItem();
    if (item == nullptr) return;
    QAction* action = m_actions[item->data(0, Qt::UserRole).toInt()];
    accept();
    action->trigger();
}

/// The list is walked from the field of words.
bool CommandPalette::eventFilter(QObject* object, QEvent* event) {
    if (object != m_words || event->type() != QEvent::KeyPress) return QDialog::eventFilter(object, event);
    const int key = static_cast<QKeyEvent*>(event)->key();
    const int by = key == Qt::Key_Down ? 1 : key == Qt::Key_Up ? -1 : 0;
    const int count = m_list->topLevelItemCount();
    if (by == 0 || count == 0) return QDialog::eventFilter(object, event);
    const int now = m_list->indexOfTopLevelItem(m_list->currentItem());
    m_list->setCurrentItem(m_list->topLevelItem((now + by + count) % count));
    return true;
}

}  // namespace lectern::ui
