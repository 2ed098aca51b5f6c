// SPDX-License-Identifier: GPL-3.0-or-later
// A lane takes eight elements of a row at a time; the 32 lanes of a warp take 256 neighbouring ones. A warp multiplies
// kRows rows at once, so that x is read once for all of them.
#include "kernels/cuda/matvec.h"

#include "kernels/cuda/weight_eight_super.cuh"

namespace lectern::kernels {
namespace {

constexpr int kRows = 2;
constexpr int kWarps = 4;
constexpr int kThreads = 256;

__device__ __forceinline__ float sumOf(const float4& x) {
    return (x.x + x.y) + (x.z + x.w);
}

/// Eight elements times those of x at their columns.
template <WeightType Type>
__device__ __forceinline__ float product(const Eight<Type>& eight, const float4& a, const float4& b) {
    float v[kEight];
    eight.codes(v);
    const float low = v[0] * a.x + v[1] * a.y + v[2] * a.z + v[3] * a.w;
    const float high = v[4] * b.x + v[5] * b.y + v[6] * b.z + v[7] * b.w;
    float sum = 0;
    if constexpr (Eight<Type>::kOneScale)
        sum = eight.scale(0) * (low + high);
    else
        sum = eight.scale(0) * low + eight.scale(1) * high;
    if constexpr (Eight<Type>::kOffset && Eight<Type>::kOneScale) sum += eight.offset(0) * (sumOf(a) + sumOf(b));
    if constexpr (Eight<Type>::kOffset && !Eight<Type>::kOneScale)
        sum += eight.offset(0) * sumOf(a) + eight.offset(1) * sumOf(b);
    return sum;
}

template <WeightType Type>
__global__ void __launch_bounds__(kWarps* kWarpLanes) matvecRows(const __grid_constant__ MatvecArgs args) {
    const DeviceWeights& w = args.w[blockIdx.y];
    const float* x = args.x;
    const int lane = int(threadIdx.x % kWarpLanes), warp = int(threadIdx.x / kWarpLanes);
    const int row = (int(blockIdx.x) * kWarps + warp) * kRows;
    if (row >= w.rows) return;  // a larger one has more blocks
    float sum[kRows] = {};
    LECTERN_UNROLL_BY(4)
    for (int k = lane; k < w.cols / kEight; k += kWarpLanes) {
        const float4 a = __ldg(reinterpret_cast<const float4*>(x + Eight<Type>::Columns::first(k)));
        const float4 b = __ldg(reinterpret_cast<const float4*>(x + Eight<Type>::Columns::second(k)));
        LECTERN_UNROLL
        for (int r = 0; r < kRows; ++r) sum[r] += product<Type>(Eight<Type>(w, min(row + r, w.rows - 1), k), a, b);
    }
    LECTERN_UNROLL
    for (int r = 0; r < kRows; ++r) {
        const float total = warpSum(sum[r]);
        float* y = args.y[blockIdx.y] + row + r;
        if (lane == 0 && row + r < w.rows) *y = args.add ? *y + total : total;
    }
}

__device__ __forceinline__ void storeFour(float* out, const float* v) {
    *reinterpret_cast<float4*>(out) = {v[0], v[1], v[2], v[3]};
}
__device__ __forceinline__ void storeFour(std::uint16_t* out, const float* v) {
    const auto pair = [&](int i) {
        return unsigned(floatToHalfClamped(v[i])) | unsigned(floatToHalfClamped(v[i + 1])) << 16;
    };
    *reinterpret_cast<uint2*>(out) = {pair(0), pair(2)};
}

/// Rows ids[i] (or begin + i where ids is null), one per block.
template <WeightType Type, class Out>
__global__ void readRows(DeviceWeights w, const std::int32_t* ids, int begin, Out* out) {
    const int row = ids != nullptr ? ids[blockIdx.x] : begin + int(blockIdx.x);
    out += std::size_t(blockIdx.x) * std::size_t(w.cols);
    for (int k = int(threadIdx.x); k < w.cols / kEight; k += kThreads) {
        const Eight<Type> eight(w, row, k);
        float v[kEight];
        eight.codes(v);
        LECTERN_UNROLL
        for (int i = 0; i < kEight; ++i) {
            v[i] = __fmul_rn(eight.scale(i / 4), v[i]);
            if constexpr (Eight<Type>::kOffset) v[i] = __fadd_rn(v[i], eight.offset(i / 4));
        }
        storeFour(out + Eight<Type>::Columns::first(k), v);
        storeFour(out + Eight<Type>::Columns::second(k), v + 4);
    }
}

/// One thread per 16-bit word of the file's blocks; word scale_at of a block is its scale.
__global__ void splitWords(const std::uint16_t* raw, std::size_t words, int block_words, int scale_at,
                           std::uint16_t* elements, std::uint16_t* scales) {
    const std::size_t i = std::size_t(blockIdx.x) * kThreads + threadIdx.x;
    if (i >= words) return;
    const std::size_t block = i / unsigned(block_words);
    const int at = int(i % unsigned(block_words));
    if (at == scale_at)
        scales[block] = raw[i];
    else
        elements[block * unsigned(block_words - 1) + unsigned(at < scale_at ? at : at - 1)] = raw[i];
}

template <class Start>
LaunchStatus withType(WeightType type, Start start) {
    switch (type) {
        case WeightType::F32:
            return start.template operator()<WeightType::F32>();
        case WeightType::F16:
            return start.template operator()<WeightType::F16>();
        case WeightType::BF16:
            return start.template operator()<WeightType::BF16>();
        case WeightType::Q8_0:
            return start.template operator()<WeightType::Q8_0>();
        case WeightType::Q4_1:
            return start.template operator()<WeightType::Q4_1>();
        case WeightType::Q5_0:
            return start.template operator()<WeightType::Q5_0>();
        case WeightType::Q5_1:
            return start.template operator()<WeightType::Q5_1>();
        case WeightType::Q2_K:
            return start.template operator()<WeightType::Q2_K>();
        case WeightType::Q3_K:
            return start.template operator()<WeightType::Q3_K>();
        case WeightType::Q4_K:
            return start.template operator()<WeightType::Q4_K>();
        case WeightType::Q5_K:
            return start.template operator()<WeightType::Q5_K>();
        case WeightType::Q6_K:
            return start.template operator()<WeightType::Q6_K>();
        case WeightType::IQ4_NL:
            return start.template operator()<WeightType::IQ4_NL>();
        case WeightType::IQ4_XS:
            return start.template operator()<WeightType::IQ4_XS>();
        default:
            return start.template operator()<WeightType::Q4_0>();
    }
}

template <class Out>
LaunchStatus startRows(const DeviceWeights& w, const std::int32_t* ids, int begin, int count, Out* out, Stream stream) {
    return withType(w.type, [&]<WeightType Type>() {
        return launch(&readRows<Type, Out>, dim3(unsigned(count)), dim3(kThreads), 0, stream, w, ids, begin, out);
    });
}

}  // namespace

LaunchStatus splitBlocks(WeightType type, const std::byte* raw, int blocks, std::byte* elements, std::uint16_t* scales,
                         Stream stream) {
    const int block_words = weightBlock(type).bytes / 2;
    const int scale_at = scaleApart(type) == ScaleApart::First ? 0 : block_words - 1;
    const std::size_t words = std::size_t(blocks) * std::size_t(block_words);
    return launch(&splitWords, dim3(unsigned((words + kThreads - 1) / kThreads)), dim3(kThreads), 0, stream,
                  reinterpret_cast<const std::uint16_t*>(raw), words, block_words, scale_at,
                  reinterpret_cast<std::uint16_t*>(elements), scales);
}

LaunchStatus matvec(const DeviceWeights& w, const float* x, float* y, Stream stream) {
    MatvecArgs args;
    args.w[0] = w, args.y[0] = y, args.count = 1, args.x = x;
    return matvecs(args, stream);
}

LaunchStatus matvecs(const MatvecArgs& args, Stream stream) {
    int rows = 0;
    for (int i = 0; i < args.count; ++i) rows = args.w[i].rows > rows ? args.w[i].rows : rows;
    const dim3 grid(unsigned((rows + kWarps * kRows - 1) / (kWarps * kRows)), unsigned(args.count));
    return withType(args.w[0].type, [&]<WeightType Type>() {
        return launch(&matvecRows<Type>, grid, dim3(kWarps * kWarpLanes), 0, stream, args);
    });
}

LaunchStatus embedRows(const DeviceWeights& w, const std::int32_t* ids, int count, float* out, Stream stream) {
    return startRows(w, ids, 0, count, out, stream);
}

LaunchStatus halfRows(const DeviceWeights& w, int begin, int count, std::uint16_t* out, Stream stream) {
    return startRows(w, nullptr, begin, count, out, stream);
}

}  // namespace lectern::kernels
