// SPDX-License-Identifier: GPL-3.0-or-later
// Creating and opening sessions: records, model, cache.
#include <algorithm>
#include <sstream>

#include "engine/answer/model_template.h"
#include "engine/session/schema.h"
#include "engine/session_impl.h"
#include "engine/source_state.h"

namespace lectern {

namespace fs = std::filesystem;

namespace {

constexpr const char* kLayoutVersion = "1";

std::string ropeText(const RopeConfig& rope) {
    std::ostringstream text;
    text.precision(17);
    text << "theta=" << rope.theta << " dims=" << rope.dims
         << " pairing=" << (rope.interleaved ? "interleaved" : "half-split");
    const RopeScaling& s = rope.scaling;
    const bool plain = s.type == RopeScalingType::None || s.type == RopeScalingType::Linear;
    text << " linear=" << (plain ? s.factor : 1);
    if (!plain) text << " scaling=" << scalingName(s.type) << ":" << s.factor << ":" << s.original_context;
    if (s.growth > 0) text << " growth=" << s.growth << ":" << s.growth_step;
    return text.str();
}

SessionIdentity identityOf(const LoadedModel& loaded, const KvSettings& settings, SessionMode mode,
                           std::string_view prompt_template) {
    const Model& model = *loaded.model;
    SessionIdentity identity;
    identity.model_fingerprint = model.fingerprint();
    identity.tokenizer_fingerprint = loaded.tokenizer->fingerprint();
    identity.model_name = model.config.name.empty() ? model.path.stem().string() : model.config.name;
    identity.model_path = model.path.string();
    identity.rope = ropeText(model.config.rope);
    identity.kv = settingsText(settings, mode);
    identity.layout = kLayoutVersion;
    identity.prompt_template = prompt_template;
    return identity;
}

/// Why a session's cache cannot be used with this model, or nothing.
std::string difference(const SessionIdentity& stored, const SessionIdentity& now) {
    if (stored.model_fingerprint != now.model_fingerprint) return "its weights differ";
    if (stored.tokenizer_fingerprint != now.tokenizer_fingerprint) return "its tokenizer differs";
    if (stored.rope != now.rope) return "its RoPE settings differ";
    if (stored.layout != now.layout)
        return "its cache has layout " + stored.layout + ", this Lectern writes " + now.layout;
    return {};
}

}  // namespace

Status SessionImpl::useModel(LoadedModel& model, std::string_view prompt_template) {
    m_frame_problem.clear();
    const auto notice = [this](const std::string& sentence) {
        m_frame_problem = sentence;
        if (m_context.options.notice) m_context.options.notice(sentence);
    };
    const auto layout = chooseTemplate(prompt_template, model.model->chat_template, model.tokenizer->spec(), notice);
    if (!layout) return layout.error();
    m_model = &model;
    m_prompt = std::make_unique<PromptBuilder>(*model.tokenizer, *layout);
    if (m_mode == SessionMode::Shelf) m_settings.sinks = int(m_prompt->opening().size());
    if (m_settings.sinks > kMaxSinks)
        return Error{ErrorCode::Usage, "The prompt template \"" + layout->name + "\" begins with " +
                                           std::to_string(m_settings.sinks) + " tokens, a shelf holds " +
                                           std::to_string(kMaxSinks) +
                                           " before its documents: choose another with --template."};
    if (auto sane = checkKvSettings(m_settings); !sane) return sane;
    m_identity = identityOf(model, m_settings, m_mode, layout->name);
    if (m_identity.model_fingerprint.empty())
        return Error{ErrorCode::BadInput, "The model \"" + model.model->path.string() +
                                              "\" was cut short while it was open; copy its file again."};
    return {};
}

/// An empty trunk, with the model's calibration where there is one for the session's settings.
Status SessionImpl::startTrunk(const std::string& calibration) {
    m_trunk = m_model->transformer->makeCache(m_settings);
    auto quantizers = m_context.models.quantizers(*m_model, {&m_settings, 1}, calibration);
    if (!quantizers) return quantizers.error();
    m_trunk->setQuantizer(std::move(quantizers->front()));
    return {};
}

Result<std::unique_ptr<SessionImpl>> SessionImpl::create(SessionContext context, const NewSession& request) {
    if (auto sane = checkKvSettings(request.kv); !sane) return sane.error();
    if (request.kv.research.any())
        return Error{ErrorCode::Usage, "\"" + request.kv.name() + "\" is a cache for benchmarks only; sessions are " +
                                           "kept as fp16, nuq4, nuq3 or nuq2."};
    auto loaded = context.models.open(request.model);
    if (!loaded) return loaded.error();
    if (auto sane = checkLayers(request.kv, (*loaded)->model->config.layers); !sane) return sane.error();
    std::unique_ptr<SessionImpl> session(new SessionImpl(context, request.file));
    session->m_settings = request.kv;
    session->m_mode = request.mode;
    if (auto used = session->useModel(**loaded, request.prompt_template); !used) return used.error();
    if (auto chosen = session->chooseProcessor(0); !chosen) return chosen.error();
    if (auto started = session->startTrunk(request.calibration); !started) return started.error();
    auto store = SessionStore::create(request.file, session->m_identity);
    if (!store) return store.error();
    session->m_writer = std::make_unique<SessionWriter>(std::move(*store));
    SessionCommit commit;
    session->addQuantizer(commit);
    if (auto stored = session->m_writer->submit(std::move(commit)); !stored) return stored.error();
    return session;
}

/// A session keeps the quantizer it was begun with, whatever becomes of the calibration file; written once, when it is
/// there.
void SessionImpl::addQuantizer(SessionCommit& commit) {
    if (m_trunk->quantizer() && m_stored_quantizer.empty())
        commit.meta["quantizer"] = m_stored_quantizer = packQuantizer(*m_trunk->quantizer());
}

Result<std::unique_ptr<SessionImpl>> SessionImpl::open(SessionContext context, const fs::path& file,
                                                       std::string_view model) {
    std::unique_ptr<SessionImpl> session(new SessionImpl(context, file));
    auto store = SessionStore::open(file, OpenMode::ReadWrite);
    if (!store && store.error().code == ErrorCode::Failed) {  // a file or disk that cannot be written can still be read
        session->m_read_only = store.error().message;
        if (auto readable = SessionStore::open(file, OpenMode::ReadOnly)) store = std::move(readable);
    }
    if (!store) return store.error();
    if (auto loaded = session->loadRecords(*store); !loaded) return loaded.error();
    if (auto attached = session->attachModel(model); !attached) return attached.error();
    if (auto made = session->emptyTrunk(); !made) return made.error();
    if (auto begun = session->beginLoading(*store); !begun) return begun.error();
    session->m_writer = session->m_read_only.empty() ? std::make_unique<SessionWriter>(std::move(*store))
                                                     : std::make_unique<SessionWriter>(store->fileBytes());
    return session;
}

Result<std::unique_ptr<SessionImpl>> SessionImpl::peek(SessionContext context, const fs::path& file) {
    auto store = SessionStore::open(file, OpenMode::ReadOnly);
    if (!store) return store.error();
    std::unique_ptr<SessionImpl> session(new SessionImpl(context, file));
    if (auto loaded = session->loadRecords(*store); !loaded) return loaded.error();
    return session;
}

Result<std::unique_ptr<SessionImpl>> SessionImpl::edit(SessionContext context, const fs::path& file) {
    auto store = SessionStore::open(file, OpenMode::ReadWrite);
    if (!store) return store.error();
    std::unique_ptr<SessionImpl> session(new SessionImpl(context, file));
    if (auto loaded = session->loadRecords(*store); !loaded) return loaded.error();
    session->m_writer = std::make_unique<SessionWriter>(std::move(*store));
    return session;
}

Status SessionImpl::loadRecords(const SessionStore& store) {
    auto identity = store.identity();
    if (!identity) return identity.error();
    m_identity = *identity;
    auto settings = settingsFromText(m_identity.kv);
    if (!settings) return settings.error();
    m_settings = *settings;
    m_mode = modeFromText(m_identity.kv);
    auto documents = store.documents();
    if (!documents) return documents.error();
    std::sort(documents->begin(), documents->end(), [](const auto& a, const auto& b) { return a.place < b.place; });
    for (const auto& record : *documents) {
        m_last_document = std::max(m_last_document, record.id);
        auto pages = store.pages(record.id);
        if (!pages) return pages.error();
        auto document = fromRecord(record, std::move(*pages));
        if (!document) return document.error();
        m_documents.push_back(std::move(*document));
    }
    for (auto& document : m_documents) document.info.source_state = sourceState(document, false);
    auto ids = store.tokens(0);
    if (!ids) return ids.error();
    m_trunk_ids = std::move(*ids);
    auto meta = store.meta();
    if (!meta) return meta.error();
    m_stored_trunk = std::strtoull((*meta)["trunk_tokens"].c_str(), nullptr, 10);
    m_last_document = std::max(
        m_last_document,
        int(std::clamp(std::strtol((*meta)["last_document"].c_str(), nullptr, 10), 0L, long(kDocumentBranch))));
    m_stored_quantizer = (*meta)["quantizer"];
    m_stored_statistics = (*meta)["layer_statistics"];
    m_reading_seconds = std::strtod((*meta)["reading_seconds"].c_str(), nullptr);
    m_read_on_device = !(*meta)["read_on"].empty() && (*meta)["read_on"] != "cpu";
    m_fidelity = fidelityFromText((*meta)["fidelity"]);
    m_comparison = comparisonFromText((*meta)["comparison"]);
    for (const auto& [name, value] : *meta) {
        auto summary = name.starts_with(kSummaryName) ? summaryFromText(value) : std::nullopt;
        if (summary) m_summaries.push_back(std::move(*summary));
    }
    std::sort(m_summaries.begin(), m_summaries.end(), [](const Summary& a, const Summary& b) { return a.id < b.id; });
    if (m_mode == SessionMode::Shelf) m_stored_trunk = shelfEnd();
    if (m_stored_trunk > m_trunk_ids.size() || !placesFit())
        return Error{ErrorCode::Damaged,
                     "\"" + m_file.string() + "\" has lost tokens of its documents; verify the session."};
    return loadBranches(store);
}

bool SessionData::placesFit() const {
    std::uint64_t end = 0;
    const auto sinks = std::uint64_t(m_settings.sinks);
    for (const auto& document : m_documents) {
        const DocumentInfo& info = document.info;
        if (info.state == DocumentState::Failed) continue;
        if (info.token_begin < end || info.token_end > m_trunk_ids.size()) return false;
        end = info.token_begin;
        for (const auto& page : document.pages) {
            if (page.token_begin < end || page.token_end > info.token_end) return false;
            end = page.token_end;
        }
        end = info.token_end;
        if (m_mode == SessionMode::Joint) continue;
        const bool aligned = info.token_begin >= sinks && (info.token_begin - sinks) % kernels::kPageTokens == 0;
        if (!aligned || info.id >= kDocumentBranch || document.read > sinks + info.token_end - info.token_begin)
            return false;
    }
    return true;
}

Status SessionImpl::loadBranches(const SessionStore& store) {
    auto branches = store.branches();
    if (!branches) return branches.error();
    for (const auto& record : *branches) {
        Branch branch = fromRecord(record);
        auto ids = store.tokens(record.id);
        if (!ids) return ids.error();
        branch.ids = std::move(*ids);
        auto messages = store.messages(record.id);
        if (!messages) return messages.error();
        for (const auto& message : *messages) {
            auto stored = fromRecord(message);
            if (!stored) return stored.error();
            branch.messages.push_back(std::move(*stored));
        }
        m_branches.all().push_back(std::move(branch));
    }
    return m_branches.check();
}

Status SessionImpl::attachModel(std::string_view model) {
    const SessionIdentity stored = m_identity;
    auto loaded = m_context.models.open(model.empty() ? stored.model_path : std::string(model));
    if (!loaded &&
        model.empty()) {  // moved or reinstalled: the same file name among the known models, else the built-in one
        loaded = m_context.models.open(fs::path(stored.model_path).filename().string());
        if (!loaded) loaded = m_context.models.open("");
        if (!loaded || (*loaded)->model->fingerprint() != stored.model_fingerprint)
            return Error{ErrorCode::WrongModel,
                         "The model \"" + stored.model_path + "\" that \"" + m_file.string() +
                             "\" was made with is not there any more; name its file with --model, or "
                             "read the documents again with another model.",
                         {Obstacle::LostModel, {stored.model_path, m_file.string()}}};
    }
    if (!loaded) return loaded.error();
    if (auto used = useModel(**loaded, stored.prompt_template); !used) return used;
    if (const auto why = difference(stored, m_identity); !why.empty())
        return Error{ErrorCode::WrongModel,
                     "\"" + m_file.string() + "\" was made with the model \"" + stored.model_name +
                         "\" and cannot be continued with \"" + m_identity.model_name + "\": " + why +
                         "; open it with its own model, or read the documents again with this one.",
                     {Obstacle::OtherModel, {m_file.string(), stored.model_name, m_identity.model_name}}};
    return {};
}

Result<std::unique_ptr<SessionImpl>> SessionImpl::reopenWithModel(SessionContext context, const fs::path& file,
                                                                  std::string_view model) {
    auto store = SessionStore::open(file, OpenMode::ReadWrite);
    if (!store) return store.error();
    std::unique_ptr<SessionImpl> session(new SessionImpl(context, file));
    if (auto loaded = session->loadRecords(*store); !loaded) return loaded.error();
    auto opened = context.models.open(model);
    if (!opened) return opened.error();
    if (auto used = session->useModel(**opened, {}); !used) return used.error();
    SessionCommit commit;
    commit.drop_cache = true;
    if (auto started = session->startTrunk("auto"); !started) return started.error();
    session->retokenize(commit);
    session->addQuantizer(commit);
    if (auto written = store->commit(commit); !written) return written.error();
    if (auto written = store->setIdentity(session->m_identity); !written) return written.error();
    session->m_writer = std::make_unique<SessionWriter>(std::move(*store));
    return session;
}

/// A conversation in the tokens of the model now in use; those it stands on have been through it.
void SessionImpl::retokenize(Branch& branch, SessionCommit& commit) {
    const Branch* parent = m_branches.byId(branch.parent);
    ForkPoint point;
    if (parent != nullptr) point = m_branches.forkPoint(*parent, branch.shared_messages, unclosedTokens());
    branch.shared = point.shared;
    branch.ids = std::move(point.ids);
    branch.trunk = branch.stored = 0;
    int turn = branch.shared_messages;
    for (auto& stored : branch.messages) {
        stored.token_begin = branch.ids.size();
        for (const auto& part :
             {m_prompt->question(stored.message.question, turn++ == 0), m_prompt->answer(stored.message.answer)})
            branch.ids.insert(branch.ids.end(), part.begin(), part.end());
        stored.token_end = branch.ids.size();
    }
    commit.branches.push_back(toRecord(branch));
    if (!branch.ids.empty()) commit.tokens.push_back({branch.id, 0, branch.ids});
    for (std::size_t i = 0; i < branch.messages.size(); ++i)
        commit.messages.push_back(toRecord(branch.id, int(i), branch.messages[i]));
}

/// Documents and conversations get the tokens of the model now in use; their text stays.
void SessionImpl::retokenize(SessionCommit& commit) {
    m_trunk_ids.clear();
    for (auto& document : m_documents) {
        document.read = 0;
        if (document.info.state != DocumentState::Failed) place(document, commit);
        addDocument(document, commit);
    }
    for (auto& branch : m_branches.all()) retokenize(branch, commit);
    m_stored_trunk = 0;
    m_stored_quantizer.clear();
    m_stored_statistics.clear();
    m_fidelity.reset();
    m_comparison.reset();
    commit.meta["trunk_tokens"] = "0";
    commit.meta["quantizer"] = "";
    commit.meta["layer_statistics"] = "";
    commit.meta["fidelity"] = commit.meta["comparison"] = "";
    m_reading_seconds = 0;
    commit.meta["reading_seconds"] = "0";
}

}  // namespace lectern
