// SPDX-License-Identifier: GPL-3.0-or-later
// Questions: a branch after the documents, decoding, citations from the attention that was measured.
#include <algorithm>
#include <ctime>

#include "engine/answer/citation.h"
#include "engine/document/passage.h"
#include "engine/session_impl.h"

namespace lectern {

using Clock = std::chrono::steady_clock;

namespace {

constexpr std::uint64_t kLeastSinks = 4;  ///< first tokens whose mass says nothing, also where no sinks are kept apart
constexpr std::size_t kPenaltyTokens = 256;  ///< the repetition penalty looks this far back

double secondsSince(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Attention per token of the documents; sinks are left out. Groups of 16 tokens share their mass evenly.
std::vector<float> tokenMass(const KvCache& cache, const AttentionMass& mass, std::uint64_t tokens) {
    std::vector<float> per_token(tokens, 0.0F);
    const auto groups = std::size_t(kernels::kMassGroups);
    for (int page = 0; page < int(mass.groups.size() / groups); ++page) {
        if (cache.sinkPage(page)) continue;
        for (std::size_t g = 0; g < groups; ++g) {
            const std::uint64_t begin = cache.pageBegin(page) + g * kernels::kLaneTokens;
            for (std::uint64_t t = begin; t < std::min(tokens, begin + kernels::kLaneTokens); ++t)
                per_token[t] =
                    t < kLeastSinks ? 0.0F : mass.groups[std::size_t(page) * groups + g] / kernels::kLaneTokens;
        }
    }
    return per_token;
}

std::string trimmed(const std::string& text) {
    const auto begin = text.find_first_not_of(" \t\r\n");
    return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
}

}  // namespace

Branch* SessionImpl::findBranch(std::string_view name) {
    const auto found =
        std::find_if(m_branches.begin(), m_branches.end(), [&](const Branch& b) { return b.name == name; });
    return found == m_branches.end() ? nullptr : &*found;
}

/// The branch by name, made where it is new; its cache stands on the trunk as it is now.
Result<Branch*> SessionImpl::readyBranch(std::string_view name) {
    if (readTokens() == 0)
        return Error{ErrorCode::Usage,
                     "\"" + m_file.string() + "\" has no document in its context yet: read one in first."};
    if (auto loading = restartLoading(); !loading) return loading.error();
    if (name.empty() || name.size() > 200)
        return Error{ErrorCode::Usage, "The name of a conversation must have 1 to 200 bytes."};
    Branch* branch = findBranch(name);
    if (branch == nullptr) {
        int id = 1;
        for (const auto& other : m_branches) id = std::max(id, other.id + 1);
        m_branches.push_back({id, std::string(name), 0, {}, {}, {}, 0});
        branch = &m_branches.back();
    }
    if (!branch->cache || branch->fork != readTokens()) {
        branch->cache.emplace(*m_trunk);
        branch->fork = readTokens();
        branch->stored_tokens = 0;
    }
    return branch;
}

/// Computes every token of the branch that its cache lacks; the last one as a decode step, whose attention counts
/// already.
Status SessionImpl::computeQuestion(Branch& branch, std::vector<float>& logits, AttentionMass& mass,
                                    std::stop_token stop) {
    const auto todo = std::span(branch.ids).subspan(branch.cache->tokens() - branch.fork);
    Transformer& transformer = *m_model->transformer;
    if (auto done = transformer.prefill(*branch.cache, todo.first(todo.size() - 1), nullptr, stop); !done) return done;
    return transformer.forward(*branch.cache, todo.last(1), Logits::Last, logits.data(), &mass);
}

Result<std::string> SessionImpl::decode(Branch& branch, const AskRequest& request, std::vector<float>& logits,
                                        AttentionMass& mass, const std::function<void(const std::string&)>& on_text,
                                        std::stop_token stop, Message& message) {
    Sampler sampler(request.sampler);
    StreamDecoder stream(*m_model->tokenizer, TextPlace::Continuing);
    std::string text;
    message.stop = StopReason::MaxTokens;
    const auto show = [&](std::string piece) {
        if (text.empty()) piece.erase(0, std::min(piece.size(), piece.find_first_not_of(" \n\t")));
        text += piece;
        if (on_text && !piece.empty()) on_text(piece);
    };
    for (int count = 0; count < request.max_tokens; ++count) {
        const auto recent = std::span(branch.ids).last(std::min(branch.ids.size(), kPenaltyTokens));
        const TokenId id = sampler.pick(logits, recent);
        if (m_model->tokenizer->endsAnswer(id)) {
            message.stop = StopReason::EndOfAnswer;
            break;
        }
        branch.ids.push_back(id);
        ++message.ledger.tokens_answer;
        show(stream.push(id));
        if (stop.stop_requested()) {
            message.stop = StopReason::Interrupted;
            break;
        }
        auto stepped =
            m_model->transformer->forward(*branch.cache, {&branch.ids.back(), 1}, Logits::Last, logits.data(), &mass);
        if (!stepped) return stepped.error();
    }
    show(stream.finish());
    if (m_prompt->eosAfterAnswer() && m_model->tokenizer->spec().eos >= 0)
        branch.ids.push_back(m_model->tokenizer->spec().eos);
    return trimmed(text);
}

std::vector<Citation> SessionImpl::cite(const KvCache& cache, const AttentionMass& mass) const {
    std::vector<PagePlace> places;
    for (const auto& document : m_documents) {
        for (std::size_t p = 0; p < document.pages.size(); ++p) {
            const SessionPage& page = document.pages[p];
            if (page.token_end > page.token_begin && page.token_end <= readTokens())
                places.push_back(
                    {document.info.id, int(p), page.token_begin, page.token_end, &page.text, &page.token_offsets});
        }
    }
    std::vector<Citation> citations;
    for (const auto& cited : citePages(tokenMass(cache, mass, readTokens()), places)) {
        const SessionDocument& document = *this->document(cited.document);
        const PageText& page = document.pages[std::size_t(cited.page)].text;
        Citation citation;
        citation.document_id = cited.document;
        citation.document = document.info.name;
        citation.page = cited.page + 1;
        citation.page_label = page.label;
        citation.share = cited.share;
        citation.text = page.text.substr(cited.begin, cited.end - cited.begin);
        citation.rects = lineRects(page, cited.begin, cited.end);
        citations.push_back(std::move(citation));
    }
    return citations;
}

/// Forgets what a branch holds past `tokens` of its own tokens and `messages` messages (in memory).
void SessionImpl::dropTail(Branch& branch, std::uint64_t tokens, std::size_t messages) {
    branch.ids.resize(std::min<std::uint64_t>(branch.ids.size(), tokens));
    branch.messages.resize(std::min(branch.messages.size(), messages));
    branch.stored_tokens = std::min(branch.stored_tokens, tokens);
    if (branch.cache) branch.cache->rewind(branch.fork + tokens);
}

Status SessionImpl::storeBranch(Branch& branch, std::size_t first_new_message) {
    SessionCommit commit;
    const bool whole = branch.stored_tokens == 0;  // new, or on a new trunk: everything of it is written
    const auto from = whole ? 0 : first_new_message;
    const auto begin = from < branch.messages.size() ? branch.messages[from].token_begin : 0;
    const auto pages = whole ? 0U : std::uint32_t(branch.cache->pageCount(branch.fork + branch.stored_tokens));
    commit.truncate.push_back({branch.id, begin, pages, int(from)});
    commit.branches.push_back({branch.id, branch.name, 0, branch.fork});
    commit.tokens.push_back({branch.id, begin, {branch.ids.begin() + std::ptrdiff_t(begin), branch.ids.end()}});
    for (std::size_t i = from; i < branch.messages.size(); ++i)
        commit.messages.push_back(toRecord(branch.id, int(i), branch.messages[i]));
    addBlocks(commit, *branch.cache, branch.id, branch.cache->takeDirtyPages());
    branch.stored_tokens = branch.cache->tokens() - branch.fork;
    commit.meta["branch_tokens." + std::to_string(branch.id)] = std::to_string(branch.stored_tokens);
    if (auto submitted = m_writer->submit(std::move(commit)); !submitted) return submitted;
    return m_writer->flush();
}

Result<Message> SessionImpl::ask(const AskRequest& request, const std::function<void(const std::string&)>& on_text,
                                 std::stop_token stop) {
    const std::string question = trimmed(request.question);
    if (question.empty()) return Error{ErrorCode::Usage, "The question is empty."};
    if (request.max_tokens < 1) return Error{ErrorCode::Usage, "An answer needs at least one token."};
    auto ready = readyBranch(request.branch);
    if (!ready) return ready.error();
    Branch& branch = **ready;
    const auto started = Clock::now();
    const std::uint64_t begin = branch.ids.size();
    const std::size_t index = branch.messages.size();
    const auto asked = m_prompt->question(question, branch.ids.empty());
    branch.ids.insert(branch.ids.end(), asked.begin(), asked.end());

    Message message;
    message.question = question;
    message.time = std::time(nullptr);
    message.ledger.seed = request.sampler.seed;
    message.ledger.tokens_reused = branch.cache->tokens();
    message.ledger.tokens_new = branch.fork + branch.ids.size() - branch.cache->tokens();
    std::vector<float> logits(std::size_t(m_model->model->config.vocab));
    AttentionMass mass;
    const auto fail = [&](Error error) {
        dropTail(branch, begin, index);
        return error;
    };
    if (auto computed = computeQuestion(branch, logits, mass, stop); !computed) return fail(computed.error());
    if (auto there = finishLoading(); !there) return fail(there.error());
    message.ledger.seconds_to_first_token = secondsSince(started);
    message.ledger.prefill_tokens_per_s = double(message.ledger.tokens_new) / message.ledger.seconds_to_first_token;
    const auto decoding = Clock::now();
    auto answer = decode(branch, request, logits, mass, on_text, stop, message);
    if (!answer) return fail(answer.error());
    message.answer = std::move(*answer);
    const double seconds = secondsSince(decoding);
    if (seconds > 0) message.ledger.decode_tokens_per_s = double(message.ledger.tokens_answer) / seconds;
    message.citations = cite(*branch.cache, mass);
    m_peak = std::max(m_peak, memory().peak);
    message.ledger.peak_bytes = m_peak;
    branch.messages.push_back({message, begin, branch.ids.size()});
    if (auto stored = storeBranch(branch, index); !stored) return stored.error();
    return message;
}

Status SessionImpl::undoLast(std::string_view name) {
    Branch* branch = findBranch(name);
    if (branch == nullptr || branch->messages.empty())
        return Error{ErrorCode::Usage, "Conversation \"" + std::string(name) + "\" has no answer to take back."};
    const auto begin = branch->messages.back().token_begin;
    dropTail(*branch, begin, branch->messages.size() - 1);
    SessionCommit commit;
    const auto pages =
        std::uint32_t(branch->cache ? branch->cache->pageCount(branch->fork + branch->stored_tokens) : 0);
    commit.truncate.push_back({branch->id, begin, pages, int(branch->messages.size())});
    commit.meta["branch_tokens." + std::to_string(branch->id)] = std::to_string(branch->stored_tokens);
    if (auto submitted = m_writer->submit(std::move(commit)); !submitted) return submitted;
    return m_writer->flush();
}

}  // namespace lectern
