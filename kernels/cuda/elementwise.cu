// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/elementwise.h"

#include <cfloat>

#include "kernels/cuda/block_reduce.cuh"

namespace lectern::kernels {
namespace {

constexpr int kThreads = 256;

__device__ __forceinline__ void store(const DeviceOutput& out, std::size_t at, float x) {
    if (out.f32 != nullptr) out.f32[at] = x;
    if (out.f16 != nullptr) out.f16[at] = floatToHalfClamped(x);
}

__device__ __forceinline__ std::size_t globalThread() {
    return std::size_t(blockIdx.x) * kThreads + threadIdx.x;
}

/// One block per row.
__global__ void rmsNormRows(const float* x, const float* weight, float eps, int n, DeviceOutput out) {
    const std::size_t row = std::size_t(blockIdx.x) * std::size_t(n);
    float squares = 0;
    for (int i = int(threadIdx.x); i < n; i += kThreads) squares += x[row + i] * x[row + i];
    const float scale = 1.0F / sqrtf(blockSum(squares, dynamicShared<float>()) / float(n) + eps);
    for (int i = int(threadIdx.x); i < n; i += kThreads) store(out, row + i, x[row + i] * scale * weight[i]);
}

__global__ void siluMulAll(const float* gate, const float* up, std::size_t n, DeviceOutput out) {
    const std::size_t i = globalThread();
    if (i < n) store(out, i, gate[i] / (1.0F + expf(-gate[i])) * up[i]);
}

__global__ void geluMulAll(const float* gate, const float* up, std::size_t n, DeviceOutput out) {
    const std::size_t i = globalThread();
    if (i >= n) return;
    const float x = gate[i];
    constexpr float kRootTwoOverPi = 0.797884561F;
    store(out, i, 0.5F * x * (1.0F + tanhf(kRootTwoOverPi * (x + 0.044715F * x * x * x))) * up[i]);
}

__global__ void scaleAll(float* x, float factor, std::size_t n) {
    const std::size_t i = globalThread();
    if (i < n) x[i] *= factor;
}

__global__ void addAll(float* x, const float* y, std::size_t n) {
    const std::size_t i = globalThread();
    if (i < n) x[i] += y[i];
}

__global__ void addToAllRows(float* x, const float* y, std::size_t total, int n) {
    const std::size_t i = globalThread();
    if (i < total) x[i] += y[i % unsigned(n)];
}

__global__ void findNonFiniteAll(const float* x, std::size_t n, std::int32_t* flag) {
    const std::size_t i = globalThread();
    if (i < n && !(fabsf(x[i]) <= FLT_MAX)) *flag = 1;  // whoever comes, it is the same 1
}

/// One block per row; a thread takes pairs, then channels that do not turn.
__global__ void rotateRows(RotateArgs a) {
    float* row = a.x + std::size_t(blockIdx.x) * std::size_t(a.stride);
    const std::size_t turn = std::size_t(blockIdx.x) * std::size_t(a.pairs);
    for (int i = int(threadIdx.x); i < a.heads * a.pairs; i += kThreads) {
        const int pair = i % a.pairs, first = a.interleaved ? 2 * pair : pair;
        float* x = row + i / a.pairs * a.head_dim + first;
        float* y = x + (a.interleaved ? 1 : a.pairs);
        const float cos = __ldg(a.cos + turn + pair), sin = __ldg(a.sin + turn + pair), before = *x;
        *x = (before * cos - *y * sin) * a.turned_scale;
        *y = (before * sin + *y * cos) * a.turned_scale;
    }
    const int others = a.other_scale == 1.0F ? 0 : a.head_dim - 2 * a.pairs;
    for (int i = int(threadIdx.x); i < a.heads * others; i += kThreads)
        row[i / others * a.head_dim + 2 * a.pairs + i % others] *= a.other_scale;
}

/// One block per row.
__global__ void softmaxRows(float* x, int n, float* lse) {
    float* shared = dynamicShared<float>();
    x += std::size_t(blockIdx.x) * std::size_t(n);
    float top = -INFINITY, sum = 0;
    for (int i = int(threadIdx.x); i < n; i += kThreads) top = fmaxf(top, x[i]);
    top = blockMax(top, shared);
    for (int i = int(threadIdx.x); i < n; i += kThreads) {
        x[i] = expf(x[i] - top);
        sum += x[i];
    }
    sum = blockSum(sum, shared);
    for (int i = int(threadIdx.x); i < n; i += kThreads) x[i] /= sum;
    if (threadIdx.x == 0) lse[blockIdx.x] = top + logf(sum);
}

dim3 blocksFor(std::size_t n) {
    return dim3(unsigned((n + kThreads - 1) / kThreads));
}

constexpr std::size_t kReduceBytes = kWarpLanes * sizeof(float);

}  // namespace

LaunchStatus rmsNorm(const float* x, const float* weight, float eps, int rows, int n, DeviceOutput out, Stream stream) {
    return launch(&rmsNormRows, dim3(unsigned(rows)), dim3(kThreads), kReduceBytes, stream, x, weight, eps, n, out);
}

LaunchStatus siluMul(const float* gate, const float* up, std::size_t n, DeviceOutput out, Stream stream) {
    return launch(&siluMulAll, blocksFor(n), dim3(kThreads), 0, stream, gate, up, n, out);
}

LaunchStatus geluMul(const float* gate, const float* up, std::size_t n, DeviceOutput out, Stream stream) {
    return launch(&geluMulAll, blocksFor(n), dim3(kThreads), 0, stream, gate, up, n, out);
}

LaunchStatus scale(float* x, float factor, std::size_t n, Stream stream) {
    return launch(&scaleAll, blocksFor(n), dim3(kThreads), 0, stream, x, factor, n);
}

LaunchStatus add(float* x, const float* y, std::size_t n, Stream stream) {
    return launch(&addAll, blocksFor(n), dim3(kThreads), 0, stream, x, y, n);
}

LaunchStatus addToRows(float* x, const float* y, int rows, int n, Stream stream) {
    const std::size_t total = std::size_t(rows) * std::size_t(n);
    return launch(&addToAllRows, blocksFor(total), dim3(kThreads), 0, stream, x, y, total, n);
}

LaunchStatus findNonFinite(const float* x, std::size_t n, std::int32_t* flag, Stream stream) {
    return launch(&findNonFiniteAll, blocksFor(n), dim3(kThreads), 0, stream, x, n, flag);
}

LaunchStatus rotate(const RotateArgs& args, Stream stream) {
    return launch(&rotateRows, dim3(unsigned(args.rows)), dim3(kThreads), 0, stream, args);
}

LaunchStatus softmax(float* x, int rows, int n, float* lse, Stream stream) {
    return launch(&softmaxRows, dim3(unsigned(rows)), dim3(kThreads), kReduceBytes, stream, x, n, lse);
}

}  // namespace lectern::kernels
