// SPDX-License-Identifier: GPL-3.0-or-later
// The facade of an open session.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string_view>

#include "engine/base/result.h"
#include "engine/session_types.h"
#include "engine/summary_types.h"

namespace lectern {

/// What is changed in a session's file without its model and its cache. One thread at a time; on disk when a call
/// returns. Errors: Usage (no such name, name taken), Failed (the file cannot be written).
class SessionRows {
public:
    virtual ~SessionRows() = default;
    virtual std::filesystem::path file() const = 0;
    virtual SessionMode mode() const = 0;
    /// Switches a document on or off for the questions to come; nothing is computed. What it does not undo: AskRequest.
    virtual Status switchDocument(std::string_view name, bool on) = 0;
    virtual Status renameBranch(std::string_view name, std::string_view to) = 0;
    virtual Status deleteBranch(std::string_view name) = 0;  ///< hides it until undeleteBranch() or removeDeleted()
    /// Brings back the one deleted last under that name. Returns its name now: another one where that is taken.
    virtual Result<std::string> undeleteBranch(std::string_view name) = 0;
};

/// One open session file. One thread at a time. Destruction waits for the writer; everything reported as done is on
/// disk.
class Session : public SessionRows {
public:
    /// Parses files (in child processes) without reading them into the context yet. Bad files come back with a problem.
    /// One that is here already stays as it is; with OCR wanted and pages that are pictures, its text is replaced, and
    /// what follows the first token that differs is queued.
    virtual Result<IngestPlan> addDocuments(const std::vector<ReadRequest>& files, const IngestEvents& events,
                                            std::stop_token stop) = 0;
    /// About how long reading what is queued would take into a cache kept as `settings` (kvSettings() or others), as a
    /// measurement of about two seconds has it (two more for the CPU's part where the context is divided between it and
    /// a device). Errors: of ingest(), Usage (settings out of range), Interrupted.
    virtual Result<ReadingEstimate> estimateReading(const KvSettings& settings, std::stop_token stop) = 0;
    /// Reads everything queued into the context; resumes where an interrupted one stopped.
    /// Errors: NoRoom (said before the work starts), Interrupted (what was done is kept).
    virtual Status ingest(const IngestEvents& events, std::stop_token stop) = 0;

    /// Takes a document out, or to place `place` (0-based) of documents(). Documents from the first token that is
    /// another one now are queued, and ingest() reads them again as if they had always lain so (but for the recent
    /// window before that token, which it finds in codes). Conversations keep their text and are computed again when
    /// they are asked.
    virtual Status removeDocument(std::string_view name) = 0;
    virtual Status moveDocument(std::string_view name, int place) = 0;
    /// Both for several at once: the documents of `order` (ids, each once) lie in that order, the others are taken out.
    /// Until the session is closed, those that were taken out can come back by being named again.
    virtual Status arrangeDocuments(const std::vector<int>& order) = 0;
    /// What that would cost; changes nothing. Errors: Usage (an id that is not there, or twice).
    virtual Result<RereadPlan> rereadPlan(const std::vector<int>& order) const = 0;
    /// Compares the files of documents with what was read from them, by hash where size and time leave a doubt.
    virtual void checkSources() = 0;
    /// Parses the files that changed again and puts their text in the place of the old one; what follows the first
    /// token that differs is queued. Returns how many. A file that cannot be read is reported and keeps its old text.
    virtual Result<int> refreshDocuments(const IngestEvents& events, std::stop_token stop) = 0;

    virtual Result<Message> ask(const AskRequest& request, const std::function<void(const std::string&)>& on_text,
                                std::stop_token stop) = 0;
    /// Takes back the last question and answer of a conversation (regenerate, edit and ask again). Where others stand
    /// on them, they stay with those, under a name of their own among the deleted ones.
    virtual Status undoLast(std::string_view branch) = 0;

