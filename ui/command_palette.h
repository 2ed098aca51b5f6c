// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <QList>

class QAction;
class QLineEdit;
class QTreeWidget;

namespace lectern::ui {

/// Finds what the window can do by words, and does it. The actions have to outlive it.
class CommandPalette final : public QDialog {
    Q_OBJECT
public:
    CommandPalette(const QList<QAction*>& actions, QWidget* parent);

protected:
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    void filter(const QString& words);
    void run();

    QList<QAction*> m_actions;
    QLineEdit* m_words;
    QTreeWidget* m_list;
};

}  // namespace lectern::ui
