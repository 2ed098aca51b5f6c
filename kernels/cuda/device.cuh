// SPDX-License-Identifier: GPL-3.0-or-later
// The instructions of a warp that C++ has no word for, each behind one small function.
#pragma once

#include <cuda_fp16.h>

#include <cstddef>
#include <cstdint>

namespace lectern::cuda {

inline constexpr unsigned kAllLanes = 0xffffffffU;

/// Address in shared memory as the instructions take it.
__device__ __forceinline__ std::uint32_t sharedAddress(const void* p) {
    return std::uint32_t(__cvta_generic_to_shared(p));
}

/// Copies Bytes (4, 8 or 16) from global to shared memory without waiting; part of the group that ends with
/// commitCopies(). Before sm_80 it waits.
template <int Bytes>
__device__ __forceinline__ void copyAsync(void* to, const void* from) {
#if __CUDA_ARCH__ >= 800
    if constexpr (Bytes == 16)
        asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(sharedAddress(to)), "l"(from) : "memory");
    else
        asm volatile("cp.async.ca.shared.global [%0], [%1], %2;" ::"r"(sharedAddress(to)), "l"(from), "n"(Bytes)
                     : "memory");
#else
    if constexpr (Bytes == 16)
        *static_cast<uint4*>(to) = *static_cast<const uint4*>(from);
    else if constexpr (Bytes == 8)
        *static_cast<uint2*>(to) = *static_cast<const uint2*>(from);
    else
        *static_cast<std::uint32_t*>(to) = *static_cast<const std::uint32_t*>(from);
#endif
}
__device__ __forceinline__ void commitCopies() {
#if __CUDA_ARCH__ >= 800
    asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}
/// Waits until all but the newest `Left` groups of this thread have arrived.
template <int Left>
__device__ __forceinline__ void waitCopies() {
#if __CUDA_ARCH__ >= 800
    asm volatile("cp.async.wait_group %0;" ::"n"(Left) : "memory");
#endif
}

/// Two 8×8 matrices of 16-bit elements, transposed: lane (g, t) = (lane / 4, lane % 4) receives column g of rows 2t and
/// 2t+1. Lanes 0-7 give the row addresses (16 bytes each) of the first, lanes 8-15 of the second.
__device__ __forceinline__ void loadTransposed(const void* row, std::uint32_t& first, std::uint32_t& second) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0, %1}, [%2];"
                 : "=r"(first), "=r"(second)
                 : "r"(sharedAddress(row))
                 : "memory");
}

/// Transposes an 8×8 matrix of 16-bit elements over the warp: in, lane (g, t) holds row g, columns 2t and 2t+1.
__device__ __forceinline__ std::uint32_t transpose(std::uint32_t x) {
    std::uint32_t y;
    asm("movmatrix.sync.aligned.m8n8.trans.b16 %0, %1;" : "=r"(y) : "r"(x));
    return y;
}

/// d[16×8] += a[16×16]·b[16×8], fp16 in, f32 out. Lane (g, t): a = rows g, g+8 at columns 2t, 2t+1, then the same at
/// columns 2t+8, 2t+9; b0, b1 = column g at rows 2t, 2t+1 and 2t+8, 2t+9; d = rows g, g+8 at columns 2t, 2t+1.
__device__ __forceinline__ void multiply(float (&d)[4], const std::uint32_t (&a)[4], std::uint32_t b0,
                                         std::uint32_t b1) {
#if __CUDA_ARCH__ >= 800
    asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
        "{%0, %1, %2, %3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
#else
    asm("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(b0));
    asm("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[2]), "r"(a[3]), "r"(b1));
#endif
}

/// Base-2 exponential; exp2Fast(-inf) = 0.
__device__ __forceinline__ float exp2Fast(float x) {
    float y;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

/// Two f32 as one register of two fp16, `low` in the low half.
__device__ __forceinline__ std::uint32_t packHalves(float low, float high) {
    const __half2 both = __floats2half2_rn(low, high);
    return *reinterpret_cast<const std::uint32_t*>(&both);
}
__device__ __forceinline__ __half2 asHalves(std::uint32_t x) {
    return *reinterpret_cast<const __half2*>(&x);
}
__device__ __forceinline__ std::uint32_t asBits(__half2 x) {
    return *reinterpret_cast<const std::uint32_t*>(&x);
}

/// Bits of a where mask is 1, of b elsewhere.
__device__ __forceinline__ std::uint32_t select(std::uint32_t a, std::uint32_t b, std::uint32_t mask) {
    std::uint32_t x;
    asm("lop3.b32 %0, %1, %2, %3, 0xe4;" : "=r"(x) : "r"(a), "r"(b), "r"(mask));
    return x;
}

/// Largest (sum) over the lanes with the same lane % 4.
__device__ __forceinline__ float columnMax(float x) {
    for (int step = 4; step < 32; step *= 2) x = fmaxf(x, __shfl_xor_sync(kAllLanes, x, step));
    return x;
}
__device__ __forceinline__ float columnSum(float x) {
    for (int step = 4; step < 32; step *= 2) x += __shfl_xor_sync(kAllLanes, x, step);
    return x;
}

}  // namespace lectern::cuda
