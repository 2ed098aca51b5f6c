// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "ui/values.h"

class QLineEdit;
class QSortFilterProxyModel;
class QTreeView;

namespace lectern::ui {

class ShelfModel;

/// The documents of the session, to filter, open and add to. View: wiring, no state.
class ShelfPanel final : public QWidget {
    Q_OBJECT
public:
    explicit ShelfPanel(QWidget* parent = nullptr);

    ShelfModel& model() { return *m_model; }
    void focusFilter();
    void setCanAdd(bool can_add);

signals:
    void openPage(int document_id, int page);  ///< 0-based
    void addDocuments();
    void summarize(int document_id, int item);  ///< of its outline; -1: all of it
    void retry(const QString& source);  ///< read a failed file again, asking for its password where it needs one

private:
    void activate(const QModelIndex& index);
    void showMenu(const QPoint& at);

    ShelfModel* m_model;
    QSortFilterProxyModel* m_filtered;
    QLineEdit* m_filter;
    QTreeView* m_tree;
    QWidget* m_add;
};

}  // namespace lectern::ui
