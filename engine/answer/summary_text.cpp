// SPDX-License-Identifier: GPL-3.0-or-later
// Headings, sentences and questions of summaries.
#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>

#include "engine/answer/prompt.h"
#include "engine/answer/sentences.h"
#include "engine/answer/summary.h"

namespace lectern {

namespace {

constexpr std::size_t kShortest = 25, kLongest = 400;  ///< bytes of a sentence that can stand in a summary
constexpr int kLeastWords = 5;
constexpr double kLeastLetters = 0.6;  ///< share of its bytes other than white space

char lowered(char c) {
    return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
}

/// True where the letters of `title` stand at `at`, and a line ends or white space follows after them.
bool standsAt(const std::string& text, std::size_t at, const std::string& title) {
    std::size_t i = at;
    for (const char c : title) {
        if (isSpace(c)) continue;
        while (i < text.size() && isSpace(text[i])) ++i;
        if (i == text.size() || lowered(text[i]) != lowered(c)) return false;
        ++i;
    }
    return i > at && (i == text.size() || isSpace(text[i]));
}

/// Past white space and a number such as "3.1" at the beginning of a line.
std::size_t pastNumber(const std::string& text, std::size_t at) {
    std::size_t i = at;
    while (i < text.size() && text[i] != '\n' &&
           (text[i] == ' ' || text[i] == '#' || text[i] == '.' || (text[i] >= '0' && text[i] <= '9')))
        ++i;
    return i;
}

/// A row of a table of contents: dots, and a page after them.
bool listsPages(const std::string& sentence) {
    if (sentence.find("...") != std::string::npos) return true;
    constexpr std::string_view kDots = "\xE2\x80\xA6 ";
    for (auto at = sentence.find(kDots); at != std::string::npos; at = sentence.find(kDots, at + 1)) {
        const auto next = at + kDots.size();
        if (next < sentence.size() && std::isdigit(static_cast<unsigned char>(sentence[next])) != 0) return true;
    }
    return false;
}

/// Begins with a word that points at what was said before it.
bool leans(const std::string& sentence) {
    constexpr std::array<std::string_view, 20> kPointing = {
        "He",    "She",   "It",  "They", "His",  "Her",     "Its",       "Their", "This", "That",
        "These", "Those", "But", "And",  "Such", "However", "Therefore", "Thus",  "Then", "Both"};
    const auto end = sentence.find_first_of(" ,");
    return std::find(kPointing.begin(), kPointing.end(), std::string_view(sentence).substr(0, end)) != kPointing.end();
}

bool canStandAlone(const std::string& sentence) {
    if (sentence.size() < kShortest || sentence.size() > kLongest) return false;
    int words = 1;
    std::size_t letters = 0, others = 0;
    bool ideographs = false;
    for (std::size_t i = 0; i < sentence.size(); ++i) {
        const auto c = static_cast<unsigned char>(sentence[i]);
        if (isSpace(sentence[i])) {
            words += i > 0 && !isSpace(sentence[i - 1]) ? 1 : 0;
            continue;
        }
        (c >= 0x80 || std::isalpha(c) != 0 ? letters : others) += 1;
        ideographs = ideographs || c >= 0xE3;
    }
    const std::string_view tail = std::string_view(sentence).substr(sentence.size() - 3);
    const char last = sentence.back();
    const bool closed = last == '.' || last == '!' || last == '?' || tail == "\xE3\x80\x82";
    return closed && !listsPages(sentence) && (words >= kLeastWords || ideographs) &&
           double(letters) >= kLeastLetters * double(letters + others);
}

/// Bytes of the page whose tokens lie in [token_begin, token_end).
std::pair<std::uint32_t, std::uint32_t> bytesOf(const PagePlace& page, std::uint64_t token_begin,
                                                std::uint64_t token_end) {
    std::uint32_t from = 0, to = std::uint32_t(page.text->text.size());
    for (std::size_t i = 0; i < page.token_offsets->size(); ++i) {
        const std::uint32_t byte = (*page.token_offsets)[i];
        if (byte == kNoPlace) continue;
        if (page.token_begin + i < token_begin) from = byte + 1;
        if (page.token_begin + i >= token_end) to = std::min(to, byte);
    }
    return {from, to};
}

std::vector<std::string> longWords(const std::string& sentence) {
    std::vector<std::string> words;
    std::string word;
    for (const char c : sentence + " ") {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x80 || std::isalpha(byte) != 0) {
            word += lowered(c);
        } else {
            if (word.size() > 3) words.push_back(word);
            word.clear();
        }
    }
    return words;
}

std::string inSentences(int sentences) {
    return sentences == 1 ? "one sentence" : "about " + std::to_string(sentences) + " sentences";
}

}  // namespace

