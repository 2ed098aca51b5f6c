// SPDX-License-Identifier: GPL-3.0-or-later
// Answers of a model that was trained to quote, read out of the cache stretch by stretch.
#pragma once

#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/answer/citation.h"
#include "engine/answer/prompt.h"
#include "engine/answer/question_places.h"
#include "engine/answer/quotes.h"
#include "engine/infer/transformer.h"
#include "engine/text/tokenizer.h"

namespace lectern {

struct QuoteAnswer {
    std::vector<TokenId> ids;
    bool ended = false;              ///< false: cut off by the most tokens or by the stop
    bool absent = false;             ///< nothing answers: `ids` say so
    AttentionMass mass;              ///< of the answer's tokens, on the stretch it was read from; empty where absent
    std::optional<CitedPage> place;  ///< where it stands, its first sentence where it is not together; no share
};

/// A question as the whole context sees it. Borrowed.
struct AskedQuestion {
    std::string_view text;
    std::span<const TokenId> ids;  ///< its tokens, framed as the first question of a conversation
    const AttentionMass& mass;     ///< what its end attended to
};

/// Finds the quote that answers a question. The documents are in the cache; a stretch of them is read again by itself
/// with the question, without computing any of its keys and values: keys are kept before their rotation, so that the
/// question can stand right behind any stretch (KVQUANT.md, "Position-free cache"). A small model finds in 400 tokens
/// what it misses among 4,000. First the stretches are asked how sure the model is that they do not answer, at the cost
/// of one pass over the question's tokens each; of a long context those that share most words with the question. The
/// most promising ones are then searched for their likeliest quote, and the sentences that share most words are looked
/// at too. The best of all by its own probability, by the stretch's and by its words is the answer, where it is good
/// enough to be one (quoteScore). What comes close to it in another stretch is compared with both stretches in sight:
/// which of two dates is the later one, no stretch can say by itself. Borrows all that it is made with. One thread at
/// a time.
class QuoteReader {
public:
    /// `documents`: their cache. `pages` in the order of the context. `hidden`: positions that the question must not
    /// see, ascending and apart.
    QuoteReader(Transformer& transformer, const Tokenizer& tokenizer, const PromptBuilder& prompt,
                const KvCache& documents, std::vector<PagePlace> pages, std::vector<TokenRange> hidden);

    /// `absence`: the tokens that say that nothing answers and end the answer. Nothing where no answer can be made this
    /// way (a question longer than one chunk). Errors: Failed (the model), Interrupted where the stop came before
    /// anything was found.
    Result<std::optional<QuoteAnswer>> read(const AskedQuestion& question, std::span<const TokenId> absence,
                                            const QuoteLimits& limits, std::stop_token stop);

private:
    struct Stretch {
        std::uint64_t begin = 0, end = 0;  ///< tokens of the context, whole pages of the cache
        double mass = 0;                   ///< attention of the question
        double words = 0;                  ///< the most that one of its sentences shares with the question
        double absence = 0;                ///< log-probability that the model says it does not answer
        double most() const;               ///< score of its best sentence at most
    };
    struct Place {
        std::size_t page = 0;              ///< of m_pages
        std::uint32_t begin = 0, end = 0;  ///< bytes of its text
    };
    struct Found {
        Quote quote;
        Stretch stretch;
        double score = 0;
    };

    std::vector<Stretch> stretches(const AskedQuestion& question, const QuestionPlaces& places) const;
    KvCache alone(const Stretch& stretch) const;
    Result<double> logProbabilityIn(KvCache cache, std::span<const TokenId> question, std::span<const TokenId> answer);
    Result<std::vector<Stretch>> promising(const AskedQuestion& question, const QuestionPlaces& places,
                                           std::span<const TokenId> absence, std::stop_token stop);
    void keep(std::vector<Found>& found, Quote quote, const Stretch& stretch, const SharedWords& shared) const;
    std::optional<Place> placeIn(const Stretch& stretch, const std::string& text) const;
    SharedWords sharedBy(const Quote& quote, const Stretch& stretch, const QuestionPlaces& places) const;
    Status lookAt(const QuestionSentence& sentence, const AskedQuestion& question,
                  const std::vector<Stretch>& stretches, std::vector<Found>& found);
    Result<std::vector<Found>> quotes(const AskedQuestion& question, const QuestionPlaces& places,
                                      const std::vector<Stretch>& stretches, const QuoteLimits& limits,
                                      std::stop_token stop);
    Result<bool> beats(const Found& other, const Found& best, std::span<const TokenId> question);
    QuoteSource source(const Stretch& stretch) const;
    Result<std::optional<Quote>> search(const Stretch& stretch, std::span<const TokenId> question,
                                        const QuoteLimits& limits, std::stop_token stop);
    std::vector<TokenId> shown(const Found& found, const QuestionPlaces& places) const;
    Result<QuoteAnswer> attribute(const Found& found, std::span<const TokenId> question, const QuestionPlaces& places);

    Transformer& m_transformer;
    const Tokenizer& m_tokenizer;
    const PromptBuilder& m_prompt;
    const KvCache& m_documents;
    std::vector<PagePlace> m_pages;
    std::vector<TokenRange> m_hidden;
    std::vector<float> m_logits;
};

}  // namespace lectern
