// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/model/gguf_tokenizer.h"

#include <algorithm>
#include <array>

#include "engine/model/stored_tensor.h"
#include "engine/model/vocabulary_checks.h"

namespace lectern {
namespace {

constexpr std::int64_t kNoToken = 0xFFFFFFFF;  // old converters write -1 as an unsigned number

/// Pre-tokenizers of models that look a whole word up before merging, and begin every text with BOS.
constexpr std::array<std::string_view, 5> kWholeWordFirst = {"llama3", "llama-v3", "llama-bpe", "falcon3", "tekken"};

TokenizerKind readKind(GgufFields& fields) {
    const std::string model = fields.text("tokenizer.ggml.model");
    if (model == "llama") return TokenizerKind::SentencePieceBpe;
    if (model == "gpt2") return TokenizerKind::ByteLevelBpe;
    fields.fail(model.empty() ? "the file has no tokenizer (tokenizer.ggml.model is missing)."
                              : "tokenizer.ggml.model is '" + printable(model) + "'; Lectern reads: llama, gpt2.");
    return TokenizerKind::SentencePieceBpe;
}

std::vector<TokenType> readTypes(GgufFields& fields) {
    std::vector<TokenType> types;
    for (const std::int64_t number : fields.integers("tokenizer.ggml.token_type")) {
        if (number < 1 || number > 6) {
            fields.fail("tokenizer.ggml.token_type holds " + std::to_string(number) + ", expected 1 to 6.");
            return {};
        }
        types.push_back(TokenType(number));
    }
    return types;
}

std::vector<std::pair<std::string, std::string>> readMerges(GgufFields& fields) {
    std::vector<std::pair<std::string, std::string>> merges;
    for (const std::string& line : fields.texts("tokenizer.ggml.merges")) {
        const auto space = line.find(' ', 1);
        if (space == std::string::npos || space + 1 == line.size()) {
            fields.fail("tokenizer.ggml.merges holds '" + printable(line) + "', which is no pair.");
            return {};
        }
        merges.emplace_back(line.substr(0, space), line.substr(space + 1));
    }
    return merges;
}

std::int32_t readId(GgufFields& fields, std::string_view key, std::size_t vocab) {
    const auto id = fields.integer(key);
    if (!id || *id == -1 || *id == kNoToken) return -1;
    if (*id >= 0 && *id < std::int64_t(vocab)) return std::int32_t(*id);
    fields.fail(std::string(key) + " is " + std::to_string(*id) + ", the vocabulary has " + std::to_string(vocab) +
                " tokens.");
    return -1;
}

void readIds(GgufFields& fields, TokenizerSpec& spec) {
    const std::size_t vocab = spec.tokens.size();
    spec.bos = readId(fields, "tokenizer.ggml.bos_token_id", vocab);
    spec.eos = readId(fields, "tokenizer.ggml.eos_token_id", vocab);
    spec.unknown = readId(fields, "tokenizer.ggml.unknown_token_id", vocab);
    for (const std::string_view key : {"tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"})
        addEndToken(spec, readId(fields, key, vocab));
}

/// What the file leaves unsaid follows from the kind of tokenizer, as in llama.cpp.
void readHabits(GgufFields& fields, TokenizerSpec& spec) {
    const bool sentence_piece = spec.kind == TokenizerKind::SentencePieceBpe;
    spec.pre = fields.text("tokenizer.ggml.pre", "default");
    spec.ignore_merges =
        !sentence_piece && std::find(kWholeWordFirst.begin(), kWholeWordFirst.end(), spec.pre) != kWholeWordFirst.end();
    spec.add_bos = fields.flag("tokenizer.ggml.add_bos_token", sentence_piece || spec.ignore_merges);
    spec.add_eos = fields.flag("tokenizer.ggml.add_eos_token", false);
    spec.add_space_prefix = fields.flag("tokenizer.ggml.add_space_prefix", sentence_piece);
    spec.byte_fallback = sentence_piece;
}

}  // namespace

TokenizerSpec readGgufTokenizer(GgufFields& fields) {
    TokenizerSpec spec;
    spec.kind = readKind(fields);
    spec.tokens = fields.texts("tokenizer.ggml.tokens");
    spec.scores = fields.reals("tokenizer.ggml.scores");
    spec.types = readTypes(fields);
    spec.merges = readMerges(fields);
    if (spec.tokens.empty()) fields.fail("tokenizer.ggml.tokens is missing or empty.");
    if (spec.kind == TokenizerKind::SentencePieceBpe && spec.scores.empty())
        fields.fail("tokenizer.ggml.scores is missing; a SentencePiece vocabulary needs scores.");
    if (spec.kind == TokenizerKind::ByteLevelBpe && spec.merges.empty())
        fields.fail("tokenizer.ggml.merges is missing; a byte-level vocabulary needs merges.");
    readHabits(fields, spec);
    readIds(fields, spec);
    return spec;
}

}  // namespace lectern
