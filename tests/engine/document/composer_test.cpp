// SPDX-License-Identifier: GPL-3.0-or-later
// From words with boxes to text: lines, paragraphs, hyphens, right-to-left scripts; and marking a passage.
#include <gmock/gmock.h>

#include "engine/document/passage.h"
#include "engine/document/word_composer.h"
#include "engine/document/word_order.h"
#include "tests/engine/document/reading.h"

namespace lectern::test {
namespace {

/// Words of one line, 10 points high, 6 a character, with a space between them.
std::vector<RawWord> line(float x, float y, const std::vector<std::u32string>& words) {
    std::vector<RawWord> out;
    for (const auto& text : words) {
        RawWord word;
        word.text = text;
        word.box = {x, y, 6.0f * float(text.size()), 10};
        word.space_after = true;
        x += word.box.width + 3;
        out.push_back(word);
    }
    out.back().space_after = false;
    return out;
}

PageText composed(const std::vector<std::vector<RawWord>>& lines) {
    std::vector<RawWord> all;
    for (const auto& words : lines) all.insert(all.end(), words.begin(), words.end());
    PageText page;
    composePage(all, page);
    return page;
}

TEST(Composer, LeadersOfContentsBecomeOneEllipsis) {
    const auto page =
        composed({line(10, 10, {U"Well", U".", U".", U"..", U".", U"12"}), line(10, 22, {U"End...", U"."})});
    EXPECT_EQ(page.text, "Well \u2026 12\nEnd... .\n");
    ASSERT_EQ(page.words.size(), 5u);
    EXPECT_FLOAT_EQ(page.words[1].box.x, 37);
    EXPECT_FLOAT_EQ(page.words[1].box.width, 6 * 5 + 3 * 3);
    EXPECT_EQ(page.text.substr(page.words[1].begin, page.words[1].end - page.words[1].begin), "\u2026");
}

TEST(Composer, LinesAndParagraphsFollowTheGeometry) {
    const auto page = composed({line(10, 10, {U"One", U"two."}), line(10, 22, {U"Three."}), line(10, 34, {U"Four."}),
                                line(10, 60, {U"Five."}), line(10, 72, {U"Six."})});
    EXPECT_EQ(page.text, "One two.\nThree.\nFour.\n\nFive.\nSix.\n");
    ASSERT_EQ(page.words.size(), 6u);
    EXPECT_EQ(wordText(page, 1), "two.");
}

TEST(Composer, NewColumnContinuesASentence) {
    const auto page = composed({line(10, 700, {U"a", U"sentence"}), line(300, 10, {U"goes", U"on."})});
    EXPECT_EQ(page.text, "a sentence\ngoes on.\n");
    EXPECT_EQ(composed({line(10, 700, {U"Done."}), line(300, 10, {U"New"})}).text, "Done.\n\nNew\n");
}

TEST(Composer, HyphenAtTheEndOfALineIsJoined) {
    EXPECT_EQ(composed({line(10, 10, {U"infor-"}), line(10, 22, {U"mation", U"here"})}).text, "information here\n");
    EXPECT_EQ(composed({line(10, 10, {U"infor\u2010"}), line(10, 22, {U"mation"})}).text, "information\n");
}

TEST(Composer, HyphenThatBelongsToTheWordStays) {
    EXPECT_EQ(composed({line(10, 10, {U"Jean-"}), line(10, 22, {U"Paul"})}).text, "Jean-\nPaul\n");
    EXPECT_EQ(composed({line(10, 10, {U"state-of-the-"}), line(10, 22, {U"art"})}).text, "state-of-the-art\n");
    EXPECT_EQ(composed({line(10, 10, {U"well-known", U"and", U"well-"}), line(10, 22, {U"known"})}).text,
              "well-known and well-known\n");
    EXPECT_EQ(composed({line(10, 10, {U"1914-"}), line(10, 22, {U"to"})}).text, "1914-\nto\n");
}

TEST(Composer, LigaturesControlCharactersAndAccentsAreNormal) {
    const auto page =
        composed({line(10, 10, {U"e\ufb03cient", U"na\u0131\u0308ve", U"e\u0301", U"a\u0001b", U"\u0002"})});
    EXPECT_EQ(page.text, "efficient na\u00efve \u00e9 ab\n");
    EXPECT_EQ(page.words.size(), 4u);
}

TEST(Composer, TouchingWordsStayApartWhereTheyWouldCompose) {
    auto words = line(10, 10, {U"e", U"\u0301x"});
    words[0].space_after = false;
    words[1].box.x = words[0].box.x + words[0].box.width;
    const auto page = composed({words});
    EXPECT_TRUE(unicode::isNfc(page.text));
    EXPECT_EQ(page.words.size(), 2u);
}

TEST(Composer, RightToLeftLineIsReadFromTheRight) {
    // drawn: 42 OLOHS "nothing", that is in Hebrew letters
    const auto page =
        composed({line(10, 10, {U"PDF", U"42", U"\u05dd\u05dc\u05d5\u05e2", U"\u05dd\u05d5\u05dc\u05e9"})});
    EXPECT_EQ(page.text, "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd PDF 42\n");
}

TEST(WordOrder, LatinLineStaysAsItIs) {
    using enum WordDirection;
    EXPECT_THAT(lineOrder({LeftToRight, RightToLeft, LeftToRight}), testing::ElementsAre(0, 1, 2));
    EXPECT_THAT(lineOrder({RightToLeft, LeftToRight, LeftToRight, RightToLeft}), testing::ElementsAre(3, 1, 2, 0));
}

TEST(WordOrder, LamAlefGlyphKeepsItsOrder) {
    // "slam" with the ligature: drawn m, (lam alef), s
    EXPECT_EQ(logicalOrder(U"\u0645\u0644\u0627\u0633", {6, 3, 3, 8}, 2.5f), U"\u0633\u0644\u0627\u0645");
    // the article: drawn b, lam, alef
    EXPECT_EQ(logicalOrder(U"\u0628\u0644\u0627", {6, 2.5f, 2.5f}, 2.5f), U"\u0627\u0644\u0628");
}

TEST(WordOrder, NumbersInsideAWordKeepTheirOrder) {
    EXPECT_EQ(logicalOrder(U"3.14\u05d1", {}), U"\u05d13.14");
    EXPECT_EQ(logicalOrder(U"plain", {}), U"plain");
}

TEST(Passage, OneRectanglePerLine) {
    const auto page =
        composed({line(10, 10, {U"One", U"two"}), line(10, 22, {U"three", U"four"}), line(10, 34, {U"five"})});
    const auto from = std::uint32_t(page.text.find("two")), to = std::uint32_t(page.text.find("five"));
    const auto rects = lineRects(page, from + 1, to);  // also a word that is only touched
    ASSERT_EQ(rects.size(), 2u);
    EXPECT_FLOAT_EQ(rects[0].x, 31);
    EXPECT_FLOAT_EQ(rects[0].width, 18);
    EXPECT_FLOAT_EQ(rects[1].x, 10);
    EXPECT_FLOAT_EQ(rects[1].width, 57);
    EXPECT_FLOAT_EQ(rects[1].height, 10);
    EXPECT_TRUE(lineRects(page, 5, 5).empty());
    EXPECT_TRUE(lineRects(page, 9000, 9001).empty());
    EXPECT_TRUE(lineRects(PageText{}, 0, 10).empty());
}

TEST(Passage, ColumnsAreMarkedApart) {
    PageText page;
    page.text = "left right\n";
    page.words = {{0, 4, {10, 10, 24, 10}}, {5, 10, {300, 10, 30, 10}}};
    EXPECT_EQ(lineRects(page, 0, 10).size(), 2u);
}

TEST(Passage, WritingUpwardsIsOneLine) {
    PageText page;
    page.text = "up wards\n";
    page.words = {{0, 2, {10, 100, 10, 30}}, {3, 8, {10, 55, 10, 40}}};
    const auto rects = lineRects(page, 0, 8);
    ASSERT_EQ(rects.size(), 1u);
    EXPECT_FLOAT_EQ(rects[0].height, 75);
}

}  // namespace
}  // namespace lectern::test
