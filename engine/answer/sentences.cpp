// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/answer/sentences.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace lectern {

namespace {

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

bool endsSentence(const std::string& text, std::uint32_t i) {
    if (text[i] == '\n') return i + 1 < text.size() && text[i + 1] == '\n';
    const std::uint32_t at = beforeClosing(text, i);
    const char c = text[at];
    const bool stop = c == '.' || c == '!' || c == '?';
    const bool space = i + 1 < text.size() && (text[i + 1] == ' ' || text[i + 1] == '\n');
    if (!stop || !space) return i >= 2 && text.compare(i - 2, 3, "\xE3\x80\x82") == 0;  // ideographic full stop
    std::uint32_t next = i + 1;
    while (next < text.size() && std::isspace(static_cast<unsigned char>(text[next])) != 0) ++next;
    const bool goes_on = next < text.size() && std::islower(static_cast<unsigned char>(text[next])) != 0;
    return !goes_on && (c != '.' || !abbreviates(text, at));
}

}  // namespace lectern
