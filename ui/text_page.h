// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPlainTextEdit>

#include "ui/reading_desk.h"

namespace lectern::ui {

class SelectionBar;

/// The stored text of one page, for documents without a picture.
class TextPage final : public QPlainTextEdit {
    Q_OBJECT
public:
    explicit TextPage(QWidget* parent = nullptr);
    void setPageText(const QString& text);
    /// `passage` as cited (line breaks may differ), and found places.
    void setMarks(const QString& passage, const std::vector<FindHit>& found);
    void setTextZoom(double factor);
    void setNight(bool night);
    QString selectedText() const;
    std::size_t markCount() const { return std::size_t(extraSelections().size()); }

    SelectionBar* selectionBar() const { return m_bar; }

protected:
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyReleaseEvent(QKeyEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;

private:
    void placeBar();
    SelectionBar* m_bar;
    bool m_night = false;
    QTextCursor cursorAt(int begin, int end) const;
};

/// Where a passage stands in a text when runs of white space count as one: begin and end, or -1, -1. Pure.
std::pair<int, int> findPassage(const QString& text, const QString& passage);

}  // namespace lectern::ui
