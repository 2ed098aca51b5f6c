// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/elementwise.h"

#include "kernels/simd_math.h"

namespace lectern::kernels::LECTERN_ISA {
namespace {

/// Calls body(at, lanes) over n elements: whole vectors, then what is left. kPart tells which at compile time.
template <class Body>
LECTERN_INLINE void sweep(int n, Body body) {
    int i = 0;
    for (; i + kW <= n; i += kW) body(i, kW);
    if (i < n) body(i, n - i);
}
LECTERN_INLINE F take(const float* p, int n) {
    return n == kW ? load(p) : loadPart(p, n);
}
LECTERN_INLINE void put(float* p, F v, int n) {
    if (n == kW)
        store(p, v);
    else
        storePart(p, v, n);
}

LECTERN_INLINE F sigmoid(F x) {
    const I negative = x < 0.0F;
    const F small = exp(negative ? x : -x);  // at most 1: neither side overflows
    return (negative ? small : set(1.0F)) / (small + 1.0F);
}

}  // namespace

void rmsNorm(const float* x, const float* weight, float eps, int n, float* out) {
    F squares[4] = {};  // short sums: faster, and they round less
    int at = 0;
    for (; at + 4 * kW <= n; at += 4 * kW) {
        LECTERN_UNROLL
        for (int k = 0; k < 4; ++k) squares[k] += load(x + at + k * kW) * load(x + at + k * kW);
    }
    sweep(n - at, [&](int i, int lanes) LECTERN_LAMBDA {
        const F v = take(x + at + i, lanes);
        squares[i / kW % 4] += v * v;
    });
    const float total = sum((squares[0] + squares[1]) + (squares[2] + squares[3]));
    const float scale = 1.0F / __builtin_sqrtf(total / float(n) + eps);
    sweep(n, [&](int i, int lanes)
                 LECTERN_LAMBDA { put(out + i, take(x + i, lanes) * scale * take(weight + i, lanes), lanes); });
}

void siluMul(float* gate, const float* up, int n) {
    sweep(n, [&](int i, int lanes) LECTERN_LAMBDA {
        const F x = take(gate + i, lanes);
        put(gate + i, x * sigmoid(x) * take(up + i, lanes), lanes);
    });
}

void geluMul(float* gate, const float* up, int n) {
    sweep(n, [&](int i, int lanes) LECTERN_LAMBDA {
        const F x = take(gate + i, lanes);
        // (1 + tanh(z))/2 is sigmoid(2z). Beyond ±10 it is 0 or 1 in f32, and the cube must not overflow.
        const F near = x < -10.0F ? set(-10.0F) : x > 10.0F ? set(10.0F) : x;
        const F twice = 1.5957691216F * (near + 0.044715F * near * near * near);
        put(gate + i, x * sigmoid(twice) * take(up + i, lanes), lanes);
    });
}

void softCap(float* x, int n, float cap) {
    sweep(n, [&](int i, int lanes) LECTERN_LAMBDA { put(x + i, softCap(take(x + i, lanes), cap), lanes); });
}

void add(float* x, const float* y, int n) {
    sweep(n, [&](int i, int lanes) LECTERN_LAMBDA { put(x + i, take(x + i, lanes) + take(y + i, lanes), lanes); });
}

float softmax(float* x, int n) {
    F tops = set(-kInf);
    int i = 0;
    for (; i + kW <= n; i += kW) tops = max(tops, load(x + i));
    float top = fold(tops, Larger{});
    for (; i < n; ++i) top = x[i] > top ? x[i] : top;
    F sums{};
    const I lane = lanes();
    sweep(n, [&](int at, int count) LECTERN_LAMBDA {
        const F weight = exp(take(x + at, count) - top);
        sums += count == kW ? weight : (lane < count ? weight : F{});
        put(x + at, weight, count);
    });
    const float total = sum(sums);
    sweep(n, [&](int at, int count) LECTERN_LAMBDA { put(x + at, take(x + at, count) * (1.0F / total), count); });
    return top + __builtin_logf(total);
}

}  // namespace lectern::kernels::LECTERN_ISA
