// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>

#include "engine/infer/attention.h"

namespace lectern {

enum class Logits { None, Last, All };

/// A model that another processor runs over tokens. One caller at a time.
class ForwardPass {
public:
    virtual ~ForwardPass() = default;

    /// As Transformer::forward(), which has checked the tokens and afterwards bounds the logits where the model does.
    /// Errors: also those of the processor.
    virtual Status forward(KvCache& cache, std::span<const std::int32_t> tokens, Logits which, float* logits,
                           AttentionMass* mass) = 0;
    virtual std::uint64_t scratchBytes() const = 0;  ///< of work buffers, in the processor's memory too
};

}  // namespace lectern
