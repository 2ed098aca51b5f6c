// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/answer/question_places.h"

namespace lectern {

/// What speaks for a quote as the answer to a question.
struct QuoteEvidence {
    double log_probability = 0;  ///< of the quote as the answer, its end included, where its stretch alone is seen
    std::size_t tokens = 1;      ///< that it has
    double absence = 0;          ///< log-probability, seeing the stretch, that nothing answers
    SharedWords shared;          ///< with the question
};

/// How good an answer it is; below 0 none. The weights are few and round, fitted to questions on texts that the
/// built-in model was not trained on (resources/models/MODEL_CARD.md has how). Any thread.
double quoteScore(const QuoteEvidence& evidence);

/// The most that quoteScore() can give to one sentence of a stretch that is so sure of absence and where no sentence
/// shares more than `shared` (SharedWords::both).
double quoteScoreAtMost(double absence, double shared);

}  // namespace lectern
