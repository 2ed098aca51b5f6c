// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/text/byte_alphabet.h"
#include "engine/text/pre_tokenizer.h"
#include "engine/text/pre_tokenizer_families.h"
#include "tests/engine/text/small_tokenizers.h"

namespace lectern::test {
namespace {

using Words = std::vector<std::string>;
using testing::HasSubstr;

Words words(const std::vector<std::string>& regexes, std::string_view text) {
    auto cutter = PreTokenizer::make(regexes);
    if (!cutter) return {cutter.error().message};
    Words words;
    for (const TextSpan& span : cutter->split(text)) words.emplace_back(text.substr(span.begin, span.end - span.begin));
    return words;
}

Words wordsOf(std::string_view family, std::string_view text) {
    auto found = preTokenizerFamily(family);
    return found ? words(found->regexes, text) : Words{found.error().message};
}

TEST(ByteAlphabet, SpellsEveryByteAndReadsItBack) {
    const ByteAlphabet alphabet;
    std::string bytes;
    for (int byte = 0; byte < 256; ++byte) bytes += char(byte);
    EXPECT_EQ(alphabet.bytes(alphabet.spell(bytes)), bytes);
    EXPECT_EQ(alphabet.spell(" \n"), "ĠĊ");
    EXPECT_EQ(alphabet.bytes("日"), "日");  // outside the alphabet: stands for itself
}

TEST(PreTokenizer, FamiliesCutAsTheirModelsDo) {
    const std::string_view text = "I'll pay 12345 euros,  OK?\n\n don't";
    EXPECT_EQ(wordsOf("gpt-2", text),
              (Words{"I", "'ll", " pay", " 12345", " euros", ",", " ", " OK", "?", "\n\n", " don", "'t"}));
    EXPECT_EQ(wordsOf("llama-bpe", text),
              (Words{"I", "'ll", " pay", " ", "123", "45", " euros", ",", " ", " OK", "?\n\n", " don", "'t"}));
    EXPECT_EQ(wordsOf("qwen2", text), (Words{"I", "'ll", " pay", " ", "1", "2", "3", "4", "5", " euros", ",", " ",
                                             " OK", "?\n\n", " don", "'t"}));
    EXPECT_EQ(wordsOf("starcoder", "x 12"), (Words{"x", " ", "1", "2"}));
    EXPECT_EQ(wordsOf("falcon", "a==b 1234"), (Words{"a", "==", "b", " ", "123", "4"}));
    EXPECT_EQ(wordsOf("deepseek-llm", "Hi 中文 42\n"), (Words{"Hi", " ", "中文", " ", "42", "\n"}));
    EXPECT_EQ(wordsOf("none", text), Words{std::string(text)});
    EXPECT_EQ(wordsOf("", text), wordsOf("default", text));
}

TEST(PreTokenizer, EveryFamilyCompilesAndTiles) {
    for (const char* family : {"default", "gpt-2", "llama-bpe", "qwen2", "qwen35", "tekken", "gpt-4o", "deepseek-llm",
                               "deepseek-coder", "deepseek-v3", "falcon", "starcoder", "bloom", "viking"}) {
        auto found = preTokenizerFamily(family);
        ASSERT_TRUE(found) << family;
        ASSERT_TRUE(PreTokenizer::make(found->regexes)) << family;
        for (const auto& texts : {hardTexts(), brokenTexts()})
            for (const auto& text : texts) {
                std::string whole;
                for (const auto& word : words(found->regexes, text)) whole += word;
                EXPECT_EQ(whole, text) << family;
            }
    }
}

TEST(PreTokenizer, EveryFamilyIsQuickOnAMegabyteOfOneLetter) {
    for (const char* family : {"default", "gpt-2", "llama-bpe", "qwen2", "tekken", "gpt-4o", "deepseek-llm",
                               "deepseek-v3", "falcon", "bloom"}) {
        const auto cutter = PreTokenizer::make(preTokenizerFamily(family)->regexes);
        ASSERT_TRUE(cutter) << cutter.error().message;
        for (const char* letter : {"a", "A", " ", "\n", "=", "é", "中", "\xFF"}) {
            std::string text;
            while (text.size() < 1 << 20) text += letter;
            const auto cut = cutter->split(text + "中");
            ASSERT_FALSE(cut.empty());
            EXPECT_LE(cut.size(), text.size() + 3);
        }
    }
}

TEST(PreTokenizer, BytesThatAreNotTextAreCutAndKept) {
    EXPECT_EQ(wordsOf("gpt-2", "ab\xFF\xFE cd"), (Words{"ab", "\xFF\xFE", " cd"}));
    EXPECT_EQ(wordsOf("gpt-2", std::string_view("a\0b", 3)), (Words{"a", std::string(1, '\0'), "b"}));
}

TEST(PreTokenizer, RegexesThatDoNotCompileAreNamed) {
    const auto broken = PreTokenizer::make({R"(\p{L}+)", "(unclosed"});
    ASSERT_FALSE(broken);
    EXPECT_THAT(broken.error().message, HasSubstr("(unclosed"));
    const auto intersection = PreTokenizer::make({R"([\p{L}&&[^a]])"});
    ASSERT_FALSE(intersection);
    EXPECT_EQ(intersection.error().code, ErrorCode::BadInput);
}

TEST(PreTokenizer, ARunawayRegexLosesOnlyItsCuts) {
    const std::string text = std::string(5000, 'x') + "!";
    std::string whole;
    for (const auto& word : words({R"((x+x+)+y)"}, text)) whole += word;
    EXPECT_EQ(whole, text);
}

TEST(ByteLevelBpe, LowerRanksMergeFirst) {
    const auto tokenizer = made(smallByteLevel());
    const auto ids = tokenizer->encode("hello hello world");
    ASSERT_EQ(ids.size(), 3U);
    EXPECT_EQ(tokenizer->piece(ids[0]), "hello");
    EXPECT_EQ(tokenizer->piece(ids[1]), " hello");
    EXPECT_EQ(tokenizer->piece(ids[2]), " world");
    EXPECT_EQ(tokenizer->encode("aaa"), (std::vector<TokenId>{idOf(*tokenizer, "aa"), 'a'}));
}

TEST(ByteLevelBpe, WordsNeverMergeAcrossACut) {
    auto spec = smallByteLevel();
    spec.tokens.insert(spec.tokens.end() - 2, "oĠ");
    spec.types.insert(spec.types.end() - 2, TokenType::Normal);
    spec.merges.emplace(spec.merges.begin(), "o", "Ġ");
    spec.eos = -1;
    EXPECT_EQ(made(spec)->encode("o o"), (std::vector<TokenId>{'o', ' ', 'o'}));
    spec.pre = "none";
    EXPECT_EQ(made(spec)->encode("o o").size(), 2U);
}

TEST(ByteLevelBpe, RangesAreExactInsideCharacters) {
    const auto placed = made(smallByteLevel())->encodePlaced("a😀", false);
    ASSERT_EQ(placed.size(), 3U);  // U+1F600 is F0 9F 98 80: three of its bytes merge
    EXPECT_EQ(placed[1].begin, 1U);
    EXPECT_EQ(placed[1].end, 4U);
    EXPECT_EQ(placed[2].begin, 4U);
    EXPECT_EQ(placed[2].end, 5U);
}

TEST(ByteLevelBpe, WholeWordsAreTakenWhereMergesAreIgnored) {
    auto spec = smallByteLevel();
    spec.tokens.insert(spec.tokens.end() - 2, "held");  // no merges lead to it
    spec.types.insert(spec.types.end() - 2, TokenType::Normal);
    spec.eos = -1;
    EXPECT_EQ(made(spec)->encode("held").size(), 2U);
    spec.ignore_merges = true;
    EXPECT_EQ(made(spec)->encode("held").size(), 1U);
    spec.ignore_merges = false;
    spec.pre = "llama-bpe";
    EXPECT_EQ(made(spec)->encode("held").size(), 1U);
}

TEST(ByteLevelBpe, AnUnknownWayOfCuttingIsNamed) {
    auto spec = smallByteLevel();
    spec.pre = "gpt-17";
    const auto tokenizer = Tokenizer::make(spec);
    ASSERT_FALSE(tokenizer);
    EXPECT_EQ(tokenizer.error().code, ErrorCode::BadInput);
    EXPECT_THAT(tokenizer.error().message, HasSubstr("gpt-17"));
}

TEST(ByteLevelBpe, ExplicitRegexesComeBeforeTheFamily) {
    auto spec = smallByteLevel();
    spec.pre = "gpt-17";
    spec.pre_regexes = {"l"};
    EXPECT_EQ(made(spec)->encode("hello").size(), 4U);  // "he", "l", "l", "o"
}

TEST(ByteLevelBpe, BytesTheVocabularyLacksAreLeftOutOrUnknown) {
    auto spec = smallByteLevel();
    spec.tokens['z'] = "zz-unused";
    EXPECT_EQ(made(spec)->encode("hzh"), (std::vector<TokenId>{'h', 'h'}));
    spec.unknown = 'z';
    EXPECT_EQ(made(spec)->encode("hzh"), (std::vector<TokenId>{'h', 'z', 'h'}));
}

}  // namespace
}  // namespace lectern::test
