// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <span>
#include <stop_token>

#include "engine/engine.h"
#include "engine/model_library.h"

namespace lectern {

/// Perplexity of each cache setting and its distance to the fp16 cache, on one code path: the same cache and kernels
/// that answer questions. The text (`ids`, without BOS) is cut into chunks of `context` tokens, each read from an empty
/// cache (BOS first); every token after the first `skip` and the very first counts. With a recent window of 0 (the
/// paper's case) every query attends to quantized keys and values. `quantizers` [settings]: what each cache begins
/// with; null: fitted to the first tokens of `fit` (of `ids` where it is empty), as in a session without calibration.
/// Research forms are measured on an fp16 cache whose keys and values went through a ResearchCodec. Errors: BadInput
/// where the text is too short, Interrupted, Usage.
Result<std::vector<PerplexityRow>> measurePerplexity(LoadedModel& model,
                                                     std::vector<std::shared_ptr<const Quantizer>> quantizers,
                                                     ThreadPool& pool, std::span<const TokenId> ids,
                                                     const PerplexityRequest& request,
                                                     const std::function<void(double)>& progress, std::stop_token stop,
                                                     std::span<const TokenId> fit = {});

}  // namespace lectern
