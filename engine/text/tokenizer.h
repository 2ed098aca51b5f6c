// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/text/rewritten_text.h"
#include "engine/text/tokenizer_spec.h"

namespace lectern {

using TokenId = std::int32_t;

/// One token and where it came from. Ranges tile the text, with two exceptions: SentencePiece's byte tokens each cover
/// their whole character, and the space it puts before a word covers nothing. Byte-level tokens are exact in bytes and
/// may begin or end inside a character. Spaces that a tokenizer leaves out belong to their neighbours.
struct PlacedToken {
    TokenId id = 0;
    std::uint32_t begin = 0, end = 0;  ///< byte range in the text given
};

/// Where a text stands. A whole one has nothing before or after it. An opening one is continued: what it ends with
/// counts. A continuing one stands after other tokens, and others may follow: nothing puts a space before its words.
enum class TextPlace : unsigned char { Whole, Opening, Continuing };

/// Text to ids and back. Immutable after make(): may be used from any thread at once.
class Tokenizer {
public:
    virtual ~Tokenizer() = default;

    /// Errors: BadInput where the vocabulary contradicts itself (merges of unknown pieces, empty vocabulary, ids
    /// outside it).
    static Result<std::unique_ptr<Tokenizer>> make(TokenizerSpec spec);

    /// Ids of `text` with byte ranges; no BOS or EOS. With `parse_special`, control and user-defined tokens spelled in
    /// the text become their ids; without it only user-defined ones do (text of documents must not be able to spell
    /// control tokens). Invalid UTF-8 is kept byte by byte where the vocabulary can (byte tokens), else becomes the
    /// unknown token. Where the specification asks for a normal form or another spelling, text is brought into it
    /// first; ranges are those of the text given, a token that begins inside what became other characters begins where
    /// those do.
    /// Linear time up to a logarithm, for one word of a megabyte too. `text` has less than 1 GiB.
    std::vector<PlacedToken> encodePlaced(std::string_view text, bool parse_special,
                                          TextPlace place = TextPlace::Whole) const;
    std::vector<TokenId> encode(std::string_view text, bool parse_special = false,
                                TextPlace place = TextPlace::Whole) const;

    /// The bytes of one token (control tokens give nothing, the unknown token U+FFFD); concatenated over tokens they
    /// give the text, except for the space that SentencePiece puts before the first word and after special tokens
    /// (decode() drops that). A "▁" in a text comes back as a space: SentencePiece cannot tell them apart.
    virtual std::string piece(TokenId id) const = 0;
    std::string decode(std::span<const TokenId> ids) const;

    /// Stable fingerprint of everything in the specification that decides ids, as 16 hex digits. Reads all of it.
    virtual std::string fingerprint() const = 0;

    const TokenizerSpec& spec() const { return m_spec; }
    int vocabSize() const { return int(m_spec.tokens.size()); }
    bool endsAnswer(TokenId id) const;  ///< eos or one of end_of_turn

protected:
    explicit Tokenizer(TokenizerSpec spec) : m_spec(std::move(spec)) {}
    /// encodePlaced() of a text that is in the normal form.
    virtual std::vector<PlacedToken> encodeNormal(std::string_view text, bool parse_special, TextPlace place) const = 0;
    /// What a text in the normal form is spelled as before it is encoded, or nothing where that is the same.
    virtual std::optional<RewrittenText> respelled(std::string_view, bool, TextPlace) const { return std::nullopt; }
    TokenizerSpec m_spec;
};

/// Turns a stream of tokens into text that is valid UTF-8 at every step: bytes of an unfinished character wait.
/// Not thread safe.
class StreamDecoder {
public:
    /// At the beginning of a text, and after its special tokens, the space that SentencePiece puts there is dropped.
    StreamDecoder(const Tokenizer& tokenizer, TextPlace place);
    std::string push(TokenId id);  ///< what can be shown now (maybe nothing)
    std::string finish();          ///< the rest; unfinished bytes become U+FFFD

private:
    const Tokenizer& m_tokenizer;
    std::string m_pending;
    TextPlace m_place;
    bool m_at_start = true;
};

/// Reads tokenizer.json (Hugging Face; BPE and Unigram models) together with tokenizer_config.json where it lies beside
/// it. Errors: BadInput where it is damaged or asks for what is not supported; the message names that.
Result<TokenizerSpec> readTokenizerJson(const std::filesystem::path& file);
/// Reads a SentencePiece tokenizer.model (protobuf; BPE and unigram models). Errors: BadInput, as above.
Result<TokenizerSpec> readSentencePieceModel(const std::filesystem::path& file);
/// Reads a file of tiktoken ranks, as Meta's LLaMA 3 (tokenizer.model) and Qwen (qwen.tiktoken) come with: a token in
/// base64 and its rank on each line. How text is cut and which special tokens follow the ranks is the family's, which
/// the number of ranks tells. Errors: BadInput, as above.
Result<TokenizerSpec> readTiktokenRanks(const std::filesystem::path& file);
/// True where a file begins as one of ranks does.
bool looksLikeTiktokenRanks(const std::filesystem::path& file);

}  // namespace lectern
