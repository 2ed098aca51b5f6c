// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/answer/sentences.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <vector>

#include "engine/answer/words.h"
#include "engine/document/unicode.h"

namespace lectern {

namespace {

constexpr double kHeadingWidth = 0.75;  ///< of the page's usual line, a heading is at most so wide

/// Of a script without spaces, or of its punctuation: lines that end and begin so are put together without one.
bool joinsLines(char32_t c) {
    return isUnspaced(c) || (c >= 0x3001 && c <= 0x303F) || (c >= 0xFF01 && c <= 0xFF65);
}

/// True where the dot at `i` belongs to a short form: "Mrs. Orlov", "p. 3", "J. Penhallow".
bool abbreviates(const std::string& text, std::uint32_t i) {
    constexpr std::array<std::string_view, 17> kShort = {"Mr",  "Mrs", "Ms", "Dr", "Prof", "St", "No", "Fig", "Eq",
                                                         "Sec", "p",   "pp", "vs", "Vol",  "ed", "Nr", "Art"};
    std::uint32_t begin = i;
    while (begin > 0 && std::isalpha(static_cast<unsigned char>(text[begin - 1])) != 0) --begin;
    const std::string_view word(text.data() + begin, i - begin);
    const bool initial = word.size() == 1 && std::isupper(static_cast<unsigned char>(word[0])) != 0;
    return initial || std::find(kShort.begin(), kShort.end(), word) != kShort.end();
}

/// The byte before closing quotation marks and brackets that end with byte `i`; `i` where there are none.
std::uint32_t beforeClosing(const std::string& text, std::uint32_t i) {
    constexpr std::array<std::string_view, 6> kClosing = {"\"", "'", ")", "]", "\xE2\x80\x9D", "\xE2\x80\x99"};
    for (bool more = true; more && i > 0;) {
        more = false;
        for (const std::string_view mark : kClosing) {
            if (i < mark.size() || text.compare(i + 1 - mark.size(), mark.size(), mark) != 0) continue;
            i -= std::uint32_t(mark.size());
            more = true;
            break;
        }
    }
    return i;
}

}  // namespace

bool isSpace(char c) {
    return std::isspace(static_cast<unsigned char>(c)) != 0;
}

bool endsSentence(const std::string& text, std::uint32_t i) {
    if (text[i] == '\n') return i + 1 < text.size() && text[i + 1] == '\n';
    const std::uint32_t at = beforeClosing(text, i);
    const char c = text[at];
    const bool stop = c == '.' || c == '!' || c == '?';
    const bool space = i + 1 < text.size() && (text[i + 1] == ' ' || text[i + 1] == '\n');
    if (!stop || !space) return i >= 2 && text.compare(i - 2, 3, "\xE3\x80\x82") == 0;  // ideographic full stop
    std::uint32_t next = i + 1;
    while (next < text.size() && isSpace(text[next])) ++next;
    const bool goes_on = next < text.size() && std::islower(static_cast<unsigned char>(text[next])) != 0;
    return !goes_on && (c != '.' || !abbreviates(text, at));
}

std::uint32_t usualLine(const std::string& text) {
    std::vector<std::uint32_t> widths;
    for (std::size_t line = 0; line < text.size();) {
        const auto end = std::min(text.find('\n', line), text.size());
        if (end > line) widths.push_back(std::uint32_t(end - line));
        line = end + 1;
    }
    if (widths.empty()) return 0;
    const auto at = widths.begin() + std::ptrdiff_t(widths.size() * 3 / 4);
    std::nth_element(widths.begin(), at, widths.end());
    return *at;
}

std::uint32_t pastHeadings(const std::string& text, std::uint32_t begin, std::uint32_t end, std::uint32_t width) {
    while (begin == 0 || text[begin - 1] == '\n') {
        const auto line_end = text.find('\n', begin);
        if (line_end == std::string::npos || line_end + 1 >= end) break;
        const bool goes_on = std::islower(static_cast<unsigned char>(text[line_end + 1])) != 0;
        if (goes_on || double(line_end - begin) > kHeadingWidth * width) break;
        begin = std::uint32_t(line_end + 1);
    }
    return begin;
}

std::string oneSpaced(const std::string& text) {
    std::string out;
    char32_t last = 0;  // the character before
    bool space = false, line = false;
    for (std::size_t i = 0; i < text.size();) {
        if (isSpace(text[i])) {
            space = true;
            line = line || text[i] == '\n';
            ++i;
            continue;
        }
        const auto next = unicode::decode(std::string_view(text).substr(i));
        const bool joined = line && joinsLines(last) && joinsLines(next.code);
        if (space && !out.empty() && !joined) out += ' ';
        out += text.substr(i, next.bytes);
        i += next.bytes;
        last = next.code;
        space = line = false;
    }
    return out;
}

}  // namespace lectern
