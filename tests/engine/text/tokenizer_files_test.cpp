// SPDX-License-Identifier: GPL-3.0-or-later
// Readers of tokenizer.json and tokenizer.model: what they understand, and what they refuse.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cstdint>

#include "tests/engine/text/small_tokenizers.h"
#include "tests/engine/text/test_files.h"
#include "tests/support/test_data.h"

namespace lectern::test {
namespace {

using testing::HasSubstr;

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    EXPECT_NE(at, text.npos) << from;
    return at == text.npos ? text : text.replace(at, from.size(), to);
}

const std::string kSentencePieceJson = R"({
  "added_tokens": [{"id": 0, "content": "<unk>", "special": true}, {"id": 1, "content": "<s>", "special": true},
                   {"id": 2, "content": "</s>", "special": true}, {"id": 12, "content": "<|end|>", "special": true},
                   {"id": 13, "content": "<tool>", "special": false}],
  "normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"},
                 {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
  "pre_tokenizer": null,
  "post_processor": {"type": "TemplateProcessing",
                     "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A"}}]},
  "model": {"type": "BPE", "unk_token": "<unk>", "byte_fallback": true,
            "vocab": {"<unk>": 0, "<s>": 1, "</s>": 2, "<0x21>": 3, "▁": 4, "h": 5, "i": 6, "hi": 7, "▁hi": 8},
            "merges": ["h i", ["▁", "hi"]]}})";

const std::string kByteLevelJson = R"({
  "added_tokens": [{"id": 7, "content": "<|endoftext|>", "special": true}],
  "normalizer": {"type": "NFC"},
  "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
      {"type": "Split", "pattern": {"Regex": "[\\r\\n]"}, "behavior": "Isolated", "invert": false},
      {"type": "Digits", "individual_digits": true},
      {"type": "Punctuation", "behavior": "Contiguous"},
      {"type": "Split", "pattern": {"String": "--"}, "behavior": "Removed", "invert": true},
      {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}]},
  "decoder": {"type": "ByteLevel"},
  "model": {"type": "BPE", "ignore_merges": true,
            "vocab": {"h": 0, "i": 1, "hi": 2, "Ġ": 3, "1": 4, "-": 5, "Ġhi": 6}, "merges": ["h i", "Ġ hi"]}})";

class TokenizerJson : public testing::Test {
protected:
    Result<TokenizerSpec> read(const std::string& json) {
        return readTokenizerJson(writeFile(m_folder / "tokenizer.json", json));
    }
    void expectRefused(const std::string& json, std::string_view says) {
        const auto spec = read(json);
        ASSERT_FALSE(spec) << says;
        EXPECT_EQ(spec.error().code, ErrorCode::BadInput);
        EXPECT_THAT(spec.error().message, HasSubstr(std::string(says)));
        EXPECT_THAT(spec.error().message, HasSubstr("tokenizer.json"));
    }
    TempDir m_folder;
};

TEST_F(TokenizerJson, BytesAndMarkedSpacesMakeSentencePiece) {
    const auto spec = read(kSentencePieceJson);
    ASSERT_TRUE(spec) << spec.error().message;
    EXPECT_EQ(spec->kind, TokenizerKind::SentencePieceBpe);
    EXPECT_TRUE(spec->add_space_prefix && spec->prefix_after_special && spec->byte_fallback && spec->add_bos);
    EXPECT_FALSE(spec->add_eos || spec->prefix_if_missing);
    EXPECT_EQ(spec->bos, 1);
    EXPECT_EQ(spec->eos, 2);
    EXPECT_EQ(spec->unknown, 0);
    EXPECT_EQ(spec->end_of_turn, std::vector<std::int32_t>{12});
    EXPECT_EQ(spec->types[0], TokenType::Unknown);
    EXPECT_EQ(spec->types[3], TokenType::Byte);
    EXPECT_EQ(spec->types[9], TokenType::Unused);  // a hole in the numbering
    EXPECT_EQ(spec->types[13], TokenType::UserDefined);
    EXPECT_EQ(made(*spec)->encode("hi!<tool>hi"), (std::vector<TokenId>{8, 3, 13, 8}));
}

