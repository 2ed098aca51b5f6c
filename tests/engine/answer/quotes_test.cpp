// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/answer/quotes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

namespace lectern {
namespace {

const std::string kPage =
    "The keeper\nsleeps by day. Mrs. Orlov keeps\n   the keys. The key of the north tower hangs\n"
    "by the door.\n\nVisitors wait";

bool reads(const QuoteSource& source, std::string_view answer) {
    QuoteCursor cursor(source);
    return cursor.advance(answer);
}

bool ends(const QuoteSource& source, std::string_view answer) {
    QuoteCursor cursor(source);
    return cursor.advance(answer) && cursor.mayEnd();
}

struct Quotes : ::testing::Test {
    QuoteSource source;
    Quotes() {
        source.addPage(kPage);
        source.addPage("A second page. It ends here.");
    }
};

TEST_F(Quotes, BeginWhereSentencesBegin) {
    EXPECT_TRUE(reads(source, "Mrs. Orlov keeps"));
    EXPECT_TRUE(reads(source, " The key"));
    EXPECT_TRUE(reads(source, "Visitors")) << "after an empty line";
    EXPECT_FALSE(reads(source, "Orlov keeps")) << "Mrs. ends no sentence";
    EXPECT_FALSE(reads(source, "keeper"));
    EXPECT_FALSE(reads(source, "by the door")) << "a line within a sentence";
}

TEST_F(Quotes, TakeLineEndsForSpacesAndBack) {
    EXPECT_TRUE(reads(source, "The keeper sleeps by\n\n day."));
    EXPECT_TRUE(reads(source, "Mrs. Orlov keeps the keys."));
    EXPECT_FALSE(reads(source, "The keepersleeps"));
    EXPECT_FALSE(reads(source, "The k eeper"));
}

TEST_F(Quotes, BeginAfterClosingQuotationMarks) {
    QuoteSource talk;
    talk.addPage("\"Come in.\" Nobody came. \xE2\x80\x9CWho is there?\xE2\x80\x9D The wind (it blew.) Then rain.");
    EXPECT_TRUE(reads(talk, "Nobody came."));
    EXPECT_TRUE(reads(talk, "The wind"));
    EXPECT_TRUE(reads(talk, "Then rain."));
    EXPECT_FALSE(reads(talk, "Who is there?")) << "its quotation mark belongs to it";
}

TEST_F(Quotes, BeginWithLinesThatACodeOpens) {
    QuoteSource rows;
    rows.addPage("yarrow-30\tbc348b6c\nd6763c56 = FV87719\nand the sea\n");
    EXPECT_TRUE(reads(rows, "d6763c56 = FV87719"));
    EXPECT_FALSE(reads(rows, "and the sea"));
}

TEST_F(Quotes, BeginWithACodeAfterAFullStop) {
    QuoteSource runs_in;
    runs_in.addPage("It affects permits. kelso-800 = 3b13. see also page two, v2 of it. and No. 5 too");
    EXPECT_TRUE(reads(runs_in, "kelso-800 = 3b13."));
    EXPECT_FALSE(reads(runs_in, "see also")) << "small letters go on with a sentence";
    EXPECT_FALSE(reads(runs_in, "v2 of it")) << "no full stop before it";
    EXPECT_FALSE(reads(runs_in, "5 too"));
}

TEST_F(Quotes, EndWithAWordOnly) {
    EXPECT_TRUE(ends(source, "The keeper sleeps by day."));
    EXPECT_TRUE(ends(source, "The keeper sleeps"));
    EXPECT_FALSE(ends(source, "The keeper sle"));
    EXPECT_TRUE(ends(source, "It ends here."));
    EXPECT_FALSE(ends(source, ""));
    EXPECT_FALSE(ends(source, " \n"));
}

TEST_F(Quotes, MayBeSeveralSentencesFromAnywhereButNoneTwice) {
    EXPECT_TRUE(reads(source, "It ends here. The keeper sleeps by day. Mrs. Orlov keeps the keys."));
    EXPECT_FALSE(reads(source, "It ends here. It ends"));
    EXPECT_FALSE(reads(source, "The keeper sleeps by day. The keeper"));
    EXPECT_FALSE(reads(source, "The keeper sleeps A second")) << "only whole sentences are followed by others";
}

TEST_F(Quotes, PageEndsASentence) {
    QuoteSource pages;
    pages.addPage("One two");
    pages.addPage("three Four.");
    EXPECT_TRUE(ends(pages, "One two"));
    EXPECT_TRUE(reads(pages, "One two three Four."));
    EXPECT_TRUE(reads(pages, "three Four. One two"));
    EXPECT_FALSE(reads(pages, "three Four. One two three"));
}

TEST(QuotePlace, IsFoundWhereverLinesEnd) {
    const auto taken = [](const std::string& quote) {
        const auto place = placeOfQuote(kPage, quote);
        return place ? kPage.substr(place->first, place->second - place->first) : "";
    };
    EXPECT_EQ(taken("The keeper sleeps by day."), "The keeper\nsleeps by day.");
    EXPECT_EQ(taken("Mrs. Orlov keeps the keys. It ends here."), "Mrs. Orlov keeps\n   the keys.");
    EXPECT_EQ(taken("It ends here."), "");
    EXPECT_EQ(taken(""), "");
}

TEST_F(Quotes, BeginInTheirPartOfAPageOnly) {
    QuoteSource part;
    part.addPage(kPage, 20, std::uint32_t(kPage.find("The key of") + 1));
    EXPECT_FALSE(reads(part, "The keeper"));
    EXPECT_TRUE(ends(part, "Mrs. Orlov keeps the keys."));
    EXPECT_TRUE(ends(part, "The key of the north tower hangs by the door.")) << "it may end outside";
    EXPECT_FALSE(reads(part, "Visitors"));
}

TEST_F(Quotes, EmptyAndBlankPagesHoldNothing) {
    QuoteSource blank;
    blank.addPage("");
    blank.addPage(" \n\n ");
    EXPECT_FALSE(reads(blank, "a"));
    EXPECT_FALSE(ends(blank, ""));
}

/// One token a printable character.
std::unique_ptr<Tokenizer> characters() {
    TokenizerSpec spec;
    spec.tokens = {"<unk>", "<s>", "</s>"};
    spec.types = {TokenType::Unknown, TokenType::Control, TokenType::Control};
    spec.unknown = 0, spec.bos = 1, spec.eos = 2, spec.byte_fallback = false;
    for (char c = ' '; c <= '~'; ++c) {
        spec.tokens.push_back(c == ' ' ? "\u2581" : std::string(1, c));
        spec.types.push_back(TokenType::Normal);
    }
    spec.scores.assign(spec.tokens.size(), 0.0F);
    auto made = Tokenizer::make(std::move(spec));
    EXPECT_TRUE(made) << made.error().message;
    return std::move(*made);
}

/// A model that gives the answers it was told the share it was told, letter by letter; "$" is the end.
struct Told {
    std::unique_ptr<Tokenizer> tokenizer = characters();
    std::map<std::string, double> answers;
    std::vector<float> logits = std::vector<float>(std::size_t(tokenizer->vocabSize()));
    int calls = 0;

