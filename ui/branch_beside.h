// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <span>

#include "ui/values.h"

class QComboBox;
class QTimer;

namespace lectern::ui {

class MessageList;

/// A second conversation to read beside the one in sight. Shows what it is given; nothing can be asked here.
class BranchBeside final : public QWidget {
    Q_OBJECT
public:
    explicit BranchBeside(QWidget* parent = nullptr);

    void setSession(const std::optional<SessionSnapshot>& session);
    /// The one that `beside` was forked from, else any other. False: there is no other one.
    bool choose(const QString& beside);

signals:
    void citationOpened(const lectern::Citation& citation);
    void closed();

private:
    void fill(const std::string& shown);
    void sync();
    std::span<const Message> messages() const;

    Branches m_branches = std::make_shared<const std::vector<BranchInfo>>();
    bool m_quotes = false;
    QComboBox* m_names;
    MessageList* m_messages;
    QTimer* m_more;  ///< goes on with a conversation that is too long for one turn
};

}  // namespace lectern::ui
