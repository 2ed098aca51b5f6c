// SPDX-License-Identifier: GPL-3.0-or-later
// Summaries: planned, made section by section, kept as they grow.
#include "engine/session_summaries.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <numeric>

#include "engine/answer/sentences.h"
#include "engine/answer_pages.h"
#include "engine/base/content_hash.h"
#include "engine/section_reader.h"

namespace lectern {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kTokensPerSentence = 48;  ///< of a summary in a model's own words, at most about
constexpr int kMoreTokens = 48;
constexpr int kQuoteTokens = 100'000;  ///< as many as there are: their number is what is asked for
constexpr std::size_t kLeadCitations = 6;

int tokensFor(const SummaryRequest& request, int sentences, bool quotes) {
    if (request.max_tokens > 0) return request.max_tokens;
    return quotes ? kQuoteTokens : sentences * kTokensPerSentence + kMoreTokens;
}

/// Finds the one summary of these parts and this length.
auto sameAs(const SummaryRequest& request) {
    return [&request](const Summary& summary) {
        return summary.request.parts == request.parts && summary.request.length == request.length;
    };
}

/// Whether `made` takes the place of an earlier summary of the same.
bool replaces(const Summary& made, const Summary& old) {
    return made.finished || (!old.finished && made.sections.size() >= old.sections.size());
}

/// What an earlier run had said of a section.
Said saidOf(const SummarySection& section) {
    Said said;
    for (const Citation& citation : section.citations) said.sentences.push_back(oneSpaced(citation.text));
    return said;
}

/// Pages of the sections, each with its share of its section's share.
std::vector<Citation> leadCitations(const Summary& summary, const std::vector<double>& shares) {
    std::vector<Citation> all;
    for (std::size_t i = 0; i < summary.sections.size() && i < shares.size(); ++i) {
        for (Citation citation : summary.sections[i].citations) {
            citation.share *= shares[i];
            const auto same = std::find_if(all.begin(), all.end(), [&](const Citation& c) {
                return c.document_id == citation.document_id && c.page == citation.page;
            });
            if (same == all.end())
                all.push_back(std::move(citation));
            else
                same->share += citation.share;
        }
    }
    std::stable_sort(all.begin(), all.end(), [](const Citation& a, const Citation& b) { return a.share > b.share; });
    all.resize(std::min(all.size(), kLeadCitations));
    return all;
}

}  // namespace

/// A summary being made. Borrows the request's parts.
struct SessionSummaries::Work {
    Summary& summary;
    const SummaryPlan& plan;
    const std::vector<SummaryText>& texts;
    SectionReader& reader;
    const SummaryEvents& events;
    std::stop_token stop;
    Clock::time_point started = Clock::now();
    double seconds_before = 0;    ///< that the kept sections took
    std::vector<Said> said = {};  ///< of each section

    double seconds() const { return std::chrono::duration<double>(Clock::now() - started).count(); }
    std::span<const PagePlace> pages(const PlannedSection& section) const {
        const auto text = std::find_if(texts.begin(), texts.end(),
                                       [&](const SummaryText& t) { return t.document == section.document; });
        return text->pages;
    }
    void tell(SummaryEvent::Kind kind, const std::string& text = {}) const {
        if (!events) return;
        SummaryEvent event{kind, &summary, &plan, text, int(said.size()), int(plan.sections.size())};
        event.seconds = seconds();
        std::uint64_t done = 0, all = 0;  // of what was not kept
        for (auto i = std::size_t(plan.kept); i < plan.sections.size(); ++i) {
            const auto tokens = plan.sections[i].token_end - plan.sections[i].token_begin;
            all += tokens;
            done += i < said.size() ? tokens : 0;
        }
        event.seconds_left =
            done == 0 ? std::max(0.0, plan.seconds - event.seconds) : event.seconds * double(all - done) / double(done);
        events(event);
    }
    void count(const Said& what) const {
        summary.ledger.tokens_reused += what.tokens_reused;
        summary.ledger.tokens_new += what.tokens_new;
        summary.ledger.tokens_answer += what.tokens_answer;
        summary.ledger.seconds = seconds_before + seconds();
    }
};

