// SPDX-License-Identifier: GPL-3.0-or-later
// Words as a search compares them, and how much of a question's words a text has.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lectern {

bool isUnspaced(char32_t c);  ///< of a script that puts no spaces between words; any thread

/// The words of a text: letters and digits between anything else, case folded. English endings are taken off ("keys",
/// "key's" and "key" are one word; "tried" and "try"), digits stay as they are. Scripts that put no spaces between
/// words (Han, kana, Thai, Lao, Khmer, Burmese) give every two neighbouring characters. Any thread.
std::vector<std::string> searchWords(std::string_view text);

/// Which of a question's words a text has, and what they weigh: rare words count more than those that many sentences
/// of the documents have (inverse document frequency). Words that only frame a question in English ("what", "does")
/// count for nothing. Feed it every sentence with count(), then ask. One thread at a time.
class QuestionWords {
public:
    using Set = std::uint64_t;  ///< of the question's words; those after the first 64 are left out

    explicit QuestionWords(std::string_view question);

    bool any() const { return !m_words.empty(); }
    Set in(std::string_view text) const;  ///< the words that stand in `text`
    void count(Set sentence);             ///< a sentence of the documents that has these
    double share(Set set) const;          ///< weight of `set` over that of all words; 0 … 1

private:
    double weight(std::size_t word) const;

    std::vector<std::string> m_words;
    std::vector<std::uint32_t> m_sentences;  ///< [words] that have it
    std::uint32_t m_all = 0;
};

}  // namespace lectern
