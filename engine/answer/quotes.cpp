// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/answer/quotes.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <numeric>

#include "engine/answer/sentences.h"
#include "engine/base/log_sum_exp.h"

namespace lectern {

namespace {

constexpr std::size_t kThoughtOf = 256;  ///< likeliest tokens that are looked at in each step
constexpr std::size_t kForks = 4;        ///< of them that are kept
constexpr double kUnthought = -11.5;     ///< log-probability (1 in 100,000) below which a token is no thought at all

/// A small letter that begins a word with a digit: a name or code.
bool beginsCode(const std::string& text, std::uint32_t i) {
    if (std::islower(static_cast<unsigned char>(text[i])) == 0) return false;
    while (i < text.size() && !isSpace(text[i]) && std::isdigit(static_cast<unsigned char>(text[i])) == 0) ++i;
    return i < text.size() && !isSpace(text[i]);
}

/// A line that begins like a sentence, or with a code: a heading, what follows one, or a row.
bool opensLine(const std::string& text, std::uint32_t i) {
    return std::islower(static_cast<unsigned char>(text[i])) == 0 || beginsCode(text, i);
}

struct Node {
    std::vector<TokenId> ids;
    QuoteCursor cursor;
    double log_probability = 0;
};

struct Step {
    TokenId id;
    double log_probability;
    bool ends;
    QuoteCursor cursor;
};

/// What may follow a node, likeliest first, at most kForks; none below `least`.
std::vector<Step> stepsFrom(const Node& node, const Tokenizer& tokenizer, std::span<const float> logits, double least) {
    const double log_sum = logSumExp(logits);
    std::vector<TokenId> order(logits.size());
    std::iota(order.begin(), order.end(), 0);
    const auto count = std::min(order.size(), kThoughtOf);
    std::partial_sort(order.begin(), order.begin() + std::ptrdiff_t(count), order.end(), [&](TokenId a, TokenId b) {
        const float x = logits[std::size_t(a)], y = logits[std::size_t(b)];
        return x != y ? x > y : a < b;
    });
    std::vector<Step> steps;
    for (std::size_t i = 0; i < count && steps.size() < kForks; ++i) {
        const TokenId id = order[i];
        const double own = double(logits[std::size_t(id)]) - log_sum;
        const double log_probability = node.log_probability + own;
        if (own < kUnthought || log_probability <= least) break;
        const bool ends = tokenizer.endsAnswer(id);
        Step step{id, log_probability, ends, node.cursor};
        const std::string piece = ends ? std::string() : tokenizer.piece(id);
        if (ends ? node.cursor.mayEnd() : !piece.empty() && step.cursor.advance(piece))
            steps.push_back(std::move(step));
    }
    return steps;
}

/// The search of one answer.
class Search {
public:
    Search(const Tokenizer& tokenizer, const NextLogits& next, const QuoteLimits& limits, std::stop_token stop)
        : m_tokenizer(tokenizer), m_next(next), m_limits(limits), m_stop(std::move(stop)) {}

    Result<std::optional<Quote>> run(const QuoteSource& source) {
        m_open.push_back({{}, QuoteCursor(source), 0});
        int left = m_limits.max_tokens;
        while (!m_open.empty() && left > 0 && !m_stop.stop_requested()) {
            const auto next = std::max_element(m_open.begin(), m_open.end(), [](const Node& a, const Node& b) {
                return a.log_probability < b.log_probability;
            });
            Node node = std::move(*next);
            m_open.erase(next);
            if (node.log_probability <= least()) break;
            const bool first = !m_best;
            auto steps = follow(std::move(node), left);
            if (!steps) return steps.error();
            left = first && m_best ? m_limits.more_steps : left - *steps;
        }
        return std::move(m_best);
    }

private:
    double least() const { return m_best ? m_best->log_probability : -HUGE_VAL; }

    void keep(const Node& node, double log_probability, bool ended) {
        if (!m_best || log_probability > least()) m_best = Quote{node.ids, log_probability, ended};
    }

    /// Goes on with the likeliest token until the end, a dead end, or until it is less likely than the best. The number
    /// of model steps.
    Result<int> follow(Node node, int most) {
        for (int count = 0;; ++count) {
            if (int(node.ids.size()) >= m_limits.max_tokens || (m_stop.stop_requested() && !m_best)) {
                keep(node, node.log_probability, false);
                return count;
            }
            if (count >= most || m_stop.stop_requested()) return count;
            auto logits = m_next(node.ids);
            if (!logits) return logits.error();
            auto steps = stepsFrom(node, m_tokenizer, *logits, least());
            if (steps.empty()) return count + 1;
            for (std::size_t i = 1; i < steps.size(); ++i) {
                if (steps[i].ends) {  // shorter than what is being followed: an answer by itself
                    keep(node, steps[i].log_probability, true);
                } else {
                    Node fork{node.ids, std::move(steps[i].cursor), steps[i].log_probability};
                    fork.ids.push_back(steps[i].id);
                    m_open.push_back(std::move(fork));
                }
            }
            Step& step = steps.front();
            if (step.ends) {
                keep(node, step.log_probability, true);
                return count + 1;
            }
            if (step.log_probability <= least()) return count + 1;
            node.ids.push_back(step.id);
            node.cursor = std::move(step.cursor);
            node.log_probability = step.log_probability;
        }
    }

