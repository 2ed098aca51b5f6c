// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/elementwise.h"

#include <cfloat>

#include "kernels/cuda/activation.cuh"
#include "kernels/cuda/block_reduce.cuh"
#include "kernels/cuda/early_launch.cuh"

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

/// What a row [n] is multiplied with, besides the weights, by its block.
__device__ __forceinline__ float normScale(const float* row, float eps, int n) {
    float squares = 0;
    for (int i = int(threadIdx.x); i < n; i += kThreads) squares += row[i] * row[i];
    return 1.0F / sqrtf(blockSum(squares, dynamicShared<float>()) / float(n) + eps);
}

/// One block per row.
__global__ void rmsNormRows(const float* x, const float* weight, float eps, int n, DeviceOutput out) {
    const std::size_t row = std::size_t(blockIdx.x) * std::size_t(n);
    const float scale = normScale(x + row, eps, n);
    for (int i = int(threadIdx.x); i < n; i += kThreads) store(out, row + i, x[row + i] * scale * weight[i]);
}

/// One block per row.
__global__ void addNormRows(float* x, const float* y, const float* weight, float eps, int n) {
    const std::size_t row = std::size_t(blockIdx.x) * std::size_t(n);
    waitForEarlier();
    const float scale = normScale(y + row, eps, n);
    for (int i = int(threadIdx.x); i < n; i += kThreads) x[row + i] += y[row + i] * scale * weight[i];
}

__global__ void siluMulAll(const float* gate, const float* up, std::size_t n, DeviceOutput out) {
    const std::size_t i = globalThread();
    if (i < n) store(out, i, silu(gate[i]) * up[i]);
}

__global__ void geluMulAll(const float* gate, const float* up, std::size_t n, DeviceOutput out) {
    const std::size_t i = globalThread();
    if (i < n) store(out, i, gelu(gate[i]) * up[i]);
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

LaunchStatus add(float* x, const float* y, std::size_t n, Stream stream) {
    return launch(&addAll, blocksFor(n), dim3(kThreads), 0, stream, x, y, n);
}

LaunchStatus addNorm(float* x, const float* y, const float* weight, float eps, int rows, int n, Stream stream) {
    return launchEarly(&addNormRows, dim3(unsigned(rows)), dim3(kThreads), kReduceBytes, stream, x, y, weight, eps, n);
}

LaunchStatus addToRows(float* x, const float* y, int rows, int n, Stream stream) {
    const std::size_t total = std::size_t(rows) * std::size_t(n);
    return launch(&addToAllRows, blocksFor(total), dim3(kThreads), 0, stream, x, y, total, n);
}

LaunchStatus findNonFinite(const float* x, std::size_t n, std::int32_t* flag, Stream stream) {
    return launch(&findNonFiniteAll, blocksFor(n), dim3(kThreads), 0, stream, x, n, flag);
}

LaunchStatus softmax(float* x, int rows, int n, float* lse, Stream stream) {
    return launch(&softmaxRows, dim3(unsigned(rows)), dim3(kThreads), kReduceBytes, stream, x, n, lse);
}

}  // namespace lectern::kernels
