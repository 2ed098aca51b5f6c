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
///     plain types      Eight(const DeviceWeights&, int row, int k)    void codes(float (&)[8]): the elements
///     quantized ones   Eight(const Block&, int k)    void bytes(FourBytes (&)[2])    float scale(int h), offset(int h)
/// Byte i of bytes()[h] is element 4h + i and worth scale(h)·(byte - kBias) + offset(h), rounded once for each
/// operation as the references do. kOneScale: scale(1) is scale(0). kOffset: there are offsets. kSameQuads quads of
/// neighbouring eights have the same factors. A block (BlockOf, StagedBlock) is where its 32-bit words come from:
/// word(i), the two from an even i on pair(i), the first four firstFour(), scaleApart(). Where the codes are four bits
/// and nothing else, `nibbles` has element i at bit 8i, element 4 + i at bit 8i + 4.
template <WeightType Type>
struct Eight;
using FourBytes = unsigned;

struct InOrder {
    __device__ static int first(int k) { return k * kEight; }
    __device__ static int second(int k) { return k * kEight + 4; }
};
/// Of 16 bytes in halves: four of them.
struct Halves32 {
    __device__ static int first(int k) { return k / 4 * 32 + k % 4 * 4; }
    __device__ static int second(int k) { return first(k) + 16; }
};

constexpr bool nibbleType(WeightType type) {
    return type == WeightType::Q4_0 || type == WeightType::Q4_1 || type == WeightType::Q4_K;
}

/// One factor for all eight, or none.
template <class ColumnsOf>
struct OneFactor {
    using Columns = ColumnsOf;
    static constexpr bool kOneScale = true, kOffset = false;
    static constexpr int kSameQuads = 1;
};

/// Four codes of `Bits` bits from bit `at` of each byte on.
template <int Bits>
__device__ __forceinline__ FourBytes fourCodes(unsigned word, int at) {
    return word >> at & ((1U << Bits) - 1) * 0x01010101U;
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

/// The block that eight number k of a row is in, as it lies in device memory.
template <WeightType Type>
struct BlockOf {
    static constexpr int kElements = weightBlock(Type).elements;
    static constexpr unsigned kEights = kElements / kEight;
    static constexpr std::size_t kBytes = elementBytes(Type, kElements);
    static_assert(kBytes % 4 == 0, "what loads in words");

    const unsigned* words;
    const std::uint16_t* scales;
    std::size_t index;

    __device__ BlockOf(const DeviceWeights& w, int row, int k)
        : scales(w.scales), index(std::size_t(row) * unsigned(w.cols / kElements) + unsigned(k) / kEights) {
        words = reinterpret_cast<const unsigned*>(w.elements + index * kBytes);
    }
    __device__ unsigned word(int i) const { return __ldg(words + i); }
    __device__ uint2 pair(int i) const { return __ldg(reinterpret_cast<const uint2*>(words + i)); }
    __device__ uint4 firstFour() const { return __ldg(reinterpret_cast<const uint4*>(words)); }
    __device__ std::uint16_t scaleApart() const { return __ldg(scales + index); }
};

template <>
struct Eight<WeightType::Q8_0> : OneFactor<InOrder> {
    static constexpr int kBias = 128;
    uint2 both;
    std::uint16_t factor;
    template <class Block>
    __device__ Eight(const Block& block, int k) : both(block.pair(k % 4 * 2)), factor(block.scaleApart()) {}
    __device__ float scale(int) const { return halfBitsToFloat(factor); }
    __device__ void bytes(FourBytes (&v)[2]) const { v[0] = both.x ^ 0x80808080U, v[1] = both.y ^ 0x80808080U; }
};

template <>
struct Eight<WeightType::Q4_0> : OneFactor<Halves32> {
    static constexpr int kBias = 8;
    unsigned nibbles;
    std::uint16_t factor;
    template <class Block>
    __device__ Eight(const Block& block, int k) : nibbles(block.word(k % 4)), factor(block.scaleApart()) {}
    __device__ float scale(int) const { return halfBitsToFloat(factor); }
    __device__ void bytes(FourBytes (&v)[2]) const { v[0] = fourCodes<4>(nibbles, 0), v[1] = fourCodes<4>(nibbles, 4); }
};

}  // namespace lectern::kernels
