// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <stop_token>

#include "engine/engine.h"
#include "engine/model_library.h"

namespace lectern {

/// Errors: Usage where a request cannot be measured with this model.
Status checkSpeed(const LoadedModel& model, const SpeedRequest& request);

/// Prefill and decode speed at given lengths of context, one setting after the other on the same random tokens. Prefill
/// at a length is the speed of the chunk that ends there; decode is the mean of `decode_tokens` greedy steps from
/// there, with the attention mass measured as in answers. Errors: of checkSpeed(), Interrupted.
Result<std::vector<SpeedRow>> measureSpeed(LoadedModel& model, const SpeedRequest& request,
                                           const std::function<void(double)>& progress, std::stop_token stop);

/// Bytes per second that all threads of the pool read together from memory much larger than the caches.
double readBandwidth(ThreadPool& pool);

/// Bytes per second that a device moves adding one vector to another: two are read, one is written, large where time
/// and memory allow. Errors: of the device.
Result<double> deviceBandwidth(const std::shared_ptr<Device>& device);

}  // namespace lectern
