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
    device->processors = properties.multiProcessorCount;
    device->shared_limit = properties.sharedMemPerBlockOptin;
    return 0;
}

const char* errorText(std::int32_t failure) {
    return cudaGetErrorString(static_cast<cudaError_t>(-failure));
}

std::int32_t useDevice(std::int32_t index) {
    return failure(cudaSetDevice(index));
}

std::int32_t allocate(std::size_t bytes, void** memory) {
    const cudaError_t error = cudaMalloc(memory, bytes);
    if (error != cudaSuccess) cudaGetLastError();  // an allocation that does not fit spoils nothing
    return failure(error);
}
std::int32_t release(void* memory) {
    return failure(cudaFree(memory));
}
std::int32_t allocatePinned(std::size_t bytes, void** memory) {
    const cudaError_t error = cudaMallocHost(memory, bytes);
    if (error != cudaSuccess) cudaGetLastError();
    return failure(error);
}
std::int32_t releasePinned(void* memory) {
    return failure(cudaFreeHost(memory));
}

std::int32_t createStream(cudaStream_t* stream) {
    return failure(cudaStreamCreateWithFlags(stream, cudaStreamNonBlocking));
}
std::int32_t destroyStream(cudaStream_t stream) {
    return failure(cudaStreamDestroy(stream));
}
std::int32_t waitForStream(cudaStream_t stream) {
    return failure(cudaStreamSynchronize(stream));
}
std::int32_t createEvent(cudaEvent_t* event) {
    return failure(cudaEventCreateWithFlags(event, cudaEventDisableTiming));
}
std::int32_t destroyEvent(cudaEvent_t event) {
    return failure(cudaEventDestroy(event));
}
std::int32_t recordEvent(cudaEvent_t event, cudaStream_t stream) {
    return failure(cudaEventRecord(event, stream));
}
std::int32_t waitForEvent(cudaEvent_t event) {
    return failure(cudaEventSynchronize(event));
}

std::int32_t copyIn(void* device, const void* pinned, std::size_t bytes, cudaStream_t stream) {
    return failure(cudaMemcpyAsync(device, pinned, bytes, cudaMemcpyHostToDevice, stream));
}
std::int32_t copyOut(void* pinned, const void* device, std::size_t bytes, cudaStream_t stream) {
    return failure(cudaMemcpyAsync(pinned, device, bytes, cudaMemcpyDeviceToHost, stream));
}
std::int32_t copyRowsIn(void* device, const void* pinned, std::size_t pitch, std::size_t bytes, int rows,
                        cudaStream_t stream) {
    return failure(
        cudaMemcpy2DAsync(device, pitch, pinned, pitch, bytes, std::size_t(rows), cudaMemcpyHostToDevice, stream));
}
std::int32_t fill(void* device, int byte, std::size_t bytes, cudaStream_t stream) {
    return failure(cudaMemsetAsync(device, byte, bytes, stream));
}

std::int32_t beginCapture(cudaStream_t stream) {
    return failure(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
}
std::int32_t endCapture(cudaStream_t stream, cudaGraphExec_t* graph) {
    cudaGraph_t recorded = nullptr;
    cudaError_t error = cudaStreamEndCapture(stream, &recorded);
    if (error == cudaSuccess) error = cudaGraphInstantiate(graph, recorded, 0);
    if (recorded != nullptr) cudaGraphDestroy(recorded);
    if (error != cudaSuccess) cudaGetLastError();  // the same work can still be enqueued one by one
    return failure(error);
}
std::int32_t launchGraph(cudaGraphExec_t graph, cudaStream_t stream) {
    return failure(cudaGraphLaunch(graph, stream));
}
std::int32_t destroyGraph(cudaGraphExec_t graph) {
    return failure(cudaGraphExecDestroy(graph));
}

namespace kernels = lectern::kernels;

constexpr LecternCudaModule kModule = {
    .version = kLecternCudaVersion,
    .bytes = sizeof(LecternCudaModule),
    .deviceCount = deviceCount,
    .deviceInfo = deviceInfo,
    .errorText = errorText,
    .useDevice = useDevice,
    .allocate = allocate,
    .release = release,
    .allocatePinned = allocatePinned,
    .releasePinned = releasePinned,
    .createStream = createStream,
    .destroyStream = destroyStream,
    .waitForStream = waitForStream,
    .createEvent = createEvent,
    .destroyEvent = destroyEvent,
    .recordEvent = recordEvent,
    .waitForEvent = waitForEvent,
    .copyIn = copyIn,
    .copyOut = copyOut,
    .copyRowsIn = copyRowsIn,
    .fill = fill,
    .beginCapture = beginCapture,
    .endCapture = endCapture,
    .launchGraph = launchGraph,
    .destroyGraph = destroyGraph,
    .createGemm = kernels::createGemm,
    .destroyGemm = kernels::destroyGemm,
    .gemm = kernels::gemm,
    .splitBlocks = kernels::splitBlocks,
    .matvecs = kernels::matvecs,
    .embedRows = kernels::embedRows,
    .halfRows = kernels::halfRows,
    .rmsNorm = kernels::rmsNorm,
    .siluMul = kernels::siluMul,
    .geluMul = kernels::geluMul,
    .add = kernels::add,
    .addNorm = kernels::addNorm,
    .addToRows = kernels::addToRows,
    .findNonFinite = kernels::findNonFinite,
    .route = kernels::route,
    .gatherRows = kernels::gatherRows,
    .addExpertRows = kernels::addExpertRows,
    .finishHeads = kernels::finishHeads,
    .packScratchBytes = kernels::packScratchBytes,
    .packRefusal = kernels::packRefusal,
    .pack = kernels::pack,
    .unpackRaw = kernels::unpackRaw,
    .prefillWorkspaceBytes = kernels::prefillWorkspaceBytes,
    .prefillRefusal = kernels::prefillRefusal,
    .attendPrefill = kernels::attendPrefill,
    .decodeRefusal = kernels::decodeRefusal,
    .planDecode = kernels::planDecode,
    .attendDecode = kernels::attendDecode,
    .mergeStates = kernels::mergeStates,
    .addMass = kernels::addMass,
};

}  // namespace

extern "C" __attribute__((visibility("default"))) const LecternCudaModule* lecternCudaModule() {
    return &kModule;
}
