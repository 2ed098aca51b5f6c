// SPDX-License-Identifier: GPL-3.0-or-later
// Derivatives of single rows and numbers, for the backward pass.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/base/log_sum_exp.h"
#include "engine/model/architecture.h"

namespace lectern {

inline float sigmoid(float x) {
    return 1.0F / (1.0F + std::exp(-x));
}

/// A gate of the feed-forward network after its activation.
struct Activated {
    float value, slope;  ///< the slope by its argument
};

/// Of x, and its slope there.
inline Activated activation(Activation kind, float x) {
    if (kind == Activation::Silu) {
        const float s = sigmoid(x);
        return {x * s, s * (1.0F + x * (1.0F - s))};
    }
    constexpr float kTwice = 1.5957691216F, kCubic = 0.044715F;  // (1 + tanh(z))/2 is sigmoid(2z)
    const float s = sigmoid(kTwice * (x + kCubic * x * x * x));
    return {x * s, s + x * s * (1.0F - s) * kTwice * (1.0F + 3.0F * kCubic * x * x)};
}

/// The slope of cap·tanh(x/cap) where it is y; cap 0: of x itself.
inline float softCapSlope(float y, float cap) {
    return cap > 0 ? 1.0F - y / cap * (y / cap) : 1.0F;
}

/// Logits [vocab] of one token, capped at `cap` (0: not), become the derivative of its share of the loss by what they
/// were before; returns that share.
inline double lossBackward(float* logits, int vocab, std::int32_t next, double share, float cap) {
    const double log_sum = logSumExp({logits, std::size_t(vocab)});
    const double loss = (log_sum - double(logits[next])) * share;
    for (int i = 0; i < vocab; ++i) {
        const double hit = i == next ? share : 0;
        logits[i] = float(std::exp(double(logits[i]) - log_sum) * share - hit) * softCapSlope(logits[i], cap);
    }
    return loss;
}

/// dx += the derivative through RMSNorm of one row.  x, weight, dy, dx [n].
inline void addRowNormBackward(const float* x, const float* weight, float eps, const float* dy, int n, float* dx) {
    double squares = 0, dot = 0;
    for (int i = 0; i < n; ++i) {
        squares += double(x[i]) * double(x[i]);
        dot += double(dy[i]) * double(weight[i]) * double(x[i]);
    }
    const double inverse = 1.0 / std::sqrt(squares / n + double(eps));
    const double back = inverse * inverse * inverse * dot / n;
    for (int i = 0; i < n; ++i) dx[i] += float(inverse * double(weight[i]) * double(dy[i]) - back * double(x[i]));
}

}  // namespace lectern
