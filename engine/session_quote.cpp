// SPDX-License-Identifier: GPL-3.0-or-later
// Answers of models that were trained to quote.
#include "engine/quote_reader.h"
#include "engine/session_impl.h"

namespace lectern {

/// The quote that answers, computed into the branch too; the mass becomes that of the stretch it was read from. Nothing
/// where the question is too long: then the answer is decoded freely.
Result<std::optional<std::string>> SessionImpl::quote(Answering& a) {
    Transformer& transformer = *m_model->transformer;
    const std::string& absence = m_model->model->quote_absent;
    const auto pages = visiblePages(a.message.without);
    QuoteReader reader(transformer, *m_model->tokenizer, *m_prompt, *m_trunk, pages, a.branch.cache->hidden());
    const auto question = m_prompt->question(a.message.question, true);
    auto found = reader.read({a.message.question, question, a.mass}, m_prompt->answer(absence),
                             {.max_tokens = a.request.max_tokens, .more_steps = 32}, a.stop);
    if (!found) return found.error();
    if (!*found) return std::optional<std::string>();
    QuoteAnswer& answer = **found;
    const StopReason cut = a.stop.stop_requested() ? StopReason::Interrupted : StopReason::MaxTokens;
    a.message.stop = answer.ended ? StopReason::EndOfAnswer : cut;
    a.message.ledger.tokens_answer = answer.ids.size();
    if (auto done = transformer.prefill(*a.branch.cache, answer.ids, nullptr, {}); !done) return done.error();
    a.branch.ids.insert(a.branch.ids.end(), answer.ids.begin(), answer.ids.end());
    StreamDecoder stream(*m_model->tokenizer, TextPlace::Continuing);
    std::string text;
    for (const TokenId id : answer.ids) text += stream.push(id);
    text += stream.finish();
    if (!answer.absent) {
        a.mass = std::move(answer.mass);
        a.quoted = answer.place;
    }
    return std::optional(text);
}

}  // namespace lectern
