// SPDX-License-Identifier: GPL-3.0-or-later
// What the composition root hands to the window: makers of the concrete things behind interfaces.
#pragma once

#include <functional>
#include <memory>

#include "engine/engine.h"

namespace lectern::ui {

/// Renders pages of one PDF. Lives on the reading desk's thread.
class PageSource {
public:
    virtual ~PageSource() = default;
    /// `page` 0-based. Errors: BadInput (missing, locked, damaged), Interrupted.
    virtual Result<PageImage> render(int page, double dpi, std::stop_token stop) = 0;
};

/// Bytes; 0: not known.
struct MachineMemory {
    std::uint64_t total = 0, free = 0;
    bool at_start = false;  ///< `free` is what it was when the engine started, less what is ours since
};

using EngineMaker = std::function<Result<std::unique_ptr<Engine>>(EngineOptions)>;
using PageSourceMaker =
    std::function<std::unique_ptr<PageSource>(const std::filesystem::path& file, const std::string& password)>;

enum class ConversationFormat { Markdown, Html, Pdf, Json };

/// Conversations of a session as text to keep, UTF-8; of a PDF, the HTML that it is printed from.
using ConversationWriter =
    std::function<std::string(const Session&, const std::vector<BranchInfo>&, ConversationFormat)>;

/// A summary as text to keep; formats as above, JSON excepted.
using SummaryWriter = std::function<std::string(const Summary&, ConversationFormat)>;

/// Value type. The makers are called on worker threads: once for the engine that works, once for the reading desk's,
/// which only peeks into session files.
struct Services {
    EngineMaker make_engine;
    PageSourceMaker make_page_source;
    std::function<bool(const Error&)> needs_password;
    std::function<DocumentProblemParts(const Error&)> document_problem;  ///< what it says; called on any thread
    std::function<bool()> can_recognize;   ///< whether there is OCR for pictures of pages; GUI thread, quick; or none
    ConversationWriter conversation_text;  ///< called on the engine's thread
    SummaryWriter summary_text;            ///< called on the engine's thread
    std::function<MachineMemory()> machine_memory;  ///< of the moment; called on the GUI thread, quick; or none
    EngineOptions options;  ///< worker program, built-in model, calibration text, model folders of the environment
    std::filesystem::path model_folder;  ///< the person's own, where imported models go; empty where there is none
    std::filesystem::path sample;        ///< the sample document, empty where there is none
};

}  // namespace lectern::ui
