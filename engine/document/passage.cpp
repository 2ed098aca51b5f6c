// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/document/passage.h"

#include <algorithm>

namespace lectern {
namespace {

constexpr float kSameLine = 0.5f;     ///< common share of the smaller word
constexpr float kWidestGap = 3.0f;    ///< times the line's height; beyond lies another column
constexpr float kUprightWord = 2.0f;  ///< a word that much taller than wide is written upwards or downwards

float overlap(float a, float a_size, float b, float b_size) {
    return std::min(a + a_size, b + b_size) - std::max(a, b);
}

/// On one line, seen along one axis: `x` along it, `y` across it.
bool meet(float ax, float aw, float ay, float ah, float bx, float bw, float by, float bh) {
    if (overlap(ay, ah, by, bh) < kSameLine * std::min(ah, bh)) return false;
    return -overlap(ax, aw, bx, bw) <= kWidestGap * std::max(ah, bh);
}

bool isUpright(const Rect& r) {
    return r.height > kUprightWord * r.width;
}

bool onOneLine(const Rect& line, const Rect& word) {
    if (isUpright(line) && isUpright(word))
        return meet(line.y, line.height, line.x, line.width, word.y, word.height, word.x, word.width);
    return meet(line.x, line.width, line.y, line.height, word.x, word.width, word.y, word.height);
}

Rect united(const Rect& a, const Rect& b) {
    const float x = std::min(a.x, b.x), y = std::min(a.y, b.y);
    return {x, y, std::max(a.x + a.width, b.x + b.width) - x, std::max(a.y + a.height, b.y + b.height) - y};
}

}  // namespace

std::vector<Rect> lineRects(const PageText& page, std::uint32_t begin, std::uint32_t end) {
    std::vector<Rect> rects;
    if (begin >= end) return rects;
    auto word = std::lower_bound(page.words.begin(), page.words.end(), begin,
                                 [](const WordBox& w, std::uint32_t at) { return w.end <= at; });
    for (; word != page.words.end() && word->begin < end; ++word) {
        if (!rects.empty() && onOneLine(rects.back(), word->box)) {
            rects.back() = united(rects.back(), word->box);
        } else {
            rects.push_back(word->box);
        }
    }
    return rects;
}

}  // namespace lectern
