// SPDX-License-Identifier: GPL-3.0-or-later
// The host's versions of what kernels/cuda/execution.cuh and fragment.cuh spell for nvcc. Included by cuda_emulation.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <tuple>

#include "kernels/half.h"
#include "tests/support/cuda_emulation/scheduler.h"

struct CUstream_st;  // CUDA's own name

namespace lectern::kernels {

using Stream = CUstream_st*;  ///< there are no streams: launch() returns when all is done

template <class T>
T* dynamicShared() {
    return reinterpret_cast<T*>(emulation::sharedMemory());
}

template <class... Parameters, class... Args>
std::int32_t launchAs(emulation::Begin begin, void (*kernel)(Parameters...), dim3 grid, dim3 block,
                      std::size_t shared_bytes, Args... args) {
    const auto thread = [&] {
        std::tuple<void (*)(Parameters...), Parameters...> mine(kernel, args...);
        emulation::argumentsTaken();
        std::apply([](auto* start, auto&... values) { start(values...); }, mine);
    };
    emulation::runGrid(grid, block, shared_bytes, thread, begin);
    return 0;
}
/// Runs the whole grid before it returns. Throws emulation::KernelError.
template <class... Parameters, class... Args>
std::int32_t launch(void (*kernel)(Parameters...), dim3 grid, dim3 block, std::size_t shared_bytes, Stream,
                    Args... args) {
    return launchAs(emulation::Begin::After, kernel, grid, block, shared_bytes, args...);
}
/// The same of a kernel that calls waitForEarlier() in every thread.
template <class... Parameters, class... Args>
std::int32_t launchEarly(void (*kernel)(Parameters...), dim3 grid, dim3 block, std::size_t shared_bytes, Stream,
                         Args... args) {
    return launchAs(emulation::Begin::Early, kernel, grid, block, shared_bytes, args...);
}
inline void waitForEarlier() {
    emulation::waitForEarlierGrids();
}

inline float halfBitsToFloat(std::uint16_t bits) {
    return halfToFloat(bits);
}
inline std::uint16_t floatToHalfBits(float x) {
    return floatToHalf(x);
}
inline std::uint32_t packHalf2(float low, float high) {
    return floatToHalf(low) | std::uint32_t(floatToHalf(high)) << 16;
}
inline std::uint32_t halfFma2(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
    const auto one = [=](int shift) {
        const auto at = [=](std::uint32_t x) { return double(halfToFloat(std::uint16_t(x >> shift))); };
        return std::uint32_t(floatToHalf(float(at(a) * at(b) + at(c)))) << shift;
    };
    return one(0) | one(16);
}
inline std::uint32_t halfMul2(std::uint32_t a, std::uint32_t b) {
    return halfFma2(a, b, 0x80008000U);  // minus zero changes nothing
}
inline unsigned maskedOr(unsigned x, unsigned mask, unsigned bits) {
    return (x & mask) | bits;
}
inline float fastExp2(float x) {
    return std::exp2(x);
}
template <int Bytes>
void copyAsync(void* shared, const void* global) {
    emulation::startCopy(shared, global, Bytes);
}
inline void copyCommit() {
    emulation::closeCopyGroup();
}
template <int Pending>
void copyWait() {
    emulation::finishCopies(Pending);
}

}  // namespace lectern::kernels
