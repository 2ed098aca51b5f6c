// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/document/text_pages.h"

#include <algorithm>
#include <array>

#include "engine/document/unicode.h"

namespace lectern {
namespace {

/// Windows-1252 where it differs from Latin-1: 0x80 to 0x9f. The five unused ones stay control characters and go.
constexpr std::array<char32_t, 32> kWindows1252 = {0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021,
                                                   0x2c6,  0x2030, 0x160,  0x2039, 0x152,  0x8d,   0x17d,  0x8f,
                                                   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                                   0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178};

std::string decodeUtf16(std::string_view bytes, bool big_endian) {
    std::vector<std::uint16_t> units;
    units.reserve(bytes.size() / 2);
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
        const auto a = static_cast<unsigned char>(bytes[i]), b = static_cast<unsigned char>(bytes[i + 1]);
        units.push_back(std::uint16_t(big_endian ? a << 8 | b : b << 8 | a));
    }
    return unicode::toUtf8(unicode::fromUtf16(units));
}

std::string decodeWindows1252(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() + bytes.size() / 8);
    for (const char c : bytes) {
        const auto b = static_cast<unsigned char>(c);
        unicode::append(out, b >= 0x80 && b < 0xa0 ? kWindows1252[b - 0x80] : char32_t(b));
    }
    return out;
}

std::string decodeUtf8(std::string_view bytes) {
    if (unicode::isValid(bytes)) return std::string(bytes);
    std::string out;
    while (!bytes.empty()) {
        const auto next = unicode::decode(bytes);
        unicode::append(out, next.code);
        bytes.remove_prefix(next.bytes);
    }
    return out;
}

void unifyNewlines(std::string& text) {
    std::size_t to = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\r') {
            text[to++] = text[i];
        } else if (i + 1 >= text.size() || text[i + 1] != '\n') {
            text[to++] = '\n';
        }
    }
    text.resize(to);
}

bool isContinuation(char c) {
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

/// The best place to cut within [least, most) by how clean the cut is; a cleaner kind wins, then the nearest to the
/// aim.
class Cut {
public:
    void offer(int kind, std::size_t at, std::size_t chars) {
        const std::size_t off = chars > kPageChars ? chars - kPageChars : kPageChars - chars;
        if (kind < m_kind || (kind == m_kind && off >= m_off)) return;
        m_kind = kind;
        m_off = off;
        m_at = at;
    }
    std::size_t at() const { return m_at; }

private:
    int m_kind = -1;
    std::size_t m_off = 0, m_at = 0;
};

/// 3: a paragraph ends before `at`, 2: a line, 1: a sentence, 0: a word, -1: none
int cutKind(std::string_view text, std::size_t at) {
    if (text[at - 1] == '\n')
        return at >= 2 && text[at - 2] == '\n' && text[at] != '\n' ? 3 : text[at] != '\n' ? 2 : -1;
    if (text[at - 1] != ' ') return -1;
    const char before = at >= 2 ? text[at - 2] : ' ';
    return before == '.' || before == '!' || before == '?' ? 1 : 0;
}

/// Where the page that begins at `begin` ends, in a part without form feeds that ends at `end`.
std::size_t pageEnd(std::string_view text, std::size_t begin, std::size_t end) {
    Cut cut;
    std::size_t chars = 0, at = begin;
    for (; at < end && chars <= kMostPageChars; ++at) {
        if (isContinuation(text[at])) continue;
        if (chars >= kLeastPageChars && chars < kMostPageChars) cut.offer(cutKind(text, at), at, chars);
        if (chars == kMostPageChars) break;
        ++chars;
    }
    if (at >= end) return end;
    return cut.at() > begin ? cut.at() : at;
}

void cutPart(std::string_view text, std::size_t begin, std::size_t end, std::vector<std::size_t>& starts) {
    do {
        starts.push_back(begin);
        begin = pageEnd(text, begin, end);
    } while (begin < end);
}

std::string_view trimmed(std::string_view line) {
    const auto begin = line.find_first_not_of(" \t");
    return begin == std::string_view::npos ? std::string_view()
                                           : line.substr(begin, line.find_last_not_of(" \t") + 1 - begin);
}

/// Level 1 to 6 of an ATX heading and its title, or 0.
int atxHeading(std::string_view line, std::string_view& title) {
    const auto begin = line.find_first_not_of(' ');
    if (begin == std::string_view::npos || begin > 3) return 0;
    line.remove_prefix(begin);
    const auto hashes = line.find_first_not_of('#');
    const std::size_t level = hashes == std::string_view::npos ? line.size() : hashes;
    if (level < 1 || level > 6 || (level < line.size() && line[level] != ' ' && line[level] != '\t')) return 0;
    title = trimmed(line.substr(level));
    const auto last = title.find_last_not_of('#');  // the closing sequence
    if (last == std::string_view::npos) return title = {}, int(level);
    if (last + 1 < title.size() && (title[last] == ' ' || title[last] == '\t')) title = trimmed(title.substr(0, last));
    return int(level);
}

int setextLevel(std::string_view line) {
    const auto rule = trimmed(line);
    if (rule.size() < 2 || line.starts_with("    ")) return 0;
    if (rule.find_first_not_of('=') == std::string_view::npos) return 1;
    return rule.find_first_not_of('-') == std::string_view::npos ? 2 : 0;
}

std::size_t fenceLength(std::string_view line) {
    line = trimmed(line);
    if (!line.starts_with("```") && !line.starts_with("~~~")) return 0;
    const auto end = line.find_first_not_of(line[0]);
    return end == std::string_view::npos ? line.size() : end;
}

/// Walks over lines and collects headings with their byte offsets.
class HeadingFinder {
public:
    struct Heading {
        int level;
        std::string_view title;
        std::size_t at;
    };

    void line(std::string_view line, std::size_t at) {
        const std::size_t fence = fenceLength(line);
        if (m_fence != 0) {
            if (fence >= m_fence && trimmed(line)[0] == m_fence_char) m_fence = 0;
            return forget();
        }
        if (fence != 0) {
            m_fence = fence;
            m_fence_char = trimmed(line)[0];
            return forget();
        }
        std::string_view title;
        if (const int level = atxHeading(line, title)) {
            if (!title.empty()) headings.push_back({level, title, at});
            return forget();
        }
        if (const int level = m_previous.empty() ? 0 : setextLevel(line)) {
            headings.push_back({level, m_previous, m_previous_at});
            return forget();
        }
        // Only a paragraph can become a heading: no list, quote, table or indented code.
        const bool paragraph = !line.starts_with("    ") && !line.starts_with('\t');
        const auto text = paragraph ? trimmed(line) : std::string_view();
        m_previous = !text.empty() && std::string_view("-*+>|").find(text[0]) == std::string_view::npos
                         ? text
                         : std::string_view();
        m_previous_at = at;
    }

    std::vector<Heading> headings;

private:
    void forget() { m_previous = {}; }

    std::size_t m_fence = 0;
    char m_fence_char = 0;
    std::string_view m_previous;
    std::size_t m_previous_at = 0;
};

}  // namespace

