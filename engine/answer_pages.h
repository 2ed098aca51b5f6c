// SPDX-License-Identifier: GPL-3.0-or-later
// From the attention that a cache's pages drew to citations.
#pragma once

#include <vector>

#include "engine/answer/citation.h"
#include "engine/infer/attention.h"
#include "engine/session_records.h"

namespace lectern {

/// Attention per token of the first `tokens` of a context; sinks are left out. The tokens of a group of 16 that are not
/// hidden share its mass evenly.
std::vector<float> tokenMass(const KvCache& cache, const AttentionMass& mass, std::uint64_t tokens);

/// [layers] share of each layer's attention, of `mass.layers`, that the first `tokens` of the context drew; sinks are
/// left out. Groups of 16 tokens, each by its first one. Empty where the mass was not measured by layer.
std::vector<double> documentShares(const KvCache& cache, const AttentionMass& mass, std::uint64_t tokens);

/// A page of `document` with what people see of it. `page`: its text with the places of its words.
Citation citation(const SessionDocument& document, const PageText& page, const CitedPage& cited);

}  // namespace lectern
