// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/dispatch.h"

#include <cstdlib>
#include <cstring>

// The kernels of one instruction set live in the namespace of its name (see x_simd.cpp of each op).
#define LECTERN_KERNELS(space, id)                                                                  \
    namespace lectern::kernels::space {                                                             \
    PackFn pack;                                                                                    \
    UnpackFn unpack;                                                                                \
    KeyTileFn keyTile;                                                                              \
    ValueTileFn valueTile;                                                                          \
    AttendFn attend;                                                                                \
    MergeFn merge;                                                                                  \
    RotateFn rotate;                                                                                \
    MatvecFn matvec;                                                                                \
    WeightRowsFn weightRows;                                                                        \
    HalfRowsFn halfWeightRows;                                                                      \
    RmsNormFn rmsNorm;                                                                              \
    SiluMulFn siluMul;                                                                              \
    GeluMulFn geluMul;                                                                              \
    SoftCapFn softCap;                                                                              \
    AddFn add;                                                                                      \
    SoftmaxFn softmax;                                                                              \
    constexpr KernelTable kTable = {id,      #space,  pack,    unpack,  keyTile,    valueTile,      \
                                    attend,  merge,   rotate,  matvec,  weightRows, halfWeightRows, \
                                    rmsNorm, siluMul, geluMul, softCap, add,        softmax};       \
    }

LECTERN_KERNELS(portable, Isa::Portable)
#ifdef LECTERN_X86
LECTERN_KERNELS(avx2, Isa::Avx2)
LECTERN_KERNELS(avx512, Isa::Avx512)

// AVX-512 with bfloat16 products where many rows attend; all else is the same.
namespace lectern::kernels::avx512bf16 {
AttendFn attend;
constexpr KernelTable kTable = [] {
    KernelTable table = avx512::kTable;
    table.isa = Isa::Avx512Bf16;
    table.name = "avx512bf16";
    table.attend = attend;
    return table;
}();
}  // namespace lectern::kernels::avx512bf16
#endif

namespace lectern::kernels {
namespace {

const KernelTable& choose() {
    const char* wish = std::getenv("LECTERN_ISA");
    const KernelTable* best = &portable::kTable;
    for (const Isa isa : kIsas) {
        const KernelTable* table = kernelsFor(isa);
        if (table == nullptr) break;
        best = table;
        if (wish != nullptr && std::strcmp(wish, table->name) == 0) break;
    }
    return *best;
}

}  // namespace

const KernelTable* kernelsFor(Isa isa) {
    if (isa == Isa::Portable) return &portable::kTable;
#ifdef LECTERN_X86
    // The builtin also asks whether the operating system keeps the wide registers. F16C came with every AVX2 machine.
    const bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
    if (isa == Isa::Avx2) return v3 ? &avx2::kTable : nullptr;
    const bool v4 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                    __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                    __builtin_cpu_supports("avx512vl");
    if (isa == Isa::Avx512) return v3 && v4 ? &avx512::kTable : nullptr;
    if (isa == Isa::Avx512Bf16) return v3 && v4 && __builtin_cpu_supports("avx512bf16") ? &avx512bf16::kTable : nullptr;
#endif
    return nullptr;
}

const KernelTable& bestKernels() {
    static const KernelTable& best = choose();
    return best;
}

}  // namespace lectern::kernels
