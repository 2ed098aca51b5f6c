// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/reader_panel.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QSplitter>
#include <QStackedWidget>
#include <QTimer>

#include "ui/format.h"
#include "ui/notice_bar.h"
#include "ui/page_pictures.h"
#include "ui/page_view.h"
#include "ui/reader_side.h"
#include "ui/text_page.h"
#include "ui/widgets.h"

namespace lectern::ui {
namespace {

constexpr double kSmallestZoom = 0.25, kLargestZoom = 5;
constexpr std::size_t kHistory = 50;
constexpr int kSideWidth = 140;
constexpr int kRestMs = 120;  ///< without scrolling, before words are asked for

}  // namespace

ReaderPanel::ReaderPanel(const Services& services, QWidget* parent) : QWidget(parent) {
    auto* column = makeColumn(this, 0, 0);
    column->addWidget(makeHeader());
    column->addWidget(makeFindBar());
    m_notice = new NoticeBar(this);
    column->addWidget(m_notice);
    m_desk = new ReadingDesk(services);
    m_desk->moveToThread(&m_thread);
    m_pictures = new PagePictures(m_desk, this);
    column->addWidget(makePages(), 1);
    connect(&m_thread, &QThread::finished, m_desk, &QObject::deleteLater);
    connectDesk();
    connectPages();
    m_thread.setObjectName("lectern reader");
    m_thread.start();
    updateHeader();
}

ReaderPanel::~ReaderPanel() {
    m_pictures->setDocument({}, {});  // stops what is being made
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
    m_side_button = makeIconButton("side", tr("Thumbnails and outline"), m_controls);
    m_side_button->setObjectName("readerSideButton");
    m_side_button->setCheckable(true);
    for (QWidget* widget :
         std::initializer_list<QWidget*>{m_side_button, m_previous, m_page_field, m_page_count, m_next})
        row->addWidget(widget);
    row->addStretch();
    addTools(row);
    column->addWidget(m_controls);
    connect(m_back, &QToolButton::clicked, this, &ReaderPanel::goBack);
    connect(m_previous, &QToolButton::clicked, this, [this] { turnPage(-1); });
    connect(m_next, &QToolButton::clicked, this, [this] { turnPage(1); });
    connect(m_page_field, &QLineEdit::returnPressed, this, &ReaderPanel::goToTypedPage);
    connect(m_side_button, &QToolButton::clicked, this, &ReaderPanel::setSideVisible);
    return header;
}

void ReaderPanel::addTools(QHBoxLayout* row) {
    auto* smaller = makeIconButton("zoom-out", tr("Zoom out"), m_controls);
    auto* larger = makeIconButton("zoom-in", tr("Zoom in"), m_controls);
    m_fit = makeIconButton("fit", tr("Fit the width"), m_controls);
    m_fit->setCheckable(true);
    m_night = makeIconButton("night", tr("Dark pages"), m_controls);
    m_night->setObjectName("readerNight");
    m_night->setCheckable(true);
    auto* find = makeIconButton("find", tr("Find in this document"), m_controls);
    for (QWidget* widget : std::initializer_list<QWidget*>{smaller, larger, m_fit, m_night, find})
        row->addWidget(widget);
    connect(smaller, &QToolButton::clicked, this, [this] { zoomBy(1 / 1.2); });
    connect(larger, &QToolButton::clicked, this, [this] { zoomBy(1.2); });
    connect(m_fit, &QToolButton::clicked, this, &ReaderPanel::zoomToFit);
    connect(m_night, &QToolButton::clicked, this, &ReaderPanel::setNight);
    connect(find, &QToolButton::clicked, this, &ReaderPanel::openFind);
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
    auto* sides = new QSplitter(this);
    sides->setChildrenCollapsible(false);
    m_side = new ReaderSide(m_pictures, sides);
    m_side->hide();
    m_stack = new QStackedWidget(sides);
    auto* empty =
        new TextLabel(TextRole::Muted, tr("Choose a document on the shelf,\nor a page below an answer."), this);
    empty->setAlignment(Qt::AlignCenter);
    empty->setWordWrap(true);
    m_view = new PageView(m_pictures, this);
    m_view->setObjectName("pageView");
    m_text = new TextPage(this);
    m_text->setObjectName("textPage");
    m_stack->addWidget(empty);
    m_stack->addWidget(m_view);
    m_stack->addWidget(m_text);
    sides->addWidget(m_side);
    sides->addWidget(m_stack);
    sides->setStretchFactor(1, 1);
    sides->setSizes({kSideWidth, 8 * kSideWidth});
    m_words_timer = new QTimer(this);
    m_words_timer->setSingleShot(true);
    m_words_timer->setInterval(kRestMs);
    return sides;
}

void ReaderPanel::setSession(const std::optional<SessionSnapshot>& session) {
    const bool same = session && m_session && session->file == m_session->file;
    m_session = session;
    const auto file = session ? session->file : std::filesystem::path();
    QMetaObject::invokeMethod(m_desk, [desk = m_desk, file] { desk->useSession(file); });
    if (same && document() != nullptr && document()->pages.size() != m_shown_pages) {  // read anew
        m_place = ReaderPlace{m_place->document_id, 0, {}, {}};
        openDocument();
        return goTo(0);
    }
    if (same && (!m_place || document() != nullptr)) return updateHeader();
    leaveDocument();
    m_history.clear();
    if (!same) m_passwords.clear();
    updateHeader();
}

void ReaderPanel::leaveDocument() {
    m_place.reset();
    m_request = ++m_requests;
    ++m_find_id;
    m_words_id = ++m_requests;
    m_hits.clear();
    m_hit = -1;
    m_notice->hide();
    m_find_bar->hide();
    m_stack->setCurrentIndex(0);
    m_pictures->setDocument({}, {});
    m_view->setPages({});
    m_side->setDocument(nullptr);
}

void ReaderPanel::setPassword(const std::filesystem::path& file, const std::string& password) {
    m_passwords[file] = password;
    if (document() == nullptr || document()->info.source != file) return;
    m_pictures->setDocument(file, password);
    m_notice->hide();
    goTo(m_page);
    placeMarks();
    m_side->wantPictures();
}

const DocumentEntry* ReaderPanel::document() const {
    return m_place && m_session ? m_session->document(m_place->document_id) : nullptr;
}

std::optional<ReaderPlace> ReaderPanel::place() const {
    if (!m_place || m_place->page == m_page) return m_place;
    return ReaderPlace{m_place->document_id, m_page, {}, {}};
}

void ReaderPanel::open(const ReaderPlace& place) {
    if (const auto now = this->place()) m_history.push_back(*now);
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
        leaveDocument();
        return updateHeader();
    }
    m_notice->hide();
    if (other_document) openDocument();
    goTo(place.page);
    if (showsPictures()) m_view->showMarks();
}

