// SPDX-License-Identifier: GPL-3.0-or-later
// Answers of models that were trained to quote.
#include "engine/answer/quotes.h"
#include "engine/session_impl.h"

namespace lectern {

namespace {

constexpr double kAbsenceDoubt = 1.0;  ///< of the built-in model's held-out questions, the false absences go first

/// Logits after the first tokens of an answer, from forks of the cache that holds documents and question.
class Trial {
public:
    Trial(Transformer& transformer, const KvCache& asked, std::vector<float>& logits)
        : m_transformer(transformer), m_asked(asked), m_first(logits), m_logits(logits.size()) {}

    Result<std::span<const float>> next(std::span<const TokenId> ids) {
        if (ids.empty()) return std::span<const float>(m_first);
        const bool goes_on =
            m_cache && m_ids.size() + 1 == ids.size() && std::equal(m_ids.begin(), m_ids.end(), ids.begin());
        if (!goes_on) {
            m_cache.emplace(m_asked);
            m_ids.clear();
        }
        const auto rest = ids.subspan(m_ids.size());
        if (rest.size() > 1) {
            auto done = m_transformer.prefill(*m_cache, rest.first(rest.size() - 1), nullptr, {});
            if (!done) return done.error();
        }
        auto done = m_transformer.forward(*m_cache, rest.last(1), Logits::Last, m_logits.data());
        if (!done) return done.error();
        m_ids.assign(ids.begin(), ids.end());
        return std::span<const float>(m_logits);
    }

private:
    Transformer& m_transformer;
    const KvCache& m_asked;
    std::span<const float> m_first;
    std::vector<float> m_logits;
    std::optional<KvCache> m_cache;
    std::vector<TokenId> m_ids;  ///< that m_cache holds after the question
};

}  // namespace

/// The likeliest quote, computed into the branch. Nothing where the documents hold none: then the answer is decoded
/// freely.
Result<std::optional<std::string>> SessionImpl::quote(Branch& branch, const AskRequest& request,
                                                      std::vector<float>& logits, AttentionMass& mass,
                                                      std::stop_token stop, Message& message) {
    QuoteSource source;
    for (const auto& document : m_documents)
        for (const auto& page : document.pages)
            if (page.token_end > page.token_begin && page.token_end <= readTokens()) source.addPage(page.text.text);
    source.addAbsence(m_model->model->quote_absent, kAbsenceDoubt);
    Transformer& transformer = *m_model->transformer;
    Trial trial(transformer, *branch.cache, logits);
    auto found = findQuote(
        source, *m_model->tokenizer, [&](std::span<const TokenId> ids) { return trial.next(ids); },
        {.max_tokens = request.max_tokens}, stop);
    if (!found) return found.error();
    if (!*found) return std::optional<std::string>();
    const Quote& quote = **found;
    message.stop = quote.ended             ? StopReason::EndOfAnswer
                   : stop.stop_requested() ? StopReason::Interrupted
                                           : StopReason::MaxTokens;
    message.ledger.tokens_answer = quote.ids.size();
    StreamDecoder stream(*m_model->tokenizer, TextPlace::Continuing);
    std::string text;
    for (std::span<const TokenId> rest = quote.ids; !rest.empty();) {
        const auto chunk = rest.first(std::min<std::size_t>(rest.size(), Transformer::kChunk));
        auto done = transformer.forward(*branch.cache, chunk, Logits::None, nullptr, &mass);
        if (!done) return done.error();
        for (const TokenId id : chunk) text += stream.push(id);
        branch.ids.insert(branch.ids.end(), chunk.begin(), chunk.end());
        rest = rest.subspan(chunk.size());
    }
    return std::optional(text + stream.finish());
}

}  // namespace lectern
