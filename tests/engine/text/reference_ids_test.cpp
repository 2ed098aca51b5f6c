// SPDX-License-Identifier: GPL-3.0-or-later
// Ids must be those that models were trained with: compared with llama.cpp's reference outputs, one pair of files for
// each vocabulary, and between the formats that the same vocabulary comes in.
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "engine/text/byte_alphabet.h"
#include "tests/engine/text/gguf_vocabulary.h"
#include "tests/engine/text/small_tokenizers.h"
#include "tests/engine/text/test_files.h"
#include "tests/support/test_data.h"

namespace lectern::test {
namespace {

struct Reference {
    std::vector<std::string> inputs;
    std::vector<std::vector<TokenId>> ids;
};

Reference readReference(const std::string& name) {
    constexpr std::string_view kSeparator = "\n__ggml_vocab_test__\n";
    Reference reference;
    const auto base = testData("tokenizers/ggml-vocab/ggml-vocab-" + name + ".gguf.inp");
    if (!base) return reference;
    std::string text = readFile(*base);
    for (std::size_t at = 0, end = 0; end != text.npos; at = end + kSeparator.size()) {
        end = text.find(kSeparator, at);
        reference.inputs.push_back(text.substr(at, end == text.npos ? end : end - at));
    }
    std::istringstream lines(readFile(std::filesystem::path(*base).replace_extension(".out")));
    for (std::string line; std::getline(lines, line);) {
        std::istringstream numbers(line);
        auto& ids = reference.ids.emplace_back();
        for (TokenId id = 0; numbers >> id;) ids.push_back(id);
    }
    if (!reference.inputs.empty() && reference.inputs.size() > reference.ids.size()) reference.inputs.pop_back();
    return reference;
}

void expectReference(const Tokenizer& tokenizer, const Reference& reference) {
    ASSERT_GT(reference.inputs.size(), 30U);
    ASSERT_EQ(reference.inputs.size(), reference.ids.size());
    for (std::size_t i = 0; i < reference.inputs.size(); ++i) {
        EXPECT_EQ(tokenizer.encode(reference.inputs[i]), reference.ids[i])
            << "input " << i << ": " << reference.inputs[i];
        EXPECT_EQ(tokenizer.decode(reference.ids[i]), reference.inputs[i]) << "input " << i;
        EXPECT_EQ(placementFault(tokenizer, reference.inputs[i]), "") << "input " << i;
    }
}

std::string base64(std::string_view bytes) {
    constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < 3; ++i)
            bits = bits << 8 | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U);
        for (std::size_t i = 0; i < 4; ++i) text += at + i > bytes.size() ? '=' : kDigits[bits >> (18 - 6 * i) & 63];
    }
    return text;
}

class GgufReference : public testing::TestWithParam<const char*> {};

TEST_P(GgufReference, IdsAreThoseOfLlamaCpp) {
    const auto file = testData(std::string("tokenizers/ggml-vocab/ggml-vocab-") + GetParam() + ".gguf");
    if (!file) GTEST_SKIP() << "test data is absent";
    auto spec = ggufVocabulary(*file);
    ASSERT_TRUE(spec);
    expectReference(*made(std::move(*spec)), readReference(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Vocabularies, GgufReference, testing::Values("gpt-2", "llama-spm", "phi-3"));

TEST(ReferenceIds, TokenizerJsonOfLlama2AgreesWithSentencePiece) {
    const auto file = testData("tokenizers/llama2-hf/tokenizer.json");
    if (!file) GTEST_SKIP() << "test data is absent";
    auto spec = readTokenizerJson(*file);
    ASSERT_TRUE(spec) << spec.error().message;
    EXPECT_TRUE(spec->scores.empty());
    EXPECT_EQ(spec->bos, 1);
    EXPECT_EQ(spec->eos, 2);
    EXPECT_TRUE(spec->add_bos);
    expectReference(*made(std::move(*spec)), readReference("llama-spm"));
}

TEST(ReferenceIds, TokenizerModelOfLlama2AgreesWithSentencePiece) {
    const auto file = testData("tokenizers/llama2-spm/tokenizer.model");
    if (!file) GTEST_SKIP() << "test data is absent";
    auto spec = readSentencePieceModel(*file);
    ASSERT_TRUE(spec) << spec.error().message;
    EXPECT_EQ(spec->tokens.size(), 32000U);
    EXPECT_EQ(spec->bos, 1);
    EXPECT_EQ(spec->eos, 2);
    EXPECT_EQ(spec->unknown, 0);
    expectReference(*made(std::move(*spec)), readReference("llama-spm"));
}

TEST(ReferenceIds, MistralModelsRoundTrip) {
    for (const char* name : {"tokenizer.model.v1", "mistral_instruct_tokenizer_240323.model.v3"}) {
        const auto file = testData(std::string("tokenizers/mistral/") + name);
        if (!file) GTEST_SKIP() << "test data is absent";
        auto spec = readSentencePieceModel(*file);
        ASSERT_TRUE(spec) << spec.error().message;
        const auto tokenizer = made(std::move(*spec));
        for (const auto& text : hardTexts()) EXPECT_EQ(tokenizer->decode(tokenizer->encode(text)), text);
    }
}

/// "[" + the lines of a merges.txt as JSON strings + "]".
std::string mergesAsJson(const std::string& text) {
    std::istringstream lines(text);
    std::string json = "[";
    for (std::string line; std::getline(lines, line);) {
        if (line.empty() || line.starts_with("#version")) continue;
        json += json.size() > 1 ? ",\"" : "\"";
        for (const char c : line) {
            if (c == '"' || c == '\\') json += '\\';
            json += c;
        }
        json += '"';
    }
    return json + "]";
}

TEST(ReferenceIds, QwenVocabularyAndMergesAgreeWithLlamaCpp) {
    const auto folder = testData("tokenizers/qwen2.5");
    if (!folder) GTEST_SKIP() << "test data is absent";
    const TempDir temporary;
    const std::string regex =
        R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|)"
        R"(\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+)";
    const auto file = writeFile(
        temporary / "tokenizer.json",
        R"({"added_tokens":[{"id":151643,"content":"<|endoftext|>","special":true},)"
        R"({"id":151645,"content":"<|im_end|>","special":true}],"normalizer":{"type":"NFC"},)"
        R"("pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":")" +
            regex + R"("},"behavior":"Isolated","invert":false},)" +
            R"({"type":"ByteLevel","add_prefix_space":false,"use_regex":false}]},"decoder":{"type":"ByteLevel"},)" +
            R"("model":{"type":"BPE","vocab":)" + readFile(*folder / "vocab.json") + R"(,"merges":)" +
            mergesAsJson(readFile(*folder / "merges.txt")) + "}}");
    std::filesystem::copy_file(*folder / "tokenizer_config.json", temporary / "tokenizer_config.json");
    auto spec = readTokenizerJson(file);
    ASSERT_TRUE(spec) << spec.error().message;
    EXPECT_EQ(spec->eos, 151645);
    EXPECT_EQ(spec->end_of_turn, std::vector<std::int32_t>{151643});
    EXPECT_FALSE(spec->add_bos);
    auto by_name = *spec;
    by_name.pre_regexes.clear();
    by_name.pre = "qwen2";
    expectReference(*made(std::move(*spec)), readReference("qwen2"));
    expectReference(*made(std::move(by_name)), readReference("qwen2"));
}

