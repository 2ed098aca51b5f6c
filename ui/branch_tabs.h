// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSet>
#include <QWidget>
#include <vector>

#include "ui/task.h"

class QMenu;
class QTabBar;
class QToolButton;

namespace lectern::ui {

/// A conversation of the session, or one begun in the window that nobody has asked anything yet.
struct BranchTab {
    QString name = {};   ///< as the session calls it; of a draft, once it was asked
    QString title = {};  ///< its first question, where the name says nothing
    bool draft = false;  ///< the session does not have it yet
    std::optional<ForkPlace> fork =
        {};  ///< where a draft leaves another conversation; nothing: it stands on the documents
};

/// The conversations of a session as tabs, and a menu of all of them. Changes nothing itself: asks by signals.
class BranchTabs final : public QWidget {
    Q_OBJECT
public:
    explicit BranchTabs(QWidget* parent = nullptr);

    /// `other`: another session's; drafts go.
    void setSession(const std::optional<SessionSnapshot>& session, bool other);
    void setCanChange(bool ask, bool rows);  ///< begin conversations; rename and delete them
    const BranchTab& current() const;        ///< there is always one
    void begin(std::optional<ForkPlace> fork);
    /// A name that the session does not have, from the first question. The draft in sight has it from now on.
    QString nameDraft(const QString& question);
    void step(int by);
    void renameCurrent();
    void closeCurrent();
    void fillMenu(QMenu& menu);  ///< all conversations, and the deleted ones to bring back

signals:
    void shown();  ///< another tab is in sight
    void rename(const QString& name, const QString& to);
    void remove(const QString& name);
    void bringBack(const QString& name);
    void forgetDeleted();

private:
    void sync();
    void show(int index);
    void choose(const QString& name);
    void close(int index);
    void askName(int index);
    void showMenu(const QPoint& at);
    int indexOf(const QString& name) const;
    void addCloseButton(int index);

    std::vector<BranchTab> m_tabs;
    std::vector<std::pair<QString, QString>> m_all;  ///< names and titles of the session's conversations
    QStringList m_deleted;
    QSet<QString> m_known;  ///< had a tab, or were too many
    bool m_can_ask = false, m_can_change = false;
    QTabBar* m_bar;
    QToolButton* m_new;
    QToolButton* m_menu_button;
};

/// The beginning of a question as a title of at most `length` characters.
QString titleOf(const QString& question, int length);

}  // namespace lectern::ui
