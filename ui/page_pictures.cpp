// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/page_pictures.h"

#include <algorithm>
#include <cmath>

namespace lectern::ui {
namespace {

constexpr qsizetype kPageBytes = 192LL << 20;
constexpr qsizetype kThumbnailBytes = 48LL << 20;
constexpr qint64 kLongMs = 400;  ///< a page nobody wants any more is given up after so long: a new start costs too

}  // namespace

void PictureShelf::put(int page, double dpi, const QImage& image) {
    drop(page);
    m_used.push_front(page);
    m_kept[page] = {image, dpi, m_used.begin()};
    m_bytes += image.sizeInBytes();
    while (m_bytes > m_most && m_used.size() > 1) drop(m_used.back());
}

QImage PictureShelf::find(int page) {
    const auto kept = m_kept.find(page);
    if (kept == m_kept.end()) return {};
    m_used.splice(m_used.begin(), m_used, kept->second.use);
    return kept->second.image;
}

double PictureShelf::dpi(int page) const {
    const auto kept = m_kept.find(page);
    return kept == m_kept.end() ? 0 : kept->second.dpi;
}

void PictureShelf::clear() {
    m_kept.clear();
    m_used.clear();
    m_bytes = 0;
}

void PictureShelf::drop(int page) {
    const auto kept = m_kept.find(page);
    if (kept == m_kept.end()) return;
    m_bytes -= kept->second.image.sizeInBytes();
    m_used.erase(kept->second.use);
    m_kept.erase(kept);
}

PagePictures::PagePictures(ReadingDesk* desk, QObject* parent)
    : QObject(parent), m_desk(desk), m_pages(kPageBytes), m_thumbnails(kThumbnailBytes) {
    connect(m_desk, &ReadingDesk::rendered, this, [this](std::uint64_t id, const QImage& image) {
        if (!m_making || id != m_id) return;
        const Making making = *std::exchange(m_making, {});
        (making.thumbnail ? m_thumbnails : m_pages).put(making.what.page, making.what.dpi, image);
        makeNext();
        making.thumbnail ? emit thumbnailReady(making.what.page) : emit pageReady(making.what.page);
    });
    connect(m_desk, &ReadingDesk::renderFailed, this, [this](std::uint64_t id, const QString& message, bool locked) {
        if (!m_making || id != m_id) return;
        const Making making = *std::exchange(m_making, {});
        const bool stopped = message.isEmpty();
        if (!stopped) m_failed.insert(making.what.page);
        makeNext();
        if (!stopped) emit pageFailed(making.what.page, message, locked);
    });
}

PagePictures::~PagePictures() {
    if (m_making) m_making->stop.request_stop();
}

void PagePictures::forget() {
    if (m_making) m_making->stop.request_stop();
    m_making.reset();
    ++m_id;
    m_pages.clear();
    m_thumbnails.clear();
    m_failed.clear();
}

void PagePictures::setDocument(const std::filesystem::path& file, const std::string& password) {
    forget();
    m_wanted.clear();
    m_wanted_thumbnails.clear();
    m_file = file;
    m_password = password;
}

void PagePictures::setNight(bool night) {
    if (std::exchange(m_night, night) == night) return;
    forget();
    makeNext();
}

void PagePictures::wantPages(std::vector<WantedPicture> wanted) {
    m_wanted = std::move(wanted);
    const bool unwanted = m_making && !m_making->thumbnail &&
                          std::find(m_wanted.begin(), m_wanted.end(), m_making->what) == m_wanted.end();
    if (unwanted && m_making->since.elapsed() > kLongMs) m_making->stop.request_stop();
    makeNext();
}

void PagePictures::wantThumbnails(std::vector<WantedPicture> wanted) {
    m_wanted_thumbnails = std::move(wanted);
    makeNext();
}

void PagePictures::makeNext() {
    if (!makeOne(m_wanted, false)) makeOne(m_wanted_thumbnails, true);
}

/// True: nothing else can be made for now.
bool PagePictures::makeOne(const std::vector<WantedPicture>& wanted, bool thumbnail) {
    if (m_making || m_file.empty()) return true;
    const PictureShelf& shelf = thumbnail ? m_thumbnails : m_pages;
    for (const WantedPicture& what : wanted) {
        if (m_failed.contains(what.page) || std::abs(shelf.dpi(what.page) - what.dpi) < 0.5) continue;
        m_making = Making{what, thumbnail};
        m_making->since.start();
        const RenderRequest request{
            ++m_id, m_file, m_password, what.page, what.dpi, m_night, m_making->stop.get_token()};
        QMetaObject::invokeMethod(m_desk, [desk = m_desk, request] { desk->render(request); });
        return true;
    }
    return false;
}

}  // namespace lectern::ui
