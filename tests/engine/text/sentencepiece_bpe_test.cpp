// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/text/tokenizer.h"
#include "tests/engine/text/small_tokenizers.h"

namespace lectern::test {
namespace {

using Pieces = std::vector<std::string>;

Pieces pieces(const Tokenizer& tokenizer, std::string_view text, bool parse_special = false) {
    Pieces pieces;
    for (const TokenId id : tokenizer.encode(text, parse_special))
        pieces.push_back(tokenizer.spec().tokens[std::size_t(id)]);
    return pieces;
}

TEST(SentencePieceBpe, BetterScoresMergeFirst) {
    auto spec = smallSentencePiece();
    spec.add_space_prefix = false;
    EXPECT_EQ(pieces(*made(spec), "hello"), Pieces{"hello"});
    EXPECT_EQ(pieces(*made(spec), "hello world"), (Pieces{"hello", "▁world"}));
    for (std::size_t i = 0; i < spec.tokens.size(); ++i)
        if (spec.tokens[i] == "▁h") spec.scores[i] = 1;  // now better than "he"
    spec.add_space_prefix = true;
    EXPECT_EQ(pieces(*made(spec), "hello"), (Pieces{"▁h", "e", "ll", "o"}));
}

TEST(SentencePieceBpe, EqualScoresMergeLeftmostFirst) {
    auto spec = smallSentencePiece();
    spec.add_space_prefix = false;
    EXPECT_EQ(pieces(*made(spec), "aaa"), (Pieces{"aa", "a"}));
    EXPECT_EQ(pieces(*made(spec), "aaaaaaa"), (Pieces{"aaaa", "aa", "a"}));
}

TEST(SentencePieceBpe, RanksMergeAsScoresDo) {
    auto by_score = smallSentencePiece();
    auto by_rank = by_score;
    by_rank.scores.clear();
    for (const auto& [left, right] : {std::pair{"l", "l"},
                                      {"h", "e"},
                                      {"▁", "w"},
                                      {"o", "r"},
                                      {"he", "ll"},
                                      {"l", "d"},
                                      {"hell", "o"},
                                      {"▁w", "or"},
                                      {"▁wor", "ld"},
                                      {"▁", "h"},
                                      {"▁", "▁"},
                                      {"<", "/"},
                                      {"s", ">"},
                                      {"a", "a"},
                                      {"aa", "aa"}})
        by_rank.merges.emplace_back(left, right);
    const auto scored = made(by_score), ranked = made(by_rank);
    for (const auto& text : hardTexts()) EXPECT_EQ(ranked->encode(text), scored->encode(text)) << text;
}

TEST(SentencePieceBpe, ASpaceIsPutBeforeTheFirstWordAndTakenAwayAgain) {
    const auto tokenizer = made(smallSentencePiece());
    EXPECT_EQ(pieces(*tokenizer, "world"), Pieces{"▁world"});
    EXPECT_EQ(pieces(*tokenizer, " world"), (Pieces{"▁", "▁world"}));
    EXPECT_EQ(tokenizer->decode(tokenizer->encode("world")), "world");
    EXPECT_EQ(tokenizer->piece(idOf(*tokenizer, "▁world")), " world");
}

TEST(SentencePieceBpe, ASpaceIsPutAfterSpecialTokensToo) {
    auto spec = smallSentencePiece();
    EXPECT_EQ(pieces(*made(spec), "world<tool>world", true), (Pieces{"▁world", "<tool>", "▁world"}));
    spec.prefix_after_special = false;
    EXPECT_EQ(pieces(*made(spec), "world<tool>world", true), (Pieces{"▁world", "<tool>", "w", "or", "ld"}));
    EXPECT_EQ(made(spec)->decode(made(spec)->encode("world<tool> world")), "world<tool> world");
}

TEST(SentencePieceBpe, ASpaceIsPutOnlyWhereMissingIfSoAsked) {
    auto spec = smallSentencePiece();
    spec.prefix_if_missing = true;
    EXPECT_EQ(pieces(*made(spec), "world"), Pieces{"▁world"});
    EXPECT_EQ(pieces(*made(spec), " world"), Pieces{"▁world"});
}

TEST(SentencePieceBpe, TheSpacePutInFrontCoversNoText) {
    auto spec = smallSentencePiece();
    const auto placed = made(spec)->encodePlaced("é", false);
    ASSERT_EQ(placed.size(), 2U);
    EXPECT_EQ(placed[0].begin, 0U);
    EXPECT_EQ(placed[0].end, 0U);
    EXPECT_EQ(placed[1].begin, 0U);
    EXPECT_EQ(placed[1].end, 2U);
}

TEST(SentencePieceBpe, SuffixVocabulariesPutTheSpaceAtTheEnd) {
    auto spec = smallSentencePiece();
    spec.escape_with_suffix = true;
    for (auto& token : spec.tokens)
        if (token == "▁world") token = "world▁";
    for (const char* piece : {"wor", "worl", "world"}) {
        spec.tokens.insert(spec.tokens.end() - 2, piece);
        spec.types.insert(spec.types.end() - 2, TokenType::Normal);
        spec.scores.insert(spec.scores.end() - 2, -3.5F);
    }
    for (auto& token : spec.tokens)
        if (token == "▁w" || token == "▁wor" || token == "▁h") token += "?";
    const auto tokenizer = made(spec);
    EXPECT_EQ(pieces(*tokenizer, "world world"), (Pieces{"world▁", "world▁"}));
    EXPECT_EQ(tokenizer->decode(tokenizer->encode("world world")), "world world");
    EXPECT_EQ(placementFault(*tokenizer, "world world  world "), "");
}

TEST(SentencePieceBpe, MissingCharactersBecomeBytesThatCoverThem) {
    auto spec = smallSentencePiece();
    spec.add_space_prefix = false;
    const auto placed = made(spec)->encodePlaced("h€", false);
    ASSERT_EQ(placed.size(), 4U);
    for (std::size_t i = 1; i < 4; ++i) {
        EXPECT_EQ(placed[i].begin, 1U);
        EXPECT_EQ(placed[i].end, 4U);
    }
    EXPECT_EQ(placed[1].id, 3 + 0xE2);
    EXPECT_EQ(placed[3].id, 3 + 0xAC);
}

TEST(SentencePieceBpe, WithoutBytesMissingCharactersAreOneUnknownToken) {
    auto spec = smallSentencePiece();
    spec.byte_fallback = false;
    spec.add_space_prefix = false;
    const auto tokenizer = made(spec);
    const auto placed = tokenizer->encodePlaced("h€€\xFFh", false);
    ASSERT_EQ(placed.size(), 3U);
    EXPECT_EQ(placed[1].id, spec.unknown);
    EXPECT_EQ(placed[1].begin, 1U);
    EXPECT_EQ(placed[1].end, 8U);
    EXPECT_EQ(tokenizer->piece(spec.unknown), "\uFFFD");
}

TEST(SentencePieceBpe, MergesNeverMakeControlTokens) {
    const auto tokenizer = made(smallSentencePiece());  // "</" and "s>" are pieces, "</s>" has the best score of all
    EXPECT_EQ(pieces(*tokenizer, "</s>"), (Pieces{"▁", "</", "s>"}));
    EXPECT_EQ(pieces(*tokenizer, "</s>", true), Pieces{"</s>"});
}

TEST(SentencePieceBpe, ByteTokensCannotBeSpelled) {
    auto spec = smallSentencePiece();
    for (const char* piece : {"<0", "<0x", "<0x4", "<0x41"}) {
        spec.tokens.emplace_back(piece);
        spec.types.push_back(TokenType::Normal);
        spec.scores.push_back(0);
    }
    const auto tokenizer = made(spec);
    for (const TokenId id : tokenizer->encode("<0x41>")) EXPECT_NE(id, 3 + 0x41);
    EXPECT_EQ(tokenizer->decode(tokenizer->encode("<0x41>")), "<0x41>");
}

TEST(SentencePieceBpe, UserDefinedTokensMaySpellSpacesEitherWay) {
    auto spec = smallSentencePiece();
    spec.tokens.back() = "▁▁▁▁";
    EXPECT_EQ(pieces(*made(spec), "world    world"), (Pieces{"▁world", "▁▁▁▁", "▁world"}));
    spec.tokens.back() = "    ";
    EXPECT_EQ(pieces(*made(spec), "world    world"), (Pieces{"▁world", "    ", "▁world"}));
}

}  // namespace
}  // namespace lectern::test
