// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <span>

#include "engine/session_summaries.h"

namespace lectern {

/// The session behind the facade: documents, trunk, branches, and the writer. See Session for threads and errors.
class SessionImpl final : public SessionSummaries {
public:
    static Result<std::unique_ptr<SessionImpl>> create(SessionContext context, const NewSession& request);
    static Result<std::unique_ptr<SessionImpl>> open(SessionContext context, const std::filesystem::path& file,
                                                     std::string_view model);
    static Result<std::unique_ptr<SessionImpl>> peek(SessionContext context, const std::filesystem::path& file);
    static Result<std::unique_ptr<SessionImpl>> edit(SessionContext context, const std::filesystem::path& file);
    /// Drops the cache; texts, tokens and conversations stay, and ingest() reads them again.
    static Result<FileSizes> strip(SessionContext context, const std::filesystem::path& file);
    /// Opens the texts with another model and drops the cache; ingest() then reads everything again.
    static Result<std::unique_ptr<SessionImpl>> reopenWithModel(SessionContext context,
                                                                const std::filesystem::path& file,
                                                                std::string_view model);

    Result<IngestPlan> addDocuments(const std::vector<ReadRequest>& files, const IngestEvents& events,
                                    std::stop_token stop) override;
    Result<ReadingEstimate> estimateReading(const KvSettings& settings, std::stop_token stop) override;
    Status ingest(const IngestEvents& events, std::stop_token stop) override;
    Status removeDocument(std::string_view name) override;
    Status moveDocument(std::string_view name, int place) override;
    Status arrangeDocuments(const std::vector<int>& order) override;
    Result<RereadPlan> rereadPlan(const std::vector<int>& order) const override;
    void checkSources() override;
    Result<int> refreshDocuments(const IngestEvents& events, std::stop_token stop) override;
    Status switchDocument(std::string_view name, bool on) override;
    Result<Message> ask(const AskRequest& request, const std::function<void(const std::string&)>& on_text,
                        std::stop_token stop) override;
    Status undoLast(std::string_view branch) override;
    Status forkBranch(std::string_view name, std::string_view from, int turns) override;
    Status renameBranch(std::string_view name, std::string_view to) override;
    Status deleteBranch(std::string_view name) override;
    Result<std::string> undeleteBranch(std::string_view name) override;
    Result<int> removeDeleted() override;
    Result<Fidelity> checkFidelity(const std::function<void(double)>& progress, std::stop_token stop) override;
    std::optional<Fidelity> fidelity() const override { return m_fidelity; }
    Status finishLoading() override;
    Loading loading() const override { return m_load ? m_load->state() : Loading(); }
    std::optional<Restored> restored() const override { return m_restored; }
    std::string readOnly() const override { return m_read_only; }
    Result<Comparison> compareSettings(const std::vector<KvSettings>& settings,
                                       const std::function<void(double done)>& progress, std::stop_token stop) override;
    std::optional<Comparison> comparison() const override { return m_comparison; }

    std::filesystem::path file() const override { return m_file; }
    std::string modelName() const override { return m_identity.model_name; }
    std::filesystem::path modelPath() const override { return m_identity.model_path; }
    std::string fingerprint() const override { return m_identity.model_fingerprint; }
    KvSettings kvSettings() const override { return m_settings; }
    SessionMode mode() const override { return m_mode; }
    bool calibrated() const override;
    std::uint64_t tokens() const override { return readTokens(); }
    std::vector<DocumentInfo> documents() const override;
    std::vector<PageInfo> pages(int document_id) const override;
    std::optional<PageText> pageText(int document_id, int page) const override;
    std::vector<BranchInfo> branches() const override { return branchInfos(false); }
    std::vector<BranchInfo> deletedBranches() const override { return branchInfos(true); }
    MemoryLedger memory() const override;
    Processor processor() const override { return m_placed ? m_model->processor : Processor(); }
    int trainedContext() const override { return m_model == nullptr ? 0 : m_model->model->config.trained_context; }
    PromptFrame promptFrame() const override { return {m_identity.prompt_template, m_frame_problem}; }
    std::vector<LayerStatistics> statistics() const override;

private:
    friend class SessionRepair;
    using SessionSummaries::SessionSummaries;

