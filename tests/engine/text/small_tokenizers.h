// SPDX-License-Identifier: GPL-3.0-or-later
// Vocabularies small enough to know by heart, and texts that tokenizers trip over.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/tokenizer.h"

namespace lectern::test {

/// SentencePiece: <unk> 0, <s> 1, </s> 2, <0x00>…<0xFF> 3 to 258, then pieces for "hello world" from kFirstPiece on,
/// <|im_end|> (control) and <tool> (user-defined) last.
TokenizerSpec smallSentencePiece();

/// The same pieces as a unigram model.
TokenizerSpec smallUnigram();

/// GPT-2 style: 256 letters in byte order (id = byte), then merges for " hello", " world" and the smile U+1F600, then
/// <|im_end|> (control) and <tool> (user-defined).
TokenizerSpec smallByteLevel();

/// Makes it, or fails the test.
std::unique_ptr<Tokenizer> made(TokenizerSpec spec);
TokenId idOf(const Tokenizer& tokenizer, std::string_view piece);

/// Many scripts, emoji with joiners, control characters, CRLF, combining marks, long runs; all of it UTF-8.
std::vector<std::string> hardTexts();
/// Not UTF-8: lone continuation bytes, cut and overlong characters, surrogates, bytes that never occur.
std::vector<std::string> brokenTexts();

/// What every placement promises: ranges in order, in the text, none skipping bytes; spelled parts never overlap but
/// for the byte tokens of one character. Empty when it holds, else what does not.
std::string placementFault(const Tokenizer& tokenizer, std::string_view text, bool parse_special = false);

}  // namespace lectern::test
