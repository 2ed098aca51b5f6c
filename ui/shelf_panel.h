// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <functional>
#include <map>

#include "ui/values.h"

class QAction;
class QLineEdit;
class QMenu;
class QPushButton;
class QSortFilterProxyModel;
class QTreeView;

namespace lectern::ui {

class ShelfDelegate;
class ShelfModel;
class TextLabel;

/// The documents of the session, to filter, open and add to. View: wiring, no state.
class ShelfPanel final : public QWidget {
    Q_OBJECT
public:
    explicit ShelfPanel(QWidget* parent = nullptr);

    ShelfModel& model() { return *m_model; }
    void focusFilter();
    void setSession(const std::optional<SessionSnapshot>& session);
    void setCanChange(bool can_change);
    void setCanSummarize(bool can_summarize) { m_can_summarize = can_summarize; }

signals:
    void openPage(int document_id, int page);  ///< 0-based
    void addDocuments();
    void summarize(int document_id, int item);  ///< of its outline; -1: all of it
    void retry(const QString& source);      ///< read a failed file again, asking for its password where it needs one
    void recognize(const QString& source);  ///< read a file again, with OCR for its pages that are pictures
    void switchDocuments(const std::vector<int>& document_ids, bool on);
    void removeDocuments(const std::vector<int>& document_ids);
    void moveDocuments(const std::vector<int>& document_ids, int place);  ///< before the row that is there now
    void readChanged();

private:
    QTreeView* makeTree();
    QAction* addAction(const char* name, const QString& text, const QKeySequence& key, std::function<void()> act);
    void makeActions();
    void makeChangedBar();
    void activate(const QModelIndex& index);
    void showMenu(const QPoint& at);
    const DocumentEntry* entry(int document_id) const;  ///< null where there is none
    bool canBeSummarized(int document_id) const;
    void addDocumentActions(QMenu& menu, int document_id, bool changed);
    void syncActions();
    void moveSelected(int by);
    std::vector<int> selected() const;  ///< documents, in their order

    ShelfModel* m_model;
    QSortFilterProxyModel* m_filtered;
    QLineEdit* m_filter;
    QTreeView* m_tree;
    ShelfDelegate* m_delegate;
    QWidget* m_add;
    QWidget* m_changed_bar;
    TextLabel* m_changed_text;
    QPushButton* m_read_changed;
    std::map<QString, QAction*> m_own;  ///< for the documents selected
    bool m_can_change = false, m_can_summarize = false;
};

}  // namespace lectern::ui
