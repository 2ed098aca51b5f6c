// SPDX-License-Identifier: GPL-3.0-or-later
// Values that cross between the engine's thread and the window.
#pragma once

#include <QMetaType>
#include <memory>
#include <optional>

#include "engine/engine.h"

namespace lectern::ui {

struct DocumentEntry {
    DocumentInfo info;
    std::vector<PageInfo> pages;

    std::uint64_t tokens() const;  ///< of its text, in context or not
    int pagesInContext() const;
    int pagesWithoutText() const;  ///< pictures only, or unreadable
    int pagesOfPictures() const;   ///< those of them that OCR would help
    int pagesByOcr() const;        ///< with text that was recognized in pictures
    bool needsOcr() const;         ///< has pages of pictures, and nothing else is wrong with its file
};

/// What the engine measured in each layer; never changed once made, so that all who show it have the same one.
using Statistics = std::shared_ptr<const std::vector<LayerStatistics>>;

/// Conversations; never changed once made, so that all who show them have the same ones.
using Branches = std::shared_ptr<const std::vector<BranchInfo>>;

/// All that the window shows of the open session.
struct SessionSnapshot {
    std::filesystem::path file, model_path;
    std::string model_name, fingerprint;  ///< of the model
    KvSettings kv;
    std::uint64_t tokens = 0;
    std::vector<DocumentEntry> documents;
    Branches branches = std::make_shared<const std::vector<BranchInfo>>();  ///< not null
    std::vector<std::string> deleted_branches;                              ///< names
    MemoryLedger memory;
    Processor processor = {};  ///< what computes; its id is empty until something has to
    bool open = true;          ///< false: its texts and conversations alone: it is being opened, or cannot be
    bool shelf = false;        ///< its documents do not see each other
    PromptFrame frame = {};
    std::string read_only = {};             ///< why nothing of it is saved; empty where it is
    std::optional<Restored> restored = {};  ///< what opening brought back, once all of it is there
    bool built_in_model = false;
    int trained_context = 0;  ///< of the model; 0 unknown
    bool calibrated = false;  ///< by the model's calibration, not from the first tokens read
    std::optional<Fidelity> fidelity = {};
    std::optional<Comparison> comparison = {};
    std::vector<Summary> summaries = {};
    Statistics statistics = {};         ///< null: none known
    int head_dim = 0;                   ///< of the model: channels of one head
    std::uint64_t tokens_that_fit = 0;  ///< at the session's setting in the memory free now; 0 unknown

    bool hasUnread() const;  ///< a document is queued or half read
    bool hasContext() const { return tokens > 0; }
    bool canChange() const { return open && read_only.empty(); }
    bool hasQuantized() const { return hasContext() && !kv.raw(); }
    const DocumentEntry* document(int id) const;
    std::vector<int> order() const;  ///< ids of the documents
};

/// What the engine found at its start.
struct EngineFacts {
    std::vector<DeviceInfo> devices;
    std::vector<ModelInfo> models;
};

/// A new session to be: `file` must not exist.
struct PlanRequest {
    std::filesystem::path file;
    std::string model;  ///< path or name; empty = built-in
    KvSettings kv;
    std::vector<ReadRequest> documents;
};

struct PlanFacts {
    IngestPlan plan;
    std::vector<DocumentEntry> documents;  ///< of the plan, with their pages
    ModelInfo model;
    std::vector<ContextFit> fits;
    PlanRequest request;  ///< the session made for it
    bool fresh = true;    ///< false: documents were added to a session that has some already
};

inline std::uint64_t DocumentEntry::tokens() const {
    std::uint64_t sum = 0;
    for (const PageInfo& page : pages) sum += page.tokens;
    return sum;
}

inline int DocumentEntry::pagesInContext() const {
    int count = 0;
    for (const PageInfo& page : pages) count += page.in_context ? 1 : 0;
    return count;
}

inline int DocumentEntry::pagesWithoutText() const {
    int count = 0;
    for (const PageInfo& page : pages)
        count += page.state == PageState::ImageOnly || page.state == PageState::Unreadable ? 1 : 0;
    return count;
}

inline int DocumentEntry::pagesOfPictures() const {
    int count = 0;
    for (const PageInfo& page : pages) count += page.state == PageState::ImageOnly ? 1 : 0;
    return count;
}

inline int DocumentEntry::pagesByOcr() const {
    int count = 0;
    for (const PageInfo& page : pages) count += page.isByOcr() ? 1 : 0;
    return count;
}

inline bool DocumentEntry::needsOcr() const {
    const DocumentProblem problem = info.problem_parts.problem;
    if (info.state == DocumentState::Failed)
        return problem == DocumentProblem::NeedsOcr || problem == DocumentProblem::NotRecognized;
    const bool there = info.source_state == SourceState::Same || info.source_state == SourceState::Touched;
    return there && pagesOfPictures() > 0;
}

inline std::vector<int> SessionSnapshot::order() const {
    std::vector<int> ids;
    for (const DocumentEntry& entry : documents) ids.push_back(entry.info.id);
    return ids;
}

inline bool SessionSnapshot::hasUnread() const {
    for (const DocumentEntry& entry : documents)
        if (entry.info.state == DocumentState::Queued || entry.info.state == DocumentState::Reading) return true;
    return false;
}

inline const DocumentEntry* SessionSnapshot::document(int id) const {
    for (const DocumentEntry& entry : documents)
        if (entry.info.id == id) return &entry;
    return nullptr;
}

}  // namespace lectern::ui

Q_DECLARE_METATYPE(lectern::ui::SessionSnapshot)
Q_DECLARE_METATYPE(lectern::IngestEvent)
Q_DECLARE_METATYPE(lectern::PageText)
Q_DECLARE_METATYPE(lectern::ui::Statistics)