/// What is to be summarized: each part with those of its pages that are in the context. Errors: Usage.
Result<std::vector<SummaryText>> SessionSummaries::textsOf(const SummaryRequest& request) const {
    if (readTokens() == 0)
        return Error{ErrorCode::Usage,
                     "\"" + m_file.string() + "\" has no document in its context yet: read one in first."};
    std::vector<SummaryPart> parts = request.parts;
    if (parts.empty()) {
        for (const auto& document : m_documents) {
            if (document.info.on && document.info.state != DocumentState::Failed)
                parts.push_back({document.info.name, -1});
        }
    }
    const auto places = visiblePages({});
    std::vector<SummaryText> texts;
    for (const SummaryPart& part : parts) {
        const auto found = std::find_if(m_documents.begin(), m_documents.end(),
                                        [&](const auto& d) { return d.info.name == part.document; });
        const auto items = found == m_documents.end() ? 0 : int(found->info.outline.size());
        if (found == m_documents.end() || part.item >= items)
            return Error{ErrorCode::Usage,
                         "\"" + m_file.string() + "\" has no such part of a document \"" + part.document + "\"."};
        const DocumentInfo& info = found->info;
        SummaryText text{info.id,
                         part.item < 0 ? info.name : info.outline[std::size_t(part.item)].title,
                         info.outline,
                         part.item,
                         {}};
        for (const PagePlace& place : places) {
            if (place.document == info.id) text.pages.push_back(place);
        }
        texts.push_back(std::move(text));
    }
    return texts;
}

Result<SummaryPlan> SessionSummaries::plan(const SummaryRequest& request) const {
    auto texts = textsOf(request);
    if (!texts) return texts.error();
    SummaryPlan plan;
    plan.sections = planSections(*texts, request.length);
    if (texts->empty())
        return Error{ErrorCode::Usage, "Every document of \"" + m_file.string() +
                                           "\" is switched off: switch one on (with its eye in the shelf, or "
                                           "\"lectern-cli document on\"), or name the one to summarize."};
    if (plan.sections.empty())
        return Error{ErrorCode::Usage, "No page of what is to be summarized is in the context of \"" + m_file.string() +
                                           "\": read it in first."};
    plan.lead = plan.sections.size() >= kLeadSections;
    plan.quotes = m_model != nullptr && !m_model->model->quote_absent.empty();
    if (request.parts.size() > 3) {
        plan.title = std::to_string(request.parts.size()) + " parts";
    } else {
        for (std::size_t i = 0; i < request.parts.size(); ++i) {
            const bool whole = request.parts[i].item < 0;
            plan.title +=
                (i > 0 ? "; " : "") + (*texts)[i].title + (whole ? "" : " (" + request.parts[i].document + ")");
        }
    }
    plan.basis = basisOf(plan, request);
    const auto old = std::find_if(m_summaries.begin(), m_summaries.end(), sameAs(request));
    if (old != m_summaries.end() && !old->finished && old->basis == plan.basis) plan.kept = int(old->sections.size());
    return plan;
}

/// Differs where the model, the most tokens, or a title or token of a section does.
std::string SessionSummaries::basisOf(const SummaryPlan& plan, const SummaryRequest& request) const {
    ContentHash hash;
    hash.addText(m_identity.model_fingerprint);
    hash.addNumber(std::uint64_t(request.max_tokens));
    for (const PlannedSection& section : plan.sections) {
        hash.addText(section.title);
        hash.addNumber(std::uint64_t(section.sentences));
        const auto end = std::min<std::uint64_t>(section.token_end, m_trunk_ids.size());
        const auto begin = std::min(section.token_begin, end);
        hash.add(std::as_bytes(std::span(m_trunk_ids).subspan(begin, end - begin)));
    }
    return hash.digest().hex();
}

