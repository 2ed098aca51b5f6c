// SPDX-License-Identifier: GPL-3.0-or-later
// The coverage ledger: which pages of which documents the model has read, and which not and why.
#pragma once

#include <iosfwd>

#include "app/cli/json_text.h"

namespace lectern::cli {

inline constexpr std::string_view kWhatShelfMeans =
    "This session is a shelf: every document is read by itself, so documents do not see each other; questions see all.";
/// What switching a document off does not undo.
std::string_view whatOffLeaves(SessionMode mode);

/// Pages of one document.
struct Coverage {
    int pages = 0, read = 0, by_ocr = 0, empty = 0, image_only = 0, unreadable = 0, in_context = 0;
    std::uint64_t tokens = 0;  ///< of the pages in the context
};

Coverage coverageOf(const std::vector<PageInfo>& pages);

/// {"read", "by_ocr", "empty", "image_only", "unreadable", "in_context", "gaps": [{"page", "page_label", "state",
/// "problem"}]}: gaps are the pages that are neither in the context nor empty.
Json coverageJson(const std::vector<PageInfo>& pages);

/// {"name", "pages", "tokens", "state", "coverage", …} of one document.
Json documentJson(const Session& session, const DocumentInfo& document);

/// A table of all documents, and a sentence for each thing that was not read.
void printCoverage(std::ostream& out, const Session& session);

/// Where the tokens and bytes of a session are.
void printMemory(std::ostream& out, const MemoryLedger& memory);

}  // namespace lectern::cli
