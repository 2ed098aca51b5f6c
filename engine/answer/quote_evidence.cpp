// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/answer/quote_evidence.h"

#include <algorithm>
#include <cmath>

namespace lectern {

namespace {

constexpr double kByAbsence = 0.5, kByWords = 5;  ///< weights beside the quote's own log-probability
constexpr double kMostAbsence = -6;               ///< log-probability of absence below which less says nothing
constexpr double kLeastLikely = -4;               ///< least that a quote's own log-probability counts for
constexpr double kLeast = 1.5;                    ///< what an answer needs

}  // namespace

double quoteScoreAtMost(double absence, double shared) {
    return kByWords * shared - kByAbsence * std::max(absence, kMostAbsence) - kLeast;
}

double quoteScore(const QuoteEvidence& evidence) {
    // A long quote has more to doubt: its logarithm grows with its length, the doubt of it all with the root.
    const double likely = evidence.log_probability / std::sqrt(double(std::max<std::size_t>(evidence.tokens, 1)));
    return std::max(likely, kLeastLikely) + quoteScoreAtMost(evidence.absence, evidence.shared.both());
}

}  // namespace lectern
