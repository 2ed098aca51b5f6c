// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/document/word_composer.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <span>

#include "engine/document/unicode.h"
#include "engine/document/word_order.h"

namespace lectern {
namespace {

/// Shares of the line's height, found by measuring the corpus in tests/engine/document/ground_truth_test.cpp.
constexpr float kSameLineOverlap = 0.4f;
constexpr float kBackstep = 0.5f;         ///< a word may begin this far before the end of the one before it
constexpr float kSpaceGap = 0.15f;        ///< a wider gap is a space although the engine saw none
constexpr std::size_t kLeaderDots = 4;    ///< in a row on one line, at least, to lead the eye and not to end a sentence
constexpr float kParagraphGap = 0.25f;    ///< empty room between two lines of different paragraphs, at least
constexpr float kParagraphPitch = 1.35f;  ///< times the page's usual distance of lines

/// A word in the frame of its writing: `begin` to `end` along the line, `top` to `bottom` across it.
struct Word {
    std::string text;  ///< readable
    Rect box;
    float begin = 0, end = 0, top = 0, bottom = 0;
    int rotation = 0;
    bool space_after = false;
    WordDirection direction = WordDirection::LeftToRight;

    float height() const { return bottom - top; }
};

void placeUpright(Word& w) {
    const Rect& b = w.box;
    switch (w.rotation) {
        case 1:
            w.begin = b.y, w.end = b.y + b.height, w.top = -b.x - b.width, w.bottom = -b.x;
            break;
        case 2:
            w.begin = -b.x - b.width, w.end = -b.x, w.top = -b.y - b.height, w.bottom = -b.y;
            break;
        case 3:
            w.begin = -b.y - b.height, w.end = -b.y, w.top = b.x, w.bottom = b.x + b.width;
            break;
        default:
            w.begin = b.x, w.end = b.x + b.width, w.top = b.y, w.bottom = b.y + b.height;
            break;
    }
}

int typeSize(const RawWord& word) {
    return int(std::lround(word.box.height * 4));
}

/// For each size of type on the page, the usual width of the article's lam.
std::map<int, float> articleLams(const std::vector<RawWord>& raw) {
    std::map<int, std::vector<float>> found;
    for (const RawWord& word : raw) {
        if (const float lam = articleLam(word.text, word.advances); lam > 0) found[typeSize(word)].push_back(lam);
    }
    std::map<int, float> usual;
    for (auto& [size, lams] : found) {
        const auto middle = lams.begin() + std::ptrdiff_t(lams.size() / 2);
        std::nth_element(lams.begin(), middle, lams.end());
        usual[size] = *middle;
    }
    return usual;
}

std::vector<Word> readableWords(const std::vector<RawWord>& raw) {
    const auto article_lams = articleLams(raw);
    const auto lamOf = [&](const RawWord& word) {
        const auto at = article_lams.find(typeSize(word));
        return at == article_lams.end() ? 0.0f : at->second;
    };
    std::vector<Word> words;
    words.reserve(raw.size());
    for (const RawWord& from : raw) {
        Word w;
        const bool leftward = isRightToLeft(from.text);
        w.text = unicode::readable(leftward ? logicalOrder(from.text, from.advances, lamOf(from)) : from.text);
        std::replace(w.text.begin(), w.text.end(), '\n', ' ');
        std::erase(w.text, ' ');
        if (w.text.empty()) continue;
        w.direction = leftward               ? WordDirection::RightToLeft
                      : isNeutral(from.text) ? WordDirection::Neutral
                                             : WordDirection::LeftToRight;
        w.box = from.box;
        w.rotation = from.rotation & 3;
        w.space_after = from.space_after;
        placeUpright(w);
        words.push_back(std::move(w));
    }
    return words;
}

bool onSameLine(const Word& a, const Word& b) {
    if (a.rotation != b.rotation) return false;
    const float height = std::max(0.1f, std::min(a.height(), b.height()));
    const float overlap = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
    return overlap > kSameLineOverlap * height && b.begin >= a.end - kBackstep * std::max(a.height(), b.height());
}

/// Dots of a word that is nothing else; 0 for any other word.
std::size_t leaderDots(const Word& w) {
    return w.text.find_first_not_of('.') == std::string::npos ? w.text.size() : 0;
}

Rect unitedWith(const Rect& a, const Rect& b) {
    const float x = std::min(a.x, b.x), y = std::min(a.y, b.y);
    return {x, y, std::max(a.x + a.width, b.x + b.width) - x, std::max(a.y + a.height, b.y + b.height) - y};
}

/// The row of dots between a heading and its page in a table of contents becomes one ellipsis: it says nothing, and
/// otherwise is most of the page's tokens.
std::vector<Word> withoutLeaders(std::vector<Word> words) {
    std::vector<Word> kept;
    kept.reserve(words.size());
    for (std::size_t first = 0; first < words.size();) {
        std::size_t last = first, dots = leaderDots(words[first]);
        while (dots > 0 && last + 1 < words.size() && leaderDots(words[last + 1]) > 0 &&
               onSameLine(words[last], words[last + 1]))
            dots += leaderDots(words[++last]);
        Word& word = words[first];
        if (dots >= kLeaderDots) {
            word.text = "\u2026";
            for (std::size_t i = first + 1; i <= last; ++i) word.box = unitedWith(word.box, words[i].box);
            word.space_after = words[last].space_after;
            placeUpright(word);
        } else {
            last = first;
        }
        kept.push_back(std::move(word));
        first = last + 1;
    }
    return kept;
}

using Line = std::span<const Word>;

std::vector<Line> cutIntoLines(const std::vector<Word>& words) {
    std::vector<Line> lines;
    std::size_t first = 0;
    for (std::size_t i = 1; i <= words.size(); ++i) {
        if (i < words.size() && onSameLine(words[i - 1], words[i])) continue;
        if (i > first) lines.push_back(Line(words).subspan(first, i - first));
        first = i;
    }
    return lines;
}

float lineTop(Line line) {
    return std::min_element(line.begin(), line.end(), [](auto& a, auto& b) { return a.top < b.top; })->top;
}
float lineBottom(Line line) {
    return std::max_element(line.begin(), line.end(), [](auto& a, auto& b) { return a.bottom < b.bottom; })->bottom;
}

bool overlapsAlong(Line a, Line b) {
    return std::min(a.back().end, b.back().end) > std::max(a.front().begin, b.front().begin);
}

/// The distance from line to line that most of the page uses; 0 where there is nothing to measure.
float usualPitch(const std::vector<Line>& lines) {
    std::vector<float> pitches;
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const float pitch = lineBottom(lines[i]) - lineBottom(lines[i - 1]);
        if (pitch > 0 && lines[i][0].rotation == lines[i - 1][0].rotation && overlapsAlong(lines[i - 1], lines[i]))
            pitches.push_back(pitch);
    }
    if (pitches.empty()) return 0;
    const auto middle = pitches.begin() + std::ptrdiff_t(pitches.size() / 2);
    std::nth_element(pitches.begin(), middle, pitches.end());
    return *middle;
}

char32_t firstCode(std::string_view text) {
    return unicode::decode(text).code;
}

char32_t lastCode(std::string_view text) {
    std::size_t at = text.size() - 1;
    while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) --at;
    return unicode::decode(text.substr(at)).code;
}

