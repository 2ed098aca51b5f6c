// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>

#include "engine/infer/transformer.h"

namespace lectern {

/// What reading costs: so much for each token, and so much for each token that it sees before it.
struct ReadingPace {
    double per_token = 0, per_seen = 0;  ///< seconds

    double seconds(std::uint64_t begin, std::uint64_t end) const;  ///< for tokens begin … end - 1 of a context
};

/// Measures it on the machine as it is now, in about two seconds or, where a model is too slow for that, in as long as
/// a hundred tokens take: `ids` are read from their beginning into a cache of its own, and that cache, repeated, stands
/// for a long context. Where there are too few tokens or too little time for the latter, its share is taken from the
/// numbers of operations. `quantizer`: thresholds to code with; null: fitted to what is read. Errors: of
/// Transformer::forward(), Interrupted.
Result<ReadingPace> measureReading(Transformer& transformer, const KvSettings& settings,
                                   std::shared_ptr<const Quantizer> quantizer, std::span<const std::int32_t> ids,
                                   std::stop_token stop);

}  // namespace lectern
