// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/elementwise.h"

#include <algorithm>
#include <cmath>

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

}  // namespace lectern::kernels
