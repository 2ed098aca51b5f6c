// SPDX-License-Identifier: GPL-3.0-or-later
// Element types of weight matrices: their names, blocks and sizes. What the bytes of a block mean is said here once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace lectern::kernels {

/// Plain types hold one number after another. The others hold blocks of 32 elements or super-blocks of 256, in which d,
/// m are fp16, codes are unsigned, the lowest bits come first, and "halves" means: byte i has element i in its low
/// nibble and element i + (half of what the bytes hold) in its high one.
///
///     Q8_0     d · int8[32]                                                   w = d·code
///     Q4_0     d · 16 bytes in halves                                         w = d·(code − 8)
///     Q4_1     d · m · 16 bytes in halves                                     w = d·code + m
///     Q5_0     d · u32 fifth bits, one an element · 16 bytes in halves        w = d·(code − 16)
///     Q5_1     d · m · u32 fifth bits · 16 bytes in halves                    w = d·code + m
///     IQ4_NL   d · 16 bytes in halves                                         w = d·kIq4Values[code]
///     Q2_K     16 bytes · 64 bytes · d · m       w = d·scale·code − m·minimum; byte j of the first: scale (low nibble)
///              and minimum of elements 16j … 16j + 15; of 32 bytes for 128 elements, bits 2k of byte i: element 32k +
///              i
///     Q3_K     32 bytes · 64 bytes · 12 bytes · d    w = d·(scale − 32)·(code − 4); two bits as in Q2_K, the third of
///              element 32k + i in bit k of byte i of the first; 16 scales of six bits: four in the nibbles of the
///              first 8 of 12 bytes (low ones first), two in bits 2(j / 4) of byte 8 + j % 4
///     Q4_K     d · m · 12 bytes · 128 bytes      w = d·scale·code − m·minimum; 32 bytes in halves for 64 elements; 8
///              scales and 8 minima of six bits for 32 elements each (bytes 0-3: scales 0-3, 4-7: minima 0-3, in their
///              low six bits; bytes 8-11: four bits of scales (low) and minima 4-7, whose top two are those of the same
///              byte of scales and of minima before)
///     Q5_K     d · m · 12 bytes · 32 bytes · 128 bytes    as Q4_K; fifth bit of element 32k + i: bit k of byte i of 32
///     Q6_K     128 bytes · 64 bytes · int8 scale[16] · d    w = d·scale·(code − 32); for 128 elements: 64 bytes in
///              halves, and bits 2k of byte i of 32: the top bits of element 32k + i
///     IQ4_XS   d · u16 high · 4 bytes low · 128 bytes    w = d·(scale − 32)·kIq4Values[code]; as eight IQ4_NL blocks,
///              whose scale j has four bits in nibble j of `low` and two in bits 2j of `high`
///
/// Source: the block structures and dequantization functions of ggml's quantized types.
enum class WeightType : std::uint8_t {
    F32,
    F16,
    BF16,
    Q8_0,
    Q4_0,
    Q4_1,
    Q5_0,
    Q5_1,
    Q2_K,
    Q3_K,
    Q4_K,
    Q5_K,
    Q6_K,
    IQ4_NL,
    IQ4_XS
};

/// Every type, in the order of the enum.
inline constexpr std::array kWeightTypes = {WeightType::F32,  WeightType::F16,    WeightType::BF16,  WeightType::Q8_0,
                                            WeightType::Q4_0, WeightType::Q4_1,   WeightType::Q5_0,  WeightType::Q5_1,
                                            WeightType::Q2_K, WeightType::Q3_K,   WeightType::Q4_K,  WeightType::Q5_K,
                                            WeightType::Q6_K, WeightType::IQ4_NL, WeightType::IQ4_XS};

/// What the codes of IQ4_NL and IQ4_XS stand for.
inline constexpr std::int8_t kIq4Values[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                               1,    13,   25,  38,  53,  69,  89,  113};

/// How a type is spelled, and of how many elements and bytes a block consists (1 and its size for plain ones).
struct WeightBlock {
    const char* name;
    int elements, bytes;
};

constexpr WeightBlock weightBlock(WeightType type) {
    constexpr WeightBlock kBlocks[] = {{"F32", 1, 4},      {"F16", 1, 2},      {"BF16", 1, 2},      {"Q8_0", 32, 34},
                                       {"Q4_0", 32, 18},   {"Q4_1", 32, 20},   {"Q5_0", 32, 22},    {"Q5_1", 32, 24},
                                       {"Q2_K", 256, 84},  {"Q3_K", 256, 110}, {"Q4_K", 256, 144},  {"Q5_K", 256, 176},
                                       {"Q6_K", 256, 210}, {"IQ4_NL", 32, 18}, {"IQ4_XS", 256, 136}};
    static_assert(std::size(kBlocks) == kWeightTypes.size());
    return kBlocks[std::size_t(type)];
}

/// Whether scales are shared by several elements.
constexpr bool blocked(WeightType type) {
    return weightBlock(type).elements > 1;
}

/// Bytes of one row; cols is a multiple of the block's elements.
constexpr std::size_t rowBytes(WeightType type, int cols) {
    return std::size_t(cols) / std::size_t(weightBlock(type).elements) * std::size_t(weightBlock(type).bytes);
}

}  // namespace lectern::kernels
