// SPDX-License-Identifier: GPL-3.0-or-later
// What an open session holds.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <span>

#include "engine/answer/citation.h"
#include "engine/answer/prompt.h"
#include "engine/branch_tree.h"
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

/// One question being answered. Borrowed.
struct Answering {
    Branch& branch;
    const AskRequest& request;
    const std::function<void(const std::string&)>& on_text;
    std::stop_token stop;
    Message message = {};
    std::vector<float> logits = {};  ///< [vocab] of what follows
    AttentionMass mass = {};
    std::optional<CitedPage> quoted = {};  ///< where the answer was taken from, word for word
};

/// The state of a session: what its file says, and the model, cache and writer at work on it. On the engine's thread.
struct SessionData {
    SessionData(SessionContext context, std::filesystem::path file) : m_context(context), m_file(std::move(file)) {}

    const SessionDocument* document(int id) const;
    /// Length of the context of the documents, as far as it is read.
    std::uint64_t readTokens() const { return m_trunk ? m_trunk->tokens() : m_stored_trunk; }
    /// A page with its words' places, fetched where only the file has them. Where they cannot be: without, and with the
    /// reason as the page's problem.
    PageText pageText(const SessionDocument& document, int page) const;
    std::uint64_t readOf(const SessionDocument& document) const;  ///< tokens of it that are in the cache
    std::uint64_t tokensLeft() const;                             ///< of documents, still to be read
    bool whole(const SessionDocument& document) const;  ///< questions can see it: read as far as its mode asks for
    std::uint64_t shelfEnd() const;  ///< where the context of a shelf ends: with the last document that is whole
    bool placesFit() const;          ///< documents and their pages lie where the context has tokens, one after another
    /// Pages in the context that a question without these documents sees, in the order of the context.
    std::vector<PagePlace> visiblePages(const std::vector<int>& off) const;
    /// Places in the context that it does not see.
    std::vector<TokenRange> hiddenRanges(const std::vector<int>& off) const;
    std::uint64_t unclosedTokens() const;  ///< that close an answer in this session's template
    double bytesPerToken(const KvSettings& settings) const;
    /// Before work with a context of `tokens`: chooses where the model computes. Errors: of ModelLibrary::place().
    Status chooseProcessor(std::uint64_t tokens);
    void updateStates();                 ///< of the documents, from what is read of them
    Status mayWrite() const;             ///< Errors: Failed where the session is read-only, saying why
    Status write(SessionCommit commit);  ///< on disk when it returns

    // Of the order of the documents: session_rearrange.cpp.
    using TokensById = std::map<int, std::vector<TokenId>>;
    TokensById layout() const;
    std::vector<int> order() const;
    Status checkOrder(const std::vector<int>& order) const;
    /// One of the session, or one that was taken out of it, with its tokens; null: neither.
    struct Placed {
        const SessionDocument* document = nullptr;
        std::span<const TokenId> tokens = {};  ///< none where its text could not be read
        bool out = false;                      ///< it was taken out
    };
    Placed placed(int id) const;
    void takeOut(const std::vector<int>& ids);
    /// In such an order: how many tokens of the context would be what they are, and how many it would have.
    std::pair<std::uint64_t, std::uint64_t> sameAndAll(const std::vector<int>& order) const;
    std::uint64_t unchangedTokens(std::uint64_t same) const;
    void keepReadingSeconds(std::uint64_t kept, std::uint64_t of, SessionCommit& commit);

    SessionContext m_context;
    std::filesystem::path m_file;
    SessionIdentity m_identity;
    KvSettings m_settings;
    SessionMode m_mode = SessionMode::Joint;
    LoadedModel* m_model = nullptr;  ///< null when peeking
    bool m_placed = false;           ///< where it computes is chosen
    std::unique_ptr<PromptBuilder> m_prompt;
    std::string m_frame_problem;  ///< why it is not the model's own template's; empty where it is, or was not to be
    std::unique_ptr<SessionWriter> m_writer;
    std::vector<SessionDocument> m_documents;  ///< in context order; failed ones keep their place in the list
    /// A document that was taken out since the session was opened, and can come back.
    struct TakenOut {
        SessionDocument document;  ///< with its words' places
        std::vector<TokenId> tokens;
    };
    std::vector<TakenOut> m_taken_out;
    int m_last_document = 0;           ///< ids are not given twice: answers refer to them
    std::vector<TokenId> m_trunk_ids;  ///< every token of the documents, read or not
    std::optional<KvCache> m_trunk;
    std::map<int, KvCache> m_shelf;  ///< in a shelf: the cache of every document, by id; the trunk is composed of them
    std::uint64_t m_stored_trunk = 0;  ///< tokens of the trunk whose blocks the file has
    std::string m_stored_quantizer, m_stored_statistics;
    BranchTree m_branches;
    std::uint64_t m_asked = 0;  ///< counts questions: which branch was asked last
    std::optional<Fidelity> m_fidelity;
    SavePlan m_save;                    ///< of the cache that is being read into
    std::string m_read_only;            ///< why nothing is written; empty where it is
    std::shared_ptr<CacheLoad> m_load;  ///< of the trunk, until all of it is there
    std::optional<Restored> m_restored;
    bool m_read_on_device = false;  ///< the documents were, the last time
    double m_reading_seconds = 0;   ///< that reading the documents took, over all times
    std::chrono::steady_clock::time_point m_reading_since{};
    std::optional<Comparison> m_comparison;
    std::vector<Summary> m_summaries;  ///< by id
    std::uint64_t m_peak = 0;
};

}  // namespace lectern
