// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/thread_pool.h"
#include "engine/model/model.h"
#include "kernels/dispatch.h"

namespace lectern {

/// gate = activation(gate) · up, the activation being the model's.  gate, up [tokens][ffn] f32. Blocks of tokens on
/// `pool`; the same bytes on any number of threads.
void activateGate(const ModelConfig& config, float* gate, const float* up, int tokens, ThreadPool& pool,
                  const kernels::KernelTable& kernels);

}  // namespace lectern
