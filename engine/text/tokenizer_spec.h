// SPDX-License-Identifier: GPL-3.0-or-later
// What a tokenizer is made of, whichever file it came from.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace lectern {

enum class TokenizerKind {
    SentencePieceBpe,      ///< "llama" in GGUF: merges by score, ▁ for space, byte fallback
    ByteLevelBpe,          ///< "gpt2" in GGUF: pre-tokenizer regex, byte alphabet, merges by rank
    SentencePieceUnigram,  ///< "t5" in GGUF: ▁ for space, the likeliest pieces by their scores
};

/// What text is brought into before it is cut: a Unicode normal form.
enum class NormalForm : std::uint8_t { None, Nfc, Nfkc };

enum class TokenType : std::uint8_t { Normal = 1, Unknown = 2, Control = 3, UserDefined = 4, Unused = 5, Byte = 6 };

/// Neutral description of a tokenizer; filled by the readers of GGUF metadata, tokenizer.json and tokenizer.model.
/// Value type. `tokens` holds UTF-8 pieces as the file spells them (▁ for SentencePiece, byte alphabet for byte-level
/// BPE).
struct TokenizerSpec {
    TokenizerKind kind = TokenizerKind::SentencePieceBpe;
    std::string pre;  ///< name of the byte-level pre-tokenizer as GGUF spells it ("gpt-2", "llama-bpe", "qwen2", …)
    std::vector<std::string> pre_regexes;  ///< explicit split regexes from a tokenizer.json; when empty `pre` decides
    std::vector<std::string> tokens;       ///< [vocab]
    std::vector<float> scores;             ///< [vocab] or empty
    std::vector<TokenType> types;          ///< [vocab] or empty (all Normal)
    std::vector<std::pair<std::string, std::string>>
        merges;                                     ///< in rank order (byte-level BPE; optional for SentencePiece)
    std::int32_t bos = -1, eos = -1, unknown = -1;  ///< -1: none
    std::vector<std::int32_t> end_of_turn;          ///< further ids that end an answer (<|im_end|>, <|eot_id|>, …)
    bool add_bos = true;
    bool add_eos = false;
    bool add_space_prefix = true;      ///< SentencePiece: "▁" before the first word
    bool prefix_after_special = true;  ///< with add_space_prefix: again after each special token
    bool prefix_if_missing = false;    ///< with add_space_prefix: only where the text does not begin with a space
    bool byte_fallback = true;         ///< SentencePiece: <0xNN> pieces for what the vocabulary lacks
    NormalForm normal_form = NormalForm::None;
    bool ignore_merges = false;       ///< byte-level BPE: a whole word found in the vocabulary is taken as it is
    bool escape_with_suffix = false;  ///< ▁ at the end of a word instead of its beginning (treat_whitespace_as_suffix)
    bool merge_spaces = false;        ///< SentencePiece: runs of spaces count as one, those at the ends as none
    bool split_at_spaces = false;     ///< SentencePiece: no piece reaches over a space (Metaspace with split)
    std::string char_map;             ///< SentencePiece: table of characters that become others (see CharMap), or empty

    bool spellsSpaces() const { return kind != TokenizerKind::ByteLevelBpe; }  ///< as ▁
};

}  // namespace lectern
