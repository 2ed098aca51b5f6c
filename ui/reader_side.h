// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "ui/values.h"

class QStackedWidget;
class QTabBar;
class QTreeWidget;

namespace lectern::ui {

class PagePictures;
class ThumbnailList;

/// Beside the pages of a document: thumbnails of them, and its outline. Shows what it is given; asks by a signal.
class ReaderSide final : public QWidget {
    Q_OBJECT
public:
    explicit ReaderSide(PagePictures* pictures, QWidget* parent = nullptr);

    void setDocument(const DocumentEntry* entry);  ///< null: none
    void showPage(int page);                       ///< the one being read
    void wantPictures();                           ///< anew: what was made is forgotten

signals:
    void pageChosen(int page);  ///< 0-based

private:
    void fillOutline(const std::vector<OutlineItem>& outline);

    QTabBar* m_tabs;
    QStackedWidget* m_stack;
    ThumbnailList* m_thumbnails;
    QTreeWidget* m_outline;
};

}  // namespace lectern::ui