bool endsSentence(std::string_view text) {
    const char32_t c = lastCode(text);
    return c < 0x80 ? std::string_view(".!?:;\")]").find(char(c)) != std::string_view::npos
                    : c == 0x201d || c == 0x2019 || c == 0xbb || c == 0x3002;
}

bool isNewParagraph(Line before, Line line, float pitch) {
    if (before[0].rotation != line[0].rotation) return true;
    const float step = lineBottom(line) - lineBottom(before);
    if (step <= 0) return endsSentence(before.back().text) || !unicode::isLower(firstCode(line[0].text));
    const float gap = lineTop(line) - lineBottom(before);
    return gap > kParagraphGap * std::max(line[0].height(), 1.0f) && pitch > 0 && step > kParagraphPitch * pitch;
}

bool isHyphen(char32_t c) {
    return c == '-' || c == 0x2010;
}

/// Words of the page that have a hyphen inside: a hyphen at the end of a line belongs to such a word.
std::set<std::string> hyphenatedWords(const std::vector<Word>& words) {
    std::set<std::string> found;
    for (const Word& w : words) {
        const auto at = w.text.find('-');
        if (at != std::string::npos && at > 0 && at + 1 < w.text.size()) found.insert(unicode::matchKey(w.text));
    }
    return found;
}

