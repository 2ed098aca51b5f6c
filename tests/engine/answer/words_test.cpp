// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/answer/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lectern {
namespace {

using testing::ElementsAre;

TEST(SearchWords, AreFoldedAndLoseEnglishEndings) {
    EXPECT_THAT(searchWords("The Keeper's KEYS"), ElementsAre("the", "keeper", "s", "key"));
    EXPECT_EQ(searchWords("tries"), searchWords("tried"));
    EXPECT_EQ(searchWords("stopped stopping stops"), (std::vector<std::string>{"stop", "stop", "stop"}));
    EXPECT_EQ(searchWords("moves"), searchWords("moving"));
    EXPECT_THAT(searchWords("glass his bus red ring"), ElementsAre("glass", "his", "bus", "red", "ring"));
}

TEST(SearchWords, KeepNumbersAndNamesAsTheyAre) {
    EXPECT_THAT(searchWords("4711, x12s; 8f3a-b1"), ElementsAre("4711", "x12s", "8f3a", "b1"));
}

TEST(SearchWords, EndWhereTheirScriptSaysSo) {
    EXPECT_EQ(searchWords("Über die STRASSE"), searchWords("über die Straße"));
    EXPECT_THAT(searchWords("L’été à Nîmes"), ElementsAre("l", "été", "à", "nîmes"));
    EXPECT_THAT(searchWords("灯台守の鍵。北塔"), ElementsAre("灯台", "台守", "守の", "の鍵", "北塔"));
    EXPECT_THAT(searchWords("ключи Маяка"), ElementsAre("ключи", "маяка"));
}

TEST(SearchWords, TakeBytesThatAreNoText) {
    EXPECT_THAT(searchWords("a\xff\xfe tower\xe3"), ElementsAre("a", "tower"));
    EXPECT_TRUE(searchWords("").empty());
}

TEST(QuestionWords, CountRareOnesMore) {
    QuestionWords words("Who keeps the keys of the north tower?");
    const auto keys = words.in("Keys."), tower = words.in("the tower");
    for (int i = 0; i < 9; ++i) words.count(tower);
    words.count(keys | tower);
    EXPECT_GT(words.share(keys), 2 * words.share(tower));
    EXPECT_DOUBLE_EQ(words.share(words.in("North tower keys: keep them.")), 1);
    EXPECT_EQ(words.share(words.in("Who is of the sea?")), 0) << "words that frame a question";
}

TEST(QuestionWords, WithoutAnyShareNothing) {
    const QuestionWords words("What is it?");
    EXPECT_FALSE(words.any());
    EXPECT_EQ(words.share(words.in("What it is.")), 0);
}

}  // namespace
}  // namespace lectern
