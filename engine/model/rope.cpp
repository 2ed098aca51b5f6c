// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/model/rope.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

namespace lectern {
namespace {

Error bad(std::string sentence) {
    return {ErrorCode::BadInput, std::move(sentence)};
}

/// The (fractional) pair that makes `turns` turns over the original context.
double pairOfTurns(const RopeConfig& c, double turns) {
    const double context = double(c.scaling.original_context);
    return c.dims * std::log(context / (turns * 2 * std::numbers::pi)) / (2 * std::log(c.theta));
}

/// Share of interpolation of a pair: 0 before the ramp, 1 after it. Source: YaRN, section 3.2.
double yarnRamp(const RopeConfig& c, int pair) {
    double low = pairOfTurns(c, c.scaling.beta_fast), high = pairOfTurns(c, c.scaling.beta_slow);
    if (c.scaling.whole_pairs) low = std::floor(low), high = std::ceil(high);
    low = std::max(low, 0.0);
    high = std::min(high, double(c.dims - 1));
    return std::clamp((pair - low) / std::max(high - low, 0.001), 0.0, 1.0);
}

/// What remains of a frequency. Source: the Llama 3.1 model card.
double llama3Share(const RopeScaling& s, double frequency) {
    const double turns = s.original_context * frequency / (2 * std::numbers::pi);
    const double smooth = std::clamp((turns - s.low_freq_factor) / (s.high_freq_factor - s.low_freq_factor), 0.0, 1.0);
    return smooth + (1 - smooth) / s.factor;
}

double stretchedBase(const RopeConfig& c) {
    const double factor = c.scaling.factor;
    return c.theta * std::pow(factor * factor - (factor - 1), c.dims / (c.dims - 2.0));
}

double frequencyOf(const RopeConfig& c, int pair) {
    const double exponent = -2.0 * pair / c.dims, plain = std::pow(c.theta, exponent), factor = c.scaling.factor;
    switch (c.scaling.type) {
        case RopeScalingType::None:
        case RopeScalingType::LongRope:
            return plain;
        case RopeScalingType::Linear:
            return plain / factor;
        case RopeScalingType::Dynamic:
            return std::pow(stretchedBase(c), exponent);
        case RopeScalingType::Yarn: {
            const double ramp = yarnRamp(c, pair);
            return plain * (1 - ramp) + plain / factor * ramp;
        }
        case RopeScalingType::Llama3:
            return plain * llama3Share(c.scaling, plain);
    }
    return plain;
}

Status checkPositive(const char* name, double value) {
    if (std::isfinite(value) && value > 0) return {};
    return bad(std::string(name) + " is " + std::to_string(value) + ", it must be a positive number.");
}

Status checkScaling(const RopeConfig& c) {
    const RopeScaling& s = c.scaling;
    for (const Status& status : {checkPositive("the factor of the rotary scaling", s.factor),
                                 checkPositive("the attention factor of the rotary scaling", s.attention_factor),
                                 checkPositive("beta_fast of the rotary scaling", s.beta_fast),
                                 checkPositive("beta_slow of the rotary scaling", s.beta_slow),
                                 checkPositive("low_freq_factor of the rotary scaling", s.low_freq_factor),
                                 checkPositive("high_freq_factor of the rotary scaling", s.high_freq_factor)})
        if (!status) return status;
    if (!(std::isfinite(s.growth) && s.growth >= 0) || (s.growth > 0 && s.growth_step < 1))
        return bad("the growth of queries is " + std::to_string(s.growth) + ", by steps of " +
                   std::to_string(s.growth_step) + " tokens; both must be positive numbers.");
    if (s.type == RopeScalingType::None || s.type == RopeScalingType::Linear) return {};
    if (s.original_context < 1)
        return bad("the rotary scaling '" + std::string(scalingName(s.type)) + "' does not say the original context.");
    if (s.type == RopeScalingType::Dynamic && (c.dims < 4 || s.factor < 1))
        return bad("the rotary scaling 'dynamic' needs a factor of at least 1 and 4 rotated dimensions.");
    if (s.type == RopeScalingType::Yarn && !(c.theta > 1 && s.beta_fast > s.beta_slow))
        return bad("the rotary scaling 'yarn' needs a base above 1 and beta_fast above beta_slow.");
    if (s.type == RopeScalingType::Llama3 && !(s.high_freq_factor > s.low_freq_factor))
        return bad("the rotary scaling 'llama3' needs high_freq_factor above low_freq_factor.");
    return {};
}

}  // namespace

std::string_view scalingName(RopeScalingType type) {
    switch (type) {
        case RopeScalingType::None:
            return "none";
        case RopeScalingType::Linear:
            return "linear";
        case RopeScalingType::Dynamic:
            return "dynamic";
        case RopeScalingType::Yarn:
            return "yarn";
        case RopeScalingType::Llama3:
            return "llama3";
        case RopeScalingType::LongRope:
            return "longrope";
    }
    return "none";
}

double yarnAttentionFactor(double factor) {
    return factor <= 1 ? 1 : 0.1 * std::log(factor) + 1;
}

double longRopeAttentionFactor(int original_context, int context) {
    if (original_context < 2 || context <= original_context) return 1;
    const double original = original_context;
    return std::sqrt(1 + std::log(context / original) / std::log(original));
}

double queryGrowth(const RopeScaling& scaling, std::uint64_t position) {
    if (scaling.growth == 0) return 1;
    const std::uint64_t steps = position / std::uint64_t(scaling.growth_step);
    return 1 + scaling.growth * std::log1p(double(steps));
}

std::vector<double> ropeFrequencies(const RopeConfig& config) {
    std::vector<double> frequencies(std::size_t(config.dims / 2), 0.0);
    for (std::size_t pair = 0; pair < frequencies.size(); ++pair) {
        frequencies[pair] = frequencyOf(config, int(pair));
        if (!config.divisors.empty()) frequencies[pair] /= double(config.divisors[pair]);
    }
    return frequencies;
}

Status checkRope(const RopeConfig& c, int head_dim) {
    if (c.dims < 2 || c.dims > head_dim)
        return bad("the number of rotated dimensions is " + std::to_string(c.dims) + ", Lectern takes 2 to " +
                   std::to_string(head_dim) + ".");
    if (c.dims % 2 != 0)
        return bad("the number of rotated dimensions is " + std::to_string(c.dims) + ", it must be even.");
    if (auto sane = checkPositive("the base of the rotary frequencies", c.theta); !sane) return sane;
    const bool whole = c.divisors.empty() || c.divisors.size() == std::size_t(c.dims / 2);
    const bool sane =
        std::all_of(c.divisors.begin(), c.divisors.end(), [](float d) { return std::isfinite(d) && d > 0; });
    if (!whole || !sane)
        return bad("the divisors of the rotary frequencies are not one positive number for each pair.");
    return checkScaling(c);
}

}  // namespace lectern
