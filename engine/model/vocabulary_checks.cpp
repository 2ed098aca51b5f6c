// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/model/vocabulary_checks.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/model/model_limits.h"

namespace lectern {
namespace {

Error bad(std::string sentence) {
    return {ErrorCode::BadInput, std::move(sentence)};
}

Status checkLengths(const TokenizerSpec& spec) {
    const std::size_t size = spec.tokens.size();
    if (size == 0) return bad("the vocabulary of the tokenizer is empty.");
    if (!spec.scores.empty() && spec.scores.size() != size)
        return bad("the tokenizer has " + std::to_string(size) + " tokens and " + std::to_string(spec.scores.size()) +
                   " scores.");
    if (!spec.types.empty() && spec.types.size() != size)
        return bad("the tokenizer has " + std::to_string(size) + " tokens and " + std::to_string(spec.types.size()) +
                   " token types.");
    return {};
}

Status checkPieces(const TokenizerSpec& spec) {
    for (std::size_t id = 0; id < spec.tokens.size(); ++id)
        if (spec.tokens[id].size() > limits::kTokenBytes)
            return bad("token " + std::to_string(id) + " of the tokenizer is " +
                       std::to_string(spec.tokens[id].size()) + " bytes long; the file is damaged.");
    for (std::size_t id = 0; id < spec.scores.size(); ++id)
        if (std::isnan(spec.scores[id])) return bad("token " + std::to_string(id) + " of the tokenizer has no score.");
    return {};
}

Status checkId(const char* name, std::int32_t id, std::size_t size) {
    if (id >= -1 && id < std::int64_t(size)) return {};
    return bad("the " + std::string(name) + " token of the tokenizer is " + std::to_string(id) +
               ", the vocabulary has " + std::to_string(size) + " tokens.");
}

/// Special tokens past the embedding stand for what is no text (Gemma's images): no row is theirs.
void dropRowless(TokenizerSpec& spec, std::size_t rows) {
    while (spec.tokens.size() > rows && spec.types.size() == spec.tokens.size() &&
           (spec.types.back() == TokenType::Control || spec.types.back() == TokenType::Unused)) {
        if (spec.scores.size() == spec.tokens.size()) spec.scores.pop_back();
        spec.tokens.pop_back();
        spec.types.pop_back();
    }
}

}  // namespace

void addEndToken(TokenizerSpec& spec, std::int64_t id) {
    if (id < 0 || id >= std::int64_t(spec.tokens.size()) || id == spec.eos) return;
    const auto known = std::find(spec.end_of_turn.begin(), spec.end_of_turn.end(), id);
    if (spec.eos < 0)
        spec.eos = std::int32_t(id);
    else if (known == spec.end_of_turn.end())
        spec.end_of_turn.push_back(std::int32_t(id));
}

Status fitVocabulary(TokenizerSpec& spec, int vocab) {
    dropRowless(spec, std::size_t(vocab));
    const std::size_t size = spec.tokens.size();
    if (size > std::size_t(vocab))
        return bad("the tokenizer has " + std::to_string(size) + " tokens, the embedding only " +
                   std::to_string(vocab) + " rows.");
    for (const Status& status : {checkLengths(spec), checkPieces(spec), checkId("BOS", spec.bos, size),
                                 checkId("EOS", spec.eos, size), checkId("unknown", spec.unknown, size)})
        if (!status) return status;
    if (spec.types.empty() && size < std::size_t(vocab)) spec.types.assign(size, TokenType::Normal);
    for (std::size_t id = size; id < std::size_t(vocab); ++id) {
        spec.tokens.push_back("[PAD" + std::to_string(id) + "]");
        spec.types.push_back(TokenType::Unused);
        if (!spec.scores.empty()) spec.scores.push_back(0);
    }
    return {};
}

}  // namespace lectern