    Result<std::span<const float>> next(std::span<const TokenId> ids) {
        ++calls;
        std::string said;
        for (const TokenId id : ids) said += tokenizer->piece(id);
        std::fill(logits.begin(), logits.end(), -30.0F);
        double total = 0;
        std::map<TokenId, double> shares;
        for (const auto& [answer, share] : answers) {
            if (answer.size() <= said.size() || answer.compare(0, said.size(), said) != 0) continue;
            const char c = answer[said.size()];
            shares[c == '$' ? 2 : TokenId(3 + c - ' ')] += share;
            total += share;
        }
        for (const auto& [id, share] : shares) logits[std::size_t(id)] = float(std::log(share / total));
        return std::span<const float>(logits);
    }
    Result<std::optional<Quote>> ask(const QuoteSource& source, QuoteLimits limits = {}, std::stop_token stop = {}) {
        const NextLogits next = [this](std::span<const TokenId> ids) { return this->next(ids); };
        return findQuote(source, *tokenizer, next, limits, stop);
    }
    std::string text(const Quote& quote) const {
        std::string said;
        for (const TokenId id : quote.ids) said += tokenizer->piece(id);
        return said;
    }
};

TEST_F(Quotes, LikeliestWholeAnswerIsFoundBehindALikelierFirstWord) {
    Told model;  // "T" is likelier than "M", but no answer with it is likelier than the one with "M"
    model.answers = {{"The keeper sleeps by day.$", 0.3},
                     {"The key of the north tower hangs by the door.$", 0.3},
                     {"Mrs. Orlov keeps the keys.$", 0.4}};
    const auto quote = model.ask(source);
    ASSERT_TRUE(quote && *quote);
    EXPECT_EQ(model.text(**quote), "Mrs. Orlov keeps the keys.");
    EXPECT_NEAR((*quote)->log_probability, std::log(0.4), 0.01);
    EXPECT_TRUE((*quote)->ended);
}

TEST_F(Quotes, WhatTheDocumentsDoNotSayIsNotSaid) {
    Told model;
    model.answers = {{"Mr. Orlov keeps the keys.$", 0.7}, {"Mrs. Orlov keeps the keys.$", 0.3}};
    const auto quote = model.ask(source);
    ASSERT_TRUE(quote && *quote);
    EXPECT_EQ(model.text(**quote), "Mrs. Orlov keeps the keys.");
}

TEST_F(Quotes, NoQuoteWhereTheModelThinksOfNone) {
    Told model;
    model.answers = {{"zebra$", 1.0}};
    QuoteSource numbers;
    numbers.addPage("1 2 3");
    const auto quote = model.ask(numbers);
    ASSERT_TRUE(quote);
    EXPECT_FALSE(*quote);
}

TEST_F(Quotes, AnswersAreCutAtTheMostTokens) {
    Told model;
    model.answers = {{"The keeper sleeps by day.$", 1.0}};
    const auto quote = model.ask(source, {.max_tokens = 10});
    ASSERT_TRUE(quote && *quote);
    EXPECT_EQ(model.text(**quote), "The keeper");
    EXPECT_FALSE((*quote)->ended);
}

TEST_F(Quotes, CertainAnswerCostsItsOwnLength) {
    Told model;
    model.answers = {{"The keeper sleeps by day.$", 1.0}};
    ASSERT_TRUE(model.ask(source));
    EXPECT_EQ(model.calls, 26);
}

TEST_F(Quotes, StopKeepsWhatIsThere) {
    Told model;
    model.answers = {{"The keeper sleeps by day.$", 1.0}};
    std::stop_source stop;
    const NextLogits next = [&](std::span<const TokenId> ids) {
        if (ids.size() == 4) stop.request_stop();
        return model.next(ids);
    };
    const auto quote = findQuote(source, *model.tokenizer, next, {}, stop.get_token());
    ASSERT_TRUE(quote && *quote);
    EXPECT_EQ(model.text(**quote), "The k");
    EXPECT_FALSE((*quote)->ended);
}

TEST_F(Quotes, ErrorOfTheModelIsTheErrorOfTheSearch) {
    Told model;
    const NextLogits next = [](std::span<const TokenId>) -> Result<std::span<const float>> {
        return Error{ErrorCode::Failed, "broken"};
    };
    const auto quote = findQuote(source, *model.tokenizer, next, {}, {});
    ASSERT_FALSE(quote);
    EXPECT_EQ(quote.error().message, "broken");
}

}  // namespace
}  // namespace lectern
