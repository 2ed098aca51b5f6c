// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/answer/citation.h"

#include <gtest/gtest.h>

#include "engine/answer/prompt.h"

namespace lectern {
namespace {

const std::string kText =
    "The lamp was lit at dusk. Mrs. Orlov keeps the keys of the north tower. Nobody else has them!\n\nA second part "
    "begins here.";

struct Pages {
    std::vector<PageText> texts = std::vector<PageText>(3);
    std::vector<std::vector<std::uint32_t>> offsets{3};
    std::vector<PagePlace> places;

    Pages() {
        for (std::size_t p = 0; p < 3; ++p) {
            texts[p].text = kText;
            for (std::uint32_t at = 0; at < kText.size(); at += 4) offsets[p].push_back(at);
            const auto tokens = offsets[p].size();
            places.push_back({1, int(p), 10 + p * tokens, 10 + (p + 1) * tokens, &texts[p], &offsets[p]});
        }
    }
};

TEST(Citations, BestPageFirstWithItsShareAndSentence) {
    const Pages pages;
    std::vector<float> mass(pages.places.back().token_end, 0.001F);
    const auto key = kText.find("keeps the keys");
    for (std::size_t t = key / 4; t < key / 4 + 6; ++t) mass[pages.places[1].token_begin + t] = 1.0F;
    const auto cited = citePages(mass, pages.places);
    ASSERT_FALSE(cited.empty());
    EXPECT_EQ(cited[0].page, 1);
    EXPECT_GT(cited[0].share, 0.9);
    EXPECT_EQ(cited.size(), 1U) << "pages under the least share are not cited";
    EXPECT_EQ(kText.substr(cited[0].begin, cited[0].end - cited[0].begin),
              "Mrs. Orlov keeps the keys of the north tower.");
}

TEST(Citations, SharesSumToOneOverAllPages) {
    const Pages pages;
    const std::vector<float> mass(pages.places.back().token_end, 0.5F);
    double sum = 0;
    for (const auto& page : citePages(mass, pages.places)) sum += page.share;
    EXPECT_NEAR(sum, 1.0, 1e-9);
}

TEST(Citations, DocumentsShareWhatTheirPagesDrew) {
    Pages pages;
    pages.places[0].document = 7;
    std::vector<float> mass(pages.places.back().token_end, 0.0F);
    mass[pages.places[0].token_begin + 3] = 1;
    mass[pages.places[1].token_begin + 3] = 2;
    mass[pages.places[2].token_begin] = 5;
    const auto documents = attendedDocuments(mass, pages.places);
    ASSERT_EQ(documents.size(), 2U);
    EXPECT_EQ(documents[0].document, 7);
    EXPECT_DOUBLE_EQ(documents[0].share, 1.0 / 8);
    EXPECT_EQ(documents[1].document, 1);
    EXPECT_DOUBLE_EQ(documents[1].share, 7.0 / 8);
    EXPECT_TRUE(attendedDocuments({}, pages.places).empty());
}

TEST(Citations, NoMassNoCitation) {
    const Pages pages;
    EXPECT_TRUE(citePages(std::vector<float>(pages.places.back().token_end, 0.0F), pages.places).empty());
    EXPECT_TRUE(citePages({}, pages.places).empty());
    EXPECT_TRUE(citePages(std::vector<float>(5, 1.0F), {}).empty());
}

TEST(Citations, PassagesStayOnCharacterBoundaries) {
    std::string text;
    for (int i = 0; i < 500; ++i) text += "\xE6\xBC\xA2";  // no sentence ends anywhere
    const auto [begin, end] = widenToSentences(text, 701, 702, 100);
    EXPECT_EQ(begin % 3, 0U);
    EXPECT_EQ(end % 3, 0U);
    EXPECT_LT(end - begin, 120U);
}

TEST(PromptTemplates, AreFoundByNameAndBySign) {
    EXPECT_EQ(findTemplate("", "")->name, "plain");
    EXPECT_EQ(findTemplate("auto", "{% for m in messages %}<|im_start|>{{ m.role }}")->name, "chatml");
    EXPECT_EQ(findTemplate("gemma", "<|im_start|>")->name, "gemma");
    EXPECT_FALSE(findTemplate("nonsense", ""));
    for (const auto& layout : promptTemplates()) {
        EXPECT_NE(layout.first_question.find("{q}"), std::string::npos) << layout.name;
        EXPECT_NE(layout.next_question.find("{q}"), std::string::npos) << layout.name;
    }
}

}  // namespace
}  // namespace lectern
