// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/answer/question_places.h"

#include <gtest/gtest.h>

#include "engine/answer/prompt.h"

namespace lectern {
namespace {

constexpr const char* kQuestion = "Who keeps the keys of the north tower?";

/// Pages whose tokens are their words, after one token of framing each.
struct Places : ::testing::Test {
    std::vector<PageText> texts;
    std::vector<std::vector<std::uint32_t>> offsets;
    std::vector<PagePlace> pages;

    void read(const std::vector<std::string>& all) {
        texts.resize(all.size());
        offsets.resize(all.size());
        std::uint64_t token = 0;
        for (std::size_t p = 0; p < all.size(); ++p) {
            texts[p].text = all[p];
            offsets[p] = {kNoPlace};
            for (std::uint32_t i = 0; i < all[p].size(); ++i)
                if (i == 0 || all[p][i - 1] == ' ') offsets[p].push_back(i);
            pages.push_back({1, int(p), token, token + offsets[p].size(), &texts[p], &offsets[p]});
            token += offsets[p].size();
        }
    }
};

TEST_F(Places, BestSentenceComesFirstWithItsTokens) {
    read({"The sea is grey. Marta keeps the keys of the north tower. It rains.", "A tower stands alone."});
    const QuestionPlaces places(kQuestion, pages);
    const auto best = places.best(5, 400);
    ASSERT_EQ(best.size(), 2U) << "only sentences that share words";
    EXPECT_EQ(texts[0].text.substr(best[0].begin, best[0].end - best[0].begin),
              "Marta keeps the keys of the north tower.");
    EXPECT_EQ(best[0].token_begin, 5U) << "the frame and four words come before";
    EXPECT_EQ(best[0].token_end, 13U);
    EXPECT_DOUBLE_EQ(best[0].shared.own, 1);
    EXPECT_EQ(best[1].page, 1U);
    EXPECT_LT(best[1].shared.own, 0.5);
    EXPECT_EQ(places.best(1, 400).size(), 1U);
    EXPECT_EQ(places.best(5, 30)[0].page, 1U) << "too long a sentence is left out";
}

TEST_F(Places, SentencesBesideCountForHalf) {
    read({"It is the north tower. Marta keeps its keys. The sea is grey."});
    const QuestionPlaces places(kQuestion, pages);
    const auto shared = places.shared(0, 23, 45);
    EXPECT_LT(shared.own, 1);
    EXPECT_DOUBLE_EQ(shared.around, 1);
    EXPECT_DOUBLE_EQ(shared.both(), (shared.own + 1) / 2);
}

TEST_F(Places, MostIsOfSentencesThatBeginInTheRange) {
    read({"The sea is grey. Marta keeps the keys of the north tower. It rains."});
    const QuestionPlaces places(kQuestion, pages);
    EXPECT_DOUBLE_EQ(places.most(0, 20), 1);
    EXPECT_DOUBLE_EQ(places.most(5, 6), 1);
    EXPECT_LT(places.most(0, 5), 1) << "the sentence before it";
    EXPECT_EQ(places.most(100, 200), 0);
    EXPECT_DOUBLE_EQ(places.everywhere(), 1);
}

TEST_F(Places, PagesDoNotCountForEachOther) {
    read({"It is the north tower.", "Marta keeps its keys."});
    EXPECT_LT(QuestionPlaces(kQuestion, pages).shared(1, 0, 21).around, 1);
}

TEST_F(Places, QuestionWithoutWordsSharesNothing) {
    read({"What is it? It is what it is."});
    const QuestionPlaces places("What is it?", pages);
    EXPECT_TRUE(places.best(3, 400).empty());
    EXPECT_EQ(places.most(0, 100), 0);
    EXPECT_EQ(places.everywhere(), 0);
    EXPECT_EQ(places.shared(0, 0, 11).around, 0);
}

}  // namespace
}  // namespace lectern
