// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QImage>
#include <QObject>
#include <map>
#include <memory>

#include "ui/services.h"
#include "ui/values.h"

namespace lectern::ui {

struct RenderRequest {
    std::uint64_t id = 0;
    std::filesystem::path file;
    std::string password;
    int page = 0;  ///< 0-based
    double dpi = 72;
    bool night = false;  ///< see nightImage()
    std::stop_token stop;
};

struct FindRequest {
    std::uint64_t id = 0;
    int document_id = 0;
    int pages = 0;
    QString needle;
    std::stop_token stop;
};

/// One place where the needle stands.
struct FindHit {
    int page = 0;             ///< 0-based
    int begin = 0, end = 0;   ///< UTF-16 units of the page's text
    std::vector<Rect> rects;  ///< boxes of the words it touches; empty for plain text
};

/// Brings pages to the reader while the engine works: rendered PDF pages, stored page text, searches. Reads the session
/// file through Engine::peekSession with an engine of its own. Lives on its own thread; requests by queued calls.
class ReadingDesk final : public QObject {
    Q_OBJECT
public:
    explicit ReadingDesk(Services services);
    ~ReadingDesk() override;

    /// The session file to read from now on; also after it grew. Empty: none.
    void useSession(const std::filesystem::path& file);
    void render(const RenderRequest& request);
    void loadText(std::uint64_t id, int document_id, int page);
    void find(const FindRequest& request);

signals:
    void rendered(std::uint64_t id, const QImage& image);
    void renderFailed(std::uint64_t id, const QString& message, bool locked);  ///< stopped: without a message
    void textLoaded(std::uint64_t id, int page, const lectern::PageText& text, bool there);
    void found(std::uint64_t id, const std::vector<lectern::ui::FindHit>& hits, bool complete);

private:
    Session* session();  ///< opened when first needed; null where that fails

    struct OpenFile {
        std::unique_ptr<PageSource> source;
        std::string password;
    };
    Services m_services;
    std::unique_ptr<Engine> m_engine;
    std::unique_ptr<Session> m_session;
    std::filesystem::path m_file;
    std::map<std::filesystem::path, OpenFile> m_sources;  ///< few; all dropped with the session
};

/// All places of `needle` in a page, case ignored. Pure; any thread.
std::vector<FindHit> findOnPage(const PageText& page, int number, const QString& needle);

}  // namespace lectern::ui

Q_DECLARE_METATYPE(std::vector<lectern::ui::FindHit>)
