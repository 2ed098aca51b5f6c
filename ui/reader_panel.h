// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QThread>
#include <QWidget>
#include <map>
#include <optional>

#include "ui/reading_desk.h"

class QLineEdit;
class QStackedWidget;
class QToolButton;

namespace lectern::ui {

class ElidedLabel;
class NoticeBar;
class PageView;
class TextLabel;
class TextPage;

/// Where the reader is: what Back returns to.
struct ReaderPlace {
    int document_id = 0;
    int page = 0;             ///< 0-based
    std::vector<Rect> rects;  ///< of a citation
    QString passage;
};

/// Shows one page of a document: as a picture for PDFs, as text otherwise or where the picture cannot be had. Owns the
/// reading desk and its thread.
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

    std::optional<ReaderPlace> place() const { return m_place; }

signals:
    void passwordNeeded(const QString& file);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QWidget* makeHeader();
    QWidget* makeFindBar();
    QWidget* makePages();
    void connectDesk();
    void show(const ReaderPlace& place);
    void updateHeader();
    void requestPage();
    void requestText();
    void showImage(const QImage& image);
    void showText(const PageText& text, bool there);
    void showRenderFailure(const QString& message, bool locked);
    void startFind();
    void showFound(const std::vector<FindHit>& hits, bool complete);
    void stepFind(int by);
    void placeMarks();
    void goToTypedPage();
    const DocumentEntry* document() const;
    QSizeF pagePoints() const;
    double zoom() const;

    QThread m_thread;
    ReadingDesk* m_desk = nullptr;  ///< lives on m_thread
    std::optional<SessionSnapshot> m_session;
    std::map<std::filesystem::path, std::string> m_passwords;
    std::optional<ReaderPlace> m_place;
    std::vector<ReaderPlace> m_history;
    std::uint64_t m_request = 0;  ///< page shown or awaited
    std::stop_source m_render_stop, m_find_stop;
    std::uint64_t m_find_id = 0;
    std::vector<FindHit> m_hits;
    int m_hit = -1;
    double m_zoom = 0;  ///< 0 = fit width
    double m_text_zoom = 1;
    bool m_marks_due = false;  ///< scroll to the marks once the page is there

    QToolButton* m_back;
    QToolButton* m_previous;
    QToolButton* m_next;
    QToolButton* m_fit;
    ElidedLabel* m_title;
    QLineEdit* m_page_field;
    TextLabel* m_page_count;
    QWidget* m_controls;
    QWidget* m_find_bar;
    QLineEdit* m_find_field;
    TextLabel* m_find_count;
    NoticeBar* m_notice;
    QStackedWidget* m_stack;
    PageView* m_view;
    TextPage* m_text;
};

}  // namespace lectern::ui
