// SPDX-License-Identifier: GPL-3.0-or-later
// Rotary position embedding as a model was trained with it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace lectern {

/// How the angles were stretched so that a model reaches further than it was first trained.
enum class RopeScalingType : std::uint8_t {
    None,
    Linear,   ///< every position divided by the factor
    Dynamic,  ///< NTK: a larger base, as for a context of factor · original_context tokens
    Yarn,     ///< slow pairs as Linear, fast pairs unchanged, a ramp between them
    Llama3,   ///< slow wavelengths divided by the factor, fast ones unchanged, smooth between them
    LongRope  ///< a divisor of its own for each frequency, which the model brings (RopeConfig::divisors)
};

struct RopeScaling {
    RopeScalingType type = RopeScalingType::None;
    double factor = 1;
    int original_context = 0;     ///< tokens before the stretching; Dynamic, Yarn, Llama3, LongRope
    double attention_factor = 1;  ///< Yarn, LongRope: what cos and sin of queries and of keys are multiplied by
    double beta_fast = 32, beta_slow = 1;  ///< Yarn: turns over original_context between which the ramp lies
    bool whole_pairs = true;               ///< Yarn: the ends of the ramp are rounded outwards to whole pairs
    double low_freq_factor = 1, high_freq_factor = 4;  ///< Llama3: original_context over the wavelengths of the ends
    /// Ministral 3: queries at position p are multiplied by 1 + growth·ln(1 + ⌊p / growth_step⌋); 0: they are not.
    double growth = 0;
    int growth_step = 0;  ///< tokens
    bool operator==(const RopeScaling&) const = default;
};

struct RopeConfig {
    double theta = 10000.0;
    int dims = 0;              ///< rotated dimensions of a head (even, <= head_dim); the first ones, the rest stay
    bool interleaved = false;  ///< pairs (2i, 2i+1) as in GGUF LLaMA; else (i, i + dims/2) as in Hugging Face
    RopeScaling scaling;
    std::vector<float> divisors;  ///< [dims/2] of each frequency (rope_freqs.weight, long_factor), or empty
};

/// "none", "linear", "dynamic", "yarn", "llama3", "longrope"
std::string_view scalingName(RopeScalingType type);

/// What YaRN multiplies cos and sin by where the model does not say: 0.1·ln(factor) + 1.
double yarnAttentionFactor(double factor);
/// The same for LongRope, by what the context grew from and to: sqrt(1 + ln(context / original) / ln(original)).
double longRopeAttentionFactor(int original_context, int context);

/// What queries at `position` are multiplied by, beside all else: 1 where they do not grow.
double queryGrowth(const RopeScaling& scaling, std::uint64_t position);

/// Radians per position of each pair, [dims/2]. `config` must have passed checkRope().
/// Dynamic: the base is the one for factor · original_context tokens at every position. Computing it anew as the
/// context grows would turn keys that are cached already, and a text must read the same however it is cut. For the same
/// reason LongRope divides by the divisors for long contexts at every position.
/// Source: RoFormer (arXiv:2104.09864), YaRN (arXiv:2309.00071), LongRoPE (arXiv:2402.13753), the Llama 3.1 model card.
std::vector<double> ropeFrequencies(const RopeConfig& config);

/// Errors: BadInput with a sentence that names the number where one is senseless for heads of `head_dim`.
Status checkRope(const RopeConfig& config, int head_dim);

}  // namespace lectern
