// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "engine/answer/prompt.h"
#include "engine/cache_load.h"
#include "engine/engine.h"
#include "engine/model_library.h"
#include "engine/save_plan.h"
#include "engine/session/session_life.h"
#include "engine/session/session_writer.h"
#include "engine/session_records.h"

namespace lectern {

/// What a session borrows from its engine.
struct SessionContext {
    ModelLibrary& models;
    ThreadPool& pool;
    const EngineOptions& options;
};

/// A conversation: its own tokens after the documents. The cache is made when first needed.
struct Branch {
    int id = 0;
    std::string name;
    std::uint64_t fork = 0;    ///< tokens of the trunk it stands on
    std::vector<TokenId> ids;  ///< its own tokens, questions and answers
    std::vector<StoredMessage> messages;
    std::optional<KvCache> cache;     ///< trunk and own tokens; behind by the tokens not computed yet
    std::uint64_t stored_tokens = 0;  ///< tokens of its own whose cache blocks are in the file
};

/// The session behind the facade: documents, trunk, branches, and the writer. See Session for threads and errors.
class SessionImpl final : public Session {
public:
    static Result<std::unique_ptr<SessionImpl>> create(SessionContext context, const NewSession& request);
    static Result<std::unique_ptr<SessionImpl>> open(SessionContext context, const std::filesystem::path& file,
                                                     std::string_view model);
    static Result<std::unique_ptr<SessionImpl>> peek(SessionContext context, const std::filesystem::path& file);
    /// Drops the cache; texts, tokens and conversations stay, and ingest() reads them again.
    static Result<FileSizes> strip(SessionContext context, const std::filesystem::path& file);
    /// Opens the texts with another model and drops the cache; ingest() then reads everything again.
    static Result<std::unique_ptr<SessionImpl>> reopenWithModel(SessionContext context,
                                                                const std::filesystem::path& file,
                                                                std::string_view model);

    Result<IngestPlan> addDocuments(const std::vector<ReadRequest>& files, const IngestEvents& events,
                                    std::stop_token stop) override;
    Status ingest(const IngestEvents& events, std::stop_token stop) override;
    Result<Message> ask(const AskRequest& request, const std::function<void(const std::string&)>& on_text,
                        std::stop_token stop) override;
    Status undoLast(std::string_view branch) override;
    Result<Fidelity> checkFidelity(const std::function<void(double)>& progress, std::stop_token stop) override;
    std::optional<Fidelity> fidelity() const override { return m_fidelity; }

    Status finishLoading() override;
    std::optional<Restored> restored() const override { return m_restored; }
    std::string readOnly() const override { return m_read_only; }

    std::filesystem::path file() const override { return m_file; }
    std::string modelName() const override { return m_identity.model_name; }
    std::filesystem::path modelPath() const override { return m_identity.model_path; }
    std::string fingerprint() const override { return m_identity.model_fingerprint; }
    KvSettings kvSettings() const override { return m_settings; }
    bool calibrated() const override;
    std::uint64_t tokens() const override { return readTokens(); }
    std::vector<DocumentInfo> documents() const override;
    std::vector<PageInfo> pages(int document_id) const override;
    std::optional<PageText> pageText(int document_id, int page) const override;
    std::vector<BranchInfo> branches() const override;
    MemoryLedger memory() const override;
    std::vector<LayerStatistics> statistics() const override;

private:
    friend class SessionRepair;
    SessionImpl(SessionContext context, std::filesystem::path file) : m_context(context), m_file(std::move(file)) {}

    // session_open.cpp
    Status loadRecords(const SessionStore& store);
    Status loadBranches(const SessionStore& store);
    Status attachModel(std::string_view model);
    Status mayWrite() const;
    Status emptyTrunk();
    Status beginLoading(const SessionStore& store, std::uint64_t tokens);
    Status restartLoading();
    Status loadBranchCaches(const SessionStore& store);
    Status useModel(LoadedModel& model, std::string_view prompt_template);
    Status startTrunk(const std::string& calibration);
    void addQuantizer(SessionCommit& commit);
    void retokenize(SessionCommit& commit);

    // session_documents.cpp
    Result<SessionDocument> parse(const ReadRequest& request, const IngestEvents& events, std::stop_token stop);
    void place(SessionDocument& document, SessionCommit& commit);
    Status storeDocument(SessionDocument document);
    std::string uniqueName(const std::string& name) const;
    IngestPlan plan() const;
    Status checkRoom(const IngestPlan& plan) const;
    double bytesPerToken(const KvSettings& settings) const;
    Status storeTrunk(bool point);
    void updateStates();
    IngestEvent progress(std::uint64_t begin, std::chrono::steady_clock::time_point started) const;

    // session_ask.cpp
    Result<Branch*> readyBranch(std::string_view name);
    Status computeQuestion(Branch& branch, std::vector<float>& logits, AttentionMass& mass, std::stop_token stop);
    Result<std::string> decode(Branch& branch, const AskRequest& request, std::vector<float>& logits,
                               AttentionMass& mass, const std::function<void(const std::string&)>& on_text,
                               std::stop_token stop, Message& message);
    std::vector<Citation> cite(const KvCache& cache, const AttentionMass& mass) const;
    Status storeBranch(Branch& branch, std::size_t first_new_message);
    void dropTail(Branch& branch, std::uint64_t tokens, std::size_t messages);

    std::uint64_t readTokens() const { return m_trunk ? m_trunk->tokens() : m_stored_trunk; }
    void addBlocks(SessionCommit& commit, const KvCache& cache, int branch, const std::vector<int>& pages) const;
    const SessionDocument* document(int id) const;
    Branch* findBranch(std::string_view name);

    SessionContext m_context;
    std::filesystem::path m_file;
    SessionIdentity m_identity;
    KvSettings m_settings;
    LoadedModel* m_model = nullptr;  ///< null when peeking
    std::unique_ptr<PromptBuilder> m_prompt;
    std::unique_ptr<SessionWriter> m_writer;
    std::vector<SessionDocument> m_documents;  ///< in context order; failed ones keep their place in the list
    std::vector<TokenId> m_trunk_ids;          ///< every token of the documents, read or not
    std::optional<KvCache> m_trunk;
    SavePlan m_save;
    std::uint64_t m_stored_trunk = 0;  ///< tokens of the trunk whose blocks the file has
    std::string m_stored_quantizer, m_stored_statistics;
    std::vector<Branch> m_branches;
    std::optional<Fidelity> m_fidelity;
    std::string m_read_only;            ///< why nothing is written; empty where it is
    std::shared_ptr<CacheLoad> m_load;  ///< of the trunk, until all of it is there
    std::optional<Restored> m_restored;
    double m_reading_seconds = 0;  ///< that reading the trunk took, over all times
    std::chrono::steady_clock::time_point m_reading_since{};
    std::uint64_t m_peak = 0;
};

}  // namespace lectern
