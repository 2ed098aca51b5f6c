// SPDX-License-Identifier: GPL-3.0-or-later
// Matrix fragments for the tensor cores: D[16][8] += A[16][16] · B[16][8], fp16 in, f32 out, one warp together.
// With g = lane / 4 and t = lane % 4 a lane holds (PTX ISA, "Matrix Fragments for mma.m16n8k16"):
//   A  x[0] = row g   columns 2t, 2t+1      x[1] = row g+8 columns 2t, 2t+1
//      x[2] = row g   columns 2t+8, 2t+9    x[3] = row g+8 columns 2t+8, 2t+9
//   B  x[0] = rows 2t, 2t+1 of column g     x[1] = rows 2t+8, 2t+9 of column g
//   D  x[0], x[1] = row g columns 2t, 2t+1  x[2], x[3] = row g+8 columns 2t, 2t+1
// so that two neighbouring D fragments, rounded to fp16, are one A fragment of the next product.
#pragma once

#include "kernels/cuda/execution.cuh"

namespace lectern::kernels {

struct FragmentA {
    Half2 x[4];
};
struct FragmentB {
    Half2 x[2];
};
struct FragmentD {
    float x[4];
};

#ifdef __CUDACC__

/// a·b + c in fp16, rounded once.
__device__ __forceinline__ Half2 halfFma2(Half2 a, Half2 b, Half2 c) {
    Half2 d;
    asm("fma.rn.f16x2 %0, %1, %2, %3;" : "=r"(d) : "r"(a), "r"(b), "r"(c));
    return d;
}
/// a·b in fp16.
__device__ __forceinline__ Half2 halfMul2(Half2 a, Half2 b) {
    Half2 d;
    asm("mul.rn.f16x2 %0, %1, %2;" : "=r"(d) : "r"(a), "r"(b));
    return d;
}
/// (x & mask) | bits, in one instruction also where both are constants.
__device__ __forceinline__ unsigned maskedOr(unsigned x, unsigned mask, unsigned bits) {
    unsigned y;
    asm("lop3.b32 %0, %1, %2, %3, 0xea;" : "=r"(y) : "r"(x), "r"(mask), "r"(bits));
    return y;
}
/// d += a · b. All 32 lanes.
__device__ __forceinline__ void multiplyAdd(FragmentD& d, const FragmentA& a, const FragmentB& b) {
#if __CUDA_ARCH__ >= 800
    asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
        : "+f"(d.x[0]), "+f"(d.x[1]), "+f"(d.x[2]), "+f"(d.x[3])
        : "r"(a.x[0]), "r"(a.x[1]), "r"(a.x[2]), "r"(a.x[3]), "r"(b.x[0]), "r"(b.x[1]));
#else
    LECTERN_UNROLL
    for (int half = 0; half < 2; ++half)
        asm("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5}, {%6}, {%0,%1,%2,%3};"
            : "+f"(d.x[0]), "+f"(d.x[1]), "+f"(d.x[2]), "+f"(d.x[3])
            : "r"(a.x[2 * half]), "r"(a.x[2 * half + 1]), "r"(b.x[half]));
#endif
}

/// Four 8×8 matrices of fp16 from shared memory: lane l gives the address of row l % 8 of matrix l / 8 (16 bytes,
/// 16-byte aligned); out[i] holds row lane / 4, columns 2·(lane % 4) and the next of matrix i. All 32 lanes.
__device__ __forceinline__ void loadMatrices(Half2 (&out)[4], const void* row) {
    const auto from = static_cast<unsigned>(__cvta_generic_to_shared(row));
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(out[0]), "=r"(out[1]), "=r"(out[2]), "=r"(out[3])
                 : "r"(from)
                 : "memory");
}

/// As loadMatrices, each matrix transposed: out[i] holds rows 2·(lane % 4) and the next of column lane / 4.
__device__ __forceinline__ void loadTransposed(Half2 (&out)[4], const void* row) {
    const auto from = static_cast<unsigned>(__cvta_generic_to_shared(row));
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(out[0]), "=r"(out[1]), "=r"(out[2]), "=r"(out[3])
                 : "r"(from)
                 : "memory");
}

/// Two matrices as loadTransposed above does four; lanes 0 … 15 give the addresses.
__device__ __forceinline__ void loadTransposed(Half2 (&out)[2], const void* row) {
    const auto from = static_cast<unsigned>(__cvta_generic_to_shared(row));
    asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0,%1}, [%2];"
                 : "=r"(out[0]), "=r"(out[1])
                 : "r"(from)
                 : "memory");
}

/// Transposes an 8×8 matrix of fp16 in the warp's registers: in, lane holds row lane / 4, columns 2·(lane % 4) and the
/// next; out, rows 2·(lane % 4) and the next of column lane / 4. All 32 lanes.
__device__ __forceinline__ Half2 transposed(Half2 x) {
    Half2 y;
    asm("movmatrix.sync.aligned.m8n8.trans.b16 %0, %1;" : "=r"(y) : "r"(x));
    return y;
}

#else  // the tests link their own definitions

void multiplyAdd(FragmentD& d, const FragmentA& a, const FragmentB& b);
void loadMatrices(Half2 (&out)[4], const void* row);
void loadTransposed(Half2 (&out)[4], const void* row);
void loadTransposed(Half2 (&out)[2], const void* row);
Half2 transposed(Half2 x);

#endif

}  // namespace lectern::kernels