    /// Begins conversation `name` with the first `turns` questions and answers of `from` (-1: all, 0: none). They are
    /// shared, nothing is computed: where tokens before the fork left the recent window already, it reads their codes.
    /// Errors: Usage (no such conversation or turn, name taken).
    virtual Status forkBranch(std::string_view name, std::string_view from, int turns) = 0;
    /// Removes deleted conversations for good, except for what others stand on. Returns how many went.
    virtual Result<int> removeDeleted() = 0;
    /// Compares the session's setting with fp16 on samples of the documents' text, and keeps the result.
    /// Errors: Usage (nothing quantized, too little text), Interrupted.
    virtual Result<Fidelity> checkFidelity(const std::function<void(double done)>& progress, std::stop_token stop) = 0;
    virtual std::optional<Fidelity> fidelity() const = 0;  ///< of the last check
    /// Waits until the cache of the documents is there; ask() and ingest() need no such call. Errors: Damaged and
    /// others of reading: the session is as it was, and the next call tries again.
    virtual Status finishLoading() = 0;
    virtual Loading loading() const = 0;  ///< does not wait
    /// Why nothing of this session is saved (the file or its disk is read-only); empty where it is. ask() works, and
    /// its answers last as long as this object.
    virtual std::string readOnly() const = 0;
    virtual std::optional<Restored> restored() const = 0;  ///< once it is there, where there was anything to load
    /// Measures several settings on the same samples of the documents' text, each with the model's calibration where
    /// there is one for it, and keeps the result in the place of the one before. The session's own setting is measured
    /// with its own thresholds. Errors: Usage (no setting, too little text, a setting out of range), Interrupted.
    virtual Result<Comparison> compareSettings(const std::vector<KvSettings>& settings,
                                               const std::function<void(double done)>& progress,
                                               std::stop_token stop) = 0;
    virtual std::optional<Comparison> comparison() const = 0;  ///< the last one

    /// The sections that a summary would have, and about how long it would take (what it measures takes up to a few
    /// seconds with a large model; nothing when peeking). Errors: Usage (no such part, nothing of it in the context).
    virtual Result<SummaryPlan> planSummary(const SummaryRequest& request) = 0;
    /// Makes a summary section by section out of the documents' cache, each citing its pages, with a lead where there
    /// are several. It is kept in the session as it grows, in the place of an earlier one of the same parts and length;
    /// a finished one goes only when the new one is finished. A stopped one is gone on with after its sections, where
    /// text, model and settings are what they were. A stop comes within one chunk or token and gives what is
    /// done, `finished` false. Errors: Usage, as planSummary(); Interrupted where no section is done; Failed.
    virtual Result<Summary> summarize(const SummaryRequest& request, const SummaryEvents& events,
                                      std::stop_token stop) = 0;
    virtual std::vector<Summary> summaries() const = 0;
    virtual Status removeSummary(int id) = 0;
    /// Brings back what removeSummary() took, under its id. Errors: Usage where another one has that id by now.
    virtual Status restoreSummary(const Summary& summary) = 0;

    virtual std::string modelName() const = 0;
    virtual std::filesystem::path modelPath() const = 0;
    virtual std::string fingerprint() const = 0;
    virtual KvSettings kvSettings() const = 0;
    virtual bool calibrated() const = 0;       ///< by the model's calibration; false when peeking
    virtual std::uint64_t tokens() const = 0;  ///< length of the context of the documents; in a shelf up to whole pages
    virtual std::vector<DocumentInfo> documents() const = 0;
    virtual std::vector<PageInfo> pages(int document_id) const = 0;
    virtual std::optional<PageText> pageText(int document_id, int page) const = 0;  ///< page 0-based
    virtual std::vector<BranchInfo> branches() const = 0;
    virtual std::vector<BranchInfo> deletedBranches() const = 0;
    virtual MemoryLedger memory() const = 0;
    virtual Processor processor() const { return {}; }
    virtual int trainedContext() const { return 0; }              ///< tokens, of the model; 0: unknown, or peeking
    virtual PromptFrame promptFrame() const { return {}; }        ///< `why` where the session was made by this object
    virtual std::vector<LayerStatistics> statistics() const = 0;  ///< of the documents; [layers], or none known
};

}  // namespace lectern
