// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cmath>

#include "engine/model/rope.h"

namespace lectern::test {

/// Radians per position of a rotary pair, by the textbook: written apart from the engine's, with wavelengths.
inline double plainFrequency(const RopeConfig& rope, int pair) {
    const RopeScaling& s = rope.scaling;
    const double turn = 2 * std::acos(-1.0), exponent = double(pair) / (rope.dims / 2);
    double wave = turn * std::pow(rope.theta, exponent);
    if (s.type == RopeScalingType::Linear) wave *= s.factor;
    if (s.type == RopeScalingType::Dynamic) {
        const double length = s.factor * s.original_context;
        const double stretch = s.factor * length / s.original_context - (s.factor - 1);
        wave *= std::pow(stretch, double(rope.dims) / (rope.dims - 2) * exponent);
    }
    if (s.type == RopeScalingType::Yarn) {
        // the pair whose wavelength goes n times into the original context
        const auto pairOf = [&](double n) {
            return rope.dims / 2.0 * std::log(s.original_context / (turn * n)) / std::log(rope.theta);
        };
        const double low = std::max(0.0, std::floor(pairOf(s.beta_fast)));
        const double high = std::min(rope.dims - 1.0, std::ceil(pairOf(s.beta_slow)));
        const double ramp = std::min(1.0, std::max(0.0, (pair - low) / (high > low ? high - low : 0.001)));
        wave = 1 / (ramp / (wave * s.factor) + (1 - ramp) / wave);
    }
    if (s.type == RopeScalingType::Llama3) {
        const double longest = s.original_context / s.low_freq_factor,
                     shortest = s.original_context / s.high_freq_factor;
        const double smooth =
            (s.original_context / wave - s.low_freq_factor) / (s.high_freq_factor - s.low_freq_factor);
        if (wave > longest)
            wave *= s.factor;
        else if (wave >= shortest)
            wave = 1 / ((1 - smooth) / (s.factor * wave) + smooth / wave);
    }
    if (!rope.divisors.empty()) wave *= double(rope.divisors[std::size_t(pair)]);
    return turn / wave;
}

}  // namespace lectern::test
