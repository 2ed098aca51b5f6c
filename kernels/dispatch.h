// SPDX-License-Identifier: GPL-3.0-or-later
// Picks the instruction set at run time.
#pragma once

#include "kernels/attend.h"
#include "kernels/elementwise.h"
#include "kernels/kv_codes.h"
#include "kernels/kv_tile.h"
#include "kernels/matvec.h"

namespace lectern::kernels {

enum class Isa { Portable, Avx2, Avx512, Avx512Bf16 };

/// Every instruction set, the least first.
inline constexpr Isa kIsas[] = {Isa::Portable, Isa::Avx2, Isa::Avx512, Isa::Avx512Bf16};

/// All kernels of one instruction set. A table is immutable and shared by all threads.
struct KernelTable {
    Isa isa;
    const char* name;  ///< "portable", "avx2", "avx512", "avx512bf16"
    PackFn* pack;
    UnpackFn* unpack;
    KeyTileFn* keyTile;
    ValueTileFn* valueTile;
    AttendFn* attend;
    MergeFn* merge;
    RotateFn* rotate;
    MatvecFn* matvec;
    WeightRowsFn* weightRows;
    HalfRowsFn* halfWeightRows;
    RmsNormFn* rmsNorm;
    SiluMulFn* siluMul;
    GeluMulFn* geluMul;
    SoftCapFn* softCap;
    AddFn* add;
    SoftmaxFn* softmax;
};

/// The table of one instruction set, or null where this machine lacks it.
const KernelTable* kernelsFor(Isa isa);

/// The best table this machine runs. LECTERN_ISA=portable|avx2|avx512|avx512bf16 in the environment asks for a lesser
/// one.
const KernelTable& bestKernels();

}  // namespace lectern::kernels
