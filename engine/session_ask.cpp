// SPDX-License-Identifier: GPL-3.0-or-later
// Questions: a branch after the documents, decoding, citations from the attention that was measured.
#include <algorithm>
#include <chrono>
#include <ctime>

#include "engine/answer/stop_strings.h"
#include "engine/answer_pages.h"
#include "engine/session_impl.h"

namespace lectern {

using Clock = std::chrono::steady_clock;

namespace {

double secondsSince(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

std::string trimmed(const std::string& text) {
    const auto begin = text.find_first_not_of(" \t\r\n");
    return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
}

/// Tokens that end a phrase for DRY; empty where nothing asks.
std::vector<bool> phraseBreakers(const Tokenizer& tokenizer, const SamplerSettings& settings) {
    std::vector<bool> breakers;
    for (TokenId id = 0; settings.dry_multiplier > 0 && id < tokenizer.vocabSize(); ++id) {
        const std::string piece = tokenizer.piece(id);  // control tokens have none
        breakers.push_back(piece.empty() || piece.find_first_of(kDryBreakers) != piece.npos);
    }
    return breakers;
}

}  // namespace

/// Computes every token of the branch that its cache lacks; the last one as a decode step, whose attention counts
/// already.
Status SessionImpl::computeQuestion(Answering& a) {
    const auto todo = std::span(a.branch.ids).subspan(a.branch.cache->tokens() - a.branch.begin());
    Transformer& transformer = *m_model->transformer;
    auto done = transformer.prefill(*a.branch.cache, todo.first(todo.size() - 1), nullptr, a.stop);
    if (!done) return done;
    a.logits.resize(std::size_t(m_model->model->config.vocab));
    a.mass.by_layer = true;
    done = transformer.forward(*a.branch.cache, todo.last(1), Logits::Last, a.logits.data(), &a.mass);
    if (!done) return done;
    a.message.layers = documentShares(*a.branch.cache, a.mass, readTokens());
    a.mass.by_layer = false;
    a.mass.layers.clear();
    return {};
}

/// A quote where the model was trained for them and nothing is sampled, else what it says token by token.
Result<std::string> SessionImpl::answer(Answering& a) {
    std::optional<std::string> quoted;
    if (!m_model->model->quote_absent.empty() && a.request.sampler.temperature <= 0) {
        auto quote = this->quote(a);
        if (!quote) return quote.error();
        quoted = std::move(*quote);
    }
    if (quoted) {
        StopStrings stops(a.request.stop_strings);
        quoted = trimmed(stops.push(trimmed(*quoted)) + stops.finish());
        if (stops.found()) a.message.stop = StopReason::StopString;
        if (!quoted->empty()) a.on_text(*quoted);
    } else {
        auto decoded = decode(a);
        if (!decoded) return decoded.error();
        quoted = std::move(*decoded);
    }
    if (m_prompt->eosAfterAnswer() && m_model->tokenizer->spec().eos >= 0)
        a.branch.ids.push_back(m_model->tokenizer->spec().eos);
    return std::move(*quoted);
}

Result<std::string> SessionImpl::decode(Answering& a) {
    const Tokenizer& tokenizer = *m_model->tokenizer;
    Sampler sampler(a.request.sampler, phraseBreakers(tokenizer, a.request.sampler));
    std::vector<TokenId> said = m_branches.lastTokens(a.branch, kDryTokens);
    StreamDecoder stream(tokenizer, TextPlace::Continuing);
    StopStrings stops(a.request.stop_strings);
    std::string text;
    bool begun = false;
    a.message.stop = StopReason::MaxTokens;
    const auto show = [&](const std::string& piece) {
        text += piece;
        if (!piece.empty()) a.on_text(piece);
    };
    const auto unblank = [&](std::string piece) {
        if (!begun) piece.erase(0, std::min(piece.size(), piece.find_first_not_of(" \n\t")));
        begun = begun || !piece.empty();
        return piece;
    };
    for (int count = 0; count < a.request.max_tokens; ++count) {
        const TokenId id = sampler.pick(a.logits, said);
        if (tokenizer.endsAnswer(id)) {
            a.message.stop = StopReason::EndOfAnswer;
            break;
        }
        a.branch.ids.push_back(id);
        said.push_back(id);
        ++a.message.ledger.tokens_answer;
        show(stops.push(unblank(stream.push(id))));
        if (a.stop.stop_requested()) {
            a.message.stop = StopReason::Interrupted;
            break;
        }
        auto stepped = m_model->transformer->forward(*a.branch.cache, {&a.branch.ids.back(), 1}, Logits::Last,
                                                     a.logits.data(), &a.mass);
        if (!stepped) return stepped.error();
        if (stops.found()) {
            a.message.stop = StopReason::StopString;
            break;
        }
    }
    show(stops.push(unblank(stream.finish())));
    show(stops.finish());
    return trimmed(text);
}

/// Says in `message` which documents and pages drew most attention; the page that the answer was quoted from comes
/// first, its passage is the quote.
void SessionImpl::cite(Answering& a) const {
    const auto places = visiblePages(a.message.without);
    const auto mass = tokenMass(*a.branch.cache, a.mass, readTokens());
    for (const auto& [id, share] : attendedDocuments(mass, places))
        a.message.documents.push_back({id, document(id)->info.name, share});
    std::vector<CitedPage> cited = citePages(mass, places);
    if (a.quoted) {
        const auto same = [&](const CitedPage& page) {
            return page.document == a.quoted->document && page.page == a.quoted->page;
        };
        std::erase_if(cited, same);
        cited.insert(cited.begin(), *a.quoted);
        cited.front().share = pageShare(mass, places, a.quoted->document, a.quoted->page);
        cited.resize(std::min(cited.size(), std::size_t(CitationLimits().most)));
    }
    for (const auto& page : cited) {
        const SessionDocument& from = *document(page.document);
        a.message.citations.push_back(citation(from, SessionData::pageText(from, page.page), page));
    }
}

Result<Message> SessionImpl::ask(const AskRequest& request, const std::function<void(const std::string&)>& on_text,
                                 std::stop_token stop) {
    const std::string question = trimmed(request.question);
    if (question.empty()) return Error{ErrorCode::Usage, "The question is empty."};
    if (request.max_tokens < 1) return Error{ErrorCode::Usage, "An answer needs at least one token."};
    auto off = documentsOff(request);
    if (!off) return off.error();
    auto ready = readyBranch(request.branch);
    if (!ready) return ready.error();
    Branch& branch = **ready;
    const auto most_tokens = branch.begin() + branch.ids.size() + question.size() + std::uint64_t(request.max_tokens);
    if (auto chosen = chooseProcessor(most_tokens); !chosen) return chosen.error();
    const auto started = Clock::now();
    const std::uint64_t begin = branch.ids.size();
    const std::size_t index = branch.messages.size();
    std::uint64_t computed = 0;
    if (auto up = bringUp(branch, computed, stop); !up) return up.error();
    const auto asked = m_prompt->question(question, branch.turns() == 0);
    branch.ids.insert(branch.ids.end(), asked.begin(), asked.end());

    double first_text = 0;
    const std::function<void(const std::string&)> show = [&](const std::string& text) {
        if (first_text == 0) first_text = secondsSince(started);
        if (on_text) on_text(text);
    };
    Answering answering{branch, request, show, stop};
    Message& message = answering.message;
    message.question = question;
    message.without = std::move(*off);
    branch.cache->hide(hiddenRanges(message.without));
    message.time = std::time(nullptr);
    message.ledger.seed = request.sampler.seed;
    message.ledger.sampler = request.sampler;
    message.ledger.tokens_reused = branch.cache->tokens() - computed;
    message.ledger.tokens_new = branch.begin() + branch.ids.size() - message.ledger.tokens_reused;
    const auto fail = [&](Error error) {
        dropTail(branch, begin, index);
        return error;
    };
    if (auto computed = computeQuestion(answering); !computed) return fail(computed.error());
    if (auto there = finishLoading(); !there) return fail(there.error());
    message.ledger.seconds_to_first_token = secondsSince(started);
    message.ledger.prefill_tokens_per_s = double(message.ledger.tokens_new) / message.ledger.seconds_to_first_token;
    const auto decoding = Clock::now();
    auto answer = this->answer(answering);
    if (!answer) return fail(answer.error());
    message.answer = std::move(*answer);
    if (first_text > 0) message.ledger.seconds_to_first_token = first_text;
    const double seconds = secondsSince(decoding);
    if (seconds > 0) message.ledger.decode_tokens_per_s = double(message.ledger.tokens_answer) / seconds;
    cite(answering);
    m_peak = std::max(m_peak, memory().peak);
    message.ledger.peak_bytes = m_peak;
    message.ledger.cache_bytes = std::uint64_t(bytesPerToken(m_settings) * double(branch.cache->tokens()));
    branch.messages.push_back({message, begin, branch.ids.size()});
    if (auto stored = storeBranch(branch, *branch.cache, index); !stored) return stored.error();
    if (auto flushed = m_writer->flush(); !flushed) return flushed.error();
    letGo();
    return message;
}

}  // namespace lectern
