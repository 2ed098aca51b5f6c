// SPDX-License-Identifier: GPL-3.0-or-later
// The half of ReaderPanel that talks to the reading desk: pages, text, search, marks.
#include <QKeyEvent>
#include <QLineEdit>
#include <QStackedWidget>
#include <QTimer>

#include "ui/document_words.h"
#include "ui/format.h"
#include "ui/notice_bar.h"
#include "ui/page_pictures.h"
#include "ui/page_view.h"
#include "ui/reader_panel.h"
#include "ui/reader_side.h"
#include "ui/selection_bar.h"
#include "ui/text_page.h"
#include "ui/widgets.h"

namespace lectern::ui {
namespace {

constexpr qsizetype kLongestQuote = 600;  ///< characters, of what is asked about

}  // namespace

void ReaderPanel::connectDesk() {
    connect(m_pictures, &PagePictures::pageFailed, this, &ReaderPanel::showRenderFailure);
    connect(m_desk, &ReadingDesk::textLoaded, this,
            [this](std::uint64_t id, int page, const PageText& text, bool there) {
                if (id == m_request) showText(text, there);
                if (id != m_words_id) return;
                if (there)
                    m_view->setText(page, text);
                else
                    m_words_asked.erase(page);
            });
    connect(m_desk, &ReadingDesk::found, this,
            [this](std::uint64_t id, const std::vector<FindHit>& hits, bool complete) {
                if (id == m_find_id) showFound(hits, complete);
            });
}

void ReaderPanel::connectPages() {
    connect(m_view, &PageView::zoomBy, this, &ReaderPanel::zoomBy);
    connect(m_view, &PageView::sightChanged, this, &ReaderPanel::requestSight);
    connect(m_view, &PageView::currentPageChanged, this, [this](int page) {
        m_page = page;
        m_side->showPage(page);
        updateHeader();
    });
    connect(m_view->selectionBar(), &SelectionBar::ask, this, &ReaderPanel::askAboutSelection);
    connect(m_text->selectionBar(), &SelectionBar::ask, this, &ReaderPanel::askAboutSelection);
    connect(m_side, &ReaderSide::pageChosen, this, [this](int page) {
        if (document() != nullptr) open({m_place->document_id, page, {}, {}});
    });
    connect(m_words_timer, &QTimer::timeout, this, [this] {
        if (document() == nullptr || !showsPictures()) return;
        for (const int page : m_view->pagesInSight()) {
            if (!m_words_asked.insert(page).second) continue;
            QMetaObject::invokeMethod(m_desk, [desk = m_desk, id = m_words_id, of = m_place->document_id, page] {
                desk->loadText(id, of, page);
            });
        }
    });
}

void ReaderPanel::requestSight() {
    if (document() == nullptr) return;
    std::vector<WantedPicture> wanted;
    for (const int page : m_view->pagesInSight())
        wanted.push_back({page, 72 * m_view->zoomOf(page) * devicePixelRatioF()});
    m_pictures->wantPages(std::move(wanted));
    m_words_timer->start();
}

void ReaderPanel::requestText(int page) {
    m_request = ++m_requests;
    QMetaObject::invokeMethod(
        m_desk, [desk = m_desk, id = m_request, of = m_place->document_id, page] { desk->loadText(id, of, page); });
}

void ReaderPanel::askAboutSelection() {
    if (document() == nullptr) return;
    const bool pictures = showsPictures();
    QString quote = (pictures ? m_view->selectedText() : m_text->selectedText()).simplified();
    if (quote.isEmpty()) return;
    if (quote.size() > kLongestQuote) quote = quote.left(kLongestQuote - 1) + QChar(0x2026);
    const int page = pictures ? m_view->selectedPage() : m_page;
    const QString label = text(document()->pages[std::size_t(page)].label);
    const QString name = text(document()->info.name);
    m_view->clearSelection();
    emit askAbout(quote, name, label.isEmpty() ? QString::number(page + 1) : label);
}

void ReaderPanel::showText(const PageText& text, bool there) {
    m_stack->setCurrentWidget(m_text);
    m_text->setPageText(there ? QString::fromStdString(text.text) : QString());
    if (!there)
        m_notice->showNotice(NoticeBar::Kind::Problem, tr("The text of this page is not in the session file."));
    else if (text.state != PageState::Read && !m_notice->isVisible()) {
        m_notice->showNotice(NoticeBar::Kind::Info, problemText(text.state));
        m_notice->setDetails(QString::fromStdString(text.problem));
    }
    placeMarks();
}

/// Of a page that was opened, its text is shown instead; of one that was scrolled to, the reason stands on its paper.
void ReaderPanel::showRenderFailure(int page, const QString& message, bool locked) {
    if (document() == nullptr) return;
    if (page != m_page || !showsPictures()) return m_view->setProblem(page, message);
    const QString file = fromPath(document()->info.source);
    const QString note = tr("%1 Below is the stored text of the page.").arg(message);
    if (locked)
        m_notice->showNotice(NoticeBar::Kind::Info, note, tr("Unlock…"), [this, file] { emit passwordNeeded(file); });
    else
        m_notice->showNotice(NoticeBar::Kind::Problem, note);
    requestText(page);
}

void ReaderPanel::placeMarks() {
    if (!m_place) return;
    PageMarks found;
    std::vector<FindHit> here;
    if (m_hit >= 0) {
        const FindHit& hit = m_hits[std::size_t(m_hit)];
        found = {hit.page, hit.rects};
        if (hit.page == m_page) here.push_back(hit);
    }
    m_view->setMarks({m_place->page, m_place->rects}, std::move(found));
    if (m_stack->currentWidget() == m_text)
        m_text->setMarks(m_page == m_place->page ? m_place->passage : QString(), here);
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
    while (first < hits.size() && hits[first].page < m_page) ++first;
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
    if (page != m_page) goTo(page);
    placeMarks();
    if (showsPictures()) m_view->showMarks();
}

}  // namespace lectern::ui
