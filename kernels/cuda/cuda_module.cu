// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/cuda_module.h"

#include <cuda_runtime_api.h>

#include <cstdio>

namespace {

/// Failures are CUDA's own numbers, negated.
std::int32_t failure(cudaError_t error) {
    return -static_cast<std::int32_t>(error);
}

std::int32_t deviceCount() {
    int count = 0;
    const cudaError_t error = cudaGetDeviceCount(&count);
    if (error == cudaErrorNoDevice) return 0;
    return error == cudaSuccess ? count : failure(error);
}

std::int32_t deviceInfo(std::int32_t index, LecternCudaDevice* device) {
    cudaDeviceProp properties{};
    std::size_t available = 0;
    std::size_t total = 0;
    cudaError_t error = cudaGetDeviceProperties(&properties, index);
    if (error == cudaSuccess) error = cudaSetDevice(index);
    if (error == cudaSuccess) error = cudaMemGetInfo(&available, &total);
    if (error != cudaSuccess) return failure(error);
    std::snprintf(device->name, sizeof device->name, "%s", properties.name);
    device->memory = total;
    device->memory_free = available;
    device->capability_major = properties.major;
    device->capability_minor = properties.minor;
    return 0;
}

const char* errorText(std::int32_t failure) {
    return cudaGetErrorString(static_cast<cudaError_t>(-failure));
}

constexpr LecternCudaModule kModule = {kLecternCudaVersion, sizeof(LecternCudaModule), deviceCount, deviceInfo,
                                       errorText};

}  // namespace

extern "C" __attribute__((visibility("default"))) const LecternCudaModule* lecternCudaModule() {
    return &kModule;
}