std::string decodeText(std::string_view bytes, Encoding encoding) {
    std::string text;
    switch (encoding) {
        case Encoding::Utf8:
            text = decodeUtf8(bytes);
            break;
        case Encoding::Utf16Le:
            text = decodeUtf16(bytes, false);
            break;
        case Encoding::Utf16Be:
            text = decodeUtf16(bytes, true);
            break;
        case Encoding::Windows1252:
            text = decodeWindows1252(bytes);
            break;
    }
    unifyNewlines(text);
    return text;
}

std::vector<std::size_t> cutPages(std::string_view text) {
    std::vector<std::size_t> starts;
    std::size_t begin = 0;
    for (auto feed = text.find('\f'); feed != std::string_view::npos; feed = text.find('\f', begin)) {
        cutPart(text, begin, feed, starts);
        begin = feed + 1;
    }
    if (begin < text.size() || starts.empty()) cutPart(text, begin, text.size(), starts);
    return starts;
}

PageText textPage(std::string_view part, int index) {
    PageText page;
    page.label = std::to_string(index + 1);
    page.text = unicode::readable(part);
    const auto last = page.text.find_last_not_of(" \t\n");
    if (last == std::string::npos) {
        page.text.clear();
        page.state = PageState::Empty;
        return page;
    }
    page.text.resize(last + 1);
    page.text.push_back('\n');
    const auto first = page.text.find_first_not_of('\n');
    page.text.erase(0, first);
    return page;
}

std::vector<OutlineItem> markdownOutline(std::string_view text, const std::vector<std::size_t>& starts) {
    HeadingFinder finder;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find_first_of("\n\f", at), text.size());
        finder.line(text.substr(at, end - at), at);
        at = end + 1;
    }
    std::vector<OutlineItem> items;
    std::vector<int> open;  // levels of the headings that enclose the next one
    for (const auto& heading : finder.headings) {
        while (!open.empty() && open.back() >= heading.level) open.pop_back();
        const auto page = std::upper_bound(starts.begin(), starts.end(), heading.at) - starts.begin() - 1;
        items.push_back({int(open.size()), unicode::repaired(unicode::readable(heading.title), 300), int(page)});
        open.push_back(heading.level);
    }
    return items;
}

}  // namespace lectern
