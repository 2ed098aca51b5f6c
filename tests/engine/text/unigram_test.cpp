// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/text/unigram.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <limits>
#include <random>

#include "engine/text/char_map.h"
#include "engine/text/utf8.h"
#include "tests/engine/text/small_tokenizers.h"

namespace lectern::test {
namespace {

/// The largest sum of scores over all ways to cut `word`; unknown characters 10 below the worst piece.
double bestScore(const TokenizerSpec& spec, std::string_view word) {
    double worst = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < spec.tokens.size(); ++i)
        if (spec.types[i] == TokenType::Normal) worst = std::min(worst, double(spec.scores[i]));
    const std::function<double(std::string_view)> best = [&](std::string_view rest) {
        if (rest.empty()) return 0.0;
        double found = -std::numeric_limits<double>::infinity();
        bool alone = false;
        const std::size_t step = utf8Step(rest);
        for (std::size_t i = 0; i < spec.tokens.size(); ++i) {
            const std::string& piece = spec.tokens[i];
            if (spec.types[i] != TokenType::Normal || !rest.starts_with(piece)) continue;
            alone |= piece.size() == step;
            found = std::max(found, double(spec.scores[i]) + best(rest.substr(piece.size())));
        }
        return alone ? found : std::max(found, worst - 10 + best(rest.substr(step)));
    };
    return best(word);
}

class Unigram : public testing::Test {
protected:
    Unigram() : m_spec(smallUnigram()) {
        std::mt19937 random(3);
        for (float& score : m_spec.scores) score = -float(random() % 100) / 8;
        EXPECT_TRUE(m_vocabulary.fill(m_spec));
        EXPECT_TRUE(m_model.fill(m_spec, m_vocabulary));
    }
    std::vector<Segment> segments(std::string_view word) {
        std::vector<Segment> out;
        m_model.segment(word, m_scratch, out);
        return out;
    }
    TokenizerSpec m_spec;
    Vocabulary m_vocabulary;
    UnigramModel m_model;
    std::vector<UnigramModel::Best> m_scratch;
};

TEST_F(Unigram, NoOtherWayToCutScoresMore) {
    std::mt19937 random(5);
    const std::vector<std::string> parts = {"h", "e", "l", "o", "w", "r", "d", "▁", "a", "é", "€", "\xFF"};
    for (int turn = 0; turn < 300; ++turn) {
        std::string word;
        for (auto left = random() % 9; left-- > 0;) word += parts[random() % parts.size()];
        double score = 0, worst = 0;
        for (std::size_t i = 0; i < m_spec.tokens.size(); ++i)
            if (m_spec.types[i] == TokenType::Normal) worst = std::min(worst, double(m_spec.scores[i]));
        std::uint32_t at = 0;
        for (const Segment& segment : segments(word)) {
            EXPECT_EQ(segment.begin, at);
            at = segment.end;
            score += segment.id < 0 ? worst - 10 : double(m_spec.scores[std::size_t(segment.id)]);
            if (segment.id >= 0) {
                EXPECT_EQ(m_spec.tokens[std::size_t(segment.id)], word.substr(segment.begin, at - segment.begin));
            }
        }
        EXPECT_EQ(at, word.size());
        EXPECT_NEAR(score, bestScore(m_spec, word), 1e-9) << word;
    }
}

TEST_F(Unigram, ScoresAndSanePiecesAreNeeded) {
    auto bare = m_spec;
    bare.scores.clear();
    EXPECT_FALSE(UnigramModel().fill(bare, m_vocabulary));
    auto spec = smallUnigram();
    spec.tokens[std::size_t(idOf(*made(spec), "hello"))] = std::string(UnigramModel::kLongest + 1, 'x');
    const auto tokenizer = Tokenizer::make(spec);
    ASSERT_FALSE(tokenizer);
    EXPECT_THAT(tokenizer.error().message, testing::HasSubstr("limit"));
}

TEST_F(Unigram, InfiniteScoresStillTile) {
    auto spec = smallUnigram();
    for (std::size_t i = 0; i < spec.scores.size(); ++i)
        spec.scores[i] = (i % 2 == 0 ? 1.0F : -1.0F) * std::numeric_limits<float>::infinity();
    EXPECT_EQ(placementFault(*made(spec), "hello world € aaaa"), "");
}

/// A table whose trie leads from "a" to itself: no entry ever ends.
std::string circle(std::uint32_t value_bit) {
    std::vector<std::uint32_t> units(128, 0);
    units['a'] = std::uint32_t('a') << 10 | value_bit | 'a';
    std::string bytes;
    const auto number = [&](std::uint32_t n) {
        for (int shift = 0; shift < 32; shift += 8) bytes += char(n >> shift);
    };
    number(std::uint32_t(units.size() * 4));
    for (const std::uint32_t unit : units) number(unit);
    return bytes + std::string("b\0", 2);
}

TEST(SpelledText, TablesThatGoInCirclesTakeLinearTime) {
    auto spec = smallUnigram();
    spec.char_map = circle(0);
    const std::string text(1 << 18, 'a');
    EXPECT_EQ(made(spec)->encode(text), made(smallUnigram())->encode(text));
    spec.char_map = circle(0x100);
    const auto tokenizer = made(spec);
    EXPECT_EQ(tokenizer->decode(tokenizer->encode(text)), std::string(text.size() / CharMap::kLongest, 'b'));
    EXPECT_EQ(placementFault(*tokenizer, text), "");
}

TEST(SpelledText, DamagedTablesAreErrors) {
    const std::string whole = circle(0);
    for (const std::size_t size : {std::size_t(0), std::size_t(3), std::size_t(4), whole.size() - 2, whole.size() - 1})
        EXPECT_FALSE(CharMap::make(whole.substr(0, size))) << size;
    EXPECT_FALSE(CharMap::make(std::string("\xFF\xFF\xFF\xFF\0\0\0\0\0", 9)));
    EXPECT_TRUE(CharMap::make(whole));
}

TEST(SpelledText, RunsOfSpacesAreOneAndNoneAtTheEnds) {
    auto spec = smallUnigram();
    spec.merge_spaces = true;
    const auto tokenizer = made(spec);
    EXPECT_EQ(tokenizer->encode("  hello   world  "), tokenizer->encode("hello world"));
    EXPECT_EQ(tokenizer->decode(tokenizer->encode("  hello   world  ")), "hello world");
    EXPECT_TRUE(tokenizer->encode("   ").empty());
    EXPECT_EQ(tokenizer->decode(tokenizer->encode(" world", false, TextPlace::Continuing)), "world");
    for (const auto& text : {"  hello   world  ", "hello  ", "  h", "a  <tool>  a "})
        EXPECT_EQ(placementFault(*tokenizer, text), "") << text;
    const auto placed = tokenizer->encodePlaced("  hello   world  ", false);
    EXPECT_EQ(placed.front().begin, 0U);
    EXPECT_EQ(placed.back().begin, 7U) << "the space before a word is the first of its run";
    EXPECT_EQ(placed.back().end, 17U);
}

TEST(SpelledText, WhatIsContinuedKeepsTheSpaceAtItsEnd) {
    auto spec = smallUnigram();
    spec.merge_spaces = true;
    const auto tokenizer = made(spec);
    for (const TextPlace place : {TextPlace::Opening, TextPlace::Continuing}) {
        auto ids = tokenizer->encode("hello  ", false, place);
        for (const TokenId id : tokenizer->encode("world", false, TextPlace::Continuing)) ids.push_back(id);
        EXPECT_EQ(tokenizer->decode(ids), "hello world");
    }
}

TEST(SpelledText, TokensMatchedAsAWholeKeepTheirCharacters) {
    auto spec = smallUnigram();
    spec.char_map = circle(0x100);
    EXPECT_EQ(made(spec)->decode(made(spec)->encode("aaa")), "b");
    spec.tokens.push_back("aaa"), spec.types.push_back(TokenType::UserDefined), spec.scores.push_back(0);
    EXPECT_EQ(made(spec)->decode(made(spec)->encode("aaa")), "aaa");
}

}  // namespace
}  // namespace lectern::test
