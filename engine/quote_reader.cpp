// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quote_reader.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/answer/quote_evidence.h"
#include "engine/answer/sentences.h"
#include "engine/base/log_sum_exp.h"
#include "engine/lone_stretch.h"

namespace lectern {

namespace {

constexpr int kStretchPages = 6;       ///< of 64 tokens: with the question what the model was first trained on
constexpr int kStepPages = 5;          ///< stretches overlap by a page, so that no sentence is cut in all of them
constexpr std::size_t kByWords = 16;   ///< of a long context, stretches that are read for the words they share
constexpr std::size_t kByMass = 8;     ///< and for what the question attended to: where its words are other ones
constexpr std::size_t kSearched = 8;   ///< of them that are searched for quotes
constexpr std::size_t kSentences = 3;  ///< looked at for the words they share
constexpr double kClose = 1;           ///< by which a score may be lower that is compared with the best
constexpr double kTogether = 1;        ///< weight of that difference where both stretches are in sight
constexpr std::uint32_t kLongestSentence = 400;  ///< bytes of one of these
constexpr double kSureAbsence = -0.005;          ///< log-probability of absence above which a stretch is not searched

/// Logits after the first tokens of an answer, from forks of a cache that holds documents and question.
class Trial {
public:
    Trial(Transformer& transformer, const KvCache& asked, std::vector<float> first)
        : m_transformer(transformer), m_asked(asked), m_first(std::move(first)), m_logits(m_first.size()) {}