/// The document of m_place, from its first page.
void ReaderPanel::openDocument() {
    const DocumentEntry& entry = *document();
    m_hits.clear();
    m_hit = -1;
    m_shown_pages = entry.pages.size();
    m_words_asked.clear();
    m_words_id = ++m_requests;
    const bool pdf = entry.info.kind == "pdf";
    const auto known = m_passwords.find(entry.info.source);
    m_pictures->setDocument(pdf ? entry.info.source : std::filesystem::path(),
                            known == m_passwords.end() ? std::string() : known->second);
    std::vector<QSizeF> points;
    for (const PageInfo& page : entry.pages) points.emplace_back(page.width, page.height);
    m_view->setPages(pdf ? std::move(points) : std::vector<QSizeF>());
    m_side->setDocument(&entry);
    if (!m_find_field->text().isEmpty()) startFind();
}

/// A page of the document that is open.
void ReaderPanel::goTo(int page) {
    m_page = page;
    if (document()->info.kind == "pdf") {
        m_stack->setCurrentWidget(m_view);
        m_pictures->retry(page);
        placeMarks();
        m_view->goToPage(page);
    } else {
        requestText(page);
    }
    m_side->showPage(page);
    updateHeader();
}

bool ReaderPanel::showsPictures() const {
    return m_stack->currentWidget() == m_view;
}

void ReaderPanel::turnPage(int by) {
    if (document() == nullptr) return;
    const int page = m_page + by;
    if (page >= 0 && page < int(document()->pages.size())) goTo(page);
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
    if (!m_page_field->hasFocus()) m_page_field->setText(QString::number(m_page + 1));
    const QString label = m_page < count ? text(entry->pages[std::size_t(m_page)].label) : QString();
    const bool own = !label.isEmpty() && label != QString::number(m_page + 1);
    m_page_count->setText(own ? tr("of %1 (%2)").arg(count).arg(label) : tr("of %1").arg(count));
    m_previous->setEnabled(m_page > 0);
    m_next->setEnabled(m_page + 1 < count);
}

void ReaderPanel::zoomBy(double factor) {
    if (m_stack->currentWidget() == m_text) {
        m_text_zoom = qBound(0.5, m_text_zoom * factor, 4.0);
        return m_text->setTextZoom(m_text_zoom);
    }
    if (document() == nullptr) return;
    m_zoom = qBound(kSmallestZoom, m_view->zoom() * factor, kLargestZoom);
    m_view->setZoom(m_zoom);
    updateHeader();
}

void ReaderPanel::zoomToFit() {
    m_zoom = 0;
    m_text_zoom = 1;
    m_text->setTextZoom(1);
    m_view->setZoom(0);
    updateHeader();
}

void ReaderPanel::setNight(bool night) {
    m_is_night = night;
    m_night->setChecked(night);
    m_pictures->setNight(night);
    m_view->setNight(night);
    m_text->setNight(night);
    placeMarks();
    m_side->wantPictures();
    emit lookChanged();
}

void ReaderPanel::setSideVisible(bool visible) {
    m_side->setVisible(visible);
    m_side_button->setChecked(visible);
    emit lookChanged();
}

bool ReaderPanel::isSideVisible() const {
    return !m_side->isHidden();
}

}  // namespace lectern::ui
