// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QListView>
#include <vector>

#include "ui/values.h"

namespace lectern::ui {

class PagePictures;

/// Small pictures of a document's pages, made for those in sight only. GUI thread.
class ThumbnailList final : public QListView {
    Q_OBJECT
public:
    explicit ThumbnailList(PagePictures* pictures, QWidget* parent = nullptr);

    void setPages(const std::vector<PageInfo>& pages);
    void showPage(int page);  ///< marks it as the one being read, and brings it into sight
    void want();              ///< asks for the pictures of those in sight

signals:
    void pageChosen(int page);  ///< 0-based

protected:
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;

private:
    class Model;
    class Delegate;
    PagePictures* m_pictures;
    Model* m_model;
};

}  // namespace lectern::ui
