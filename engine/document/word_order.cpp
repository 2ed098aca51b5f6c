// SPDX-License-Identifier: GPL-3.0-or-later
// Right-to-left scripts: from the order of drawing to the order of reading.
#include "engine/document/word_order.h"

#include <algorithm>
#include <cmath>

#include "engine/document/unicode.h"

namespace lectern {
namespace {

using unicode::Direction;

constexpr char32_t kLam = 0x644, kAlef = 0x627;
constexpr float kEvenShare = 0.045f;  ///< kerning moves the right edge of the glyph
constexpr float kSameWidth = 0.03f;

bool isAlef(char32_t c) {
    return c == 0x622 || c == 0x623 || c == 0x625 || c == 0x627;
}

/// Logical "alef lam" (the article) and the one glyph for "lam alef" are drawn alike: lam left of alef. The glyph's two
/// letters share its width evenly, and that share is not the width of the article's lam.
bool isLamAlef(std::u32string_view drawn, const std::vector<float>& advances, std::size_t at, float article_lam) {
    if (at + 1 >= drawn.size() || drawn[at] != kLam || !isAlef(drawn[at + 1])) return false;
    if (at + 2 < drawn.size() && isAlef(drawn[at + 2])) return true;  // no word has two alefs in a row
    if (at + 2 >= drawn.size() && drawn[at + 1] == kAlef) return drawn.size() == 2;
    if (advances.size() != drawn.size()) return false;
    if (std::abs(advances[at] - advances[at + 1]) > kEvenShare * advances[at]) return false;
    return article_lam <= 0 || std::abs(advances[at] - article_lam) > kSameWidth * article_lam;
}

bool keepsOrder(Direction d) {
    return d == Direction::Number || d == Direction::LeftToRight;
}

char32_t mirrored(char32_t c) {
    constexpr std::u32string_view kPairs = U"()[]{}<>\u00ab\u00bb";
    const auto at = kPairs.find(c);
    return at == std::u32string_view::npos ? c : kPairs[at ^ 1];
}

/// Numbers and Latin letters within the word run from left to right, also their inner punctuation ("3.14").
void restoreLeftToRightRuns(std::u32string& text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!keepsOrder(unicode::direction(text[i]))) continue;
        std::size_t end = i + 1;
        for (std::size_t j = end; j < text.size() && unicode::direction(text[j]) != Direction::RightToLeft; ++j) {
            if (keepsOrder(unicode::direction(text[j]))) end = j + 1;
        }
        std::reverse(text.begin() + std::ptrdiff_t(i), text.begin() + std::ptrdiff_t(end));
        i = end;
    }
}

/// Marks follow their letter; after the reversal they stand before it.
void moveMarksBehind(std::u32string& text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::size_t base = i;
        while (base < text.size() && unicode::isMark(text[base])) ++base;
        if (base == i || base == text.size()) continue;
        std::rotate(text.begin() + std::ptrdiff_t(i), text.begin() + std::ptrdiff_t(base),
                    text.begin() + std::ptrdiff_t(base) + 1);
        i = base;
    }
}

}  // namespace

bool isRightToLeft(std::u32string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char32_t c) { return unicode::direction(c) == Direction::RightToLeft; });
}

bool isNeutral(std::u32string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char32_t c) { return unicode::direction(c) == Direction::Neutral; });
}

float articleLam(std::u32string_view drawn, const std::vector<float>& advances) {
    const std::size_t size = drawn.size();
    if (size < 3 || advances.size() != size || drawn[size - 1] != kAlef || drawn[size - 2] != kLam) return 0;
    return advances[size - 2];
}

std::u32string logicalOrder(std::u32string_view drawn, const std::vector<float>& advances, float article_lam) {
    if (!isRightToLeft(drawn)) return std::u32string(drawn);
    std::u32string text;
    for (std::size_t i = 0; i < drawn.size(); ++i) {
        if (isLamAlef(drawn, advances, i, article_lam)) {
            text.push_back(drawn[i + 1]);
            text.push_back(drawn[i]);
            ++i;
        } else {
            text.push_back(mirrored(drawn[i]));
        }
    }
    std::reverse(text.begin(), text.end());
    restoreLeftToRightRuns(text);
    moveMarksBehind(text);
    return text;
}

std::u32string drawnOrder(std::u32string_view read) {
    if (!isRightToLeft(read)) return std::u32string(read);
    std::u32string text;
    for (std::size_t i = 0; i < read.size();) {  // marks before their letter: behind it once they are reversed
        std::size_t end = i + 1;
        while (end < read.size() && unicode::isMark(read[end])) ++end;
        text.append(read.substr(i + 1, end - i - 1));
        text.push_back(mirrored(read[i]));
        i = end;
    }
    std::reverse(text.begin(), text.end());
    restoreLeftToRightRuns(text);
    return text;
}

std::vector<std::size_t> lineOrder(const std::vector<WordDirection>& drawn) {
    std::vector<std::size_t> order(drawn.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    const auto rightward = std::count(drawn.begin(), drawn.end(), WordDirection::LeftToRight);
    const auto leftward = std::count(drawn.begin(), drawn.end(), WordDirection::RightToLeft);
    if (leftward == 0 || leftward < rightward) return order;
    std::reverse(order.begin(), order.end());
    const auto is = [&](std::size_t at, WordDirection d) { return drawn[order[at]] == d; };
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (!is(i, WordDirection::LeftToRight)) continue;
        std::size_t end = i + 1;
        for (std::size_t j = end; j < order.size() && !is(j, WordDirection::RightToLeft); ++j) {
            if (is(j, WordDirection::LeftToRight)) end = j + 1;
        }
        std::reverse(order.begin() + std::ptrdiff_t(i), order.begin() + std::ptrdiff_t(end));
        i = end - 1;
    }
    return order;
}

}  // namespace lectern