Result<SummaryPlan> SessionSummaries::planSummary(const SummaryRequest& request) {
    auto planned = plan(request);
    if (!planned || m_model == nullptr) return planned;
    if (auto there = finishLoading(); !there) return there.error();
    auto texts = textsOf(request);
    if (!texts) return texts.error();
    // The section of middle length is measured and stands for all that are left, by their tokens.
    const auto left = std::span(planned->sections).subspan(std::size_t(planned->kept));
    auto middle = left.empty() ? planned->sections : std::vector<PlannedSection>(left.begin(), left.end());
    const auto tokens = [](const PlannedSection& s) { return s.token_end - s.token_begin; };
    std::nth_element(middle.begin(), middle.begin() + std::ptrdiff_t(middle.size() / 2), middle.end(),
                     [&](const PlannedSection& a, const PlannedSection& b) { return tokens(a) < tokens(b); });
    const PlannedSection& one = middle[middle.size() / 2];
    const auto text =
        std::find_if(texts->begin(), texts->end(), [&](const auto& t) { return t.document == one.document; });
    SectionReader reader(*m_model, *m_prompt, *m_trunk, hiddenRanges({}));
    auto seconds =
        reader.seconds(one, text->pages, planned->quotes, tokensFor(request, one.sentences, planned->quotes));
    if (!seconds) return seconds.error();
    if (planned->quotes) {
        const auto sum = std::accumulate(left.begin(), left.end(), std::uint64_t(0),
                                         [&](std::uint64_t all, const PlannedSection& s) { return all + tokens(s); });
        planned->seconds = *seconds * double(sum) / double(std::max<std::uint64_t>(1, tokens(one)));
    } else {
        planned->seconds = *seconds * double(left.size() + (planned->lead ? 1 : 0));
    }
    return planned;
}

Status SessionSummaries::addSection(Work& work, const PlannedSection& planned) {
    const bool quotes = work.plan.quotes;
    const auto pages = work.pages(planned);
    const int most = tokensFor(work.summary.request, planned.sentences, quotes);
    const auto on_text = [&](const std::string& text) { work.tell(SummaryEvent::Kind::Text, text); };
    auto said = quotes ? work.reader.quote(planned, pages, most, work.stop)
                       : work.reader.write(planned, pages, most, on_text, work.stop);
    if (!said) return said.error();
    const SessionDocument& from = *document(planned.document);
    SummarySection section{planned.document,
                           from.info.name,
                           planned.title,
                           planned.level,
                           planned.first_page + 1,
                           planned.last_page + 1,
                           {},
                           {},
                           said->text,
                           {},
                           said->cut};
    section.first_label = from.pages[std::size_t(planned.first_page)].text.label;
    section.last_label = from.pages[std::size_t(planned.last_page)].text.label;
    for (const CitedPage& page : said->cited)
        section.citations.push_back(citation(from, SessionData::pageText(from, page.page), page));
    if (quotes && !said->text.empty()) on_text(said->text);
    work.summary.sections.push_back(std::move(section));
    work.count(*said);
    work.said.push_back(std::move(*said));
    work.tell(SummaryEvent::Kind::Section);
    return {};
}

/// The sections of an earlier, stopped run, told as if they came now.
void SessionSummaries::keepOn(Work& work, const Summary& old) {
    work.summary.ledger = old.ledger;
    work.seconds_before = old.ledger.seconds;
    for (const SummarySection& section : old.sections) {
        if (!section.text.empty()) work.tell(SummaryEvent::Kind::Text, section.text);
        work.summary.sections.push_back(section);
        work.said.push_back(saidOf(section));
        work.tell(SummaryEvent::Kind::Section);
    }
}

/// A lead of sentences that were chosen for the sections.
Status SessionSummaries::quoteLead(Work& work) {
    struct Place {
        std::size_t section, sentence;
    };
    std::vector<std::string> sentences, chosen;
    std::vector<Place> places;
    for (std::size_t i = 0; i < work.said.size(); ++i) {
        for (std::size_t k = 0; k < work.said[i].sentences.size(); ++k) {
            sentences.push_back(work.said[i].sentences[k]);
            places.push_back({i, k});
        }
    }
    if (sentences.empty()) return {};
    auto picked = work.reader.pick(sentences, leadSentences(work.summary.request.length), work.stop);
    if (!picked) return picked.error();
    for (const std::size_t s : picked->picked) {
        chosen.push_back(sentences[s]);
        work.summary.lead_citations.push_back(work.summary.sections[places[s].section].citations[places[s].sentence]);
    }
    work.summary.lead = listOfSentences(chosen);
    work.count(*picked);
    return {};
}

