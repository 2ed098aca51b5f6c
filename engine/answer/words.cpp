// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/answer/words.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/document/unicode.h"

namespace lectern {

namespace {

constexpr std::size_t kMostWords = 64;
constexpr std::size_t kLeastStem = 3;  ///< letters that stay of a word whose ending is taken off

bool isDigit(char32_t c) {
    return c >= '0' && c <= '9';
}

bool ofWord(char32_t c) {
    if (c < 0x80) return isDigit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
    return unicode::isLetter(c) || unicode::isMark(c) || isUnspaced(c) ||
           unicode::direction(c) == unicode::Direction::Number;
}

bool takeOff(std::string& word, std::string_view ending, std::string_view instead = {}) {
    if (!word.ends_with(ending) || word.size() < ending.size() + kLeastStem) return false;
    word.replace(word.size() - ending.size(), ending.size(), instead);
    return true;
}

/// Without the commonest endings of English; what is left need not be a word. Words with anything but a to z stay.
void stem(std::string& word) {
    if (!std::all_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; })) return;
    if (!takeOff(word, "ies", "y") && !word.ends_with("ss") && !word.ends_with("us") && !word.ends_with("is"))
        takeOff(word, "s");
    const bool verb = takeOff(word, "ied", "y") || takeOff(word, "ing") || takeOff(word, "ed");
    if (!verb) takeOff(word, "ly");
    const std::size_t n = word.size();
    const bool doubled =
        verb && n > kLeastStem && word[n - 1] == word[n - 2] && word[n - 1] != 's' && word[n - 1] != 'l';
    if (doubled || (n > kLeastStem && word[n - 1] == 'e')) word.pop_back();
}

/// Words that ask, and those that nearly every sentence has.
bool frames(const std::string& word) {
    static constexpr std::array<std::string_view, 63> kFraming = {
        "a",     "about", "after", "all",   "an",    "and",  "any",  "are",  "as",    "at",  "be",   "by",   "can",
        "could", "did",   "do",    "does",  "for",   "from", "had",  "has",  "have",  "he",  "her",  "his",  "how",
        "i",     "in",    "is",    "it",    "its",   "many", "me",   "much", "of",    "on",  "or",   "s",    "she",
        "tell",  "that",  "the",   "their", "there", "they", "this", "to",   "was",   "we",  "were", "what", "when",
        "where", "which", "who",   "whom",  "whose", "why",  "will", "with", "would", "you", "your"};
    return std::binary_search(kFraming.begin(), kFraming.end(), word);
}

/// One word after another: the bytes of `text` that each has, unstemmed, and whether it is of an unspaced script.
template <typename Take>
void cut(std::string_view text, const Take& take) {
    std::string word;
    char32_t before = 0;  // the character before, where it is of an unspaced script
    std::size_t before_bytes = 0;
    const auto end = [&] {
        if (!word.empty()) take(word);
        word.clear();
    };
    for (std::size_t i = 0; i < text.size();) {
        const auto next = unicode::decode(text.substr(i));
        if (isUnspaced(next.code) && ofWord(next.code)) {
            end();
            if (before != 0) {
                std::string pair(text.substr(i - before_bytes, before_bytes + next.bytes));
                take(pair);
            }
            before = next.code;
            before_bytes = next.bytes;
        } else {
            before = 0;
            if (ofWord(next.code))
                word += text.substr(i, next.bytes);
            else
                end();
        }
        i += next.bytes;
    }
    end();
}

/// A word in small letters, without its ending.
std::string folded(std::string_view word) {
    std::string plain(word);
    const bool ascii =
        std::all_of(plain.begin(), plain.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (!ascii) return unicode::matchKey(plain);
    for (char& c : plain) c = c >= 'A' && c <= 'Z' ? char(c | 0x20) : c;
    return plain;
}

}  // namespace

bool isUnspaced(char32_t c) {
    return (c >= 0x0E00 && c <= 0x0EFF) || (c >= 0x1000 && c <= 0x109F) || (c >= 0x1780 && c <= 0x17FF) ||
           (c >= 0x3005 && c <= 0x30FF) || (c >= 0x3400 && c <= 0x9FFF) || (c >= 0xF900 && c <= 0xFAFF) ||
           (c >= 0x20000 && c <= 0x3FFFF);
}

std::vector<std::string> searchWords(std::string_view text) {
    std::vector<std::string> words;
    cut(text, [&](std::string_view piece) {
        std::string word = folded(piece);
        stem(word);
        if (!word.empty()) words.push_back(std::move(word));
    });
    return words;
}

QuestionWords::QuestionWords(std::string_view question) {
    cut(question, [&](std::string_view piece) {
        std::string word = folded(piece);
        if (frames(word)) return;
        stem(word);
        const bool known = std::find(m_words.begin(), m_words.end(), word) != m_words.end();
        if (!word.empty() && !known && m_words.size() < kMostWords) m_words.push_back(std::move(word));
    });
    m_sentences.resize(m_words.size());
}

QuestionWords::Set QuestionWords::in(std::string_view text) const {
    Set set = 0;
    for (const std::string& word : searchWords(text)) {
        const auto found = std::find(m_words.begin(), m_words.end(), word);
        if (found != m_words.end()) set |= Set(1) << (found - m_words.begin());
    }
    return set;
}

void QuestionWords::count(Set sentence) {
    ++m_all;
    for (std::size_t i = 0; i < m_words.size(); ++i) m_sentences[i] += (sentence >> i) & 1;
}

/// log of the inverse of the share of sentences that have the word, as BM25 has it: never below 0.
double QuestionWords::weight(std::size_t word) const {
    const double have = m_sentences[word], all = m_all;
    return std::log1p((all - have + 0.5) / (have + 0.5));
}

double QuestionWords::share(Set set) const {
    double sum = 0, all = 0;
    for (std::size_t i = 0; i < m_words.size(); ++i) {
        all += weight(i);
        sum += ((set >> i) & 1) != 0 ? weight(i) : 0;
    }
    return all > 0 ? sum / all : 0;
}

}  // namespace lectern
