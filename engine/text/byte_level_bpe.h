// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/byte_alphabet.h"
#include "engine/text/fingerprint.h"
#include "engine/text/pre_tokenizer.h"
#include "engine/text/tokenizer.h"
#include "engine/text/vocabulary.h"

namespace lectern {

/// Tokens of GPT-2, LLaMA 3, Qwen, DeepSeek, Falcon, StarCoder…: text is cut into words by regular expressions, words
/// are bytes, bytes merge by rank. Every byte string comes back as it was. Ranges of tokens are exact in bytes: a
/// token may begin or end inside a character. Agrees with llama.cpp and Hugging Face tokenizers.
/// Source: Radford et al., Language Models are Unsupervised Multitask Learners (2019), section 2.2.
class ByteLevelBpe final : public Tokenizer {
public:
    static Result<std::unique_ptr<Tokenizer>> make(TokenizerSpec spec);

    std::vector<PlacedToken> encodeNormal(std::string_view text, bool parse_special, TextPlace place) const override;
    std::string piece(TokenId id) const override;
    std::string fingerprint() const override { return tokenizerFingerprint(m_spec); }

private:
    class Encoder;  ///< scratch of one call

    ByteLevelBpe(TokenizerSpec spec, PreTokenizer pre_tokenizer)
        : Tokenizer(std::move(spec)), m_pre_tokenizer(std::move(pre_tokenizer)) {}

    Vocabulary m_vocabulary;
    ByteAlphabet m_alphabet;
    PreTokenizer m_pre_tokenizer;
    std::array<TokenId, 256> m_byte{};  ///< [byte] its token, or -1
    bool m_ignore_merges = false;
};

}  // namespace lectern