TEST_F(TokenizerJson, ByteLevelsMakeByteLevelBpe) {
    const auto spec = read(kByteLevelJson);
    ASSERT_TRUE(spec) << spec.error().message;
    EXPECT_EQ(spec->kind, TokenizerKind::ByteLevelBpe);
    EXPECT_TRUE(spec->ignore_merges);
    EXPECT_FALSE(spec->add_bos);
    EXPECT_EQ(spec->eos, 7);
    ASSERT_EQ(spec->pre_regexes.size(), 5U);
    EXPECT_EQ(spec->pre_regexes[1], R"(\p{N})");
    EXPECT_EQ(spec->pre_regexes[3], R"(\-\-)");
    EXPECT_EQ(made(*spec)->encode("hi hi11--"), (std::vector<TokenId>{2, 6, 4, 4, 5, 5}));
}

TEST_F(TokenizerJson, MetaspaceSaysWhereSpacesGo) {
    const std::string metaspace = replaced(
        replaced(
            kSentencePieceJson, R"("pre_tokenizer": null)",
            R"("pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": false})"),
        R"("normalizer": {)", R"("normalizer": null, "unused": {)");
    auto spec = read(metaspace);
    ASSERT_TRUE(spec) << spec.error().message;
    EXPECT_TRUE(spec->add_space_prefix && spec->prefix_if_missing);
    EXPECT_FALSE(spec->prefix_after_special);
    EXPECT_EQ(made(*spec)->encode(" hi<tool>hi"), (std::vector<TokenId>{8, 13, 7}));
    spec = read(replaced(metaspace, "first", "never"));
    ASSERT_TRUE(spec);
    EXPECT_FALSE(spec->add_space_prefix || spec->split_at_spaces);
    spec = read(replaced(metaspace, R"("split": false)", R"("split": true)"));
    ASSERT_TRUE(spec);
    EXPECT_TRUE(spec->split_at_spaces);
    EXPECT_EQ(made(*spec)->encode("hi  hi"), (std::vector<TokenId>{8, 4, 8}));
}

TEST_F(TokenizerJson, TheConfigurationBesideItNamesBosAndEos) {
    writeFile(
        m_folder / "tokenizer_config.json",
        R"({"bos_token": null, "eos_token": {"content": "<|end|>"}, "add_bos_token": false, "add_eos_token": true})");
    const auto spec = read(kSentencePieceJson);
    ASSERT_TRUE(spec) << spec.error().message;
    EXPECT_EQ(spec->eos, 12);
    EXPECT_TRUE(spec->end_of_turn.empty());
    EXPECT_FALSE(spec->add_bos);
    EXPECT_TRUE(spec->add_eos);
    writeFile(m_folder / "tokenizer_config.json", "{\"bos_token\": ");
    const auto damaged = read(kSentencePieceJson);
    ASSERT_FALSE(damaged);
    EXPECT_THAT(damaged.error().message, HasSubstr("tokenizer_config.json"));
}

TEST_F(TokenizerJson, WhatIsNotSupportedIsRefusedByName) {
    const std::string& spm = kSentencePieceJson;
    const std::string& bytes = kByteLevelJson;
    expectRefused(replaced(bytes, R"("type": "BPE")", R"("type": "Unigram")"), "no vocabulary");
    expectRefused(replaced(spm, R"("type": "BPE")", R"("type": "WordPiece")"), "WordPiece");
    expectRefused(replaced(spm, R"("type": "BPE")", R"("type": "BPE", "end_of_word_suffix": "</w>")"),
                  "end_of_word_suffix");
    expectRefused(replaced(bytes, R"("NFC")", R"("Lowercase")"), "Lowercase");
    expectRefused(replaced(bytes, R"("NFC")", R"("Precompiled", "precompiled_charsmap": "AAAA")"), "mixes");
    expectRefused(replaced(spm, R"({"type": "Prepend", "prepend": "▁"})", R"({"type": "Strip", "strip_right": true})"),
                  "spaces");
    expectRefused(replaced(spm, R"("prepend": "▁")", R"("prepend": "_")"), "Prepend");
    expectRefused(replaced(bytes, R"("Digits")", R"("BertPreTokenizer")"), "BertPreTokenizer");
    expectRefused(replaced(bytes, R"("Isolated")", R"("MergedWithNext")"), "MergedWithNext");
    expectRefused(replaced(bytes, R"("add_prefix_space": false)", R"("add_prefix_space": true)"), "space before");
    expectRefused(replaced(spm, R"("String": " ")", R"("String": "_")"), "Replace");
    expectRefused(replaced(spm, R"("pre_tokenizer": null)", R"("pre_tokenizer": {"type": "Digits"})"), "regular");
    expectRefused(replaced(spm, R"("normalizer": {)", R"("normalizer": null, "unused": {)"), "neither");
}

