// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/text/tokenizer.h"

#include <algorithm>

#include "engine/text/end_of_turn.h"
#include "engine/text/sentencepiece_bpe.h"
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
    if (spec.kind == TokenizerKind::SentencePieceBpe) return SentencePieceBpe::make(std::move(spec));
#ifdef LECTERN_PCRE2
    return ByteLevelBpe::make(std::move(spec));
#else
    return Error{ErrorCode::Failed,
                 "This Lectern was built without PCRE2, which byte-level tokenizers need: install libpcre2-dev and "
                 "build it again."};
#endif
}

std::vector<PlacedToken> Tokenizer::encodePlaced(std::string_view text, bool parse_special, TextPlace place) const {
#ifdef LECTERN_UTF8PROC
    if (m_spec.normal_form != NormalForm::None) {
        const NormalizedText normal(text, m_spec.normal_form);
        auto tokens = encodeNormal(normal.text(), parse_special, place);
        if (normal.changed())
            for (PlacedToken& token : tokens)
                token.begin = normal.origin(token.begin), token.end = normal.origin(token.end);
        return tokens;
    }
#endif
    return encodeNormal(text, parse_special, place);
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
