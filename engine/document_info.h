// SPDX-License-Identifier: GPL-3.0-or-later
// Documents of a session and their pages, as the window and the command line see them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/document/document.h"

namespace lectern {

enum class DocumentState : std::uint8_t { Queued, Reading, InContext, Partial, Failed };

/// How the file that a document was read from compares with what was read.
enum class SourceState : std::uint8_t {
    Same,     ///< as large and as old as it was
    Touched,  ///< as large, and written since: Session::checkSources() looks inside
    Changed,
    Missing
};

/// One document of a session as the shelf shows it.
struct DocumentInfo {
    int id = 0;
    std::string name, kind, title, author, content_hash, problem;  ///< problem: one sentence where Failed or Partial
    DocumentProblemParts problem_parts;                            ///< what `problem` says
    std::filesystem::path source;
    SourceState source_state = SourceState::Same;  ///< when the session was opened, or checked last
    DocumentState state = DocumentState::Queued;
    bool on = true;                                ///< questions see it, where they do not say otherwise
    std::uint64_t token_begin = 0, token_end = 0;  ///< place in the context; end grows while reading
    std::vector<OutlineItem> outline;
};

/// The coverage ledger of one page.
struct PageInfo {
    PageState state = PageState::Read;
    bool in_context = false;
    std::string label, problem;
    float width = 0, height = 0;
    std::uint64_t tokens = 0;

    /// Its text was recognized in a picture: `problem` says so, the only thing that a page with text has to say.
    bool isByOcr() const { return state == PageState::Read && !problem.empty(); }
};

}  // namespace lectern
