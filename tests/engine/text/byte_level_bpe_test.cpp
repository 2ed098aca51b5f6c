// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

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

/// Regexes that look at a text again and again, each in its own way.
const char* const kHostile[] = {
    R"((x+x+)+y)",             // a power of the length, in one match
    R"(x*y|x)",                // to the end and back from every letter
    R"([a-x]++y|x)",           // to the end from every letter, in one step
    R"((?:x(?![a-x]*+y))+z)",  // to the end from every letter of what is matched
    R"((?:x(?=[a-x]*+!))+?)",  // the same, and it matches
    R"(x(?=(?:[a-x]*+!)?))",
    R"((?:[a-x]{900}){900}y|x)",
    R"((?<!y)x*$|x)",
    R"((?:(?:x|x)(?:x|x))*z|x)",
};

TEST(PreTokenizer, NoRegexKeepsATextFromBeingCutInTime) {
    for (const char* regex : kHostile) {
        const auto cutter = PreTokenizer::make({regex});
        ASSERT_TRUE(cutter) << cutter.error().message;
        const std::string text = std::string(100'000, 'x') + "!";
        const auto begin = std::chrono::steady_clock::now();
        const auto cut = cutter->split(text);
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
        EXPECT_LT(took.count(), 2) << regex;
        ASSERT_FALSE(cut.empty());
        std::uint32_t at = 0;
        for (const TextSpan& span : cut) {
            EXPECT_EQ(span.begin, at);
            at = span.end;
        }
        EXPECT_EQ(at, text.size()) << regex;
    }
}

TEST(PreTokenizer, SeveralHostileRegexesShareOneBudget) {
    const auto cutter = PreTokenizer::make(std::vector<std::string>(std::begin(kHostile), std::end(kHostile)));
    ASSERT_TRUE(cutter);
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_FALSE(cutter->split(std::string(100'000, 'x')).empty());
    EXPECT_LT(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(), 2);
}

/// Written otherwise than in the table of families, so that it is foreign: what it cuts is the same.
TEST(PreTokenizer, ForeignRegexesCutLongRunsAsKnownOnesDo) {
    const std::string known = preTokenizerFamily("qwen2")->regexes.front(), foreign = "(?:" + known + ")";
    ASSERT_TRUE(isKnownRegex(known));
    ASSERT_FALSE(isKnownRegex(foreign));
    for (const char* letter : {"a", " ", "\n", "=", "1", "中"}) {
        std::string text = "It's ";
        while (text.size() < 1 << 20) text += letter;
        text += " 中a";
        EXPECT_EQ(words({foreign}, text), words({known}, text));
    }
    EXPECT_EQ(words({foreign}, "I'll pay 12345 euros,  OK?\n\n"), words({known}, "I'll pay 12345 euros,  OK?\n\n"));
}

TEST(PreTokenizer, ForeignRegexesRepeatAnItemAThousandTimesAtMost) {
    EXPECT_TRUE(PreTokenizer::make({R"(x{1,1000}|[\x{3040}-\x{309F}]|\p{L}{3})"}));
    for (const char* regex : {"x{1001}", "x{2,60000}", "(?:x{0,5}y{,1001})", R"(\\x{1001})", R"(\d{1001})"}) {
        const auto refused = PreTokenizer::make({regex});
        ASSERT_FALSE(refused) << regex;
        EXPECT_THAT(refused.error().message, HasSubstr("more than 1000 times"));
    }
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
