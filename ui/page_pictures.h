// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QImage>
#include <QObject>
#include <list>
#include <map>
#include <set>

#include "ui/reading_desk.h"

namespace lectern::ui {

/// A page and how sharp its picture is to be.
struct WantedPicture {
    int page = 0;    ///< 0-based
    double dpi = 0;  ///< of the picture's own pixels
    bool operator==(const WantedPicture&) const = default;
};

/// Pictures kept within a budget of bytes, those used longest ago given up first.
class PictureShelf {
public:
    explicit PictureShelf(qsizetype most_bytes) : m_most(most_bytes) {}
    void put(int page, double dpi, const QImage& image);
    QImage find(int page);       ///< null: not kept
    double dpi(int page) const;  ///< of the one that is kept; 0: none
    qsizetype bytes() const { return m_bytes; }
    void clear();

private:
    struct Kept {
        QImage image;
        double dpi = 0;
        std::list<int>::iterator use;
    };
    void drop(int page);
    qsizetype m_most, m_bytes = 0;
    std::map<int, Kept> m_kept;
    std::list<int> m_used;  ///< pages, used last first
};

/// Pictures of one document's pages: those in sight first, then thumbnails. One is made at a time on the desk's thread,
/// so that what comes into sight waits for one other at most. GUI thread. Borrows the desk.
class PagePictures final : public QObject {
    Q_OBJECT
public:
    explicit PagePictures(ReadingDesk* desk, QObject* parent = nullptr);
    ~PagePictures() override;

    /// Forgets all pictures, and makes those of another file from now on.
    void setDocument(const std::filesystem::path& file, const std::string& password);
    void setNight(bool night);                      ///< forgets all pictures where it changes something
    void retry(int page) { m_failed.erase(page); }  ///< one that failed may be asked for again
    /// Most urgent first, in the place of what was wanted before.
    void wantPages(std::vector<WantedPicture> wanted);
    void wantThumbnails(std::vector<WantedPicture> wanted);
    QImage page(int page) { return m_pages.find(page); }            ///< as sharp as there is; null: none yet
    QImage thumbnail(int page) { return m_thumbnails.find(page); }  ///< the same

signals:
    void pageReady(int page);
    void thumbnailReady(int page);
    void pageFailed(int page, const QString& message, bool locked);

private:
    struct Making {
        WantedPicture what;
        bool thumbnail = false;
        std::stop_source stop = {};
        QElapsedTimer since = {};
    };
    void forget();
    void makeNext();
    bool makeOne(const std::vector<WantedPicture>& wanted, bool thumbnail);

    ReadingDesk* m_desk;
    std::filesystem::path m_file;
    std::string m_password;
    bool m_night = false;
    std::uint64_t m_id = 0;
    std::optional<Making> m_making;
    std::vector<WantedPicture> m_wanted, m_wanted_thumbnails;
    PictureShelf m_pages, m_thumbnails;
    std::set<int> m_failed;  ///< pages not asked for again
};

}  // namespace lectern::ui
