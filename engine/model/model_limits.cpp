// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/model/model_limits.h"

#include <array>
#include <cmath>

namespace lectern {
namespace {

Error bad(std::string sentence) {
    return {ErrorCode::BadInput, std::move(sentence)};
}

struct Range {
    const char* name;
    int value, least, most;
};

Status checkRanges(const ModelConfig& c) {
    const std::array ranges = {
        Range{"the number of layers", c.layers, 1, limits::kLayers},
        Range{"the hidden size", c.hidden, 1, limits::kHidden},
        Range{"the number of attention heads", c.heads, 1, limits::kHeads},
        Range{"the number of key/value heads", c.kv_heads, 1, limits::kHeads},
        Range{"the head dimension", c.head_dim, limits::kHeadDimStep, limits::kHeadDim},
        Range{"the feed-forward size", c.ffn, 1, limits::kFfn},
        Range{"the number of experts", c.experts, 0, limits::kExperts},
        Range{"the number of experts for each token", c.experts_used, c.experts > 0 ? 1 : 0, c.experts},
        Range{"the vocabulary size", c.vocab, 1, limits::kVocab},
        Range{"the context length", c.trained_context, 0, limits::kContext},
    };
    for (const Range& r : ranges)
        if (r.value < r.least || r.value > r.most)
            return bad(std::string(r.name) + " is " + std::to_string(r.value) + ", Lectern takes " +
                       std::to_string(r.least) + " to " + std::to_string(r.most) + ".");
    return {};
}

Status checkReal(const char* name, double value) {
    if (std::isfinite(value) && value > 0) return {};
    return bad(std::string(name) + " is " + std::to_string(value) + ", it must be a positive number.");
}

Status checkDivisibility(const ModelConfig& c) {
    if (c.heads % c.kv_heads != 0)
        return bad("the number of attention heads (" + std::to_string(c.heads) +
                   ") is not a multiple of the number of key/value heads (" + std::to_string(c.kv_heads) + ").");
    if (c.head_dim % limits::kHeadDimStep != 0)
        return bad("the head dimension is " + std::to_string(c.head_dim) + ", Lectern takes multiples of " +
                   std::to_string(limits::kHeadDimStep) + ".");
    return {};
}

Status checkLayers(const ModelConfig& c) {
    if (c.otherwise.empty() || c.otherwise.size() == std::size_t(c.layers)) return {};
    return bad("the rotations are those of " + std::to_string(c.otherwise.size()) + " layers, the model has " +
               std::to_string(c.layers) + ".");
}

Status checkWindows(const ModelConfig& c) {
    if (!c.windows.empty() && c.windows.size() != std::size_t(c.layers))
        return bad("the sliding windows are those of " + std::to_string(c.windows.size()) + " layers, the model has " +
                   std::to_string(c.layers) + ".");
    for (const int window : c.windows)
        if (window < 0 || window > limits::kContext)
            return bad("a sliding window is " + std::to_string(window) + " tokens, Lectern takes 0 to " +
                       std::to_string(limits::kContext) + ".");
    return {};
}

}  // namespace

Status checkConfig(const ModelConfig& config) {
    if (auto sane = checkRanges(config); !sane) return sane;
    for (const Status& status :
         {checkReal("the epsilon of RMSNorm", config.rms_eps), checkDivisibility(config),
          checkRope(config.rope, config.head_dim),
          config.other_rope.dims == 0 ? Status() : checkRope(config.other_rope, config.head_dim), checkLayers(config)})
        if (!status) return status;
    for (const float cap : {config.score_cap, config.logit_cap})
        if (auto sane = cap == 0 ? Status() : checkReal("a cap of scores or logits", double(cap)); !sane) return sane;
    return checkWindows(config);
}

}  // namespace lectern
