// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/elementwise.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace lectern::kernels {

void rmsNormRef(const float* x, const float* weight, float eps, int n, float* out) {
    double squares = 0;
    for (int i = 0; i < n; ++i) squares += double(x[i]) * x[i];
    const double scale = 1.0 / std::sqrt(squares / n + eps);
    for (int i = 0; i < n; ++i) out[i] = float(x[i] * scale * weight[i]);
}

void siluMulRef(float* gate, const float* up, int n) {
    for (int i = 0; i < n; ++i) gate[i] = float(gate[i] / (1.0 + std::exp(-double(gate[i]))) * up[i]);
}

void geluMulRef(float* gate, const float* up, int n) {
    for (int i = 0; i < n; ++i) {
        const double x = gate[i], inner = 0.7978845608028654 * (x + 0.044715 * x * x * x);
        gate[i] = float(0.5 * x * (1 + std::tanh(inner)) * up[i]);
    }
}

void softCapRef(float* x, int n, float cap) {
    for (int i = 0; i < n; ++i) x[i] = float(cap * std::tanh(double(x[i]) / cap));
}

void addRef(float* x, const float* y, int n) {
    for (int i = 0; i < n; ++i) x[i] += y[i];
}

float softmaxRef(float* x, int n) {
    const double top = *std::max_element(x, x + n);
    double total = 0;
    for (int i = 0; i < n; ++i) total += std::exp(x[i] - top);
    for (int i = 0; i < n; ++i) x[i] = float(std::exp(x[i] - top) / total);
    return float(top + std::log(total));
}

void largestRef(const float* x, int n, int k, float* values, std::int32_t* indices) {
    std::vector<std::int32_t> order(std::size_t(n), 0);
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) { return x[a] > x[b]; });
    for (int i = 0; i < k; ++i) {
        indices[i] = order[std::size_t(i)];
        values[i] = x[indices[i]];
    }
}

}  // namespace lectern::kernels