    // session_load.cpp
    Status emptyTrunk();
    Status beginLoading(const SessionStore& store);
    Status loadTrunk(const SessionStore& store, std::uint64_t tokens);
    Status restartLoading();

    // session_open.cpp
    Status loadRecords(const SessionStore& store);
    Status loadBranches(const SessionStore& store);
    Status attachModel(std::string_view model);
    Status useModel(LoadedModel& model, std::string_view prompt_template);
    Status startTrunk(const std::string& calibration);
    void addQuantizer(SessionCommit& commit);
    void retokenize(SessionCommit& commit);
    void retokenize(Branch& branch, SessionCommit& commit);

    // session_documents.cpp
    Result<SessionDocument> parse(const ReadRequest& request, const IngestEvents& events, std::stop_token stop);
    std::vector<TokenId> tokensOf(SessionDocument& document) const;
    void lay(SessionDocument& document, const std::vector<TokenId>& ids);
    void place(SessionDocument& document, SessionCommit& commit);
    void addPages(const SessionDocument& document, SessionCommit& commit) const;
    void addDocument(const SessionDocument& document, SessionCommit& commit) const;
    Status storeDocument(SessionDocument document);
    std::string uniqueName(const std::string& name) const;
    IngestPlan plan() const;
    Status checkRoom(const IngestPlan& plan) const;

    // session_reading.cpp
    struct Reading;
    Status readAll(Reading& reading);
    Status readOn(Reading& reading, KvCache& cache, std::span<const TokenId> ids, SessionDocument* document);
    Status storeRead(KvCache& cache, SessionDocument* document, bool point);
    IngestEvent progress(const Reading& reading) const;
    void report(Reading& reading) const;

    // session_shelf.cpp
    Status loadShelf(const SessionStore& store);
    Status readDocument(Reading& reading, SessionDocument& document);
    Status closeEarlier(const SessionDocument& longer);
    void composeTrunk();
    void dropFromShelf(const std::vector<int>& ids, SessionCommit& commit);

    // session_rearrange.cpp
    Status relay(const TokensById& known, const std::vector<int>& removed, const std::vector<int>& returned = {});
    Result<bool> replaceText(SessionDocument&, const ReadRequest&, const IngestEvents&, const std::stop_token&);
    void forgetTrunk(std::uint64_t tokens, SessionCommit& commit);
    void dropBranchCaches(SessionCommit& commit);

    // session_ask.cpp
    Status computeQuestion(Answering& answering);
    Result<std::string> answer(Answering& answering);
    Result<std::string> decode(Answering& answering);
    void cite(Answering& answering) const;
    Result<std::optional<std::string>> quote(Answering& answering);  // session_quote.cpp

    // session_visibility.cpp
    Result<SessionDocument*> named(std::string_view name);
    Result<std::vector<int>> documentsOff(const AskRequest& request);

    // session_branches.cpp
    std::vector<BranchInfo> branchInfos(bool deleted) const;
    Result<Branch*> existing(std::string_view name);
    void become(Branch& branch, ForkPoint point, SessionCommit& commit);
    void dropTail(Branch& branch, std::uint64_t tokens, std::size_t messages);
    void trimBranch(Branch& branch, int messages, SessionCommit& commit);

    // session_branch_cache.cpp
    Result<Branch*> readyBranch(std::string_view name);
    Status bringUp(Branch& branch, std::uint64_t& computed, std::stop_token stop);
    Status restoreOwn(const SessionStore& store, const Branch& branch, std::uint64_t end, KvCache& cache) const;
    Status computeOwn(Branch& branch, KvCache& cache, std::uint64_t end, std::stop_token stop);
    Status storeBranch(Branch& branch, KvCache& cache, std::size_t first_new_message);
    void letGo();
    void addBlocks(SessionCommit& commit, const KvCache& cache, int branch, const std::vector<int>& pages) const;
};

}  // namespace lectern
