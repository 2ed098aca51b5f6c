// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/model/gguf_types.h"

#include <array>

namespace lectern {
namespace {

using kernels::WeightType;

constexpr GgmlType computed(std::uint32_t number, WeightType type) {
    const kernels::WeightBlock block = kernels::weightBlock(type);
    return {number, block.name, std::uint32_t(block.elements), std::uint32_t(block.bytes), type};
}

// Those that kernels compute with; the others: number, name, elements and bytes of a block, from ggml's block
// structures. Numbers that ggml has retired are absent.
constexpr std::array kGgmlTypes = {
    computed(0, WeightType::F32),        computed(1, WeightType::F16),         computed(2, WeightType::Q4_0),
    computed(3, WeightType::Q4_1),       computed(6, WeightType::Q5_0),        computed(7, WeightType::Q5_1),
    computed(8, WeightType::Q8_0),       GgmlType{9, "Q8_1", 32, 36, {}},      computed(10, WeightType::Q2_K),
    computed(11, WeightType::Q3_K),      computed(12, WeightType::Q4_K),       computed(13, WeightType::Q5_K),
    computed(14, WeightType::Q6_K),      GgmlType{15, "Q8_K", 256, 292, {}},   GgmlType{16, "IQ2_XXS", 256, 66, {}},
    GgmlType{17, "IQ2_XS", 256, 74, {}}, GgmlType{18, "IQ3_XXS", 256, 98, {}}, GgmlType{19, "IQ1_S", 256, 50, {}},
    computed(20, WeightType::IQ4_NL),    GgmlType{21, "IQ3_S", 256, 110, {}},  GgmlType{22, "IQ2_S", 256, 82, {}},
    computed(23, WeightType::IQ4_XS),    GgmlType{24, "I8", 1, 1, {}},         GgmlType{25, "I16", 1, 2, {}},
    GgmlType{26, "I32", 1, 4, {}},       GgmlType{27, "I64", 1, 8, {}},        GgmlType{28, "F64", 1, 8, {}},
    GgmlType{29, "IQ1_M", 256, 56, {}},  computed(30, WeightType::BF16),       GgmlType{34, "TQ1_0", 256, 54, {}},
    GgmlType{35, "TQ2_0", 256, 66, {}},  GgmlType{39, "MXFP4", 32, 17, {}},
};

}  // namespace

std::uint64_t scalarBytes(GgufType type) {
    constexpr std::array<std::uint64_t, 13> kBytes = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
    return kBytes[std::size_t(type)];
}

const GgmlType* ggmlType(std::uint32_t number) {
    for (const GgmlType& type : kGgmlTypes)
        if (type.number == number) return &type;
    return nullptr;
}

}  // namespace lectern
