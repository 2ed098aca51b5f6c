// SPDX-License-Identifier: GPL-3.0-or-later
// Answers that are quotes: what a model trained to quote may say is held to what the documents say, word for word.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/text/tokenizer.h"

namespace lectern {

/// The sentences that may be quoted. White space counts as one space, however long and wherever lines end.
class QuoteSource {
public:
    /// Sentences of a page that begin in bytes [begin, end) of its text. The page's end is the end of a sentence.
    void addPage(const std::string& text, std::uint32_t begin = 0, std::uint32_t end = 0xFFFFFFFF);

private:
    friend class QuoteCursor;
    std::string m_text;                   ///< pages one after another, each closed by '\n', which is nowhere else
    std::vector<std::uint32_t> m_starts;  ///< bytes of m_text where a sentence begins, ascending
};

/// Bytes of `text` that a quote was taken from, white space aside: of the whole quote, else of its first sentence.
/// Nothing where it is not there.
std::optional<std::pair<std::uint32_t, std::uint32_t>> placeOfQuote(const std::string& text, const std::string& quote);

/// How far an answer has come in its source: everywhere it could be read from. Borrows the source. After the end of a
/// sentence another one may follow from anywhere, but none twice. One thread at a time.
class QuoteCursor {
public:
    explicit QuoteCursor(const QuoteSource& source) : m_source(&source) {}

    bool advance(std::string_view piece);  ///< false where no sentence goes on so; the cursor is then of no use
    bool mayEnd() const;                   ///< at the end of a word

private:
    struct Place {
        std::uint32_t sentence, at;  ///< where the sentence begins; the byte that comes next
    };
    bool advance(char c);
    void space();
    bool used(std::uint32_t sentence) const;

    const QuoteSource* m_source;
    std::vector<Place> m_places;
    std::vector<std::uint32_t> m_used;  ///< sentences that were quoted already
    bool m_space = true;                ///< white space came last: more of it changes nothing
    bool m_begins = true;               ///< any sentence may begin here
};

struct QuoteLimits {
    int max_tokens = 512;  ///< of the answer
    int more_steps = 64;   ///< model steps spent on other answers after the first is found
};

struct Quote {
    std::vector<TokenId> ids;    ///< without the token that ends it
    double log_probability = 0;  ///< of all of it, its end included
    bool ended = false;          ///< false: cut off by max_tokens or by the stop
};

/// Logits [vocab] of what follows the answer's first tokens. Valid until the next call.
using NextLogits = std::function<Result<std::span<const float>>(std::span<const TokenId> ids)>;

/// The likeliest answer that is a quote. Follows the likeliest tokens to an end, then goes back to every fork that was
/// likelier than the whole of what it has: a wrong first word costs little by itself, and all that follows it much.
/// Nothing where no quote begins with tokens that the model would think of. Errors: those of `next`.
Result<std::optional<Quote>> findQuote(const QuoteSource& source, const Tokenizer& tokenizer, const NextLogits& next,
                                       const QuoteLimits& limits, std::stop_token stop);

}  // namespace lectern
