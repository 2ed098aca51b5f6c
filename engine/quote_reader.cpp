// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quote_reader.h"

#include <algorithm>
#include <cmath>

#include "engine/answer/prompt.h"
#include "engine/base/log_sum_exp.h"
#include "engine/lone_stretch.h"

namespace lectern {

namespace {

constexpr int kStretchPages = 6;             ///< of 64 tokens: with the question what the model was first trained on
constexpr int kStepPages = 5;                ///< stretches overlap by a page, so that no sentence is cut in all of them
constexpr std::size_t kMostStretches = 512;  ///< that are read: some 160,000 tokens
constexpr std::size_t kSearched = 12;        ///< of them that are searched for quotes
constexpr std::uint64_t kWholeTokens = 16384;  ///< a longer context is no judge of quotes: beyond what was trained
// The rest was fitted to questions on texts that the built-in model was not trained on, 4 bits (resources/models).
constexpr double kSureAbsence = -0.05;  ///< log-probability of absence above which a stretch is not searched
constexpr double kMostAbsence = -12.0;  ///< log-probability of absence below which less says nothing
constexpr double kByAbsence = 0.8, kByWhole = 0.5;        ///< weights beside the quote's own log-probability
constexpr double kByLength = 0.3;                         ///< power of the quote's tokens that its score is divided by
constexpr double kLeastWhole = -1.6, kLeastAlone = -0.7;  ///< least score with the whole context and without it

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

QuoteReader::QuoteReader(Transformer& transformer, const Tokenizer& tokenizer, const KvCache& documents,
                         std::vector<PagePlace> pages, std::vector<TokenRange> hidden)
    : m_transformer(transformer),
      m_tokenizer(tokenizer),
      m_documents(documents),
      m_pages(std::move(pages)),
      m_hidden(std::move(hidden)),
      m_logits(std::size_t(transformer.model().config.vocab)) {}

/// Stretches with a page to quote from; where there are too many, those that the question attended to most.
std::vector<QuoteReader::Stretch> QuoteReader::stretches(const AttentionMass& mass) const {
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
            stretch.mass += g < mass.groups.size() ? double(mass.groups[g]) : 0;
        const bool any = std::any_of(m_pages.begin(), m_pages.end(), [&](const PagePlace& p) {
            return p.token_begin < stretch.end && p.token_end > stretch.begin;
        });
        if (any) all.push_back(stretch);
        if (last + 1 == count) break;
    }
    if (all.size() <= kMostStretches) return all;
    std::nth_element(all.begin(), all.begin() + kMostStretches, all.end(),
                     [](const Stretch& a, const Stretch& b) { return a.mass > b.mass; });
    all.resize(kMostStretches);
    return all;
}

KvCache QuoteReader::alone(const Stretch& stretch) const {
    return loneStretch(m_documents, {stretch.begin, stretch.end}, m_hidden);
}

Result<double> QuoteReader::absenceIn(const Stretch& stretch, std::span<const TokenId> question,
                                      std::span<const TokenId> absence) {
    std::vector<TokenId> ids(question.begin(), question.end());
    ids.insert(ids.end(), absence.begin(), absence.end() - 1);
    const std::size_t vocab = m_logits.size();
    std::vector<float> logits(ids.size() * vocab);
    KvCache cache = alone(stretch);
    if (auto done = m_transformer.forward(cache, ids, Logits::All, logits.data()); !done) return done.error();
    double sum = 0;
    for (std::size_t i = 0; i < absence.size(); ++i) {
        const float* row = logits.data() + (question.size() - 1 + i) * vocab;
        sum += logProbability({row, vocab}, absence[i]);
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

/// How likely a quote is as the answer where the whole context is seen, as a logarithm.
Result<double> QuoteReader::inTheWhole(const AskedQuestion& question, const Quote& quote) {
    const std::size_t vocab = m_logits.size();
    double sum = logProbability(question.logits, quote.ids.front());
    if (quote.ids.size() < 2) return sum;
    const auto read = std::span(quote.ids).first(std::min<std::size_t>(quote.ids.size() - 1, Transformer::kChunk));
    std::vector<float> logits(read.size() * vocab);
    KvCache cache(question.cache);
    if (auto done = m_transformer.forward(cache, read, Logits::All, logits.data()); !done) return done.error();
    for (std::size_t i = 0; i < read.size(); ++i)
        sum += logProbability({logits.data() + i * vocab, vocab}, quote.ids[i + 1]);
    return sum;
}

/// The answer with what its tokens attended to.
Result<QuoteAnswer> QuoteReader::attribute(const Found& found, std::span<const TokenId> question) {
    QuoteAnswer answer{found.quote.ids, found.quote.ended, false, {}, found.stretch.begin, found.stretch.end};
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

/// The stretches least sure not to answer, the least sure one first.
Result<std::vector<QuoteReader::Stretch>> QuoteReader::promising(const AskedQuestion& question,
                                                                 std::span<const TokenId> absence,
                                                                 std::stop_token stop) {
    auto all = stretches(question.mass);
    for (Stretch& stretch : all) {
        if (stop.stop_requested()) return Error{ErrorCode::Interrupted, "The answer was stopped before it began."};
        auto absent = absenceIn(stretch, question.ids, absence);
        if (!absent) return absent.error();
        stretch.absence = *absent;
    }
    std::sort(all.begin(), all.end(), [](const Stretch& a, const Stretch& b) { return a.absence < b.absence; });
    all.resize(std::min(all.size(), kSearched));
    std::erase_if(all, [](const Stretch& stretch) { return stretch.absence > kSureAbsence; });
    return all;
}

/// What speaks for a quote as the answer; one below 0 is none. Long quotes have more to doubt.
Result<double> QuoteReader::score(const AskedQuestion& question, const Stretch& stretch, const Quote& quote) {
    double evidence = quote.log_probability - kByAbsence * std::max(stretch.absence, kMostAbsence);
    double least = kLeastAlone;
    if (question.cache.tokens() <= kWholeTokens) {
        auto seen = inTheWhole(question, quote);
        if (!seen) return seen.error();
        evidence += kByWhole * *seen;
        least = kLeastWhole;
    }
    return evidence / std::pow(double(quote.ids.size()), kByLength) - least;
}

Result<std::optional<QuoteReader::Found>> QuoteReader::best(const AskedQuestion& question,
                                                            const std::vector<Stretch>& stretches,
                                                            const QuoteLimits& limits, std::stop_token stop) {
    std::optional<Found> best;
    for (const Stretch& stretch : stretches) {
        auto quote = search(stretch, question.ids, limits, stop);
        if (!quote) return quote.error();
        if (!*quote || (*quote)->ids.empty()) continue;
        auto scored = score(question, stretch, **quote);
        if (!scored) return scored.error();
        if (!best || *scored > best->score) best = Found{std::move(**quote), stretch, *scored};
        if (stop.stop_requested()) break;
    }
    return best;
}

Result<std::optional<QuoteAnswer>> QuoteReader::read(const AskedQuestion& question, std::span<const TokenId> absence,
                                                     const QuoteLimits& limits, std::stop_token stop) {
    if (question.ids.size() + absence.size() > std::size_t(Transformer::kChunk)) return std::optional<QuoteAnswer>();
    auto stretches = promising(question, absence, stop);
    if (!stretches) return stretches.error();
    auto found = best(question, *stretches, limits, stop);
    if (!found) return found.error();
    if (!*found || (*found)->score < 0)
        return std::optional(QuoteAnswer{{absence.begin(), absence.end() - 1}, true, true, {}});
    auto answer = attribute(**found, question.ids);
    if (!answer) return answer.error();
    return std::optional(std::move(*answer));
}

}  // namespace lectern
