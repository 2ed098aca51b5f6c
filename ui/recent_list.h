// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QListWidget>
#include <vector>

#include "ui/preferences.h"

namespace lectern::ui {

/// Recent sessions, two lines each; a missing file is shown as such. Enter or a click opens.
class RecentList final : public QListWidget {
    Q_OBJECT
public:
    explicit RecentList(QWidget* parent = nullptr);
    void setSessions(const std::vector<RecentSession>& sessions);

signals:
    void openSession(const QString& file);
    void forgetSession(const QString& file);

protected:
    void contextMenuEvent(QContextMenuEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
};

}  // namespace lectern::ui
