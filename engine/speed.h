// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <stop_token>

#include "engine/engine.h"
#include "engine/model_library.h"

namespace lectern {

/// Prefill and decode speed at given lengths of context, one setting after the other on the same random tokens. Prefill
/// at a length is the speed of the chunk that ends there; decode is the mean of `decode_tokens` greedy steps from
/// there, with the attention mass measured as in answers. Errors: Usage, Interrupted.
Result<std::vector<SpeedRow>> measureSpeed(LoadedModel& model, const SpeedRequest& request,
                                           const std::function<void(double)>& progress, std::stop_token stop);

/// Bytes per second that all threads of the pool read together from memory much larger than the caches.
double readBandwidth(ThreadPool& pool);

}  // namespace lectern
