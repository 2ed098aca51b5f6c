// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <stop_token>

#include "engine/base/thread_pool.h"
#include "engine/calibrate/calibration.h"
#include "engine/calibrate/calibration_settings.h"
#include "engine/model/model.h"
#include "kernels/dispatch.h"

namespace lectern {

/// The whole offline part of KVQuant: a forward pass for the thresholds of key channels, a forward and backward pass
/// for the sensitivity of every element, weighted k-means for the codebooks of 2, 3 and 4 bits.
///   ids  tokens of the text without BOS; sequences are taken from it at even distances; `bos` begins each, -1 = none
/// Deterministic: the same model, text and settings give the same result on any number of threads of one instruction
/// set. Memory: that of LanguageModelGradients and the tails of all channels. `progress`: share done, on this thread.
/// Errors: BadInput (text too short), Usage (settings), Failed (broken model), Interrupted.
/// Source: KVQuant (arXiv:2401.18079), sections 3.1 to 3.5.
Result<Calibration> calibrate(const std::shared_ptr<const Model>& model, ThreadPool& pool,
                              const kernels::KernelTable& kernels, std::span<const std::int32_t> ids, std::int32_t bos,
                              const CalibrationSettings& settings, const std::function<void(double)>& progress,
                              std::stop_token stop);

}  // namespace lectern
