// SPDX-License-Identifier: GPL-3.0-or-later
// Eight elements of a row of weights as they lie in device memory, one struct for each type of weight_type.h; those of
// the quantized types with more than one factor a block are in weight_eight_blocks.cuh. What lies apart and what does
// not: scaleApart() in matvec.h.
#pragma once

#include "kernels/cuda/execution.cuh"
#include "kernels/cuda/matvec.h"

namespace lectern::kernels {

inline constexpr int kEight = 8;

/// Eight number k of a row: elements 0-3 belong at column Columns::first(k), 4-7 at second(k), each multiple of four.
/// An element of half h (0 or 1) is worth scale(h)·code + offset(h), rounded once for each operation as the references
/// do. kOneScale: scale(1) is scale(0). kOffset: there are offsets.
///     Eight(const DeviceWeights&, int row, int k)    void codes(float (&)[8])    float scale(int h), offset(int h)
template <WeightType Type>
struct Eight;

struct InOrder {
    __device__ static int first(int k) { return k * kEight; }
    __device__ static int second(int k) { return k * kEight + 4; }
};
/// Of 16 bytes in halves: four of them.
struct Halves32 {
    __device__ static int first(int k) { return k / 4 * 32 + k % 4 * 4; }
    __device__ static int second(int k) { return first(k) + 16; }
};

/// One factor for all eight, or none.
template <class ColumnsOf>
struct OneFactor {
    using Columns = ColumnsOf;
    static constexpr bool kOneScale = true, kOffset = false;
};

/// 2^23 + n as a float has n in its low bits.
__device__ __forceinline__ float smallInteger(unsigned n, float bias) {
    return __uint_as_float(0x4b000000U | n) - (8388608.0F + bias);
}

template <>
struct Eight<WeightType::F32> : OneFactor<InOrder> {
    float4 a, b;
    __device__ Eight(const DeviceWeights& w, int row, int k) {
        const auto* at = reinterpret_cast<const float4*>(w.elements) + (std::size_t(row) * (w.cols / kEight) + k) * 2;
        a = __ldg(at), b = __ldg(at + 1);
    }
    __device__ float scale(int) const { return 1; }
    __device__ void codes(float (&v)[kEight]) const {
        v[0] = a.x, v[1] = a.y, v[2] = a.z, v[3] = a.w, v[4] = b.x, v[5] = b.y, v[6] = b.z, v[7] = b.w;
    }
};

/// fp16 and bfloat16: eight 16-bit words.
template <class Convert>
struct EightHalves : OneFactor<InOrder> {
    uint4 bits;
    __device__ EightHalves(const DeviceWeights& w, int row, int k)
        : bits(__ldg(reinterpret_cast<const uint4*>(w.elements) + std::size_t(row) * (w.cols / kEight) + k)) {}
    __device__ float scale(int) const { return 1; }
    __device__ void codes(float (&v)[kEight]) const {
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
    __device__ Eight(const DeviceWeights& w, int row, int k) : EightHalves(w, row, k) {}
};
template <>
struct Eight<WeightType::BF16> : EightHalves<FromBfloat> {
    __device__ Eight(const DeviceWeights& w, int row, int k) : EightHalves(w, row, k) {}
};

template <>
struct Eight<WeightType::Q8_0> : OneFactor<InOrder> {
    uint2 bytes;
    std::uint16_t factor;
    __device__ Eight(const DeviceWeights& w, int row, int k) {
        const std::size_t at = std::size_t(row) * (w.cols / kEight) + k;
        bytes = __ldg(reinterpret_cast<const uint2*>(w.elements) + at), factor = __ldg(w.scales + at / 4);
    }
    __device__ float scale(int) const { return halfBitsToFloat(factor); }
    __device__ void codes(float (&v)[kEight]) const {
        const unsigned words[2] = {bytes.x ^ 0x80808080U, bytes.y ^ 0x80808080U};  // 0 … 255 for -128 … 127
        LECTERN_UNROLL
        for (int i = 0; i < kEight; ++i) v[i] = smallInteger(words[i / 4] >> (i % 4 * 8) & 255U, 128);
    }
};

template <>
struct Eight<WeightType::Q4_0> : OneFactor<Halves32> {
    unsigned bytes;
    std::uint16_t factor;
    __device__ Eight(const DeviceWeights& w, int row, int k) {
        const std::size_t at = std::size_t(row) * (w.cols / kEight) + k;
        bytes = __ldg(reinterpret_cast<const unsigned*>(w.elements) + at), factor = __ldg(w.scales + at / 4);
    }
    __device__ float scale(int) const { return halfBitsToFloat(factor); }
    __device__ void codes(float (&v)[kEight]) const {
        LECTERN_UNROLL
        for (int i = 0; i < kEight; ++i) v[i] = smallInteger(bytes >> (i % 4 * 8 + i / 4 * 4) & 15U, 8);
    }
};

}  // namespace lectern::kernels
