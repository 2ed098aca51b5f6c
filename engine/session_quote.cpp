// SPDX-License-Identifier: GPL-3.0-or-later
// Answers of models that were trained to quote.
#include <algorithm>

#include "engine/quote_reader.h"
#include "engine/session_impl.h"

namespace lectern {

/// Pages that are in the context and on for this question.
std::vector<QuotePage> SessionImpl::quotablePages(const std::vector<int>& off) const {
    std::vector<QuotePage> pages;
    for (const auto& document : m_documents) {
        if (!whole(document) || std::find(off.begin(), off.end(), document.info.id) != off.end()) continue;
        for (const auto& page : document.pages) {
            if (page.token_end > page.token_begin && page.token_end <= readTokens())
                pages.push_back({page.token_begin, page.token_end, &page.text.text, &page.token_offsets});
        }
    }
    return pages;
}

/// The quote that answers, computed into the branch too; `mass` becomes that of the stretch it was read from. Nothing
/// where the question is too long: then the answer is decoded freely.
Result<std::optional<std::string>> SessionImpl::quote(Branch& branch, const AskRequest& request,
                                                      std::span<const float> logits, AttentionMass& mass,
                                                      std::stop_token stop, Message& message) {
    Transformer& transformer = *m_model->transformer;
    const std::string& absence = m_model->model->quote_absent;
    QuoteReader reader(transformer, *m_model->tokenizer, *m_trunk, quotablePages(message.without),
                       branch.cache->hidden(), absence);
    const auto question = m_prompt->question(message.question, true);
    auto found = reader.read({question, *branch.cache, logits, mass}, m_prompt->answer(absence),
                             {.max_tokens = request.max_tokens, .more_steps = 32}, stop);
    if (!found) return found.error();
    if (!*found) return std::optional<std::string>();
    QuoteAnswer& answer = **found;
    const StopReason cut = stop.stop_requested() ? StopReason::Interrupted : StopReason::MaxTokens;
    message.stop = answer.ended ? StopReason::EndOfAnswer : cut;
    message.ledger.tokens_answer = answer.ids.size();
    if (auto done = transformer.prefill(*branch.cache, answer.ids, nullptr, {}); !done) return done.error();
    branch.ids.insert(branch.ids.end(), answer.ids.begin(), answer.ids.end());
    if (!answer.absent) mass = std::move(answer.mass);
    StreamDecoder stream(*m_model->tokenizer, TextPlace::Continuing);
    std::string text;
    for (const TokenId id : answer.ids) text += stream.push(id);
    return std::optional(text + stream.finish());
}

}  // namespace lectern
