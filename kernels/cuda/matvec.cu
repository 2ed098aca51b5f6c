// SPDX-License-Identifier: GPL-3.0-or-later
// Rows of every type, and products of the plain ones; those of the others are in matvec_tiles.cu. A lane takes eight
// elements of a row at a time; the 32 lanes of a warp take 256 neighbouring ones. A warp multiplies kRows rows at once,
// so that x is read once for all of them.
#include "kernels/cuda/matvec.h"

#include <array>
#include <utility>

#include "kernels/cuda/matvec_ends.cuh"
#include "kernels/cuda/matvec_tiles.h"
#include "kernels/cuda/weight_dispatch.cuh"
#include "kernels/cuda/weight_elements.cuh"

namespace lectern::kernels {
namespace {

constexpr int kRows = 2;
constexpr int kWarps = 4;
constexpr int kThreads = 256;

/// Eight elements times those of x at their columns.
template <WeightType Type>
__device__ __forceinline__ float product(const Eight<Type>& eight, const float4& a, const float4& b) {
    float v[kEight];
    eight.codes(v);
    const float low = v[0] * a.x + v[1] * a.y + v[2] * a.z + v[3] * a.w;
    const float high = v[4] * b.x + v[5] * b.y + v[6] * b.z + v[7] * b.w;
    return low + high;
}

/// The vector that rows are multiplied with.
struct Vector {
    const float* x;     ///< [cols]
    const float* norm;  ///< see MatvecArgs
    float scale;        ///< of the norm

