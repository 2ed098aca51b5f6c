// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/link_flow.h"

#include <QClipboard>
#include <QFileInfo>
#include <QGuiApplication>

#include "ui/format.h"
#include "ui/notice_bar.h"
#include "ui/reader_panel.h"

namespace lectern::ui {

LinkFlow::LinkFlow(SessionController* controller, ReaderPanel* reader, NoticeBar* notice, QObject* parent)
    : QObject(parent), m_controller(controller), m_reader(reader), m_notice(notice) {}

void LinkFlow::open(const QString& link) {
    m_link = linkFrom(link);
    if (!m_link)
        return m_notice->showNotice(NoticeBar::Kind::Problem,
                                    tr("The link %1 names no page of a session file.").arg(link.left(200)));
    const auto& session = m_controller->session();
    if (session && session->file == toPath(m_link->file)) return follow();
    if (!QFileInfo::exists(m_link->file)) {
        m_notice->showNotice(NoticeBar::Kind::Problem,
                             tr("The session %1 that the link names is not there.").arg(m_link->file));
        return m_link.reset();
    }
    emit openSession(m_link->file);
}

/// Shows the page that was asked for, as soon as its session can be read.
void LinkFlow::follow() {
    const auto& session = m_controller->session();
    if (!m_link || !session || session->file != toPath(m_link->file)) return;
    const SessionLink link = *std::exchange(m_link, {});
    for (const DocumentEntry& entry : session->documents) {
        if (!link.document.isEmpty() && text(entry.info.name) != link.document) continue;
        if (link.page > int(entry.pages.size())) break;
        if (link.page == 0) return;
        m_reader->open({entry.info.id, link.page - 1, {}, {}});
        return emit pageShown();
    }
    m_notice->showNotice(NoticeBar::Kind::Problem, tr("The page that the link names is not in this session."));
}

void LinkFlow::copy() {
    const auto place = m_reader->place();
    const auto& session = m_controller->session();
    const DocumentEntry* entry = place && session ? session->document(place->document_id) : nullptr;
    if (entry == nullptr) return m_notice->showNotice(NoticeBar::Kind::Info, tr("Open a page in the reader first."));
    QGuiApplication::clipboard()->setText(linkText({fromPath(session->file), text(entry->info.name), place->page + 1}));
    m_notice->showNotice(
        NoticeBar::Kind::Info,
        tr("The link to page %1 of %2 is on the clipboard.").arg(place->page + 1).arg(text(entry->info.name)));
}

}  // namespace lectern::ui
