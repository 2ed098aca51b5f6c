// SPDX-License-Identifier: GPL-3.0-or-later
// What a CUDA kernel source needs to compile as plain C++ and run on the host: kernels/cuda/execution.cuh includes this
// where the compiler is not nvcc. Threads are fibres of one host thread (scheduler.h), so that results are the same in
// every run, AddressSanitizer sees each access, and a barrier that not all threads reach is an error with its line.
// and ThreadSanitizer finds the races of shared and global memory (races.h); without it only those that another order
// of threads makes visible are found (Order). What it cannot show: order of memory that fences make, the order of
// several streams, speed, register and occupancy limits, alignment faults of vector loads other than what UBSan
// reports, and rounding of the approximate hardware functions (here they are the exact ones).
#pragma once

#include <atomic>
#include <bit>
#include <cmath>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "tests/support/cuda_emulation/scheduler.h"

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define __grid_constant__
#define LECTERN_HERE            \
    lectern::emulation::Place { \
        __func__, file, line    \
    }
#define LECTERN_CALLER const char *file = __builtin_FILE(), int line = __builtin_LINE()

struct alignas(8) uint2 {
    unsigned x, y;
};
struct alignas(16) uint4 {
    unsigned x, y, z, w;
};
struct alignas(8) float2 {
    float x, y;
};
struct alignas(16) float4 {
    float x, y, z, w;
};

inline void __syncthreads(LECTERN_CALLER) {
    lectern::emulation::meetBlock(LECTERN_HERE);
}
inline void __syncwarp(unsigned mask = ~0U, LECTERN_CALLER) {
    leave(meetWarp(mask, LECTERN_HERE, nullptr, 0, lectern::emulation::Memory::Ordered));
}

// Warp shuffles, votes and reductions. A lane that reads from outside `mask` gets 0.
template <class T>
T __shfl_sync(unsigned mask, T value, int source, int width = 32, LECTERN_CALLER) {
    return lectern::emulation::exchange(mask, LECTERN_HERE, value, [=](const auto& all, int lane) {
        return all[std::size_t((lane & ~(width - 1)) + (source & (width - 1)))];
    });
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int bits, int width = 32, LECTERN_CALLER) {
    return lectern::emulation::exchange(mask, LECTERN_HERE, value, [=](const auto& all, int lane) {
        const int from = lane ^ bits;
        return all[std::size_t(from / width > lane / width ? lane : from)];
    });
}
template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned by, int width = 32, LECTERN_CALLER) {
    return lectern::emulation::exchange(mask, LECTERN_HERE, value, [=](const auto& all, int lane) {
        return all[std::size_t(lane % width < int(by) ? lane : lane - int(by))];
    });
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned by, int width = 32, LECTERN_CALLER) {
    return lectern::emulation::exchange(mask, LECTERN_HERE, value, [=](const auto& all, int lane) {
        return all[std::size_t(lane % width + int(by) >= width ? lane : lane + int(by))];
    });
}
inline unsigned __ballot_sync(unsigned mask, int predicate, LECTERN_CALLER) {
    return lectern::emulation::agree(mask, LECTERN_HERE, unsigned(predicate != 0), [=](const auto& all) {
        unsigned bits = 0;
        for (unsigned lane = 0; lane < 32; ++lane)
            if ((mask >> lane & 1U) != 0) bits |= all[lane] << lane;
        return bits;
    });
}
inline int __any_sync(unsigned mask, int predicate, LECTERN_CALLER) {
    return int(__ballot_sync(mask, predicate, file, line) != 0);
}
inline int __all_sync(unsigned mask, int predicate, LECTERN_CALLER) {
    return int(__ballot_sync(mask, int(predicate == 0), file, line) == 0);
}
namespace lectern::emulation {
template <class T, class Join>
T reduce(unsigned mask, Place place, T value, T start, Join join) {
    return agree(mask, place, value, [=](const auto& all) {
        T total = start;
        for (std::size_t lane = 0; lane < kWarp; ++lane)
            if ((mask >> lane & 1U) != 0) total = join(total, all[lane]);
        return total;
    });
}
}  // namespace lectern::emulation
#define LECTERN_REDUCE(name, T, start, expression)                                                                   \
    inline T name(unsigned mask, T value, LECTERN_CALLER) {                                                          \
        return lectern::emulation::reduce<T>(mask, LECTERN_HERE, value, start, [](T a, T b) { return expression; }); \
    }
LECTERN_REDUCE(__reduce_add_sync, unsigned, 0, a + b)
LECTERN_REDUCE(__reduce_or_sync, unsigned, 0, a | b)
LECTERN_REDUCE(__reduce_and_sync, unsigned, ~0U, a& b)
LECTERN_REDUCE(__reduce_min_sync, unsigned, ~0U, a < b ? a : b)
LECTERN_REDUCE(__reduce_max_sync, unsigned, 0, a > b ? a : b)
#undef LECTERN_REDUCE

// Atomics: they order no other memory. They return what was there before.
template <class T>
T atomicAdd(T* at, std::type_identity_t<T> value) {
    return std::atomic_ref(*at).fetch_add(value, std::memory_order_relaxed);
}
template <class T>
T atomicOr(T* at, std::type_identity_t<T> value) {
    return std::atomic_ref(*at).fetch_or(value, std::memory_order_relaxed);
}
#include "tests/support/cuda_emulation/device_functions.h"
#include "tests/support/cuda_emulation/intrinsics.h"
