// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shortcuts_dialog.h"

#include <QAction>
#include <QDialogButtonBox>
#include <QHeaderView>
#include <QTreeWidget>

#include "ui/format.h"
#include "ui/widgets.h"

namespace lectern::ui {

ShortcutsDialog::ShortcutsDialog(const QList<QAction*>& actions, QWidget* parent) : QDialog(parent) {
    setObjectName("shortcutsDialog");
    setWindowTitle(tr("Keyboard shortcuts"));
    auto* column = makeColumn(this, 14, 12);
    auto* list = makeTree(this);
    list->setAccessibleName(tr("Keyboard shortcuts"));
    list->setHeaderLabels({tr("What"), tr("Keys")});
    list->setRootIsDecorated(false);
    list->setAllColumnsShowFocus(true);
    const auto add = [&](const QString& what, const QString& keys) { new QTreeWidgetItem(list, {what, keys}); };
    for (const QAction* action : actions) {
        QStringList keys;
        for (const QKeySequence& sequence : action->shortcuts()) keys << sequence.toString(QKeySequence::NativeText);
        if (!keys.isEmpty()) add(commandText(action->text()), keys.join(", "));
    }
    add(tr("Ask"), tr("Enter"));
    add(tr("New line in the question"), tr("Shift+Enter"));
    add(tr("Leave a document out of questions, or read it again"), tr("Space"));
    add(tr("Zoom the page"), tr("Ctrl+wheel"));
    list->header()->setSectionResizeMode(0, QHeaderView::Stretch);
    list->header()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
    list->header()->setStretchLastSection(false);
    column->addWidget(list, 1);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    column->addWidget(buttons);
    resize(600, 560);
}

}  // namespace lectern::ui
