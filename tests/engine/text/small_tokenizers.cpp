// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/engine/text/small_tokenizers.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "engine/text/byte_alphabet.h"

namespace lectern::test {
namespace {

void add(TokenizerSpec& spec, const std::string& token, TokenType type, float score = 0) {
    spec.tokens.push_back(token);
    spec.types.push_back(type);
    if (spec.spellsSpaces()) spec.scores.push_back(score);
}

void merge(TokenizerSpec& spec, const std::string& left, const std::string& right) {
    const ByteAlphabet alphabet;
    spec.merges.emplace_back(alphabet.spell(left), alphabet.spell(right));
    add(spec, alphabet.spell(left + right), TokenType::Normal);
}

}  // namespace

TokenizerSpec smallSentencePiece() {
    TokenizerSpec spec;
    add(spec, "<unk>", TokenType::Unknown);
    add(spec, "<s>", TokenType::Control);
    add(spec, "</s>", TokenType::Control);
    for (unsigned byte = 0; byte < 256; ++byte) {
        char name[8];
        std::snprintf(name, sizeof name, "<0x%02X>", byte);
        add(spec, name, TokenType::Byte);
    }
    float score = 0;
    for (const char* piece :
         {"▁",  "h",  "e",    "l",  "o",     "w",    "r",      "d",  "<",  ">",  "/",  "s", "é",  "ll",  "he",
          "▁w", "or", "hell", "ld", "hello", "▁wor", "▁world", "▁h", "▁▁", "</", "s>", "a", "aa", "aaaa"})
        add(spec, piece, TokenType::Normal, --score);
    add(spec, "<|im_end|>", TokenType::Control);
    add(spec, "<tool>", TokenType::UserDefined);
    spec.bos = 1, spec.eos = 2, spec.unknown = 0;
    return spec;
}

TokenizerSpec smallUnigram() {
    TokenizerSpec spec = smallSentencePiece();
    spec.kind = TokenizerKind::SentencePieceUnigram;
    return spec;
}

TokenizerSpec smallByteLevel() {
    TokenizerSpec spec;
    spec.kind = TokenizerKind::ByteLevelBpe;
    spec.pre = "gpt-2";
    const ByteAlphabet alphabet;
    for (int byte = 0; byte < 256; ++byte)
        add(spec, std::string(alphabet.letter(static_cast<unsigned char>(byte))), TokenType::Normal);
    merge(spec, "h", "e");
    merge(spec, "l", "l");
    merge(spec, "he", "ll");
    merge(spec, "hell", "o");
    merge(spec, " ", "hello");
    merge(spec, " ", "w");
    merge(spec, "o", "r");
    merge(spec, " w", "or");
    merge(spec, "l", "d");
    merge(spec, " wor", "ld");
    merge(spec, "\xF0", "\x9F");
    merge(spec, "\xF0\x9F", "\x98");
    merge(spec, "a", "a");
    add(spec, "<|im_end|>", TokenType::Control);
    add(spec, "<tool>", TokenType::UserDefined);
    spec.eos = std::int32_t(spec.tokens.size()) - 2;
    return spec;
}

std::unique_ptr<Tokenizer> made(TokenizerSpec spec) {
    auto tokenizer = Tokenizer::make(std::move(spec));
    if (tokenizer) return std::move(*tokenizer);
    ADD_FAILURE() << tokenizer.error().message;
    std::abort();
}

TokenId idOf(const Tokenizer& tokenizer, std::string_view piece) {
    const auto& tokens = tokenizer.spec().tokens;
    for (std::size_t i = 0; i < tokens.size(); ++i)
        if (tokens[i] == piece) return TokenId(i);
    ADD_FAILURE() << "no piece " << piece;
    return -1;
}

std::vector<std::string> hardTexts() {
    return {
        "hello world",
        " hello  world ",
        "   ",
        "\n\n\r\n\t x \r\n",
        "Grüße, œuvre, naïve e\u0301 — „Zitat“ …",
        "Привет, мир! Ελληνικά, עברית, العربية ١٢٣",
        "日本語のテキスト、中文字符。한국어 텍스트",
        "नमस्ते दुनिया ไทยไม่มีช่องว่าง தமிழ்",
        "👩‍👩‍👧‍👦 🇩🇪 👍🏽 🫠 ☃️ 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𓀀",
        std::string("nul\0in\x01side\x7F\x1B[0m", 17),
        "\uFEFFBOM and \u00A0no\u2009break\u3000spaces\u200Bzero\u0085next",
        "I'm you're they'LL 'S 12345 3.14159 x²³ ½ Ⅷ",
        "for (int i = 0; i < n; ++i) { a[i] += b[i] * 2; }\n\t\treturn;",
        std::string(300, 'a') + std::string(300, ' ') + std::string(300, '\n') + std::string(300, '='),
        "</s> <s> <unk> <|im_end|> <0x41>",
    };
}

std::vector<std::string> brokenTexts() {
    return {
        "\x80",
        "ab\xFF\xFE ba",
        "\xC3",
        "hello \xE2\x82 world",
        "\xF0\x9F\x98",
        "\xC0\xAF\xE0\x80\xAF",
        "\xED\xA0\x80\xED\xB0\x80",
        "\xF4\x90\x80\x80 \xF8\x88\x80\x80\x80",
        "\xE2\x96 \xE2\x96\xE2\x96\x82",
        std::string(100, '\x9F') + " x " + std::string(100, '\xE2'),
    };
}

std::string placementFault(const Tokenizer& tokenizer, std::string_view text, bool parse_special) {
    std::uint32_t begin = 0, end = 0;
    std::size_t index = 0;
    for (const PlacedToken& token : tokenizer.encodePlaced(text, parse_special)) {
        const std::string where = " at token " + std::to_string(index++);
        if (token.id < 0 || token.id >= tokenizer.vocabSize()) return "id outside the vocabulary" + where;
        if (token.begin > token.end || token.end > text.size()) return "range outside the text" + where;
        const bool next = token.begin == end;
        const bool same = token.begin == begin && token.end == end;
        if (!next && !same) return "a gap or an overlap" + where;
        begin = token.begin, end = token.end;
    }
    return end == text.size() ? "" : "bytes missing at the end";
}

}  // namespace lectern::test
