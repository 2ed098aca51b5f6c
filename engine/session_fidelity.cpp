// SPDX-License-Identifier: GPL-3.0-or-later
// The session's setting against fp16, on samples of its own text.
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

}  // namespace

bool SessionImpl::calibrated() const {
    return m_trunk && m_trunk->quantizer() && m_trunk->quantizer()->calibrated;
}

Result<Fidelity> SessionImpl::checkFidelity(const std::function<void(double)>& progress, std::stop_token stop) {
    if (m_settings.raw())
        return Error{ErrorCode::Usage,
                     "\"" + m_file.string() + "\" keeps its cache in fp16: there is nothing to compare."};
    PerplexityRequest request;
    request.settings = {m_settings};
    request.skip = m_settings.sinks + m_settings.window;
    const auto read = std::span<const TokenId>(m_trunk_ids).first(readTokens());
    const auto most = std::uint64_t(request.skip) + kComparedTokens;
    const auto least = std::uint64_t(request.skip) + KvCache::kLeastFit;
    if (read.size() < least || !m_trunk->quantizer())
        return Error{ErrorCode::Usage, "\"" + m_file.string() + "\" has " + std::to_string(read.size()) +
                                           " tokens of documents; a fidelity check needs " + std::to_string(least) +
                                           ": read more into it first."};
    const TokenizerSpec& spec = m_model->tokenizer->spec();
    request.context = int(std::min<std::uint64_t>(most, read.size()));
    const bool bos = spec.add_bos && spec.bos >= 0;  // put before each piece
    const auto samples = samplesOf(read, std::size_t(request.context - (bos ? 1 : 0)));
    const auto rows =
        measurePerplexity(*m_model, {m_trunk->quantizer()}, m_context.pool, samples, request, progress, stop);
    if (!rows) return rows.error();
    const PerplexityRow& row = rows->front();
    m_fidelity =
        Fidelity{row.kv, row.kl_mean, row.kl_p99, row.top1_agreement, row.tokens, read.size(), std::time(nullptr)};
    SessionCommit commit;
    commit.meta["fidelity"] = fidelityText(*m_fidelity);
    if (auto stored = m_writer->submit(std::move(commit)); !stored) return stored.error();
    if (auto stored = m_writer->flush(); !stored) return stored.error();
    return *m_fidelity;
}

}  // namespace lectern
