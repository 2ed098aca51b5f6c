// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include "ui/session_controller.h"
#include "ui/session_link.h"

namespace lectern::ui {

class NoticeBar;
class ReaderPanel;

/// Links to pages: followed once their session is there, and made of the page in sight. GUI thread.
class LinkFlow final : public QObject {
    Q_OBJECT
public:
    /// Owns none of them.
    LinkFlow(SessionController* controller, ReaderPanel* reader, NoticeBar* notice, QObject* parent);

    void open(const QString& link);
    void follow();  ///< the link that waits, where its session can be read now
    void forget() { m_link.reset(); }
    void copy();

signals:
    void openSession(const QString& file);
    void pageShown();

private:
    SessionController* m_controller;
    ReaderPanel* m_reader;
    NoticeBar* m_notice;
    std::optional<SessionLink> m_link;  ///< a page to show once its session is there
};

}  // namespace lectern::ui
