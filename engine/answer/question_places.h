// SPDX-License-Identifier: GPL-3.0-or-later
// Where the words of a question stand in the pages of a context.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/answer/citation.h"
#include "engine/answer/words.h"

namespace lectern {

/// What a passage shares with a question, by weight of its words; 0 … 1.
struct SharedWords {
    double own = 0;     ///< in the passage itself
    double around = 0;  ///< with the sentences before and after it
    double both() const { return (own + around) / 2; }
};

/// A sentence that shares words with the question.
struct QuestionSentence {
    std::size_t page = 0;                          ///< of the pages given
    std::uint32_t begin = 0, end = 0;              ///< bytes of the page's text
    std::uint64_t token_begin = 0, token_end = 0;  ///< of the context
    SharedWords shared;
};

/// Looks for a question's words in all sentences of the pages. Borrows the pages' texts. Time: that of reading them
/// once, some 20 ms for a million characters. Immutable; any thread.
class QuestionPlaces {
public:
    QuestionPlaces(std::string_view question, std::span<const PagePlace> pages);

    double everywhere() const { return m_everywhere; }  ///< what stands anywhere in the pages
    /// The most that a sentence beginning in tokens [begin, end) of the context shares, as both() has it.
    double most(std::uint64_t begin, std::uint64_t end) const;
    /// What bytes [begin, end) of a page share.
    SharedWords shared(std::size_t page, std::uint32_t begin, std::uint32_t end) const;
    /// The sentences of at most `longest` bytes that share most, best first; none that shares nothing.
    std::vector<QuestionSentence> best(std::size_t count, std::uint32_t longest) const;

private:
    struct Sentence {
        std::size_t page;
        std::uint32_t begin, end;
        std::uint64_t token_begin, token_end;
        QuestionWords::Set own;
    };
    void addPage(std::size_t page);
    QuestionWords::Set around(std::size_t first, std::size_t last) const;

    QuestionWords m_words;
    std::span<const PagePlace> m_pages;
    std::vector<Sentence> m_sentences;  ///< in the order of the context
    std::vector<double> m_both;         ///< [sentences]
    double m_everywhere = 0;
};

}  // namespace lectern
