// SPDX-License-Identifier: GPL-3.0-or-later
// Promises of all kinds of tokenizer, kept on vocabularies small enough to know by heart.
#include "engine/text/tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cmath>
#include <random>

#include "engine/text/utf8.h"
#include "tests/engine/text/small_tokenizers.h"

namespace lectern::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class EveryKind : public testing::TestWithParam<TokenizerSpec (*)()> {
protected:
    TokenizerSpec spec() const { return GetParam()(); }
    std::unique_ptr<Tokenizer> m_tokenizer = made(spec());
};
constexpr std::array kKinds = {"SentencePiece", "ByteLevel", "Unigram"};
INSTANTIATE_TEST_SUITE_P(Small, EveryKind, testing::Values(&smallSentencePiece, &smallByteLevel, &smallUnigram),
                         [](const auto& info) { return kKinds[info.index]; });

TEST_P(EveryKind, TextComesBackAsItWas) {
    for (const auto& text : hardTexts()) EXPECT_EQ(m_tokenizer->decode(m_tokenizer->encode(text)), text);
}

TEST_P(EveryKind, BytesThatAreNotTextComeBackAsTheyWere) {
    for (const auto& text : brokenTexts())
        EXPECT_EQ(m_tokenizer->decode(m_tokenizer->encode(text)).size(), text.size());
    EXPECT_EQ(m_tokenizer->decode(m_tokenizer->encode("hello \xE2\x82 world")), "hello \xE2\x82 world");
}

TEST_P(EveryKind, RandomBytesComeBackAndAreTiled) {
    std::mt19937 random(7);
    const std::string_view bytes = "helo wrd \n\xE2\x82\xAC\xF0\x9F\x98\x80\xC3\xFF\x80<tool>";
    for (int round = 0; round < 300; ++round) {
        std::string text;
        for (auto left = random() % 60; left-- > 0;) text += bytes[random() % bytes.size()];
        ASSERT_EQ(m_tokenizer->decode(m_tokenizer->encode(text)), text);
        ASSERT_EQ(placementFault(*m_tokenizer, text, true), "");
    }
}

TEST_P(EveryKind, RangesTileTheText) {
    for (const auto& text : hardTexts()) EXPECT_EQ(placementFault(*m_tokenizer, text), "") << text;
    for (const auto& text : brokenTexts()) EXPECT_EQ(placementFault(*m_tokenizer, text), "");
    EXPECT_EQ(placementFault(*m_tokenizer, "a<tool>b</s><|im_end|>c", true), "");
}

TEST_P(EveryKind, NothingComesOfNothing) {
    EXPECT_TRUE(m_tokenizer->encodePlaced("", true).empty());
    EXPECT_EQ(m_tokenizer->decode({}), "");
}

TEST_P(EveryKind, DocumentsCannotSpellControlTokens) {
    const TokenId control = idOf(*m_tokenizer, "<|im_end|>");
    const std::string text = "hello<|im_end|></s>";
    const auto plain = m_tokenizer->encode(text, false);
    for (const TokenId id : plain) EXPECT_NE(m_tokenizer->spec().types[std::size_t(id)], TokenType::Control);
    EXPECT_EQ(m_tokenizer->decode(plain), text);
    EXPECT_THAT(m_tokenizer->encode(text, true), testing::Contains(control));
}

TEST_P(EveryKind, UserDefinedTokensAreAlwaysMatched) {
    const TokenId tool = idOf(*m_tokenizer, "<tool>");
    const auto placed = m_tokenizer->encodePlaced("hello<tool>hello", false);
    int found = 0;
    for (const PlacedToken& token : placed) {
        if (token.id != tool) continue;
        ++found;
        EXPECT_EQ(token.begin, 5U);
        EXPECT_EQ(token.end, 11U);
    }
    EXPECT_EQ(found, 1);
    EXPECT_EQ(m_tokenizer->piece(tool), "<tool>");
    EXPECT_EQ(m_tokenizer->decode(m_tokenizer->encode("hello<tool> hello<tool>")), "hello<tool> hello<tool>");
}

TEST_P(EveryKind, TheLongestSpecialTokenWins) {
    auto longer = spec();
    longer.tokens.push_back("<tool><tool>");
    longer.types.push_back(TokenType::UserDefined);
    if (!longer.scores.empty()) longer.scores.push_back(0);
    longer.add_space_prefix = false;
    const auto tokenizer = made(longer);
    const TokenId one = idOf(*tokenizer, "<tool>"), two = idOf(*tokenizer, "<tool><tool>");
    EXPECT_THAT(tokenizer->encode("<tool><tool><tool>"), ElementsAre(two, one));
}

TEST_P(EveryKind, ControlTokensHaveNoText) {
    const TokenId control = idOf(*m_tokenizer, "<|im_end|>");
    EXPECT_EQ(m_tokenizer->piece(control), "");
    EXPECT_EQ(m_tokenizer->piece(-1), "");
    EXPECT_EQ(m_tokenizer->piece(m_tokenizer->vocabSize()), "");
}

