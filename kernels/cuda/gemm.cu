// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/gemm.h"

#include <cublas_v2.h>
#include <cuda_runtime_api.h>

#include <new>

namespace lectern::kernels {

struct GemmState {
    cublasHandle_t handle = nullptr;
};

namespace {

/// cuBLAS numbers its own errors; what matters is told apart, the rest is "launch failed".
LaunchStatus failure(cublasStatus_t status) {
    switch (status) {
        case CUBLAS_STATUS_SUCCESS:
            return 0;
        case CUBLAS_STATUS_ALLOC_FAILED:
            return -LaunchStatus(cudaErrorMemoryAllocation);
        case CUBLAS_STATUS_INVALID_VALUE:
            return -LaunchStatus(cudaErrorInvalidValue);
        case CUBLAS_STATUS_NOT_INITIALIZED:
            return -LaunchStatus(cudaErrorInitializationError);
        case CUBLAS_STATUS_ARCH_MISMATCH:
        case CUBLAS_STATUS_NOT_SUPPORTED:
            return -LaunchStatus(cudaErrorNotSupported);
        default:
            return -LaunchStatus(cudaErrorLaunchFailure);
    }
}

}  // namespace

LaunchStatus createGemm(GemmState** state) {
    auto* made = new (std::nothrow) GemmState;
    if (made == nullptr) return -LaunchStatus(cudaErrorMemoryAllocation);
    if (const LaunchStatus status = failure(cublasCreate(&made->handle)); status != 0) {
        delete made;
        return status;
    }
    *state = made;
    return 0;
}

LaunchStatus destroyGemm(GemmState* state) {
    const LaunchStatus status = failure(cublasDestroy(state->handle));
    delete state;
    return status;
}

LaunchStatus gemm(GemmState* state, const GemmArgs& args, Stream stream) {
    if (const LaunchStatus status = failure(cublasSetStream(state->handle, stream)); status != 0) return status;
    const float one = 1;
    // Column by column, as cuBLAS counts: c [rows][tokens] = (w [cols][rows])ᵀ · a [cols][tokens].
    return failure(cublasGemmEx(state->handle, CUBLAS_OP_T, CUBLAS_OP_N, args.rows, args.tokens, args.cols, &one,
                                args.w, CUDA_R_16F, args.cols, args.a, CUDA_R_16F, args.cols, &args.beta, args.c,
                                CUDA_R_32F, args.c_stride, CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT));
}

}  // namespace lectern::kernels