/// A lead in the model's own words.
Status SessionSummaries::writeLead(Work& work) {
    std::vector<std::string> titles, texts;
    for (const SummarySection& section : work.summary.sections) {
        titles.push_back(section.title);
        texts.push_back(section.text);
    }
    const int sentences = 2 * leadSentences(work.summary.request.length);
    const auto on_text = [&](const std::string& text) { work.tell(SummaryEvent::Kind::Text, text); };
    auto said = work.reader.lead(titles, texts, sentences, tokensFor(work.summary.request, sentences, false), on_text,
                                 work.stop);
    if (!said) return said.error();
    work.summary.lead = std::move(said->text);
    work.summary.lead_citations = leadCitations(work.summary, said->shares);
    work.count(*said);
    return {};
}

/// On disk when it returns, unless the session is read-only.
Status SessionSummaries::keep(const Summary& summary) {
    if (!m_read_only.empty()) return {};
    SessionCommit commit;
    commit.meta[kSummaryName + std::to_string(summary.id)] = summaryText(summary);
    return write(std::move(commit));
}

Result<Summary> SessionSummaries::summarize(const SummaryRequest& request, const SummaryEvents& events,
                                            std::stop_token stop) {
    if (request.max_tokens < 0) return Error{ErrorCode::Usage, "A summary needs at least one token."};
    auto planned = plan(request);
    if (!planned) return planned.error();
    if (m_model == nullptr)
        return Error{ErrorCode::Usage,
                     "\"" + m_file.string() + "\" is open for looking at only; open it to summarize."};
    if (auto there = finishLoading(); !there) return there.error();
    auto texts = textsOf(request);
    if (!texts) return texts.error();
    const auto old = std::find_if(m_summaries.begin(), m_summaries.end(), sameAs(request));
    int last = 0;
    for (const Summary& summary : m_summaries) last = std::max(last, summary.id);
    Summary summary;
    summary.id = old != m_summaries.end() ? old->id : last + 1;
    summary.title = planned->title;
    summary.request = request;
    summary.planned = int(planned->sections.size());
    summary.quotes = planned->quotes;
    summary.basis = planned->basis;
    summary.model = m_identity.model_name;
    summary.time = std::time(nullptr);
    SectionReader reader(*m_model, *m_prompt, *m_trunk, hiddenRanges({}));
    Work work{summary, *planned, *texts, reader, events, stop};
    const auto kept = [&] { return old == m_summaries.end() || replaces(summary, *old) ? keep(summary) : Status(); };
    work.tell(SummaryEvent::Kind::Begin);
    if (planned->kept > 0) keepOn(work, *old);
    Status done;
    for (auto i = std::size_t(planned->kept); i < planned->sections.size() && done; ++i) {
        done = addSection(work, planned->sections[i]);
        if (done) done = kept();
    }
    if (done && planned->lead) done = planned->quotes ? quoteLead(work) : writeLead(work);
    if (!summary.lead.empty()) work.tell(SummaryEvent::Kind::Lead);
    m_peak = std::max(m_peak, memory().peak);
    summary.ledger.peak_bytes = m_peak;
    summary.finished = bool(done);
    if (summary.sections.empty()) return done.error();
    if (auto last_kept = kept(); !last_kept) return last_kept.error();
    if (old == m_summaries.end())
        m_summaries.push_back(summary);
    else if (replaces(summary, *old))
        *old = summary;
    if (!done && done.error().code != ErrorCode::Interrupted) return done.error();
    return summary;
}

Status SessionSummaries::removeSummary(int id) {
    if (auto writable = mayWrite(); !writable) return writable;
    const auto found =
        std::find_if(m_summaries.begin(), m_summaries.end(), [&](const Summary& s) { return s.id == id; });
    if (found == m_summaries.end())
        return Error{ErrorCode::Usage, "\"" + m_file.string() + "\" has no summary " + std::to_string(id) + "."};
    m_summaries.erase(found);
    SessionCommit commit;
    commit.meta[kSummaryName + std::to_string(id)] = "";
    return write(std::move(commit));
}

Status SessionSummaries::restoreSummary(const Summary& summary) {
    if (auto writable = mayWrite(); !writable) return writable;
    const auto after = std::find_if(m_summaries.begin(), m_summaries.end(),
                                    [&](const Summary& other) { return other.id >= summary.id; });
    if (after != m_summaries.end() && after->id == summary.id)
        return Error{ErrorCode::Usage, "\"" + m_file.string() + "\" has another summary in the place of \"" +
                                           summary.title + "\" already: delete that one first."};
    m_summaries.insert(after, summary);
    return keep(summary);
}

}  // namespace lectern
