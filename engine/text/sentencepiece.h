// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/char_map.h"
#include "engine/text/fingerprint.h"
#include "engine/text/tokenizer.h"
#include "engine/text/unigram.h"
#include "engine/text/vocabulary.h"

namespace lectern {

/// Tokens of LLaMA 1 and 2, Mistral, Gemma, Phi-3: spaces spelled ▁, bytes for characters the vocabulary lacks, merges
/// by score (or by rank where the file lists merges), or the likeliest pieces where the model is a unigram one. Agrees
/// with llama.cpp, and for text with special tokens with its way of putting a space after them. Consecutive unknown
/// characters become one unknown token. Bytes that are no text stay what they are, where SentencePiece makes
/// them U+FFFD; so does a ▁ that ends a text whose spaces are merged, which it drops.
/// Source: Kudo and Richardson, SentencePiece (arXiv:1808.06226), section 3.
class SentencePiece final : public Tokenizer {
public:
    static Result<std::unique_ptr<Tokenizer>> make(TokenizerSpec spec);

    std::vector<PlacedToken> encodeNormal(std::string_view text, bool parse_special, TextPlace place) const override;
    std::optional<RewrittenText> respelled(std::string_view text, bool parse_special, TextPlace place) const override;
    std::string piece(TokenId id) const override;
    std::string fingerprint() const override { return tokenizerFingerprint(m_spec); }

private:
    class Encoder;  ///< scratch of one call

    /// Where text can be cut without changing its tokens: no piece reaches across.
    enum class Cut { Nowhere, BeforeSpaces, AfterSpaces, BeforeEverySpace };

    explicit SentencePiece(TokenizerSpec spec) : Tokenizer(std::move(spec)) {}
    Cut findCut() const;

    Vocabulary m_vocabulary;
    std::optional<UnigramModel> m_unigram;
    std::optional<CharMap> m_char_map;
    Cut m_cut = Cut::Nowhere;
    bool m_by_rank = false;
};

}  // namespace lectern
