// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace lectern::kernels {

/// out = x / sqrt(mean(x²) + eps) · weight.  x, weight, out [n] f32; out may be x.
using RmsNormFn = void(const float* x, const float* weight, float eps, int n, float* out);
/// gate = silu(gate)·up, silu(x) = x/(1 + exp(-x)).  gate, up [n] f32.
using SiluMulFn = void(float* gate, const float* up, int n);
/// gate = gelu(gate)·up, gelu(x) = x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))).  gate, up [n] f32.
using GeluMulFn = void(float* gate, const float* up, int n);
/// x = cap·tanh(x/cap), between -cap and cap.  x [n] f32, cap > 0. Source: Gemma 2 (arXiv:2408.00118), section 2.
using SoftCapFn = void(float* x, int n, float cap);
/// x += y.  x, y [n] f32.
using AddFn = void(float* x, const float* y, int n);
/// In place: x = exp(x - max x)/sum, the probabilities; returns the log of the sum plus max (log-sum-exp).  x [n] f32,
/// n > 0.
using SoftmaxFn = float(float* x, int n);
/// The k largest of n values in falling order, the lower index first on a tie; k at most n.  x [n] f32 without NaN,
/// values [k] f32, indices [k].
using LargestFn = void(const float* x, int n, int k, float* values, std::int32_t* indices);

RmsNormFn rmsNormRef;
SiluMulFn siluMulRef;
GeluMulFn geluMulRef;
SoftCapFn softCapRef;
AddFn addRef;
SoftmaxFn softmaxRef;
LargestFn largestRef;

}  // namespace lectern::kernels
