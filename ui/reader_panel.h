// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QThread>
#include <QWidget>
#include <map>
#include <optional>
#include <set>

#include "ui/reading_desk.h"

class QHBoxLayout;
class QLineEdit;
class QSplitter;
class QStackedWidget;
class QTimer;
class QToolButton;

namespace lectern::ui {

class ElidedLabel;
class NoticeBar;
class PagePictures;
class PageView;
class ReaderSide;
class TextLabel;
class TextPage;

/// Where the reader is: what Back returns to.
struct ReaderPlace {
    int document_id = 0;
    int page = 0;             ///< 0-based
    std::vector<Rect> rects;  ///< of a citation
    QString passage;
};

/// Shows the pages of a document: as pictures for PDFs, else, or where a picture cannot be had, one page's text. Owns
/// the reading desk and its thread.
class ReaderPanel final : public QWidget {
    Q_OBJECT
public:
    explicit ReaderPanel(const Services& services, QWidget* parent = nullptr);
    ~ReaderPanel() override;

    void setSession(const std::optional<SessionSnapshot>& session);
    void setPassword(const std::filesystem::path& file, const std::string& password);
    void open(const ReaderPlace& place);
    void openFind();
    void closeFind();
    void goBack();
    void turnPage(int by);
    void focusPageField();
    void zoomBy(double factor);
    void zoomToFit();
    void setNight(bool night);
    void setSideVisible(bool visible);  ///< thumbnails and outline
    bool isNight() const { return m_is_night; }
    bool isSideVisible() const;
    void askAboutSelection();  ///< nothing where nothing is selected

    std::optional<ReaderPlace> place() const;

signals:
    void passwordNeeded(const QString& file);
    void askAbout(const QString& quote, const QString& document, const QString& page);
    void lookChanged();  ///< night or side

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QWidget* makeHeader();
    void addTools(QHBoxLayout* row);
    QWidget* makeFindBar();
    QWidget* makePages();
    void connectDesk();
    void connectPages();
    void show(const ReaderPlace& place);
    void goTo(int page);
    void openDocument();
    void leaveDocument();
    void updateHeader();
    void requestSight();
    void requestText(int page);
    void showText(const PageText& text, bool there);
    void showRenderFailure(int page, const QString& message, bool locked);
    void startFind();
    void showFound(const std::vector<FindHit>& hits, bool complete);
    void stepFind(int by);
    void placeMarks();
    void goToTypedPage();
    const DocumentEntry* document() const;
    bool showsPictures() const;

    QThread m_thread;
    ReadingDesk* m_desk = nullptr;  ///< lives on m_thread
    PagePictures* m_pictures;
    std::optional<SessionSnapshot> m_session;
    std::map<std::filesystem::path, std::string> m_passwords;
    std::optional<ReaderPlace> m_place;  ///< opened; its marks stay while m_page goes on
    int m_page = 0;                      ///< in sight
    std::vector<ReaderPlace> m_history;
    std::size_t m_shown_pages = 0;  ///< of the document, when it was opened
    std::uint64_t m_requests = 0;   ///< of texts, counted
    std::uint64_t m_request = 0;    ///< text shown or awaited instead of a picture
    std::uint64_t m_words_id = 0;   ///< of requests for words of pages in sight; another for each document
    std::set<int> m_words_asked;    ///< pages
    std::stop_source m_find_stop;
    std::uint64_t m_find_id = 0;
    std::vector<FindHit> m_hits;
    int m_hit = -1;
    double m_zoom = 0;  ///< 0 = fit width
    double m_text_zoom = 1;
    bool m_is_night = false;

    QToolButton *m_back, *m_previous, *m_next, *m_fit, *m_side_button, *m_night;
    ElidedLabel* m_title;
    QLineEdit* m_page_field;
    TextLabel* m_page_count;
    QWidget *m_controls, *m_find_bar;
    QLineEdit* m_find_field;
    TextLabel* m_find_count;
    NoticeBar* m_notice;
    QStackedWidget* m_stack;
    PageView* m_view;
    TextPage* m_text;
    ReaderSide* m_side;
    QTimer* m_words_timer;  ///< words are asked for once scrolling rests
};

}  // namespace lectern::ui