TEST_F(TokenizerJson, WrongShapesAreErrors) {
    const std::string& json = kSentencePieceJson;
    expectRefused("", "JSON");
    expectRefused("[]", "JSON");
    expectRefused("{}", "no model");
    expectRefused(replaced(json, R"("▁hi": 8)", R"("▁hi": 2000000000)"), "2000000000");
    expectRefused(replaced(json, R"("▁hi": 8)", R"("▁hi": -1)"), "-1");
    expectRefused(replaced(json, R"("▁hi": 8)", R"("▁hi": 18446744073709551615)"), "18446744073709551615");
    expectRefused(replaced(json, R"("▁hi": 8)", R"("▁hi": "8")"), "number");
    expectRefused(replaced(json, R"("id": 13)", R"("id": 1e99)"), "number");
    expectRefused(replaced(json, R"("h i")", R"("hi")"), "merge");
    expectRefused(replaced(json, R"("h i")", R"(["h", "i", "j"])"), "merge");
    expectRefused(replaced(json, R"("h i")", "7"), "merge");
    expectRefused(replaced(json, R"("unk_token": "<unk>")", R"("unk_token": "<none>")"), "unknown token");
    expectRefused(replaced(json, R"("added_tokens": [)", R"("added_tokens": 3, "x": [)"), "added tokens");
    expectRefused(replaced(json, R"("vocab": {)", R"("vocab": {}, "x": {)"), "vocabulary");
    expectRefused(std::string(200000, '[') + std::string(200000, ']'), "JSON");
}

TEST_F(TokenizerJson, StepsNestedTooDeepAreRefused) {
    std::string deep = R"({"type": "NFC"})";
    for (int i = 0; i < 3000; ++i) deep = R"({"type": "Sequence", "normalizers": [)" + deep + "]}";
    expectRefused(replaced(kByteLevelJson, R"({"type": "NFC"})", deep), "Sequence");
}

TEST_F(TokenizerJson, MergesOfUnknownPiecesAreFoundWhenItIsMade) {
    const auto spec = read(replaced(kSentencePieceJson, R"("h i")", R"("h j")"));
    ASSERT_TRUE(spec);
    const auto tokenizer = Tokenizer::make(*spec);
    ASSERT_FALSE(tokenizer);
    EXPECT_THAT(tokenizer.error().message, HasSubstr("\"j\""));
}

TEST_F(TokenizerJson, CutAnywhereItIsAnError) {
    for (const auto& json : {kSentencePieceJson, kByteLevelJson})
        for (std::size_t part = 0; part < 50; ++part)
            EXPECT_FALSE(read(json.substr(0, json.size() * part / 50))) << part;
    EXPECT_FALSE(readTokenizerJson(m_folder / "absent.json"));
    EXPECT_FALSE(readTokenizerJson(m_folder.path()));
}

TEST_F(TokenizerJson, DamagedBytesNeverCrash) {
    for (const auto& json : {kSentencePieceJson, kByteLevelJson})
        for (std::size_t at = 0; at < json.size(); at += 5) {
            std::string damaged = json;
            damaged[at] = char(damaged[at] ^ (1 << at % 7));
            if (auto spec = read(damaged)) (void)Tokenizer::make(std::move(*spec));
        }
}

TEST_F(TokenizerJson, RealFilesCutAnywhereAreErrors) {
    const auto file = testData("models/TinyStories-656K/tokenizer.json");
    if (!file) GTEST_SKIP() << "test data is absent";
    const std::string json = readFile(*file);
    for (std::size_t part = 0; part < 50; ++part) EXPECT_FALSE(read(json.substr(0, json.size() * part / 50))) << part;
}

TEST_F(TokenizerJson, AddedTokensFarBeyondTheVocabularyAreTaken) {
    const auto file = testData("tokenizers/edge-cases/added-tokens/tokenizer.json");
    if (!file) GTEST_SKIP() << "test data is absent";
    auto spec = readTokenizerJson(*file);
    ASSERT_TRUE(spec) << spec.error().message;
    EXPECT_EQ(spec->tokens.size(), 32011U);
    EXPECT_EQ(spec->end_of_turn, std::vector<std::int32_t>{32007});
    EXPECT_EQ(made(*spec)->encode("<|user|>\n<|end|>", true), (std::vector<TokenId>{32010, 0, 13, 32007}));
}

// --- tokenizer.model -------------------------------------------------------------------------------------------------

