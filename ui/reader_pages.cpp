// SPDX-License-Identifier: GPL-3.0-or-later
// The half of ReaderPanel that talks to the reading desk: pages, text, search, marks.
#include <QKeyEvent>
#include <QLineEdit>
#include <QStackedWidget>

#include "ui/format.h"
#include "ui/notice_bar.h"
#include "ui/page_view.h"
#include "ui/reader_panel.h"
#include "ui/text_page.h"
#include "ui/widgets.h"

namespace lectern::ui {

void ReaderPanel::connectDesk() {
    connect(m_desk, &ReadingDesk::rendered, this, [this](std::uint64_t id, const QImage& image) {
        if (id == m_request) showImage(image);
    });
    connect(m_desk, &ReadingDesk::renderFailed, this, [this](std::uint64_t id, const QString& message, bool locked) {
        if (id == m_request) showRenderFailure(message, locked);
    });
    connect(m_desk, &ReadingDesk::textLoaded, this, [this](std::uint64_t id, const PageText& text, bool there) {
        if (id == m_request) showText(text, there);
    });
    connect(m_desk, &ReadingDesk::found, this,
            [this](std::uint64_t id, const std::vector<FindHit>& hits, bool complete) {
                if (id == m_find_id) showFound(hits, complete);
            });
}

void ReaderPanel::requestPage() {
    const DocumentEntry* entry = document();
    if (entry == nullptr) return;
    if (entry->info.kind != "pdf") return requestText();
    m_stack->setCurrentWidget(m_view);
    m_view->setPage(pagePoints(), zoom());
    placeMarks();
    m_render_stop.request_stop();
    m_render_stop = std::stop_source();
    RenderRequest request{++m_request,
                          entry->info.source,
                          {},
                          m_place->page,
                          72 * zoom() * devicePixelRatioF(),
                          m_render_stop.get_token()};
    if (const auto known = m_passwords.find(entry->info.source); known != m_passwords.end())
        request.password = known->second;
    QMetaObject::invokeMethod(m_desk, [desk = m_desk, request] { desk->render(request); });
}

void ReaderPanel::requestText() {
    QMetaObject::invokeMethod(m_desk, [desk = m_desk, id = ++m_request, place = *m_place] {
        desk->loadText(id, place.document_id, place.page);
    });
}

void ReaderPanel::showImage(const QImage& image) {
    m_view->setImage(image);
    if (m_marks_due) m_view->showMarks();
    m_marks_due = false;
}

void ReaderPanel::showText(const PageText& text, bool there) {
    m_stack->setCurrentWidget(m_text);
    m_text->setPageText(there ? QString::fromStdString(text.text) : QString());
    if (!there)
        m_notice->showNotice(NoticeBar::Kind::Problem, tr("The text of this page is not in the session file."));
    else if (text.state != PageState::Read && !m_notice->isVisible())
        m_notice->showNotice(NoticeBar::Kind::Info, text.problem.empty() ? tr("This page has no text.")
                                                                         : QString::fromStdString(text.problem));
    placeMarks();
    m_marks_due = false;
}

void ReaderPanel::showRenderFailure(const QString& message, bool locked) {
    const QString file = fromPath(document()->info.source);
    const QString note = tr("%1 Below is the stored text of the page.").arg(message);
    if (locked)
        m_notice->showNotice(NoticeBar::Kind::Info, note, tr("Unlock…"), [this, file] { emit passwordNeeded(file); });
    else
        m_notice->showNotice(NoticeBar::Kind::Problem, note);
    requestText();
}

void ReaderPanel::placeMarks() {
    std::vector<Rect> found;
    std::vector<FindHit> here;
    if (m_hit >= 0 && m_hits[std::size_t(m_hit)].page == m_place->page) here.push_back(m_hits[std::size_t(m_hit)]);
    for (const FindHit& hit : here) found.insert(found.end(), hit.rects.begin(), hit.rects.end());
    if (m_stack->currentWidget() == m_text)
        m_text->setMarks(m_place->passage, here);
    else
        m_view->setMarks(m_place->rects, found);
}

void ReaderPanel::openFind() {
    m_find_bar->show();
    m_find_field->setFocus();
    m_find_field->selectAll();
}

void ReaderPanel::closeFind() {
    m_find_bar->hide();
    m_find_field->clear();
    startFind();
}

bool ReaderPanel::eventFilter(QObject* watched, QEvent* event) {
    const bool escape = event->type() == QEvent::KeyPress && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape;
    if (watched != m_find_field || !escape) return QWidget::eventFilter(watched, event);
    closeFind();
    return true;
}

void ReaderPanel::startFind() {
    m_find_stop.request_stop();
    m_find_stop = std::stop_source();
    m_hits.clear();
    m_hit = -1;
    m_find_count->clear();
    ++m_find_id;
    if (document() == nullptr) return;
    placeMarks();
    const QString needle = m_find_field->text().trimmed();
    if (needle.isEmpty()) return;
    FindRequest request{m_find_id, m_place->document_id, int(document()->pages.size()), needle,
                        m_find_stop.get_token()};
    QMetaObject::invokeMethod(m_desk, [desk = m_desk, request] { desk->find(request); });
}

void ReaderPanel::showFound(const std::vector<FindHit>& hits, bool complete) {
    m_hits = hits;
    m_hit = -1;
    if (hits.empty()) return m_find_count->setText(tr("nothing found"));
    std::size_t first = 0;
    while (first < hits.size() && hits[first].page < m_place->page) ++first;
    m_hit = int(first == hits.size() ? 0 : first) - 1;
    m_find_count->setToolTip(complete ? QString() : tr("There are more; these are the first."));
    stepFind(1);
}

void ReaderPanel::stepFind(int by) {
    if (m_hits.empty() || document() == nullptr) return;
    const int count = int(m_hits.size());
    m_hit = (m_hit + by + count) % count;
    m_find_count->setText(tr("%1 of %2").arg(m_hit + 1).arg(count));
    const int page = m_hits[std::size_t(m_hit)].page;
    if (page != m_place->page) return show({m_place->document_id, page, {}, {}});
    placeMarks();
    if (m_stack->currentWidget() == m_view) m_view->showMarks();
}

}  // namespace lectern::ui
