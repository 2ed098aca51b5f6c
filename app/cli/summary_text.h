// SPDX-License-Identifier: GPL-3.0-or-later
// Summaries as text to keep, and as people read them on a terminal.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "app/cli/json_text.h"
#include "engine/engine.h"

namespace lectern::cli {

/// UTF-8. Titles and sentences are quoted so that they cannot become markup of the result; a model's own words keep
/// their Markdown.
std::string summaryMarkdown(const Summary& summary);
std::string summaryHtml(const Summary& summary);

std::string summaryTitle(const Summary& summary);                ///< "All documents" of the whole set
std::string_view lengthName(SummaryLength length);               ///< "short", "medium", "long"
std::string pagesText(const SummarySection& section);            ///< "p. 3", "pp. 3–7", as printed
std::string citedPages(const std::vector<Citation>& citations);  ///< "[a.pdf p. 3] 41%, …", on one line

/// Sentences of a summary that quotes, one a line with its page.
std::string sentencesText(const std::string& text, const std::vector<Citation>& citations);

Json sectionJson(const SummarySection& section);
Json summaryJson(const Summary& summary);  ///< all of it but the sections' texts

}  // namespace lectern::cli