std::uint32_t headingPlace(const std::string& text, const std::string& title) {
    if (std::all_of(title.begin(), title.end(), isSpace)) return 0;
    for (std::size_t line = 0; line < text.size();) {
        if (standsAt(text, line, title) || standsAt(text, pastNumber(text, line), title)) return std::uint32_t(line);
        const auto end = text.find('\n', line);
        line = end == std::string::npos ? text.size() : end + 1;
    }
    return 0;
}

std::string sectionQuestion(const std::string& title, int sentences) {
    return "Summarize the section “" + title + "” in " + inSentences(sentences) +
           ", in the language it is written in. Say only what it says.";
}

std::string leadQuestion(int sentences) {
    return "Above are summaries of the sections of a text. Summarize the whole text in " + inSentences(sentences) +
           ", in the same language. Say only what they say.";
}

std::vector<PageSentence> summarySentences(std::span<const PagePlace> pages, std::uint64_t token_begin,
                                           std::uint64_t token_end) {
    std::vector<PageSentence> standing, leaning;
    std::set<std::string> known;
    for (std::size_t p = 0; p < pages.size(); ++p) {
        const PagePlace& page = pages[p];
        if (page.token_end <= token_begin || page.token_begin >= token_end) continue;
        const std::string& text = page.text->text;
        const auto [from, to] = bytesOf(page, token_begin, token_end);
        const std::uint32_t width = usualLine(text);
        std::uint32_t begin = 0;
        for (std::uint32_t i = 0; i < text.size(); ++i) {
            if (!endsSentence(text, i) && i + 1 < text.size()) continue;
            while (begin < i && isSpace(text[begin])) ++begin;
            begin = pastHeadings(text, begin, i, width);
            const std::string sentence = oneSpaced(text.substr(begin, i + 1 - begin));
            if (begin >= from && begin < to && canStandAlone(sentence) && known.insert(sentence).second)
                (leans(sentence) ? leaning : standing).push_back({p, begin, i + 1, tokenAt(page, begin)});
            begin = i + 1;
        }
    }
    return standing.empty() ? leaning : standing;
}

std::vector<double> sharedWords(const std::vector<std::string>& sentences) {
    std::map<std::string, int> known;  // sentences that have a word
    std::vector<std::vector<std::string>> words;
    for (const std::string& sentence : sentences) {
        words.push_back(longWords(sentence));
        for (const std::string& word : std::set<std::string>(words.back().begin(), words.back().end())) ++known[word];
    }
    std::vector<double> shared;
    for (const auto& own : words) {
        double sum = 0;
        for (const std::string& word : own) sum += known[word];
        shared.push_back(sum / (double(own.size()) + 4) / double(sentences.size()));
    }
    return shared;
}

std::string listOfSentences(const std::vector<std::string>& sentences) {
    if (sentences.size() == 1) return oneSpaced(sentences.front());
    std::string text;
    for (const std::string& sentence : sentences) text += (text.empty() ? "- " : "\n- ") + oneSpaced(sentence);
    return text;
}

}  // namespace lectern
