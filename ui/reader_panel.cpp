// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/reader_panel.h"

#include <QHBoxLayout>
#include <QIntValidator>
#include <QLineEdit>
#include <QStackedWidget>

#include "ui/format.h"
#include "ui/notice_bar.h"
#include "ui/page_view.h"
#include "ui/text_page.h"
#include "ui/widgets.h"

namespace lectern::ui {
namespace {

constexpr double kSmallestZoom = 0.25, kLargestZoom = 5;
constexpr std::size_t kHistory = 50;

}  // namespace

ReaderPanel::ReaderPanel(const Services& services, QWidget* parent) : QWidget(parent) {
    auto* column = makeColumn(this, 0, 0);
    column->addWidget(makeHeader());
    column->addWidget(makeFindBar());
    m_notice = new NoticeBar(this);
    column->addWidget(m_notice);
    column->addWidget(makePages(), 1);
    m_desk = new ReadingDesk(services);
    m_desk->moveToThread(&m_thread);
    connect(&m_thread, &QThread::finished, m_desk, &QObject::deleteLater);
    connectDesk();
    m_thread.setObjectName("lectern reader");
    m_thread.start();
    updateHeader();
}

ReaderPanel::~ReaderPanel() {
    m_render_stop.request_stop();
    m_find_stop.request_stop();
    m_thread.quit();
    m_thread.wait();
}

QWidget* ReaderPanel::makeHeader() {
    auto* header = new QWidget(this);
    auto* column = makeColumn(header, 0, 4);
    column->setContentsMargins(8, 6, 8, 6);
    auto* top = makeRow(4);
    m_back = makeIconButton("back", tr("Back to where you were"), header);
    m_back->setObjectName("readerBack");
    m_title = new ElidedLabel({}, header);
    top->addWidget(m_back);
    top->addWidget(m_title, 1);
    column->addLayout(top);
    m_controls = new QWidget(header);
    auto* row = new QHBoxLayout(m_controls);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(2);
    m_previous = makeIconButton("previous", tr("Previous page"), m_controls);
    m_next = makeIconButton("next", tr("Next page"), m_controls);
    m_page_field = new QLineEdit(m_controls);
    m_page_field->setObjectName("pageField");
    m_page_field->setAccessibleName(tr("Page number"));
    m_page_field->setFixedWidth(64);
    m_page_field->setAlignment(Qt::AlignRight);
    m_page_count = new TextLabel(TextRole::Muted, {}, m_controls);
    auto* smaller = makeIconButton("zoom-out", tr("Zoom out"), m_controls);
    auto* larger = makeIconButton("zoom-in", tr("Zoom in"), m_controls);
    m_fit = makeIconButton("fit", tr("Fit the width"), m_controls);
    m_fit->setCheckable(true);
    auto* find = makeIconButton("find", tr("Find in this document"), m_controls);
    for (QWidget* widget : std::initializer_list<QWidget*>{m_previous, m_page_field, m_page_count, m_next})
        row->addWidget(widget);
    row->addStretch();
    for (QWidget* widget : std::initializer_list<QWidget*>{smaller, larger, m_fit, find}) row->addWidget(widget);
    column->addWidget(m_controls);
    connect(m_back, &QToolButton::clicked, this, &ReaderPanel::goBack);
    connect(m_previous, &QToolButton::clicked, this, [this] { turnPage(-1); });
    connect(m_next, &QToolButton::clicked, this, [this] { turnPage(1); });
    connect(m_page_field, &QLineEdit::returnPressed, this, &ReaderPanel::goToTypedPage);
    connect(smaller, &QToolButton::clicked, this, [this] { zoomBy(1 / 1.2); });
    connect(larger, &QToolButton::clicked, this, [this] { zoomBy(1.2); });
    connect(m_fit, &QToolButton::clicked, this, &ReaderPanel::zoomToFit);
    connect(find, &QToolButton::clicked, this, &ReaderPanel::openFind);
    return header;
}

QWidget* ReaderPanel::makeFindBar() {
    m_find_bar = new QWidget(this);
    auto* row = new QHBoxLayout(m_find_bar);
    row->setContentsMargins(8, 0, 8, 6);
    row->setSpacing(4);
    m_find_field = new QLineEdit(m_find_bar);
    m_find_field->setObjectName("findField");
    m_find_field->setPlaceholderText(tr("Find in this document"));
    m_find_field->setAccessibleName(tr("Find in this document"));
    m_find_count = new TextLabel(TextRole::Small, {}, m_find_bar);
    auto* up = makeIconButton("up", tr("Previous match"), m_find_bar);
    auto* down = makeIconButton("down", tr("Next match"), m_find_bar);
    auto* close = makeIconButton("close", tr("Close the search"), m_find_bar);
    row->addWidget(m_find_field, 1);
    for (QWidget* widget : std::initializer_list<QWidget*>{m_find_count, up, down, close}) row->addWidget(widget);
    connect(m_find_field, &QLineEdit::textEdited, this, &ReaderPanel::startFind);
    connect(m_find_field, &QLineEdit::returnPressed, this, [this] { stepFind(1); });
    connect(up, &QToolButton::clicked, this, [this] { stepFind(-1); });
    connect(down, &QToolButton::clicked, this, [this] { stepFind(1); });
    connect(close, &QToolButton::clicked, this, &ReaderPanel::closeFind);
    m_find_field->installEventFilter(this);
    m_find_bar->hide();
    return m_find_bar;
}

QWidget* ReaderPanel::makePages() {
    m_stack = new QStackedWidget(this);
    auto* empty =
        new TextLabel(TextRole::Muted, tr("Choose a document on the shelf,\nor a page below an answer."), this);
    empty->setAlignment(Qt::AlignCenter);
    empty->setWordWrap(true);
    m_view = new PageView(this);
    m_view->setObjectName("pageView");
    m_text = new TextPage(this);
    m_text->setObjectName("textPage");
    m_stack->addWidget(empty);
    m_stack->addWidget(m_view);
    m_stack->addWidget(m_text);
    connect(m_view, &PageView::zoomBy, this, &ReaderPanel::zoomBy);
    connect(m_view, &PageView::pageBy, this, &ReaderPanel::turnPage);
    connect(m_view, &PageView::resized, this, [this] {
        if (m_place && m_zoom == 0 && m_stack->currentWidget() == m_view) requestPage();
    });
    return m_stack;
}

void ReaderPanel::setSession(const std::optional<SessionSnapshot>& session) {
    const bool same = session && m_session && session->file == m_session->file;
    m_session = session;
    const auto file = session ? session->file : std::filesystem::path();
    QMetaObject::invokeMethod(m_desk, [desk = m_desk, file] { desk->useSession(file); });
    if (same && (!m_place || document() != nullptr)) return updateHeader();
    m_place.reset();
    ++m_request;
    ++m_find_id;
    m_history.clear();
    m_hits.clear();
    m_hit = -1;
    m_notice->hide();
    m_find_bar->hide();
    m_stack->setCurrentIndex(0);
    if (!same) m_passwords.clear();
    updateHeader();
}

void ReaderPanel::setPassword(const std::filesystem::path& file, const std::string& password) {
    m_passwords[file] = password;
    if (m_place && document() != nullptr && document()->info.source == file) requestPage();
}

const DocumentEntry* ReaderPanel::document() const {
    return m_place && m_session ? m_session->document(m_place->document_id) : nullptr;
}

void ReaderPanel::open(const ReaderPlace& place) {
    if (m_place) m_history.push_back(*m_place);
    if (m_history.size() > kHistory) m_history.erase(m_history.begin());
    show(place);
}

void ReaderPanel::goBack() {
    if (m_history.empty()) return;
    const ReaderPlace place = m_history.back();
    m_history.pop_back();
    show(place);
}

void ReaderPanel::show(const ReaderPlace& place) {
    const bool other_document = !m_place || m_place->document_id != place.document_id;
    m_place = place;
    if (document() == nullptr) {
        m_place.reset();
        return updateHeader();
    }
    if (other_document) {
        m_hits.clear();
        m_hit = -1;
        if (!m_find_field->text().isEmpty()) startFind();
    }
    m_notice->hide();
    m_view->clearImage();
    m_marks_due = true;
    updateHeader();
    requestPage();
}

void ReaderPanel::turnPage(int by) {
    if (document() == nullptr) return;
    const int page = m_place->page + by;
    if (page < 0 || page >= int(document()->pages.size())) return;
    show({m_place->document_id, page, {}, {}});
}

void ReaderPanel::goToTypedPage() {
    if (document() == nullptr) return;
    const QString typed = m_page_field->text().trimmed();
    const auto& pages = document()->pages;
    bool number = false;
    int page = typed.toInt(&number) - 1;
    for (std::size_t i = 0; !number && i < pages.size(); ++i)
        if (text(pages[i].label).compare(typed, Qt::CaseInsensitive) == 0) page = int(i), number = true;
    if (number && page >= 0 && page < int(pages.size()))
        open({m_place->document_id, page, {}, {}});
    else
        updateHeader();
}

void ReaderPanel::focusPageField() {
    m_page_field->setFocus();
    m_page_field->selectAll();
}

void ReaderPanel::updateHeader() {
    const DocumentEntry* entry = document();
    m_controls->setEnabled(entry != nullptr);
    m_back->setEnabled(!m_history.empty());
    m_fit->setChecked(m_zoom == 0);
    if (entry == nullptr) {
        m_title->setFullText(tr("No page open"));
        m_page_field->clear();
        m_page_count->clear();
        return;
    }
    const std::string& title = entry->info.title;
    m_title->setFullText(text(title.empty() ? entry->info.name : entry->info.name + " — " + title));
    const int count = int(entry->pages.size());
    m_page_field->setText(QString::number(m_place->page + 1));
    const QString label = m_place->page < count ? text(entry->pages[std::size_t(m_place->page)].label) : QString();
    const bool own = !label.isEmpty() && label != QString::number(m_place->page + 1);
    m_page_count->setText(own ? tr("of %1 (%2)").arg(count).arg(label) : tr("of %1").arg(count));
    m_previous->setEnabled(m_place->page > 0);
    m_next->setEnabled(m_place->page + 1 < count);
}

QSizeF ReaderPanel::pagePoints() const {
    const DocumentEntry* entry = document();
    if (entry == nullptr || m_place->page >= int(entry->pages.size())) return {595, 842};
    const PageInfo& page = entry->pages[std::size_t(m_place->page)];
    return page.width > 0 && page.height > 0 ? QSizeF(page.width, page.height) : QSizeF(595, 842);
}

double ReaderPanel::zoom() const {
    return m_zoom > 0 ? m_zoom : qBound(kSmallestZoom, m_view->fitWidthZoom(pagePoints()), kLargestZoom);
}

void ReaderPanel::zoomBy(double factor) {
    if (m_stack->currentWidget() == m_text) {
        m_text_zoom = qBound(0.5, m_text_zoom * factor, 4.0);
        return m_text->setTextZoom(m_text_zoom);
    }
    if (document() == nullptr) return;
    m_zoom = qBound(kSmallestZoom, zoom() * factor, kLargestZoom);
    updateHeader();
    requestPage();
}

void ReaderPanel::zoomToFit() {
    m_zoom = 0;
    m_text_zoom = 1;
    m_text->setTextZoom(1);
    updateHeader();
    if (document() != nullptr) requestPage();
}

}  // namespace lectern::ui
