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

}  // namespace

bool endsSentence(const std::string& text, std::uint32_t i) {
    const char c = text[i];
    if (c == '\n') return i + 1 < text.size() && text[i + 1] == '\n';
    const bool stop = c == '.' || c == '!' || c == '?';
    const bool space = i + 1 < text.size() && (text[i + 1] == ' ' || text[i + 1] == '\n');
    if (!stop || !space) return i >= 2 && text.compare(i - 2, 3, "\xE3\x80\x82") == 0;  // ideographic full stop
    std::uint32_t next = i + 1;
    while (next < text.size() && std::isspace(static_cast<unsigned char>(text[next])) != 0) ++next;
    const bool goes_on = next < text.size() && std::islower(static_cast<unsigned char>(text[next])) != 0;
    return !goes_on && (c != '.' || !abbreviates(text, i));
}

}  // namespace lectern
