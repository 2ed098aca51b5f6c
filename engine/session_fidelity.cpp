// SPDX-License-Identifier: GPL-3.0-or-later
// The session's setting, and others, against fp16, on samples of its own text.
#include <algorithm>
#include <ctime>

#include "engine/perplexity.h"
#include "engine/session_impl.h"

namespace lectern {

namespace {

constexpr int kPieces = 8;
constexpr int kComparedTokens = 512;  ///< of a piece, after those that see nothing but fp16

/// At most kPieces pieces of equal length at even distances, one after another.
std::vector<TokenId> samplesOf(std::span<const TokenId> ids, std::size_t length) {
    const std::size_t pieces = std::min<std::size_t>(kPieces, ids.size() / length);
    std::vector<TokenId> samples;
    for (std::size_t piece = 0; piece < pieces; ++piece) {
        const auto begin = pieces == 1 ? 0 : piece * ((ids.size() - length) / (pieces - 1));
        const auto part = ids.subspan(begin, length);
        samples.insert(samples.end(), part.begin(), part.end());
    }
    return samples;
}

/// Perplexity and distance to fp16 of each setting, on samples of what was read, or is to be where nothing is. Tokens
/// that only one of the settings would see in fp16 are left out for all. `quantizers` [settings], null: fitted to the
/// first tokens read.
Result<std::vector<PerplexityRow>> measure(const SessionData& session, const std::vector<KvSettings>& settings,
                                           std::vector<std::shared_ptr<const Quantizer>> quantizers,
                                           const std::function<void(double done)>& progress, std::stop_token stop) {
    PerplexityRequest request;
    request.settings = settings;
    for (const auto& one : settings) request.skip = std::max(request.skip, one.sinks + one.window);
    // What is planned to be read, as long as nothing is.
    const std::uint64_t known = session.readTokens() > 0 ? session.readTokens() : session.m_trunk_ids.size();
    const auto read = std::span<const TokenId>(session.m_trunk_ids).first(known);
    const auto most = std::uint64_t(request.skip) + kComparedTokens;
    const auto least = std::uint64_t(request.skip) + KvCache::kLeastFit;
    if (read.size() < least || !session.m_trunk)
        return Error{ErrorCode::Usage, "\"" + session.m_file.string() + "\" has " + std::to_string(read.size()) +
                                           " tokens of documents; a fidelity check needs " + std::to_string(least) +
                                           ": read more into it first."};
    const TokenizerSpec& spec = session.m_model->tokenizer->spec();
    request.context = int(std::min<std::uint64_t>(most, read.size()));
    const bool bos = spec.add_bos && spec.bos >= 0;  // put before each piece
    const auto samples = samplesOf(read, std::size_t(request.context - (bos ? 1 : 0)));
    auto placed = session.m_context.models.place(*session.m_model, settings, std::uint64_t(request.context));
    if (!placed) return placed.error();
    return measurePerplexity(**placed, std::move(quantizers), session.m_context.pool, samples, request, progress,
                             std::move(stop), read);
}

}  // namespace

bool SessionImpl::calibrated() const {
    return m_trunk && m_trunk->quantizer() && m_trunk->quantizer()->calibrated;
}

Result<Fidelity> SessionImpl::checkFidelity(const std::function<void(double)>& progress, std::stop_token stop) {
    if (m_settings.raw())
        return Error{ErrorCode::Usage,
                     "\"" + m_file.string() + "\" keeps its cache in fp16: there is nothing to compare."};
    const auto rows = measure(*this, {m_settings}, {m_trunk->quantizer()}, progress, std::move(stop));
    if (!rows) return rows.error();
    const PerplexityRow& row = rows->front();
    m_fidelity =
        Fidelity{row.kv, row.kl_mean, row.kl_p99, row.top1_agreement, row.tokens, readTokens(), std::time(nullptr)};
    SessionCommit commit;
    commit.meta["fidelity"] = fidelityText(*m_fidelity);
    if (auto stored = write(std::move(commit)); !stored) return stored.error();
    return *m_fidelity;
}

Result<Comparison> SessionImpl::compareSettings(const std::vector<KvSettings>& settings,
                                                const std::function<void(double)>& progress, std::stop_token stop) {
    if (settings.empty()) return Error{ErrorCode::Usage, "A comparison needs at least one setting."};
    auto quantizers = m_context.models.quantizers(*m_model, settings, "auto");
    if (!quantizers) return quantizers.error();
    for (std::size_t i = 0; i < settings.size(); ++i)
        if (settings[i] == m_settings && m_trunk->quantizer()) (*quantizers)[i] = m_trunk->quantizer();
    const auto rows = measure(*this, settings, *quantizers, progress, std::move(stop));
    if (!rows) return rows.error();
    Comparison comparison{{}, rows->front().tokens, readTokens(), std::time(nullptr)};
    const ModelConfig& c = m_model->model->config;
    const double values_per_token = 2.0 * c.layers * c.kv_heads * c.head_dim;
    for (std::size_t i = 0; i < settings.size(); ++i) {
        const PerplexityRow& row = (*rows)[i];
        const bool calibrated = (*quantizers)[i] && (*quantizers)[i]->calibrated;
        comparison.settings.push_back({settings[i], calibrated, row.perplexity, row.kl_mean, row.kl_p99,
                                       row.top1_agreement, row.bits_per_value / 8 * values_per_token});
    }
    m_comparison = std::move(comparison);
    SessionCommit commit;
    commit.meta["comparison"] = comparisonText(*m_comparison);
    if (auto stored = write(std::move(commit)); !stored) return stored.error();
    return *m_comparison;
}

}  // namespace lectern
