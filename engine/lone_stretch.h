// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>

#include "engine/kv/kv_cache.h"

namespace lectern {

/// A fork of the documents' cache as if there were only tokens [begin, end) of the context after its first `opening`
/// tokens (at least the sinks), and the context ended with them. Nothing is computed: keys are kept before their
/// rotation, so that a question can stand right behind any stretch (KVQUANT.md, "Position-free cache").
/// `hidden`: positions that are to stay out of sight, ascending and apart.
KvCache loneStretch(const KvCache& documents, TokenRange stretch, std::span<const TokenRange> hidden,
                    std::uint64_t opening = 0);

/// The same of several stretches, ascending and apart: the context ends with the last of them.
KvCache loneStretches(const KvCache& documents, std::span<const TokenRange> stretches,
                      std::span<const TokenRange> hidden, std::uint64_t opening = 0);

}  // namespace lectern
