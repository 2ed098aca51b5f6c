// SPDX-License-Identifier: GPL-3.0-or-later
// A lane takes eight elements of a row at a time; the 32 lanes of a warp take 256 neighbouring ones. A warp multiplies
// kRows rows at once, so that x is read once for all of them.
#include "kernels/cuda/matvec.h"

#include "kernels/cuda/execution.cuh"

namespace lectern::kernels {
namespace {

constexpr int kEight = 8;
constexpr int kRows = 2;
constexpr int kWarps = 4;
constexpr int kThreads = 256;

/// 2^23 + n as a float has n in its low bits.
__device__ __forceinline__ float smallInteger(unsigned n, float bias) {
    return __uint_as_float(0x4b000000U | n) - (8388608.0F + bias);
}

/// Eight elements of a row as they lie in memory, and what they are worth. Elements 0-3 belong at column first(), 4-7
/// at column second().
template <WeightType Type>
struct Eight;

template <>
struct Eight<WeightType::F32> {
    float4 a, b;
    __device__ static Eight load(const DeviceWeights& w, int row, int k) {
        const auto* at = reinterpret_cast<const float4*>(w.elements) + (std::size_t(row) * (w.cols / kEight) + k) * 2;
        return {__ldg(at), __ldg(at + 1)};
    }
    __device__ static int first(int k) { return k * kEight; }
    __device__ static int second(int k) { return k * kEight + 4; }
    __device__ float scale() const { return 1; }
    __device__ void values(float (&v)[kEight]) const {
        v[0] = a.x, v[1] = a.y, v[2] = a.z, v[3] = a.w, v[4] = b.x, v[5] = b.y, v[6] = b.z, v[7] = b.w;
    }
};

/// fp16 and bfloat16: eight 16-bit words.
template <class Convert>
struct EightHalves {
    uint4 bits;
    __device__ static EightHalves load(const DeviceWeights& w, int row, int k) {
        return {__ldg(reinterpret_cast<const uint4*>(w.elements) + std::size_t(row) * (w.cols / kEight) + k)};
    }
    __device__ static int first(int k) { return k * kEight; }
    __device__ static int second(int k) { return k * kEight + 4; }
    __device__ float scale() const { return 1; }
    __device__ void values(float (&v)[kEight]) const {
        const unsigned words[4] = {bits.x, bits.y, bits.z, bits.w};
        LECTERN_UNROLL
        for (int i = 0; i < 4; ++i) {
            v[2 * i] = Convert::of(std::uint16_t(words[i]));
            v[2 * i + 1] = Convert::of(std::uint16_t(words[i] >> 16));
        }
    }
};
struct FromHalf {
    __device__ static float of(std::uint16_t bits) { return halfBitsToFloat(bits); }
};
struct FromBfloat {
    __device__ static float of(std::uint16_t bits) { return bf16ToFloat(bits); }
};
template <>
struct Eight<WeightType::F16> : EightHalves<FromHalf> {
    __device__ static Eight load(const DeviceWeights& w, int row, int k) { return {EightHalves::load(w, row, k)}; }
};
template <>
struct Eight<WeightType::BF16> : EightHalves<FromBfloat> {
    __device__ static Eight load(const DeviceWeights& w, int row, int k) { return {EightHalves::load(w, row, k)}; }
};

template <>
struct Eight<WeightType::Q8_0> {
    uint2 bytes;
    std::uint16_t factor;
    __device__ static Eight load(const DeviceWeights& w, int row, int k) {
        const std::size_t at = std::size_t(row) * (w.cols / kEight) + k;
        return {__ldg(reinterpret_cast<const uint2*>(w.elements) + at), __ldg(w.scales + at / 4)};
    }
    __device__ static int first(int k) { return k * kEight; }
    __device__ static int second(int k) { return k * kEight + 4; }
    __device__ float scale() const { return halfBitsToFloat(factor); }
    __device__ void values(float (&v)[kEight]) const {
        const unsigned words[2] = {bytes.x ^ 0x80808080U, bytes.y ^ 0x80808080U};  // 0 … 255 for -128 … 127
        LECTERN_UNROLL
        for (int i = 0; i < kEight; ++i) v[i] = smallInteger(words[i / 4] >> (i % 4 * 8) & 255U, 128);
    }
};

/// Four bytes of a block hold elements i … i+3 in their low nibbles and i+16 … i+19 in their high ones.
template <>
struct Eight<WeightType::Q4_0> {
    unsigned bytes;
    std::uint16_t factor;
    __device__ static Eight load(const DeviceWeights& w, int row, int k) {
        const std::size_t at = std::size_t(row) * (w.cols / kEight) + k;
        return {__ldg(reinterpret_cast<const unsigned*>(w.elements) + at), __ldg(w.scales + at / 4)};
    }
    __device__ static int first(int k) { return k / 4 * 32 + k % 4 * 4; }
    __device__ static int second(int k) { return first(k) + 16; }
    __device__ float scale() const { return halfBitsToFloat(factor); }
    __device__ void values(float (&v)[kEight]) const {
        LECTERN_UNROLL
        for (int i = 0; i < kEight; ++i) v[i] = smallInteger(bytes >> (i % 4 * 8 + i / 4 * 4) & 15U, 8);
    }
};

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
        const float4 a = __ldg(reinterpret_cast<const float4*>(x + Eight<Type>::first(k)));
        const float4 b = __ldg(reinterpret_cast<const float4*>(x + Eight<Type>::second(k)));
        LECTERN_UNROLL
        for (int r = 0; r < kRows; ++r) {
            const Eight<Type> eight = Eight<Type>::load(w, min(row + r, w.rows - 1), k);
            float v[kEight];
            eight.values(v);
            const float low = v[0] * a.x + v[1] * a.y + v[2] * a.z + v[3] * a.w;
            const float high = v[4] * b.x + v[5] * b.y + v[6] * b.z + v[7] * b.w;
            sum[r] += eight.scale() * (low + high);
        }
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
        const Eight<Type> eight = Eight<Type>::load(w, row, k);
        float v[kEight];
        eight.values(v);
        LECTERN_UNROLL
        for (int i = 0; i < kEight; ++i) v[i] *= eight.scale();
        storeFour(out + Eight<Type>::first(k), v);
        storeFour(out + Eight<Type>::second(k), v + 4);
    }
}

/// One thread per 16-bit word of the file's blocks: the first of a block is its scale.
__global__ void splitWords(const std::uint16_t* raw, std::size_t words, int block_words, std::uint16_t* elements,
                           std::uint16_t* scales) {
    const std::size_t i = std::size_t(blockIdx.x) * kThreads + threadIdx.x;
    if (i >= words) return;
    const std::size_t block = i / unsigned(block_words), at = i % unsigned(block_words);
    if (at == 0)
        scales[block] = raw[i];
    else
        elements[block * unsigned(block_words - 1) + at - 1] = raw[i];
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
    const int block_words = int(rowBytes(type, 32) / 2);
    const std::size_t words = std::size_t(blocks) * std::size_t(block_words);
    return launch(&splitWords, dim3(unsigned((words + kThreads - 1) / kThreads)), dim3(kThreads), 0, stream,
                  reinterpret_cast<const std::uint16_t*>(raw), words, block_words,
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