    Result<std::span<const float>> next(std::span<const TokenId> ids) {
        if (ids.empty()) return std::span<const float>(m_first);
        const bool goes_on =
            m_cache && m_ids.size() + 1 == ids.size() && std::equal(m_ids.begin(), m_ids.end(), ids.begin());
        if (!goes_on) {
            m_cache.emplace(m_asked);
            m_ids.clear();
        }
        const auto rest = ids.subspan(m_ids.size());
        if (auto done = m_transformer.prefill(*m_cache, rest, m_logits.data(), {}); !done) return done.error();
        m_ids.assign(ids.begin(), ids.end());
        return std::span<const float>(m_logits);
    }

private:
    Transformer& m_transformer;
    const KvCache& m_asked;
    std::vector<float> m_first, m_logits;
    std::optional<KvCache> m_cache;
    std::vector<TokenId> m_ids;  ///< that m_cache holds after the question
};

double logProbability(std::span<const float> logits, TokenId id) {
    return double(logits[std::size_t(id)]) - logSumExp(logits);
}

}  // namespace

QuoteReader::QuoteReader(Transformer& transformer, const Tokenizer& tokenizer, const PromptBuilder& prompt,
                         const KvCache& documents, std::vector<PagePlace> pages, std::vector<TokenRange> hidden)
    : m_transformer(transformer),
      m_tokenizer(tokenizer),
      m_prompt(prompt),
      m_documents(documents),
      m_pages(std::move(pages)),
      m_hidden(std::move(hidden)),
      m_logits(std::size_t(transformer.model().config.vocab)) {}

double QuoteReader::Stretch::most() const {
    return quoteScoreAtMost(absence, words);
}

/// Stretches with a page to quote from; where there are many, those that share most words with the question, and of
/// the others those that it attended to most.
std::vector<QuoteReader::Stretch> QuoteReader::stretches(const AskedQuestion& question,
                                                         const QuestionPlaces& places) const {
    constexpr auto kGroups = std::size_t(kernels::kMassGroups);
    std::vector<Stretch> all;
    const int count = m_documents.pageCount(m_documents.tokens());
    const int first = m_documents.sinkPage(0) ? 1 : 0;
    for (int page = first; page < count; page += kStepPages) {
        const int last = std::min(page + kStretchPages, count) - 1;
        page = std::max(first, last + 1 - kStretchPages);  // the last one is as long as the others
        Stretch stretch;
        stretch.begin = m_documents.pageBegin(page);
        stretch.end =
            std::min(m_documents.tokens(), m_documents.pageBegin(last) + std::uint64_t(m_documents.pageCapacity(last)));
        for (std::size_t g = std::size_t(page) * kGroups; g < std::size_t(last + 1) * kGroups; ++g)
            stretch.mass += g < question.mass.groups.size() ? double(question.mass.groups[g]) : 0;
        stretch.words = places.most(stretch.begin, stretch.end);
        const bool any = std::any_of(m_pages.begin(), m_pages.end(), [&](const PagePlace& p) {
            return p.token_begin < stretch.end && p.token_end > stretch.begin;
        });
        if (any) all.push_back(stretch);
        if (last + 1 == count) break;
    }
    if (all.size() <= kByWords + kByMass) return all;
    const auto by_mass = [](const Stretch& a, const Stretch& b) { return a.mass > b.mass; };
    std::sort(all.begin(), all.end(), [&](const Stretch& a, const Stretch& b) {
        return a.words != b.words ? a.words > b.words : by_mass(a, b);
    });
    std::nth_element(all.begin() + kByWords, all.begin() + kByWords + kByMass, all.end(), by_mass);
    all.resize(kByWords + kByMass);
    return all;
}

KvCache QuoteReader::alone(const Stretch& stretch) const {
    return loneStretch(m_documents, {stretch.begin, stretch.end}, m_hidden);
}

/// How likely all of an answer is, its end included, where the question sees what is in `cache`, as a logarithm.
/// Question and answer fit into a chunk.
Result<double> QuoteReader::logProbabilityIn(KvCache cache, std::span<const TokenId> question,
                                             std::span<const TokenId> answer) {
    std::vector<TokenId> ids(question.begin(), question.end());
    ids.insert(ids.end(), answer.begin(), answer.end() - 1);
    const std::size_t vocab = m_logits.size();
    std::vector<float> logits(ids.size() * vocab);
    if (auto done = m_transformer.forward(cache, ids, Logits::All, logits.data()); !done) return done.error();
    double sum = 0;
    for (std::size_t i = 0; i < answer.size(); ++i) {
        const float* row = logits.data() + (question.size() - 1 + i) * vocab;
        sum += logProbability({row, vocab}, answer[i]);
    }
    return sum;
}

QuoteSource QuoteReader::source(const Stretch& stretch) const {
    QuoteSource source;
    for (const PagePlace& page : m_pages) {
        if (page.token_begin >= stretch.end || page.token_end <= stretch.begin) continue;
        const auto& offsets = *page.token_offsets;
        std::uint32_t begin = kNoPlace, end = 0;
        for (std::size_t i = 0; i < offsets.size(); ++i) {
            const std::uint64_t at = page.token_begin + i;
            if (at < stretch.begin || at >= stretch.end || offsets[i] == kNoPlace) continue;
            begin = std::min(begin, offsets[i]);
            end = std::max(end, offsets[i] + 1);
        }
        if (begin != kNoPlace) source.addPage(page.text->text, begin, end);
    }
    return source;
}

Result<std::optional<Quote>> QuoteReader::search(const Stretch& stretch, std::span<const TokenId> question,
                                                 const QuoteLimits& limits, std::stop_token stop) {
    KvCache cache = alone(stretch);
    if (auto done = m_transformer.prefill(cache, question, m_logits.data(), {}); !done) return done.error();
    Trial trial(m_transformer, cache, m_logits);
    const NextLogits next = [&](std::span<const TokenId> ids) { return trial.next(ids); };
    return findQuote(source(stretch), m_tokenizer, next, limits, std::move(stop));
}

/// The answer with what its tokens attended to.
Result<QuoteAnswer> QuoteReader::attribute(const Found& found, std::span<const TokenId> question,
                                           const QuestionPlaces& places) {
    QuoteAnswer answer{shown(found, places), found.quote.ended, false, {}, {}};
    if (const auto place = placeIn(found.stretch, m_tokenizer.decode(answer.ids))) {
        const PagePlace& page = m_pages[place->page];
        answer.place = CitedPage{page.document, page.page, 0, place->begin, place->end};
    }
    KvCache cache = alone(found.stretch);
    if (auto done = m_transformer.prefill(cache, question, nullptr, {}); !done) return done.error();
    std::span<const TokenId> rest = answer.ids;
    while (!rest.empty()) {
        const auto chunk = rest.first(std::min<std::size_t>(rest.size(), Transformer::kChunk));
        auto done = m_transformer.forward(cache, chunk, Logits::None, nullptr, &answer.mass);
        if (!done) return done.error();
        rest = rest.subspan(chunk.size());
    }
    return answer;
}

/// The stretches that an answer may stand in, the most promising one first.
Result<std::vector<QuoteReader::Stretch>> QuoteReader::promising(const AskedQuestion& question,
                                                                 const QuestionPlaces& places,
                                                                 std::span<const TokenId> absence,
                                                                 std::stop_token stop) {
    auto all = stretches(question, places);
    for (Stretch& stretch : all) {
        if (stop.stop_requested()) return Error{ErrorCode::Interrupted, "The answer was stopped before it began."};
        auto absent = logProbabilityIn(alone(stretch), question.ids, absence);
        if (!absent) return absent.error();
        stretch.absence = *absent;
    }
    std::erase_if(all, [](const Stretch& stretch) { return stretch.absence > kSureAbsence || stretch.most() < 0; });
    std::sort(all.begin(), all.end(), [](const Stretch& a, const Stretch& b) { return a.most() > b.most(); });
    all.resize(std::min(all.size(), kSearched));
    return all;
}

/// Keeps the best score of every quote.
void QuoteReader::keep(std::vector<Found>& found, Quote quote, const Stretch& stretch,
                       const SharedWords& shared) const {
    const double score = quoteScore({quote.log_probability, quote.ids.size(), stretch.absence, shared});
    const auto same =
        std::find_if(found.begin(), found.end(), [&](const Found& f) { return f.quote.ids == quote.ids; });
    if (same == found.end())
        found.push_back({std::move(quote), stretch, score});
    else if (score > same->score)
        *same = {std::move(quote), stretch, score};
}

/// Where a quote stands in its stretch; the first sentence of one that is not together.
std::optional<QuoteReader::Place> QuoteReader::placeIn(const Stretch& stretch, const std::string& text) const {
    for (std::size_t page = 0; page < m_pages.size(); ++page) {
        if (m_pages[page].token_begin >= stretch.end || m_pages[page].token_end <= stretch.begin) continue;
        if (const auto place = placeOfQuote(m_pages[page].text->text, text))
            return Place{page, place->first, place->second};
    }
    return std::nullopt;
}

/// What a quote shares with the question where it stands in its stretch.
SharedWords QuoteReader::sharedBy(const Quote& quote, const Stretch& stretch, const QuestionPlaces& places) const {
    const auto place = placeIn(stretch, m_tokenizer.decode(quote.ids));
    return place ? places.shared(place->page, place->begin, place->end) : SharedWords();
}

/// The quote as it is shown: without headings before it, as far as they share nothing more with the question, and with
/// the lines of its page put together.
std::vector<TokenId> QuoteReader::shown(const Found& found, const QuestionPlaces& places) const {
    if (!found.quote.ended) return found.quote.ids;
    std::string text = oneSpaced(m_tokenizer.decode(found.quote.ids));
    if (const auto place = placeIn(found.stretch, text)) {
        const std::string& page = m_pages[place->page].text->text;
        const auto begin = pastHeadings(page, place->begin, place->end, usualLine(page));
        const auto share = [&](std::uint32_t from) { return places.shared(place->page, from, place->end).own; };
        const bool whole = oneSpaced(page.substr(place->begin, place->end - place->begin)) == text;
        if (whole && share(begin) == share(place->begin)) text = oneSpaced(page.substr(begin, place->end - begin));
    }
    auto ids = m_prompt.answer(text);
    ids.pop_back();
    return ids;
}

/// Weighs a sentence as the answer, in the stretch around it that is least sure not to answer.
Status QuoteReader::lookAt(const QuestionSentence& sentence, const AskedQuestion& question,
                           const std::vector<Stretch>& stretches, std::vector<Found>& found) {
    const Stretch* around = nullptr;
    for (const Stretch& stretch : stretches) {
        const bool whole = stretch.begin <= sentence.token_begin && sentence.token_end <= stretch.end;
        if (whole && (around == nullptr || stretch.absence < around->absence)) around = &stretch;
    }
    if (around == nullptr) return {};
    const std::string& text = m_pages[sentence.page].text->text;
    auto ids = m_prompt.answer(text.substr(sentence.begin, sentence.end - sentence.begin));
    if (question.ids.size() + ids.size() > std::size_t(Transformer::kChunk)) return {};
    auto likely = logProbabilityIn(alone(*around), question.ids, ids);
    if (!likely) return likely.error();
    ids.pop_back();
    keep(found, {std::move(ids), *likely, true}, *around, sentence.shared);
    return {};
}

/// Quotes of the stretches, the best one first: all that could be better, or come so close that they are compared.
Result<std::vector<QuoteReader::Found>> QuoteReader::quotes(const AskedQuestion& question, const QuestionPlaces& places,
                                                            const std::vector<Stretch>& stretches,
                                                            const QuoteLimits& limits, std::stop_token stop) {
    std::vector<Found> found;
    for (const QuestionSentence& sentence : places.best(kSentences, kLongestSentence)) {
        if (sentence.token_end - sentence.token_begin > std::uint64_t(limits.max_tokens)) continue;
        if (auto looked = lookAt(sentence, question, stretches, found); !looked) return looked.error();
    }
    const auto better = [](const Found& a, const Found& b) { return a.score > b.score; };
    for (const Stretch& stretch : stretches) {
        std::stable_sort(found.begin(), found.end(), better);
        if ((!found.empty() && stretch.most() <= found.front().score - kClose) || stop.stop_requested()) break;
        auto quote = search(stretch, question.ids, limits, stop);
        if (!quote) return quote.error();
        if (!*quote || (*quote)->ids.empty()) continue;
        const SharedWords shared = sharedBy(**quote, stretch, places);
        keep(found, std::move(**quote), stretch, shared);
    }
    std::stable_sort(found.begin(), found.end(), better);
    return found;
}

/// Whether `other` answers rather than `best` where the question sees the stretches of both.
Result<bool> QuoteReader::beats(const Found& other, const Found& best, std::span<const TokenId> question) {
    const Stretch *first = &best.stretch, *second = &other.stretch;
    if (second->begin < first->begin) std::swap(first, second);
    const std::array<TokenRange, 2> seen{{{first->begin, first->end}, {second->begin, second->end}}};
    double score[2];
    for (const bool of_other : {false, true}) {
        const Found& found = of_other ? other : best;
        auto ids = found.quote.ids;
        ids.push_back(m_tokenizer.spec().eos);
        if (question.size() + ids.size() > std::size_t(Transformer::kChunk)) return false;
        auto likely = logProbabilityIn(loneStretches(m_documents, seen, m_hidden), question, ids);
        if (!likely) return likely.error();
        score[of_other] = *likely / std::sqrt(double(found.quote.ids.size()));
    }
    return score[1] - score[0] > kTogether * (best.score - other.score);
}

Result<std::optional<QuoteAnswer>> QuoteReader::read(const AskedQuestion& question, std::span<const TokenId> absence,
                                                     const QuoteLimits& limits, std::stop_token stop) {
    if (question.ids.size() + absence.size() > std::size_t(Transformer::kChunk)) return std::optional<QuoteAnswer>();
    const QuestionPlaces places(question.text, m_pages);
    auto stretches = promising(question, places, absence, stop);
    if (!stretches) return stretches.error();
    auto found = quotes(question, places, *stretches, limits, stop);
    if (!found) return found.error();
    if (found->empty() || found->front().score < 0)
        return std::optional(QuoteAnswer{{absence.begin(), absence.end() - 1}, true, true, {}, {}});
    const Found* best = &found->front();
    for (const Found& other : *found) {
        if (&other == best || other.score < std::max(0.0, found->front().score - kClose)) continue;
        if (other.stretch.begin == best->stretch.begin) continue;
        auto better = beats(other, *best, question.ids);
        if (!better) return better.error();
        if (*better) best = &other;
    }
    auto answer = attribute(*best, question.ids, places);
    if (!answer) return answer.error();
    return std::optional(std::move(*answer));
}

}  // namespace lectern