TEST(ReferenceIds, Llama3RanksAgreeWithLlamaCpp) {
    const auto file = testData("tokenizers/llama3/tokenizer.model");
    if (!file) GTEST_SKIP() << "test data is absent";
    EXPECT_TRUE(looksLikeTiktokenRanks(*file));
    auto spec = readTiktokenRanks(*file);
    ASSERT_TRUE(spec) << spec.error().message;
    EXPECT_EQ(spec->tokens.size(), 128256U);
    EXPECT_EQ(spec->bos, 128000);
    EXPECT_EQ(spec->eos, 128001);
    EXPECT_EQ(spec->tokens[128255], "<|reserved_special_token_247|>");
    EXPECT_EQ(spec->end_of_turn, (std::vector<std::int32_t>{128008, 128009}));
    const auto tokenizer = made(std::move(*spec));
    expectReference(*tokenizer, readReference("llama-bpe"));
    EXPECT_EQ(tokenizer->encode("<|start_header_id|>user<|end_header_id|>", true),
              (std::vector<TokenId>{128006, 882, 128007}));
}

/// Qwen's vocabulary as a file of ranks: its tokens were numbered so.
TEST(ReferenceIds, QwenRanksAgreeWithLlamaCpp) {
    const auto file = testData("tokenizers/qwen2.5/vocab.json");
    if (!file) GTEST_SKIP() << "test data is absent";
    const TempDir folder;
    const auto spec = readTokenizerJson(writeFile(
        folder / "tokenizer.json",
        R"({"decoder":{"type":"ByteLevel"},"model":{"type":"BPE","vocab":)" + readFile(*file) + R"(,"merges":[]}})"));
    ASSERT_TRUE(spec) << spec.error().message;
    const ByteAlphabet alphabet;
    std::string ranks;
    for (std::size_t i = 0; i < spec->tokens.size(); ++i)
        ranks += base64(alphabet.bytes(spec->tokens[i])) + " " + std::to_string(i) + "\n";
    auto read = readTiktokenRanks(writeFile(folder / "qwen.tiktoken", ranks));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->tokens[151645], "<|im_end|>");
    expectReference(*made(std::move(*read)), readReference("qwen2"));
}

TEST(ReferenceIds, TinyStoriesWithSpacesAtTheEndOfPieces) {
    const auto file = testData("models/TinyStories-656K/tokenizer.json");
    if (!file) GTEST_SKIP() << "test data is absent";
    auto spec = readTokenizerJson(*file);
    ASSERT_TRUE(spec) << spec.error().message;
    EXPECT_EQ(spec->bos, 1);
    EXPECT_EQ(spec->eos, 2);
    const auto tokenizer = made(std::move(*spec));
    const std::string text = "Once upon a time, there was a little girl";
    std::vector<std::string> pieces;
    std::vector<TokenId> ids = {tokenizer->spec().bos};
    for (const TokenId id : tokenizer->encode(text)) {
        ids.push_back(id);
        pieces.push_back(tokenizer->spec().tokens[std::size_t(id)]);
    }
    EXPECT_EQ(pieces, (std::vector<std::string>{"▁", "On", "ce▁", "upon▁a▁tim", "e,▁", "there▁was▁a▁", "little▁girl"}));
    EXPECT_EQ(ids, (std::vector<TokenId>{1, 80, 147, 201, 282, 215, 286, 1890}));
    EXPECT_EQ(tokenizer->decode(ids), text);
    EXPECT_EQ(placementFault(*tokenizer, text), "");
}

}  // namespace
}  // namespace lectern::test
