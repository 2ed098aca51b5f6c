// SPDX-License-Identifier: GPL-3.0-or-later
// Words of a page as a person points at them. Pure functions.
#pragma once

#include <QPointF>
#include <QString>
#include <compare>
#include <vector>

#include "engine/document/document.h"

namespace lectern::ui {

/// A word of a document: 0-based page, index into PageText::words.
struct WordPlace {
    int page = 0, word = 0;
    auto operator<=>(const WordPlace&) const = default;
};

/// Index of the word nearest to `at` (points of the page); -1 where the page has none.
int nearestWord(const PageText& page, QPointF at);

/// Boxes around words [first, last], one for each line that they stand in; `last` beyond the page's words: all.
std::vector<Rect> lineBoxes(const PageText& page, int first, int last);

/// The text of words [first, last] with what stands between them.
QString wordsText(const PageText& page, int first, int last);

}  // namespace lectern::ui
