// SPDX-License-Identifier: GPL-3.0-or-later
// From attention mass to pages and passages.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/document/document.h"

namespace lectern {

/// Where one page of a document lies in the context.
struct PagePlace {
    int document = 0;  ///< document id
    int page = 0;      ///< 0-based
    std::uint64_t token_begin = 0, token_end = 0;
    const PageText* text = nullptr;  ///< borrowed
    const std::vector<std::uint32_t>* token_offsets =
        nullptr;  ///< borrowed; [token_end - token_begin], PromptBuilder's offsets
};

struct CitedPage {
    int document = 0, page = 0;
    double share = 0;                  ///< of the mass on all pages given
    std::uint32_t begin = 0, end = 0;  ///< the most attended passage, bytes of the page's text, whole sentences
};

struct CitationLimits {
    int most = 4;               ///< pages cited at most
    double least_share = 0.04;  ///< a page below it is cited only where it is the best one
};

/// The pages that drew most attention while the answer was decoded, best first; empty where there was no mass at all.
///   token_mass  attention per token of the context, sinks already left out (zero)
/// It says what was attended, not that the answer is right.
std::vector<CitedPage> citePages(std::span<const float> token_mass, std::span<const PagePlace> pages,
                                 const CitationLimits& limits = {});

/// What one of the pages drew, of the mass on all pages given; 0 where it is none of them.
double pageShare(std::span<const float> token_mass, std::span<const PagePlace> pages, int document, int page);

struct AttendedDocument {
    int document = 0;  ///< document id
    double share = 0;  ///< of the mass on all pages given
};

/// What each document drew, in the order of its first page in `pages`; empty where there was no mass at all.
std::vector<AttendedDocument> attendedDocuments(std::span<const float> token_mass, std::span<const PagePlace> pages);

/// The sentence (or sentences) around bytes [begin, end) of a text, at most about `longest` bytes, on UTF-8 boundaries.
std::pair<std::uint32_t, std::uint32_t> widenToSentences(const std::string& text, std::uint32_t begin,
                                                         std::uint32_t end, std::uint32_t longest = 600);

}  // namespace lectern
