// SPDX-License-Identifier: GPL-3.0-or-later
// What every kernel source includes first. The same source compiles with nvcc for a GPU and as plain C++ for tests,
// which run it on the host (tests/support/cuda_emulation). For that a kernel source
//   - includes this header, never cuda_runtime.h, and uses no CUDA library in device code;
//   - starts kernels with launch(), never with <<<>>>;
//   - takes all its shared memory from dynamicShared<T>() and carves it by hand (filled with NaN by the emulation);
//   - has each __syncthreads() reached by all threads of a block, none of which has returned before;
//   - passes to __shfl_sync, __ballot_sync, … the mask of the lanes that really come, all from the same line;
//   - keeps fp16 as bits (std::uint16_t, Half2 below) and uses the small functions here for what the two compilers
//     spell differently (asynchronous copies, exp2, unrolling); fragment.cuh has fp16 pairs and tensor cores;
//   - writes __fmul_rn, __fadd_rn, … where the result must equal a reference bit for bit: nvcc contracts a·b + c.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cuda/stream.h"
#include "kernels/half.h"

#ifdef __CUDACC__
#include <cuda_fp16.h>
#include <cuda_runtime.h>
#define LECTERN_PRAGMA(text) _Pragma(#text)
#define LECTERN_UNROLL LECTERN_PRAGMA(unroll)
#define LECTERN_UNROLL_BY(n) LECTERN_PRAGMA(unroll n)
#else
#include <cuda_emulation.h>  // of the tests; they put its folder on the include path
#define LECTERN_UNROLL
#define LECTERN_UNROLL_BY(n)
#endif

namespace lectern::kernels {

inline constexpr int kWarpLanes = 32;
inline constexpr unsigned kAllLanes = 0xffffffffU;

/// Two fp16 values as bits, the first in the low half.
using Half2 = std::uint32_t;

#ifdef __CUDACC__

template <class T>
__device__ __forceinline__ T* dynamicShared() {
    extern __shared__ __align__(128) unsigned char lectern_dynamic_shared[];
    return reinterpret_cast<T*>(lectern_dynamic_shared);
}

/// Starts kernel<<<grid, block, shared_bytes, stream>>>(args...); does not wait for it. Any thread that may use
/// `stream`.
template <class... Parameters, class... Args>
LaunchStatus launch(void (*kernel)(Parameters...), dim3 grid, dim3 block, std::size_t shared_bytes, Stream stream,
                    Args... args) {
    constexpr std::size_t kWithoutAsking = 48 * 1024;
    cudaError_t error = cudaSuccess;
    if (shared_bytes > kWithoutAsking)
        error = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, int(shared_bytes));
    if (error == cudaSuccess) {
        kernel<<<grid, block, shared_bytes, stream>>>(Parameters(args)...);
        error = cudaPeekAtLastError();
    }
    if (error != cudaSuccess) cudaGetLastError();  // read here, so that the next launch does not report it again
    return -LaunchStatus(error);
}

__device__ __forceinline__ float halfBitsToFloat(std::uint16_t bits) {
    return __half2float(__ushort_as_half(bits));
}
__device__ __forceinline__ std::uint16_t floatToHalfBits(float x) {
    return __half_as_ushort(__float2half_rn(x));
}
__device__ __forceinline__ Half2 packHalf2(float low, float high) {
    const __half2 both = __floats2half2_rn(low, high);
    return *reinterpret_cast<const Half2*>(&both);
}
/// 2^x, a few units in the last place; exactly 0 at -inf.
__device__ __forceinline__ float fastExp2(float x) {
    float y;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

/// Copies Bytes = 4, 8 or 16 (both sides aligned to them) from global to shared memory, in the background where the
/// GPU can.
template <int Bytes>
__device__ __forceinline__ void copyAsync(void* shared, const void* global) {
#if __CUDA_ARCH__ >= 800
    const auto to = static_cast<unsigned>(__cvta_generic_to_shared(shared));
    if constexpr (Bytes == 16)
        asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(to), "l"(global) : "memory");
    else
        asm volatile("cp.async.ca.shared.global [%0], [%1], %2;" ::"r"(to), "l"(global), "n"(Bytes) : "memory");
#else
    struct alignas(Bytes) Piece {
        unsigned char x[Bytes];
    };
    *static_cast<Piece*>(shared) = *static_cast<const Piece*>(global);
#endif
}
/// Ends a group of copies.
__device__ __forceinline__ void copyCommit() {
#if __CUDA_ARCH__ >= 800
    asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}
/// Waits until at most `Pending` groups of this thread's copies are under way; a barrier makes them visible to others.
template <int Pending>
__device__ __forceinline__ void copyWait() {
#if __CUDA_ARCH__ >= 800
    asm volatile("cp.async.wait_group %0;" ::"n"(Pending) : "memory");
#endif
}

#endif  // __CUDACC__; the tests' versions come with cuda_emulation.h

/// Sum, or maximum, over the lanes of a full warp; every lane gets it. Floats are added in a tree, the same in every
/// run.
template <class T>
__device__ __forceinline__ T warpSum(T x) {
    LECTERN_UNROLL
    for (int apart = kWarpLanes / 2; apart > 0; apart /= 2) x += __shfl_xor_sync(kAllLanes, x, apart);
    return x;
}
/// Sum of small counts over a full warp.
__device__ __forceinline__ int warpCount(int x) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800
    return warpSum(x);
#else
    return int(__reduce_add_sync(kAllLanes, unsigned(x)));
#endif
}
/// Largest of whole numbers over a full warp.
__device__ __forceinline__ std::uint32_t warpLargest(std::uint32_t x) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800
    LECTERN_UNROLL
    for (int apart = kWarpLanes / 2; apart > 0; apart /= 2) x = max(x, __shfl_xor_sync(kAllLanes, x, apart));
    return x;
#else
    return __reduce_max_sync(kAllLanes, x);
#endif
}
template <class T>
__device__ __forceinline__ T warpMax(T x) {
    LECTERN_UNROLL
    for (int apart = kWarpLanes / 2; apart > 0; apart /= 2) {
        const T other = __shfl_xor_sync(kAllLanes, x, apart);
        x = other > x ? other : x;
    }
    return x;
}

}  // namespace lectern::kernels
