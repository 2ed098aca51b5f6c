// SPDX-License-Identifier: GPL-3.0-or-later
// Plans of summaries: sections from outlines and pages, how much is said of each; sentences that can stand alone.
#include "engine/answer/summary.h"

#include <gmock/gmock.h>

#include "engine/answer/prompt.h"
#include "engine/answer/sentences.h"

namespace lectern {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A document whose pages have a token for each byte.
class MadeUp {
public:
    explicit MadeUp(std::vector<std::string> pages, std::vector<OutlineItem> outline = {})
        : m_outline(std::move(outline)) {
        for (const std::string& text : pages) {
            PageText page;
            page.label = std::to_string(m_texts.size() + 1);
            page.text = text;
            m_texts.push_back(page);
        }
        std::uint64_t at = 0;
        for (const PageText& page : m_texts) {
            std::vector<std::uint32_t> offsets;
            for (std::uint32_t i = 0; i < page.text.size(); ++i) offsets.push_back(i);
            m_offsets.push_back(offsets);
        }
        for (std::size_t p = 0; p < m_texts.size(); ++p) {
            const std::uint64_t end = at + m_texts[p].text.size();
            m_pages.push_back({1, int(p), at, end, &m_texts[p], &m_offsets[p]});
            at = end;
        }
    }
    SummaryText text(int item = -1) const { return {1, "a.pdf", m_outline, item, m_pages}; }
    const std::vector<PagePlace>& pages() const { return m_pages; }
    std::string said(const PlannedSection& section) const {
        std::string all;
        for (const PageText& page : m_texts) all += page.text;
        return all.substr(section.token_begin, section.token_end - section.token_begin);
    }

private:
    std::vector<OutlineItem> m_outline;
    std::vector<PageText> m_texts;
    std::vector<std::vector<std::uint32_t>> m_offsets;
    std::vector<PagePlace> m_pages;
};

std::string prose(int bytes, const std::string& about = "lamp") {
    std::string text;
    while (int(text.size()) < bytes) text += "The keeper of the " + about + " wrote what he saw that night. ";
    text.back() = '\n';
    return text;
}

std::vector<PlannedSection> plan(const MadeUp& document, SummaryLength length, int item = -1) {
    const SummaryText text = document.text(item);
    return planSections({&text, 1}, length);
}

std::vector<std::string> titles(const std::vector<PlannedSection>& sections) {
    std::vector<std::string> all;
    for (const PlannedSection& section : sections) all.push_back(section.title);
    return all;
}

TEST(SummaryPlan, FollowsTheOutlineToTheHeadingsInsideAPage) {
    const MadeUp document(
        {"A Title\n\nContents … 3\n", prose(900) + "\n2. The Well\n" + prose(900, "well"), prose(900, "end")},
        {{0, "1. The Lamp", 1}, {0, "The Well", 1}, {0, "The End", 2}});
    const auto sections = plan(document, SummaryLength::Long);
    ASSERT_THAT(titles(sections), ElementsAre("1. The Lamp", "The Well", "The End")) << "no title page";
    EXPECT_TRUE(document.said(sections[1]).starts_with("2. The Well"));
    EXPECT_EQ(sections[0].token_end, sections[1].token_begin);
    EXPECT_EQ(sections[1].first_page, 1);
    EXPECT_EQ(sections[1].last_page, 1);
}

TEST(SummaryPlan, PartsTheLongestFirstAndNoFinerThanTheLengthAsks) {
    std::vector<std::string> pages;
    std::vector<OutlineItem> outline;
    for (int chapter = 0; chapter < 4; ++chapter) {
        outline.push_back({0, "Chapter " + std::string(1, char('A' + chapter)), int(pages.size())});
        for (int part = 0; part < 3; ++part) {
            outline.push_back({1, "Part " + std::to_string(part), int(pages.size())});
            pages.push_back(prose(chapter == 2 ? 2500 : 450));
        }
    }
    const MadeUp document(pages, outline);
    EXPECT_THAT(titles(plan(document, SummaryLength::Short)),
                ElementsAre("Chapter A", "Chapter B", "Part 0", "Part 1", "Part 2", "Chapter D"));
    for (const SummaryLength length : {SummaryLength::Short, SummaryLength::Medium, SummaryLength::Long}) {
        const auto sections = plan(document, length);
        std::uint64_t at = 0;
        for (const PlannedSection& section : sections) {
            EXPECT_EQ(section.token_begin, at) << "nothing is left out";
            at = section.token_end;
        }
        EXPECT_EQ(at, document.pages().back().token_end);
    }
    EXPECT_GT(plan(document, SummaryLength::Long).size(), plan(document, SummaryLength::Short).size());
}

TEST(SummaryPlan, WithoutAnOutlineRunsOfPagesAreAboutEqual) {
    const MadeUp document(std::vector<std::string>(20, prose(1000)));
    const auto sections = plan(document, SummaryLength::Short);
    ASSERT_EQ(sections.size(), 12U) << "as many as a short summary has at most";
    for (const PlannedSection& section : sections) {
        EXPECT_GE(section.token_end - section.token_begin, 1000U);
        EXPECT_LE(section.token_end - section.token_begin, 2100U);
    }
    EXPECT_THAT(sections.front().title, HasSubstr("a.pdf, pages 1"));
    EXPECT_EQ(plan(MadeUp({prose(700)}), SummaryLength::Short).size(), 1U);
    EXPECT_TRUE(plan(MadeUp({}), SummaryLength::Short).empty());
}

TEST(SummaryPlan, APartOfTheOutlineIsSummarizedAlone) {
    const MadeUp document({prose(600), prose(600, "well"), prose(600, "sea"), prose(600)},
                          {{0, "A", 0}, {0, "B", 1}, {1, "B one", 2}, {0, "C", 3}});
    const auto sections = plan(document, SummaryLength::Short, 1);
    ASSERT_THAT(titles(sections), ElementsAre("B"));
    EXPECT_EQ(sections[0].token_begin, document.pages()[1].token_begin);
    EXPECT_EQ(sections[0].token_end, document.pages()[2].token_end);
}

TEST(SummaryPlan, ALongerSummarySaysMoreOfASection) {
    const MadeUp document({prose(700)});
    const int brief = plan(document, SummaryLength::Short)[0].sentences;
    const int medium = plan(document, SummaryLength::Medium)[0].sentences;
    EXPECT_LT(brief, medium);
    EXPECT_LT(medium, plan(document, SummaryLength::Long)[0].sentences + 1);
    EXPECT_LT(leadSentences(SummaryLength::Short), leadSentences(SummaryLength::Long));
}

TEST(SummaryPlan, OutlinesThatMakeNoSenseDoNoHarm) {
    const MadeUp document({prose(800), prose(800)}, {{3, "deep", 1}, {0, "back", 0}, {0, "gone", 99}, {0, "none", -1}});
    const auto sections = plan(document, SummaryLength::Long);
    ASSERT_FALSE(sections.empty());
    EXPECT_EQ(sections.front().token_begin, 0U);
    EXPECT_EQ(sections.back().token_end, document.pages().back().token_end);
    EXPECT_TRUE(plan(document, SummaryLength::Long, 2).empty()) << "an entry whose page is not there";
}

TEST(SummarySentences, AreWholeAndCanStandAlone) {
    const MadeUp document(
        {"THE TRUST · Report\n\n1. The Lamp … 3\n2. The Well … 4\n\nThe new lamp\nThe new lamp was lit in April "
         "by the keeper of the north\ntower and burns at one thousand watts. It burns all night.\n"
         "Revenue 171.3 182.6 195.1\n\nShort one.\n\nThe lens was made in Lyon and weighs two tonnes.\n"});
    std::vector<std::string> found;
    for (const auto& s : summarySentences(document.pages(), 0, 10'000))
        found.push_back(oneSpaced(document.pages()[0].text->text.substr(s.begin, s.end - s.begin)));
    EXPECT_THAT(found, ElementsAre("The new lamp was lit in April by the keeper of the north tower and burns at one "
                                   "thousand watts.",
                                   "The lens was made in Lyon and weighs two tonnes."));
}

TEST(SummarySentences, ListsAreMarkdownAndOneIsAParagraph) {
    EXPECT_EQ(listOfSentences({"One\n two."}), "One two.");
    EXPECT_EQ(listOfSentences({"One.", "Two."}), "- One.\n- Two.");
}

TEST(SummarySentences, ThoseThatShareWordsWithOthersSayMore) {
    const auto shared =
        sharedWords({"The lamp burns in the tower.", "The tower has a lamp.", "Herring was served cold."});
    ASSERT_EQ(shared.size(), 3U);
    EXPECT_GT(shared[0], shared[2]);
    EXPECT_GT(shared[1], shared[2]);
    EXPECT_TRUE(sharedWords({}).empty());
}

TEST(SummaryHeadings, AreFoundAtTheBeginningOfALine) {
    const std::string text = "about the well\n2.1 The  WELL\ndeep\n";
    EXPECT_EQ(headingPlace(text, "The Well"), text.find("2.1"));
    EXPECT_EQ(headingPlace(text, "2.1 The Well"), text.find("2.1"));
    EXPECT_EQ(headingPlace(text, "The Sea"), 0U);
    EXPECT_EQ(headingPlace(text, ""), 0U);
}

}  // namespace
}  // namespace lectern
