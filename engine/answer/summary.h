// SPDX-License-Identifier: GPL-3.0-or-later
// What a summary is made of: sections from outlines, else runs of pages, and how much is said of each.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/answer/citation.h"
#include "engine/document/document.h"

namespace lectern {

enum class SummaryLength : std::uint8_t { Short, Medium, Long };

/// A document, or the part of it under one entry of its outline. Borrows the outline and the texts of the pages.
struct SummaryText {
    int document = 0;  ///< id
    std::string title;
    std::span<const OutlineItem> outline;
    int item = -1;                 ///< of the outline; -1: the whole document
    std::vector<PagePlace> pages;  ///< of the document that are in the context, in order
};

/// One section of a summary that is to be: a run of tokens of one document that is read by itself.
struct PlannedSection {
    int document = 0;  ///< id
    std::string title;
    int level = 0;                                 ///< depth below the text it belongs to
    int first_page = 0, last_page = 0;             ///< 0-based
    std::uint64_t token_begin = 0, token_end = 0;  ///< of the context
    int sentences = 1;                             ///< about so many are asked for
};

/// The sections of a summary, in the order of the texts. The longest sections are parted first, along the outline and
/// where it says no more into runs of pages of about equal length, until they are as fine as `length` asks for or there
/// are as many as it allows. Text before the first entry of an outline, or between an entry and its first part, is a
/// section where it has sentences (a title page or a table of contents has none). Nothing for a text without pages.
std::vector<PlannedSection> planSections(std::span<const SummaryText> texts, SummaryLength length);

/// From that many sections on a summary opens with a lead, a summary of what was said of them.
inline constexpr std::size_t kLeadSections = 4;
int leadSentences(SummaryLength length);

/// The byte of a page's text where the heading `title` begins, as far as it stands at the beginning of a line (white
/// space, capitals and a number before it count for nothing); 0 where it does not.
std::uint32_t headingPlace(const std::string& text, const std::string& title);

/// Where byte `byte` of a page is in the context: the first token that begins there or after it.
std::uint64_t tokenAt(const PagePlace& page, std::uint32_t byte);

/// What a model is asked for the summary of a section, in about so many sentences.
std::string sectionQuestion(const std::string& title, int sentences);
/// What one that was trained to quote is asked: whose first words it thinks of then are chosen.
inline constexpr const char* kQuotesQuestion = "What are the main points?";
/// What it is asked for the lead, with the sections' summaries before the question.
std::string leadQuestion(int sentences);

/// A sentence on its page.
struct PageSentence {
    std::size_t page = 0;              ///< of the pages given
    std::uint32_t begin = 0, end = 0;  ///< bytes of the page's text
    std::uint64_t token = 0;           ///< of the context, that it begins with
};

/// The sentences that begin in tokens [token_begin, token_end) and can stand by themselves in a summary: whole, neither
/// very short nor very long, of words, and none twice. Headings, lists of contents and rows of tables are none; those
/// that begin with a word that points back ("It", "He") count only where there are no others.
std::vector<PageSentence> summarySentences(std::span<const PagePlace> pages, std::uint64_t token_begin,
                                           std::uint64_t token_end);

/// How much each of some sentences says what the others say too: the sum over its words of four letters and more of the
/// share of the sentences that have the word, less for short ones.
std::vector<double> sharedWords(const std::vector<std::string>& sentences);

/// Sentences as a summary shows them: one paragraph for one, else a list of Markdown. White space becomes one space.
std::string listOfSentences(const std::vector<std::string>& sentences);

}  // namespace lectern
