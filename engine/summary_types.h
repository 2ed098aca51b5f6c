// SPDX-License-Identifier: GPL-3.0-or-later
// Value types of summaries that cross the facade.
#pragma once

#include <functional>

#include "engine/answer/summary.h"
#include "engine/session_types.h"

namespace lectern {

/// A document, or one entry of its outline with those below it.
struct SummaryPart {
    std::string document;  ///< its name
    int item = -1;         ///< of DocumentInfo::outline; -1: the whole document
    bool operator==(const SummaryPart&) const = default;
};

struct SummaryRequest {
    std::vector<SummaryPart> parts;  ///< empty: every document that is on
    SummaryLength length = SummaryLength::Medium;
    int max_tokens = 0;  ///< of each section's summary; 0: what its number of sentences asks for
};

/// What one section comes to, shown before the work.
struct SummaryPlan {
    std::string title;  ///< empty: the whole set
    std::vector<PlannedSection> sections;
    bool lead = false;    ///< opens with a summary of all of it
    bool quotes = false;  ///< the model quotes: the summary is made of sentences of the text, word for word
    int kept = 0;         ///< the first so many sections are there from a run that was stopped
    std::string basis;    ///< differs where model, settings, or the text or title of a section do
    double seconds = 0;   ///< for what is not kept, about; measured on this machine; 0 unknown
};

struct SummarySection {
    int document_id = 0;
    std::string document, title;
    int level = 0;
    int first_page = 1, last_page = 1;    ///< 1-based
    std::string first_label, last_label;  ///< as printed
    std::string text;                     ///< Markdown; empty where the section has nothing that could be said
    std::vector<Citation> citations;      ///< shares of the section's attention; of quotes one for each, in order
    bool cut = false;                     ///< ended by the most tokens
};

struct SummaryLedger {
    std::uint64_t tokens_reused = 0, tokens_new = 0, tokens_answer = 0, peak_bytes = 0;
    double seconds = 0;
};

struct Summary {
    int id = 0;         ///< within the session
    std::string title;  ///< empty: the whole set
    SummaryRequest request;
    int planned = 0;                       ///< sections
    std::vector<SummarySection> sections;  ///< those that are done
    std::string lead;                      ///< empty: none
    std::vector<Citation> lead_citations;
    bool quotes = false;    ///< sentences of the text, word for word
    bool finished = false;  ///< false: interrupted, or being made
    std::string basis;      ///< as planned; empty: of an older version, not gone on with
    std::string model;
    std::int64_t time = 0;  ///< seconds since the epoch
    SummaryLedger ledger;
};

/// What making a summary reports, on the engine's thread.
struct SummaryEvent {
    enum class Kind : std::uint8_t {
        Begin,    ///< `summary` without sections, `plan`
        Text,     ///< `text`, what is new of the section (or lead) being written
        Section,  ///< the last of `summary`'s sections is done; the kept ones come first, one by one
        Lead      ///< `summary` has its lead
    } kind = Kind::Begin;
    const Summary* summary = nullptr;  ///< as far as it is; borrowed for the call
    const SummaryPlan* plan = nullptr;
    std::string text;
    int done = 0, total = 0;  ///< sections
    double seconds = 0, seconds_left = 0;
};
using SummaryEvents = std::function<void(const SummaryEvent&)>;

/// The parts that names and titles of sections stand for: every section of that title (letters' case counts for
/// nothing) in the documents named, or in all. Errors: Usage, naming what there is.
Result<std::vector<SummaryPart>> summaryParts(const std::vector<DocumentInfo>& documents,
                                              const std::vector<std::string>& names,
                                              const std::vector<std::string>& titles);

}  // namespace lectern
