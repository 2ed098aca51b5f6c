// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/page_selection.h"

#include <algorithm>
#include <limits>

namespace lectern::ui {
namespace {

constexpr double kLineWeight = 4;  ///< of a distance across lines, against one along them

double distance(double at, double low, double high) {
    return std::max({0.0, low - at, at - high});
}

bool sameLine(const Rect& a, const Rect& b) {
    const float overlap = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
    return overlap > std::min(a.height, b.height) / 2 && b.x >= a.x;
}

}  // namespace

int nearestWord(const PageText& page, QPointF at) {
    int nearest = -1;
    double least = std::numeric_limits<double>::max();
    for (std::size_t i = 0; i < page.words.size(); ++i) {
        const Rect& box = page.words[i].box;
        const double away =
            distance(at.x(), box.x, box.x + box.width) + kLineWeight * distance(at.y(), box.y, box.y + box.height);
        if (away < least) least = away, nearest = int(i);
    }
    return nearest;
}

std::vector<Rect> lineBoxes(const PageText& page, int first, int last) {
    std::vector<Rect> boxes;
    const int end = std::min(last + 1, int(page.words.size()));
    for (int i = std::max(0, first); i < end; ++i) {
        const Rect& box = page.words[std::size_t(i)].box;
        if (boxes.empty() || !sameLine(boxes.back(), box)) {
            boxes.push_back(box);
            continue;
        }
        Rect& line = boxes.back();
        const float bottom = std::max(line.y + line.height, box.y + box.height);
        line.y = std::min(line.y, box.y);
        line.height = bottom - line.y;
        line.width = std::max(line.x + line.width, box.x + box.width) - line.x;
    }
    return boxes;
}

QString wordsText(const PageText& page, int first, int last) {
    const int count = int(page.words.size());
    if (first >= count || last < first) return {};
    const std::uint32_t begin = page.words[std::size_t(std::max(0, first))].begin;
    const std::uint32_t end = page.words[std::size_t(std::min(last, count - 1))].end;
    return end > begin ? QString::fromStdString(page.text.substr(begin, end - begin)) : QString();
}

}  // namespace lectern::ui