std::string varint(std::uint64_t value) {
    std::string bytes;
    for (; value >= 0x80; value >>= 7) bytes += char(0x80 | (value & 0x7F));
    return bytes + char(value);
}

std::string number(int field, std::uint64_t value) {
    return varint(std::uint64_t(field) << 3) + varint(value);
}

std::string counted(int field, const std::string& bytes) {
    return varint(std::uint64_t(field) << 3 | 2) + varint(bytes.size()) + bytes;
}

std::string piece(const std::string& text, float score, int type) {
    std::string bytes = counted(1, text) + varint(2 << 3 | 5);
    const auto bits = std::bit_cast<std::uint32_t>(score);
    for (int i = 0; i < 4; ++i) bytes += char(bits >> 8 * i);
    return counted(1, type == 1 ? bytes : bytes + number(3, std::uint64_t(type)));
}

std::string smallPieces() {
    std::string bytes;
    const auto spec = smallSentencePiece();
    for (std::size_t i = 0; i < spec.tokens.size(); ++i)
        bytes += piece(spec.tokens[i], spec.scores[i], int(spec.types[i]));
    return bytes;
}

std::string trainer(int type, std::uint64_t eos = 2) {
    return counted(2, number(3, std::uint64_t(type)) + number(35, 1) + number(40, 0) + number(41, 1) + number(42, eos));
}

const std::string kNormalizer = counted(3, counted(1, "identity") + number(3, 1) + number(4, 0));

class SentencePieceModel : public testing::Test {
protected:
    Result<TokenizerSpec> read(const std::string& bytes) {
        return readSentencePieceModel(writeFile(m_folder / "tokenizer.model", bytes));
    }
    void expectRefused(const std::string& bytes, std::string_view says) {
        const auto spec = read(bytes);
        ASSERT_FALSE(spec) << says;
        EXPECT_EQ(spec.error().code, ErrorCode::BadInput);
        EXPECT_THAT(spec.error().message, HasSubstr(std::string(says)));
    }
    TempDir m_folder;
};

TEST_F(SentencePieceModel, HoldsWhatWasWritten) {
    const auto spec = read(smallPieces() + trainer(2) + kNormalizer);
    ASSERT_TRUE(spec) << spec.error().message;
    const auto expected = smallSentencePiece();
    EXPECT_EQ(spec->tokens, expected.tokens);
    EXPECT_EQ(spec->scores, expected.scores);
    EXPECT_EQ(spec->types, expected.types);
    EXPECT_EQ(spec->eos, 2);
    EXPECT_TRUE(spec->byte_fallback && spec->add_bos && spec->add_space_prefix);
    for (const auto& text : hardTexts()) EXPECT_EQ(made(*spec)->encode(text), made(expected)->encode(text));
}

TEST_F(SentencePieceModel, SettingsAreFollowed) {
    const auto bare = counted(3, number(3, 0));  // spaces are merged unless it says otherwise
    const auto spec = read(smallPieces() + counted(2, number(3, 2) + number(24, 1) + number(41, ~0ULL)) + bare);
    ASSERT_TRUE(spec) << spec.error().message;
    EXPECT_FALSE(spec->add_space_prefix || spec->byte_fallback || spec->add_bos);
    EXPECT_TRUE(spec->escape_with_suffix && spec->merge_spaces);
    expectRefused(smallPieces() + trainer(2) + counted(3, number(5, 0)), "mark spaces");
    EXPECT_EQ(spec->bos, -1);
}

TEST_F(SentencePieceModel, UnigramModelsKeepTheirTableOfCharacters) {
    const auto normalizer = counted(3, counted(2, "table") + number(4, 1));
    const auto spec = read(smallPieces() + trainer(1) + normalizer);
    ASSERT_TRUE(spec) << spec.error().message;
    EXPECT_EQ(spec->kind, TokenizerKind::SentencePieceUnigram);
    EXPECT_EQ(spec->char_map, "table");
    EXPECT_TRUE(spec->merge_spaces && spec->add_space_prefix);
    const auto tokenizer = Tokenizer::make(*spec);
    ASSERT_FALSE(tokenizer);
    EXPECT_THAT(tokenizer.error().message, HasSubstr("precompiled_charsmap"));
}

TEST_F(SentencePieceModel, OtherKindsAreRefusedByName) {
    expectRefused(smallPieces() + trainer(3) + kNormalizer, "word");
    expectRefused(smallPieces() + trainer(4) + kNormalizer, "character");
    expectRefused(smallPieces() + trainer(77) + kNormalizer, "unknown");
}

