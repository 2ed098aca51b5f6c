// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/infer/activate_gate.h"

#include <algorithm>

namespace lectern {

namespace {

constexpr int kTokenBlock = 16;  ///< tokens of one task

}  // namespace

void activateGate(const ModelConfig& config, float* gate, const float* up, int tokens, ThreadPool& pool,
                  const kernels::KernelTable& kernels) {
    const auto activate = config.activation == Activation::Silu ? kernels.siluMul : kernels.geluMul;
    pool.run((tokens + kTokenBlock - 1) / kTokenBlock, [&](int block, int) {
        const int begin = block * kTokenBlock;
        const auto at = std::size_t(begin) * std::size_t(config.ffn);
        activate(gate + at, up + at, std::min(kTokenBlock, tokens - begin) * config.ffn);
    });
}

}  // namespace lectern
