// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/text/tokenizer.h"

#include <algorithm>

#include "engine/text/end_of_turn.h"
#include "engine/text/sentencepiece_bpe.h"
#ifdef LECTERN_PCRE2
#include "engine/text/byte_level_bpe.h"
#endif

namespace lectern {

Result<std::unique_ptr<Tokenizer>> Tokenizer::make(TokenizerSpec spec) {
    addEndOfTurn(spec);
    if (spec.kind == TokenizerKind::SentencePieceBpe) return SentencePieceBpe::make(std::move(spec));
#ifdef LECTERN_PCRE2
    return ByteLevelBpe::make(std::move(spec));
#else
    return Error{ErrorCode::Failed,
                 "This Lectern was built without PCRE2, which byte-level tokenizers need: install libpcre2-dev and "
                 "build it again."};
#endif
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