TEST_F(SentencePieceModel, ContradictionsAreErrors) {
    expectRefused("", "damaged");
    expectRefused(trainer(2) + kNormalizer, "damaged");
    expectRefused(smallPieces() + trainer(2), "damaged");
    expectRefused(smallPieces() + trainer(2, 100000) + kNormalizer, "100000");
    expectRefused(smallPieces() + trainer(2, std::uint64_t(-5)) + kNormalizer, "-5");
    expectRefused(piece("", 0, 1) + trainer(2) + kNormalizer, "empty piece");
    expectRefused(piece("a", 0, 9) + trainer(2) + kNormalizer, "unknown type");
}

TEST_F(SentencePieceModel, LengthsBeyondTheFileAreErrors) {
    for (const std::uint64_t length : {std::uint64_t(1) << 20, std::uint64_t(1) << 31, std::uint64_t(1) << 40,
                                       std::uint64_t(1) << 63, ~std::uint64_t(0)}) {
        expectRefused(varint(1 << 3 | 2) + varint(length) + "abc", "damaged");
        expectRefused(counted(1, varint(1 << 3 | 2) + varint(length) + "abc"), "damaged");
        expectRefused(smallPieces() + counted(2, varint(1 << 3 | 2) + varint(length)) + kNormalizer, "damaged");
    }
    expectRefused(std::string(64, '\xFF'), "damaged");
    expectRefused(varint(7) + "abc", "damaged");
}

TEST_F(SentencePieceModel, CutAnywhereItIsAnError) {
    const std::string bytes = smallPieces() + trainer(2) + kNormalizer;
    for (std::size_t cut = 1; cut < bytes.size(); cut += cut < 100 ? 1 : 50)
        EXPECT_FALSE(read(bytes.substr(0, bytes.size() - cut))) << cut;
}

TEST_F(SentencePieceModel, DamagedBytesNeverCrash) {
    const std::string bytes = smallPieces() + trainer(2) + kNormalizer;
    for (std::size_t at = 0; at < bytes.size(); at += 13) {
        std::string damaged = bytes;
        damaged[at] = char(damaged[at] ^ (1 << at % 8));
        if (auto spec = read(damaged)) (void)Tokenizer::make(std::move(*spec));
    }
}

TEST_F(SentencePieceModel, RealFilesCutAnywhereAreErrors) {
    const auto file = testData("tokenizers/llama2-spm/tokenizer.model");
    if (!file) GTEST_SKIP() << "test data is absent";
    const std::string bytes = readFile(*file);
    for (std::size_t part = 0; part < 50; ++part) EXPECT_FALSE(read(bytes.substr(0, bytes.size() * part / 50))) << part;
}

// --- files of tiktoken ranks -----------------------------------------------------------------------------------------

TEST(TiktokenRanks, WhatIsNoneIsRefused) {
    const TempDir folder;
    const auto file = folder / "qwen.tiktoken";
    const std::pair<const char*, const char*> files[] = {
        {"", "has 0 ranks"},   {"IQ== 0\nIg== 1\n", "has 2 ranks"},
        {"IQ==\n", "line 1"},  {"IQ== 0\nIg== x\n", "line 2"},
        {"IQ== 1\n", "order"}, {"I!== 0\n", "line 1"},
        {" 0\n", "line 1"},    {"IQ== 0 0\n", "line 1"},
    };
    for (const auto& [bytes, says] : files) {
        const auto spec = readTiktokenRanks(writeFile(file, bytes));
        ASSERT_FALSE(spec) << bytes;
        EXPECT_EQ(spec.error().code, ErrorCode::BadInput);
        EXPECT_THAT(spec.error().message, HasSubstr(says));
        EXPECT_THAT(spec.error().message, HasSubstr("qwen.tiktoken"));
    }
}

TEST(TiktokenRanks, AreKnownByTheirFirstLine) {
    const TempDir folder;
    EXPECT_TRUE(looksLikeTiktokenRanks(writeFile(folder / "a", "IQ== 0\nIg== 1\n")));
    EXPECT_FALSE(looksLikeTiktokenRanks(writeFile(folder / "a", smallPieces() + trainer(2) + kNormalizer)));
    EXPECT_FALSE(looksLikeTiktokenRanks(writeFile(folder / "a", "")));
    EXPECT_FALSE(looksLikeTiktokenRanks(folder / "absent"));
}

}  // namespace
}  // namespace lectern::test
