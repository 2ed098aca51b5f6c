// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/text/tokenizer.h"

#include <algorithm>

#include "engine/text/end_of_turn.h"
#include "engine/text/sentencepiece.h"
#ifdef LECTERN_PCRE2
#include "engine/text/byte_level_bpe.h"
#endif
#ifdef LECTERN_UTF8PROC
#include "engine/text/normal_form.h"
#endif

namespace lectern {

Result<std::unique_ptr<Tokenizer>> Tokenizer::make(TokenizerSpec spec) {
    addEndOfTurn(spec);
#ifndef LECTERN_UTF8PROC
    if (spec.normal_form != NormalForm::None)
        return Error{ErrorCode::Failed,
                     "This Lectern was built without utf8proc, which this tokenizer needs: install libutf8proc-dev and "
                     "build it again."};
#endif
    if (spec.spellsSpaces()) return SentencePiece::make(std::move(spec));
#ifdef LECTERN_PCRE2
    return ByteLevelBpe::make(std::move(spec));
#else
    return Error{ErrorCode::Failed,
                 "This Lectern was built without PCRE2, which byte-level tokenizers need: install libpcre2-dev and "
                 "build it again."};
#endif
}

std::vector<PlacedToken> Tokenizer::encodePlaced(std::string_view text, bool parse_special, TextPlace place) const {
    std::vector<RewrittenText> steps;
    steps.reserve(2);  // views of their texts are kept
    std::string_view now = text;
    const auto take = [&](std::optional<RewrittenText> step) {
        if (step && step->changed()) now = steps.emplace_back(std::move(*step)).text();
    };
#ifdef LECTERN_UTF8PROC
    if (m_spec.normal_form != NormalForm::None) take(inNormalForm(now, m_spec.normal_form));
#endif
    take(respelled(now, parse_special, place));
    auto tokens = encodeNormal(now, parse_special, place);
    for (auto step = steps.rbegin(); step != steps.rend(); ++step)
        for (PlacedToken& token : tokens) token.begin = step->origin(token.begin), token.end = step->origin(token.end);
    if (!steps.empty() && !tokens.empty()) tokens.front().begin = 0;
    return tokens;
}

std::vector<TokenId> Tokenizer::encode(std::string_view text, bool parse_special, TextPlace place) const {
    std::vector<TokenId> ids;
    for (const PlacedToken& token : encodePlaced(text, parse_special, place)) ids.push_back(token.id);
    return ids;
}

bool Tokenizer::endsAnswer(TokenId id) const {
    const auto& ends = m_spec.end_of_turn;
    return id >= 0 && (id == m_spec.eos || std::find(ends.begin(), ends.end(), id) != ends.end());
}

}  // namespace lectern