    const Tokenizer& m_tokenizer;
    const NextLogits& m_next;
    const QuoteLimits& m_limits;
    std::stop_token m_stop;
    std::vector<Node> m_open;  ///< forks that were not followed
    std::optional<Quote> m_best;
};

}  // namespace

std::optional<std::pair<std::uint32_t, std::uint32_t>> placeOfQuote(const std::string& text, const std::string& quote) {
    std::string letters, wanted;
    std::vector<std::uint32_t> bytes;  // of letters in text
    std::size_t sentence = 0;          // letters of the quote's first sentence
    for (std::uint32_t i = 0; i < text.size(); ++i) {
        if (isSpace(text[i])) continue;
        letters += text[i];
        bytes.push_back(i);
    }
    for (std::uint32_t i = 0; i < quote.size(); ++i) {
        if (!isSpace(quote[i])) wanted += quote[i];
        if (sentence == 0 && endsSentence(quote, i)) sentence = wanted.size();
    }
    for (const std::size_t length : {wanted.size(), sentence}) {
        const auto at = length == 0 ? std::string::npos : letters.find(wanted.substr(0, length));
        if (at != std::string::npos) return std::pair(bytes[at], bytes[at + length - 1] + 1);
    }
    return std::nullopt;
}

void QuoteSource::addPage(const std::string& text, std::uint32_t begin, std::uint32_t end) {
    bool begins = true, space = false, line = false, stop = false;  // stop: a full stop came last
    const std::size_t first = m_text.size();
    for (std::uint32_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (isSpace(c)) {
            space = true;
            line = line || c == '\n';
        } else {
            if (space && m_text.size() > first) m_text += ' ';
            const bool starts = begins || (line && opensLine(text, i)) || (space && stop && beginsCode(text, i));
            if (i >= begin && i < end && starts) m_starts.push_back(std::uint32_t(m_text.size()));
            m_text += c;
            begins = space = line = false;
            stop = c == '.' || c == '!' || c == '?';
        }
        begins = begins || endsSentence(text, i);
    }
    if (m_text.size() > first) m_text += '\n';
}

bool QuoteCursor::used(std::uint32_t sentence) const {
    return std::find(m_used.begin(), m_used.end(), sentence) != m_used.end();
}

/// White space: goes on within a sentence, or ends one.
void QuoteCursor::space() {
    const auto& text = m_source->m_text;
    const auto& starts = m_source->m_starts;
    std::vector<Place> kept;
    for (const Place& place : m_places) {
        const char c = text[place.at];
        if (c != ' ' && c != '\n') continue;
        const bool ends = c == '\n' || std::binary_search(starts.begin(), starts.end(), place.at + 1);
        if (ends) {
            m_begins = true;
            if (!used(place.sentence)) m_used.push_back(place.sentence);
        }
        // A line that looks like a beginning may be the sentence's own next line: it goes on with the same sentence.
        if (c == ' ') kept.push_back({place.sentence, place.at + 1});
    }
    m_places = std::move(kept);
    m_space = true;
}

bool QuoteCursor::advance(char c) {
    if (isSpace(c)) {
        if (!m_space) space();
        return m_begins || !m_places.empty();
    }
    const auto& text = m_source->m_text;
    std::vector<Place> next;
    for (const Place& place : m_places)
        if (text[place.at] == c) next.push_back({place.sentence, place.at + 1});
    if (m_begins) {
        for (const std::uint32_t start : m_source->m_starts)
            if (text[start] == c && !used(start)) next.push_back({start, start + 1});
    }
    m_places = std::move(next);
    m_space = m_begins = false;
    return !m_places.empty();
}

bool QuoteCursor::advance(std::string_view piece) {
    return std::all_of(piece.begin(), piece.end(), [this](char c) { return advance(c); });
}

bool QuoteCursor::mayEnd() const {
    if (m_space) return !m_used.empty() || !m_places.empty();
    return std::any_of(m_places.begin(), m_places.end(), [this](const Place& place) {
        const char c = m_source->m_text[place.at];
        return c == ' ' || c == '\n';
    });
}

Result<std::optional<Quote>> findQuote(const QuoteSource& source, const Tokenizer& tokenizer, const NextLogits& next,
                                       const QuoteLimits& limits, std::stop_token stop) {
    return Search(tokenizer, next, limits, std::move(stop)).run(source);
}

}  // namespace lectern