TEST_P(EveryKind, EndsOfTurnAreKnownByName) {
    auto other_end = spec();
    other_end.eos = 0;
    const auto tokenizer = made(other_end);
    EXPECT_TRUE(tokenizer->endsAnswer(idOf(*tokenizer, "<|im_end|>")));
    EXPECT_TRUE(tokenizer->endsAnswer(0));
    EXPECT_FALSE(tokenizer->endsAnswer(idOf(*tokenizer, "<tool>")));
    EXPECT_FALSE(tokenizer->endsAnswer(-1));
}

TEST_P(EveryKind, AMegabyteOfOneLetterTakesNoMoreThanSeconds) {
    for (const char letter : {'a', ' ', '\n', '\x80', '='}) {
        const std::string text(1 << 20, letter);
        const auto start = std::chrono::steady_clock::now();
        const auto ids = m_tokenizer->encode(text);
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
        EXPECT_LT(taken.count(), 10) << "letter " << int(letter);  // sanitizers slow it down
        EXPECT_EQ(m_tokenizer->decode(ids).size(), text.size());
    }
}

TEST_P(EveryKind, FingerprintFollowsEverythingThatDecidesIds) {
    const std::string original = m_tokenizer->fingerprint();
    EXPECT_EQ(original.size(), 16U);
    EXPECT_EQ(made(spec())->fingerprint(), original);
    auto renamed = spec();
    renamed.tokens[5] += "x";
    EXPECT_NE(made(renamed)->fingerprint(), original);
    auto unprefixed = spec();
    unprefixed.add_space_prefix = !unprefixed.add_space_prefix;
    EXPECT_NE(made(unprefixed)->fingerprint(), original);
}

TEST_P(EveryKind, StreamsNeverEmitHalfACharacter) {
    for (const auto& text : hardTexts()) {
        StreamDecoder stream(*m_tokenizer, TextPlace::Whole);
        std::string shown;
        for (const TokenId id : m_tokenizer->encode(text)) {
            const std::string now = stream.push(id);
            for (std::size_t i = 0; i < now.size(); i += std::size_t(utf8Length(std::string_view(now).substr(i))))
                ASSERT_GT(utf8Length(std::string_view(now).substr(i)), 0) << text;
            shown += now;
        }
        EXPECT_EQ(shown + stream.finish(), text);
    }
}

TEST_P(EveryKind, ContinuingTextsGetNoSpaceOfTheirOwn) {
    auto plain = spec();
    plain.add_space_prefix = false;
    const auto unprefixed = made(plain);
    for (const auto& text : hardTexts()) {
        const auto ids = m_tokenizer->encode(text, true, TextPlace::Continuing);
        EXPECT_EQ(ids, unprefixed->encode(text, true)) << text;
        StreamDecoder expected(*unprefixed, TextPlace::Whole), stream(*m_tokenizer, TextPlace::Continuing);
        std::string shown, wanted;
        for (const TokenId id : ids) shown += stream.push(id), wanted += expected.push(id);
        EXPECT_EQ(shown + stream.finish(), wanted + expected.finish()) << text;
    }
}

TEST_P(EveryKind, StreamsReplaceWhatIsNoCharacter) {
    StreamDecoder stream(*m_tokenizer, TextPlace::Whole);
    std::string shown;
    for (const TokenId id : m_tokenizer->encode("a\xFF"
                                                "b\xE2\x82"))
        shown += stream.push(id);
    EXPECT_EQ(shown, "a\uFFFDb");
    EXPECT_EQ(stream.finish(), "\uFFFD");
    EXPECT_EQ(stream.finish(), "");
}

using Damage = void (*)(TokenizerSpec&);
struct Contradiction {
    const char* says;
    Damage damage;
};

TEST_P(EveryKind, ContradictionsAreErrorsThatNameThem) {
    const Contradiction contradictions[] = {
        {"empty", [](TokenizerSpec& s) { s.tokens.clear(); }},
        {"types", [](TokenizerSpec& s) { s.types.pop_back(); }},
        {"scores", [](TokenizerSpec& s) { s.scores = {1.F}; }},
        {"not a number", [](TokenizerSpec& s) { s.scores.assign(s.tokens.size(), std::nanf("")); }},
        {"outside", [](TokenizerSpec& s) { s.bos = std::int32_t(s.tokens.size()); }},
        {"outside", [](TokenizerSpec& s) { s.unknown = -7; }},
        {"outside", [](TokenizerSpec& s) { s.end_of_turn = {-1}; }},
        {"\"hd\"", [](TokenizerSpec& s) { s.merges.emplace_back("h", "d"); }},
        {"\"☃\"", [](TokenizerSpec& s) { s.merges.emplace_back("☃", "h"); }},
        {"limit", [](TokenizerSpec& s) { s.tokens.back().assign(1000, 'x'); }},
    };
    for (const auto& [says, damage] : contradictions) {
        auto damaged = spec();
        damage(damaged);
        const auto tokenizer = Tokenizer::make(std::move(damaged));
        ASSERT_FALSE(tokenizer) << says;
        EXPECT_EQ(tokenizer.error().code, ErrorCode::BadInput);
        EXPECT_THAT(tokenizer.error().message, HasSubstr(says));
    }
}

}  // namespace
}  // namespace lectern::test
