// SPDX-License-Identifier: GPL-3.0-or-later
// Kernels that may begin while the one before them on the stream ends: what they do before waitForEarlier() costs no
// time of its own. Until then they touch nothing that another kernel writes, afterwards they read that with plain loads
// (never __ldg, which may be moved to before the wait).
#pragma once

#include "kernels/cuda/execution.cuh"

namespace lectern::kernels {

#ifdef __CUDACC__

/// Whether the current device begins kernels early (compute capability 9.0), and this CUDA records it in graphs.
inline bool beginsEarly() {
    int device = 0, major = 0;
    return CUDART_VERSION >= 12040 && cudaGetDevice(&device) == cudaSuccess &&
           cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device) == cudaSuccess && major >= 9;
}

/// launch() of a kernel that calls waitForEarlier() in every thread.
template <class... Parameters, class... Args>
LaunchStatus launchEarly(void (*kernel)(Parameters...), dim3 grid, dim3 block, std::size_t shared_bytes, Stream stream,
                         Args... args) {
    if (!beginsEarly()) return launch(kernel, grid, block, shared_bytes, stream, args...);
    cudaLaunchAttribute early{};
    early.id = cudaLaunchAttributeProgrammaticStreamSerialization;
    early.val.programmaticStreamSerializationAllowed = 1;
    cudaLaunchConfig_t config{};
    config.gridDim = grid, config.blockDim = block, config.dynamicSmemBytes = shared_bytes, config.stream = stream;
    config.attrs = &early, config.numAttrs = 1;
    cudaError_t error = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, int(shared_bytes));
    if (error == cudaSuccess) error = cudaLaunchKernelEx(&config, kernel, Parameters(args)...);
    if (error != cudaSuccess) cudaGetLastError();  // read here, so that the next launch does not report it again
    return -LaunchStatus(error);
}

/// What earlier kernels wrote is there from here on.
__device__ __forceinline__ void waitForEarlier() {
#if __CUDA_ARCH__ >= 900
    asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}

#endif  // __CUDACC__; the tests' versions come with cuda_emulation.h

}  // namespace lectern::kernels