    __device__ float4 four(int i) const {
        const float4 v = __ldg(reinterpret_cast<const float4*>(x) + i);
        return norm == nullptr ? v : normed(v, scale, __ldg(reinterpret_cast<const float4*>(norm) + i));
    }
};

/// sum[r] += columns of row + r times x: `Steps` eights, those of a warp apart. They are all on their way at once.
template <WeightType Type, int Steps>
__device__ __forceinline__ void multiplySteps(const DeviceWeights& w, int row, int k, const Vector& x,
                                              float (&sum)[kRows]) {
    const auto eight = [&](int i) {
        return Eight<Type>(w, min(row + i % kRows, w.rows - 1), k + i / kRows * kWarpLanes);
    };
    const auto all = [&]<int... I>(std::integer_sequence<int, I...>)->std::array<Eight<Type>, sizeof...(I)> {
        return {eight(I)...};
    }
    (std::make_integer_sequence<int, Steps * kRows>());
    LECTERN_UNROLL
    for (int i = 0; i < Steps; ++i) {
        const int at = 2 * (k + i * kWarpLanes);
        const float4 a = x.four(at), b = x.four(at + 1);
        LECTERN_UNROLL
        for (int r = 0; r < kRows; ++r) sum[r] += product<Type>(all[std::size_t(i * kRows + r)], a, b);
    }
}

/// Rows row … row + kRows - 1 times x, by one warp.
template <WeightType Type>
__device__ __forceinline__ void multiplyRows(const DeviceWeights& w, int row, const Vector& x, float (&sum)[kRows]) {
    constexpr int kSteps = Type == WeightType::F32 ? 2 : 4;
    int k = int(threadIdx.x % kWarpLanes);
    for (; k + (kSteps - 1) * kWarpLanes < w.cols / kEight; k += kSteps * kWarpLanes)
        multiplySteps<Type, kSteps>(w, row, k, x, sum);
    for (; k < w.cols / kEight; k += kWarpLanes) multiplySteps<Type, 1>(w, row, k, x, sum);
    LECTERN_UNROLL
    for (int r = 0; r < kRows; ++r) sum[r] = warpSum(sum[r]);
}

/// One vector for each blockIdx.z; one matrix for each blockIdx.y, or the two of a gate.
template <WeightType Type>
__global__ void __launch_bounds__(kWarps* kWarpLanes) matvecRows(const __grid_constant__ MatvecArgs args) {
    const int token = int(blockIdx.z), cols = args.w[0].cols;
    Vector x{args.x + std::size_t(token) * std::size_t(cols), args.norm, 1};
    if (x.norm != nullptr) x.scale = normScale<kWarps * kWarpLanes>(x.x, cols, args.eps, dynamicShared<float>());
    const int lane = int(threadIdx.x % kWarpLanes), warp = int(threadIdx.x / kWarpLanes);
    const int row = (int(blockIdx.x) * kWarps + warp) * kRows, matrix = int(blockIdx.y);
    if (row >= args.w[matrix].rows) return;  // a larger one has more blocks
    float first[kRows] = {};
    for (int m = matrix; m < (args.gate == Gate::None ? matrix + 1 : 2); ++m) {
        float sum[kRows] = {};
        multiplyRows<Type>(args.w[m], row, x, sum);
        LECTERN_UNROLL
        for (int r = 0; r < kRows; ++r)
            if (lane == 0 && row + r < args.w[m].rows) endProduct(args, m, token, row + r, sum[r], first[r]);
    }
}

/// The experts chosen for one vector, one for each blockIdx.z, or of each a vector of its own and all of them summed.
template <WeightType Type>
__global__ void __launch_bounds__(kWarps* kWarpLanes) expertRows(const __grid_constant__ MatvecArgs args) {
    const int cols = args.w[0].cols;
    Vector x{args.x, args.norm, 1};
    if (x.norm != nullptr) x.scale = normScale<kWarps * kWarpLanes>(x.x, cols, args.eps, dynamicShared<float>());
    const int lane = int(threadIdx.x % kWarpLanes), warp = int(threadIdx.x / kWarpLanes);
    const int row = (int(blockIdx.x) * kWarps + warp) * kRows, rows = args.w[0].rows;
    if (row >= rows) return;
    const int begin = args.sum ? 0 : int(blockIdx.z), end = args.sum ? args.experts : begin + 1;
    float first[kRows] = {}, total[kRows] = {};
    for (int rank = begin; rank < end; ++rank) {
        const ExpertChoice choice = args.chosen[rank];
        if (args.sum) x.x = args.x + std::size_t(rank) * std::size_t(cols);
        for (int m = 0; m < (args.gate == Gate::None ? 1 : 2); ++m) {
            float sum[kRows] = {};
            multiplyRows<Type>(expertOf(args.w[m], choice.expert), row, x, sum);
            LECTERN_UNROLL
            for (int r = 0; r < kRows; ++r) {
                total[r] += choice.weight * sum[r];
                if (!args.sum && lane == 0 && row + r < rows) endProduct(args, m, rank, row + r, sum[r], first[r]);
            }
        }
    }
    LECTERN_UNROLL
    for (int r = 0; r < kRows; ++r)
        if (args.sum && lane == 0 && row + r < rows) endProduct(args, 0, 0, row + r, total[r], first[r]);
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
__global__ void readRows(DeviceWeights w, const std::int32_t* ids, int begin, float factor, Out* out) {
    const int row = ids != nullptr ? ids[blockIdx.x] : begin + int(blockIdx.x);
    out += std::size_t(blockIdx.x) * std::size_t(w.cols);
    for (int k = int(threadIdx.x); k < w.cols / kEight; k += kThreads) {
        float v[kEight];
        elements<Type>(w, row, k, v);
        LECTERN_UNROLL
        for (float& one : v) one = __fmul_rn(one, factor);
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

template <class Out>
LaunchStatus startRows(const DeviceWeights& w, const std::int32_t* ids, int begin, int count, float factor, Out* out,
                       Stream stream) {
    const auto start = [&]<WeightType Type>() {
        return launch(&readRows<Type, Out>, dim3(unsigned(count)), dim3(kThreads), 0, stream, w, ids, begin, factor,
                      out);
    };
    return blocked(w.type) ? withQuantized(w.type, start) : withPlain(w.type, start);
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
    if (blocked(args.w[0].type)) return matvecTiles(args, stream);
    int rows = 0;
    for (int i = 0; i < args.count; ++i) rows = args.w[i].rows > rows ? args.w[i].rows : rows;
    const auto blocks = unsigned((rows + kWarps * kRows - 1) / (kWarps * kRows));
    dim3 grid(blocks, unsigned(args.gate == Gate::None ? args.count : 1), unsigned(args.tokens));
    if (args.experts > 0) grid = dim3(blocks, 1, unsigned(args.sum ? 1 : args.experts));
    return withPlain(args.w[0].type, [&]<WeightType Type>() {
        return launch(args.experts > 0 ? &expertRows<Type> : &matvecRows<Type>, grid, dim3(kWarps * kWarpLanes),
                      kWarps * sizeof(float), stream, args);
    });
}

LaunchStatus embedRows(const DeviceWeights& w, const std::int32_t* ids, int count, float factor, float* out,
                       Stream stream) {
    return startRows(w, ids, 0, count, factor, out, stream);
}

LaunchStatus halfRows(const DeviceWeights& w, int begin, int count, std::uint16_t* out, Stream stream) {
    return startRows(w, nullptr, begin, count, 1.0F, out, stream);
}

}  // namespace lectern::kernels