bool opposite(WordDirection a, WordDirection b) {
    return a != b && a != WordDirection::Neutral && b != WordDirection::Neutral;
}

/// Writes lines into a page, keeping the words' places.
class Composer {
public:
    Composer(PageText& page, const std::vector<Word>& words, bool always_space)
        : m_page(page), m_hyphenated(hyphenatedWords(words)), m_always_space(always_space) {}

    void add(Line line, bool new_paragraph) {
        std::vector<WordDirection> directions;
        for (const Word& w : line) directions.push_back(w.direction);
        const auto order = lineOrder(directions);
        if (!m_page.words.empty()) breakLine(line[order[0]], new_paragraph);
        for (std::size_t i = 0; i < order.size(); ++i) {
            if (i > 0 && isSpaced(line, order[i - 1], order[i])) m_page.text.push_back(' ');
            put(line[order[i]]);
        }
    }

    void finish() {
        if (!m_page.text.empty()) m_page.text.push_back('\n');
    }

private:
    bool isSpaced(Line line, std::size_t a, std::size_t b) const {
        if (m_always_space) return true;
        const auto left = std::min(a, b), right = std::max(a, b);
        if (right != left + 1 || line[left].space_after) return true;
        if (opposite(line[left].direction, line[right].direction)) return true;
        const float height = std::min(line[left].height(), line[right].height());
        return line[right].begin - line[left].end > kSpaceGap * height;
    }

    void put(const Word& w) {
        const auto begin = std::uint32_t(m_page.text.size());
        m_page.text += w.text;
        m_page.words.push_back({begin, std::uint32_t(m_page.text.size()), w.box});
    }

    void breakLine(const Word& next, bool new_paragraph) {
        if (!new_paragraph && !m_always_space && joinHyphenated(next)) return;
        m_page.text += new_paragraph ? "\n\n" : "\n";
    }

    /// Takes the hyphen off the last word when `next` continues it.
    bool joinHyphenated(const Word& next) {
        WordBox& last = m_page.words.back();
        const std::string_view text = std::string_view(m_page.text).substr(last.begin, last.end - last.begin);
        const std::size_t hyphen = lastCode(text) == '-' ? 1 : 3;
        if (!isHyphen(lastCode(text)) || text.size() <= hyphen) return false;
        const std::string_view stem = text.substr(0, text.size() - hyphen);
        if (!unicode::isLetter(lastCode(stem)) || !unicode::isLower(firstCode(next.text))) return false;
        const bool belongs = stem.find('-') != std::string_view::npos ||
                             m_hyphenated.count(unicode::matchKey(std::string(stem) + next.text)) != 0;
        if (belongs) return true;  // joined, with its hyphen
        last.end -= std::uint32_t(hyphen);
        m_page.text.resize(last.end);
        return true;
    }

    PageText& m_page;
    std::set<std::string> m_hyphenated;
    bool m_always_space;
};

void compose(const std::vector<Word>& words, PageText& page, bool always_space) {
    page.text.clear();
    page.words.clear();
    const auto lines = cutIntoLines(words);
    const float pitch = usualPitch(lines);
    Composer composer(page, words, always_space);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        composer.add(lines[i], i > 0 && isNewParagraph(lines[i - 1], lines[i], pitch));
    }
    composer.finish();
}

}  // namespace

void composePage(const std::vector<RawWord>& raw, PageText& page) {
    const auto words = withoutLeaders(readableWords(raw));
    compose(words, page, false);
    // Words in NFC that touch may compose with each other; between spaces they cannot.
    if (!unicode::isNfc(page.text)) compose(words, page, true);
}

}  // namespace lectern
