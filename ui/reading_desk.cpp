// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/reading_desk.h"

#include "ui/document_words.h"
#include "ui/format.h"
#include "ui/night.h"

namespace lectern::ui {
namespace {

constexpr std::size_t kOpenFiles = 4;  ///< each is a child process
constexpr std::size_t kMostHits = 2000;

QImage toImage(const PageImage& page) {
    const auto* bytes = reinterpret_cast<const uchar*>(page.pixels.data());
    return QImage(bytes, page.width, page.height, page.width * 4, QImage::Format_RGB32).copy();
}

std::vector<Rect> boxesBetween(const PageText& page, std::uint32_t begin, std::uint32_t end) {
    std::vector<Rect> boxes;
    for (const WordBox& word : page.words)
        if (word.end > begin && word.begin < end) boxes.push_back(word.box);
    return boxes;
}

}  // namespace

std::vector<FindHit> findOnPage(const PageText& page, int number, const QString& needle) {
    std::vector<FindHit> hits;
    const QString text = QString::fromStdString(page.text);
    std::uint32_t bytes = 0;  // of text before `counted`
    qsizetype counted = 0;
    for (qsizetype at = text.indexOf(needle, 0, Qt::CaseInsensitive); at >= 0;
         at = text.indexOf(needle, at + needle.size(), Qt::CaseInsensitive)) {
        bytes += std::uint32_t(QStringView(text).mid(counted, at - counted).toUtf8().size());
        counted = at;
        const auto length = std::uint32_t(QStringView(text).mid(at, needle.size()).toUtf8().size());
        hits.push_back({number, int(at), int(at + needle.size()), boxesBetween(page, bytes, bytes + length)});
    }
    return hits;
}

ReadingDesk::ReadingDesk(Services services) : m_services(std::move(services)) {
    m_services.options.threads = 1;
}

ReadingDesk::~ReadingDesk() = default;

void ReadingDesk::useSession(const std::filesystem::path& file) {
    m_session.reset();
    if (file != m_file) m_sources.clear();
    m_file = file;
}

Session* ReadingDesk::session() {
    if (m_session || m_file.empty()) return m_session.get();
    if (!m_engine) {
        auto engine = m_services.make_engine(m_services.options);
        if (!engine) return nullptr;
        m_engine = std::move(*engine);
    }
    if (auto session = m_engine->peekSession(m_file)) m_session = std::move(*session);
    return m_session.get();
}

void ReadingDesk::render(const RenderRequest& request) {
    if (request.stop.stop_requested()) return emit renderFailed(request.id, {}, false);
    if (m_sources.size() >= kOpenFiles && !m_sources.contains(request.file)) m_sources.erase(m_sources.begin());
    OpenFile& open = m_sources[request.file];
    if (!open.source || open.password != request.password) {
        open.source = m_services.make_page_source(request.file, request.password);
        open.password = request.password;
    }
    const auto page = open.source->render(request.page, request.dpi, request.stop);
    if (page) {
        emit rendered(request.id, request.night ? nightImage(toImage(*page)) : toImage(*page));
    } else if (page.error().code == ErrorCode::Interrupted) {
        emit renderFailed(request.id, {}, false);
    } else {
        emit renderFailed(request.id,
                          problemText(m_services.document_problem(page.error()), fromPath(request.file.filename()),
                                      text(page.error().message)),
                          m_services.needs_password(page.error()));
    }
}

void ReadingDesk::loadText(std::uint64_t id, int document_id, int page) {
    std::optional<PageText> text;
    if (Session* from = session()) text = from->pageText(document_id, page);
    emit textLoaded(id, page, text.value_or(PageText()), text.has_value());
}

void ReadingDesk::find(const FindRequest& request) {
    std::vector<FindHit> hits;
    Session* from = session();
    int page = 0;
    for (; from != nullptr && page < request.pages && hits.size() < kMostHits; ++page) {
        if (request.stop.stop_requested()) return;
        const auto text = from->pageText(request.document_id, page);
        if (!text) continue;
        for (FindHit& hit : findOnPage(*text, page, request.needle)) hits.push_back(std::move(hit));
    }
    emit found(request.id, hits, page == request.pages);
}

}  // namespace lectern::ui
