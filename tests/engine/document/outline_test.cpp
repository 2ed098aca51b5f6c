// SPDX-License-Identifier: GPL-3.0-or-later
// Outlines whose pages Poppler does not tell: found by their titles on the pages.
#include <gmock/gmock.h>

#include "engine/document/outline_match.h"
#include "tests/engine/document/reading.h"
#include "tests/support/test_data.h"

namespace lectern::test {
namespace {

PageText saying(const std::string& text) {
    PageText page;
    page.text = text;
    return page;
}

std::vector<int> placed(const std::vector<std::string>& titles, const std::vector<std::string>& pages,
                        const std::vector<wire::NamedPlace>& places = {}) {
    std::vector<OutlineItem> items;
    for (const auto& title : titles) items.push_back({0, title, -1});
    std::vector<PageText> texts;
    for (const auto& text : pages) texts.push_back(saying(text));
    placeOutline(items, places, texts);
    std::vector<int> found;
    for (const auto& item : items) found.push_back(item.page);
    return found;
}

TEST(Outline, HeadingsAreFoundBehindTheContents) {
    EXPECT_THAT(placed({"Introduction", "The Method", "Results"},
                       {"Contents\nIntroduction . . . 2\nThe Method . . . 3\nResults . . . 4\n",
                        "1 Introduction\ntext\n", "2 The\nMethod\ntext of the method\n", "Results\n"}),
                testing::ElementsAre(1, 2, 3));
}

TEST(Outline, RunningTitlesDoNotMoveAChapter) {
    EXPECT_THAT(placed({"1: Creators", "2: Catalogs"},
                       {"CHAPTER ONE: Creators\n", "Creators 3\n", "CHAPTER TWO: Catalogs\n", "5 Catalogs\n"}),
                testing::ElementsAre(0, 2));
}

TEST(Outline, PagesNeverRunBackwards) {
    EXPECT_THAT(placed({"Summary", "First", "Summary", "Second", "Summary"},
                       {"Summary\n", "First\n", "Summary\n", "Second\n", "Summary\n"}),
                testing::ElementsAre(0, 1, 2, 3, 4));
}

TEST(Outline, UnknownTitleStaysUnknown) {
    EXPECT_THAT(placed({"Not there", ""}, {"text\n", "more\n"}), testing::ElementsAre(-1, -1));
    EXPECT_THAT(placed({"Not there"}, {"the only page\n"}), testing::ElementsAre(0));
    EXPECT_THAT(placed({"A"}, {}), testing::ElementsAre(-1));
}

TEST(Outline, NamedPlaceDecidesBetweenEquals) {
    EXPECT_THAT(placed({"Example"}, {"Example\n", "Example\n"}, {{"section.1", 1, 700}}), testing::ElementsAre(1));
}

TEST(Outline, OfARealBookIsFound) {
    const auto file = testData("pdf/long/riscv-spec-v2.2.pdf");
    if (!file) GTEST_SKIP() << "no test data";
    const auto document = readDocument(*file);
    ASSERT_TRUE(document) << messageOf(document);
    EXPECT_EQ(document->pages[0].label, "1");
    EXPECT_EQ(document->pages.back().label, "133");
    ASSERT_EQ(document->outline.size(), 105u);
    const auto pageOf = [&](const std::string& title) {
        for (const auto& item : document->outline) {
            if (item.title == title) return item.page;
        }
        return -2;
    };
    EXPECT_EQ(pageOf("Preface"), 2);
    EXPECT_EQ(pageOf("Introduction"), 12);
    EXPECT_EQ(pageOf("Not a title"), -2);
    const auto known =
        std::count_if(document->outline.begin(), document->outline.end(), [](auto& i) { return i.page >= 0; });
    EXPECT_GE(known, 103);  // measured: 104, all on the right page
}

}  // namespace
}  // namespace lectern::test
