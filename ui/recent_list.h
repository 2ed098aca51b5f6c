// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QListWidget>
#include <vector>

#include "ui/preferences.h"

namespace lectern::ui {

/// Recent sessions, with size and what opening takes; a missing file is shown as such. Enter or a click opens.
class RecentList final : public QListWidget {
    Q_OBJECT
public:
    explicit RecentList(QWidget* parent = nullptr);
    void setSessions(const std::vector<RecentSession>& sessions);

signals:
    void openSession(const QString& file);
    void forgetSession(const QString& file);
    void locateSession(const QString& file);  ///< it is not where it was

protected:
    void contextMenuEvent(QContextMenuEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void choose(const QListWidgetItem& item);
    void showMenu(const QListWidgetItem& item, const QPoint& at);
};

}  // namespace lectern::ui
