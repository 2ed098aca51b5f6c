// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/answer/quote_evidence.h"

#include <gtest/gtest.h>

namespace lectern {
namespace {

constexpr QuoteEvidence kGood{-0.5, 25, -9, {0.8, 0.8}};

TEST(QuoteEvidence, GoodQuoteIsAnAnswer) {
    EXPECT_GT(quoteScore(kGood), 0);
}

TEST(QuoteEvidence, SharedWordsMakeUpForAModelInDoubt) {
    QuoteEvidence quote{-4, 25, -1, {0, 0}};
    EXPECT_LT(quoteScore(quote), 0);
    quote.shared = {1, 1};
    EXPECT_GT(quoteScore(quote), 0);
}

TEST(QuoteEvidence, SureModelNeedsNoSharedWords) {
    EXPECT_GT(quoteScore({-0.5, 25, -9, {0, 0}}), 0) << "a question in other words, or in another language";
}

TEST(QuoteEvidence, EachKindOfDoubtCounts) {
    QuoteEvidence unlikely = kGood, absent = kGood, other = kGood;
    unlikely.log_probability = -8;
    absent.absence = -0.5;
    other.shared = {0.2, 0.2};
    for (const QuoteEvidence& quote : {unlikely, absent, other}) EXPECT_LT(quoteScore(quote), quoteScore(kGood));
}

TEST(QuoteEvidence, LongQuoteIsAllowedMoreDoubt) {
    QuoteEvidence longer = kGood;
    longer.tokens = 100;
    EXPECT_GT(quoteScore(longer), quoteScore(kGood));
}

TEST(QuoteEvidence, BoundIsNeverBelowTheScore) {
    for (const double absence : {0.0, -1.0, -20.0})
        for (const double shared : {0.0, 0.3, 1.0})
            for (const double likely : {0.0, -3.0, -300.0})
                EXPECT_LE(quoteScore({likely, 10, absence, {shared, shared}}), quoteScoreAtMost(absence, shared));
}

TEST(QuoteEvidence, EmptyQuoteIsNoDivisionByZero) {
    EXPECT_EQ(quoteScore({-1, 0, 0, {0, 0}}), quoteScore({-1, 1, 0, {0, 0}}));
}

}  // namespace
}  // namespace lectern
