// SPDX-License-Identifier: GPL-3.0-or-later
// A CUDA module without CUDA: device 0 works, device 1 does not answer.
// LECTERN_FAKE_CUDA=none|broken|old|foreign changes that.
#include <cstdlib>
#include <cstring>

#include "kernels/cuda/cuda_module.h"

#ifndef LECTERN_FAKE_VERSION
#define LECTERN_FAKE_VERSION kLecternCudaVersion
#endif

namespace {

bool told(const char* what) {
    const char* set = std::getenv("LECTERN_FAKE_CUDA");
    return set != nullptr && std::strcmp(set, what) == 0;
}

std::int32_t deviceCount() {
    if (told("broken")) return -35;
    return told("none") ? 0 : 2;
}

std::int32_t deviceInfo(std::int32_t index, LecternCudaDevice* device) {
    if (index != 0) return -46;
    std::memset(device->name, 'G', sizeof device->name);  // no zero at the end: the engine must not read on
    device->memory = 24'000'000'000;
    device->memory_free = 20'000'000'000;
    device->capability_major = told("old") ? 6 : 8;
    device->capability_minor = told("old") ? 1 : 9;
    return 0;
}

const char* errorText(std::int32_t failure) {
    if (failure == -209) return "no kernel image is available for execution on the device";
    return failure == -35 ? "driver too old" : nullptr;
}

std::int32_t useDevice(std::int32_t index) {
    return index == 0 ? 0 : -101;
}
std::int32_t allocate(std::size_t bytes, void** memory) {
    *memory = std::malloc(bytes);
    return 0;
}
std::int32_t release(void* memory) {
    std::free(memory);
    return 0;
}
std::int32_t createStream(lectern::kernels::Stream* stream) {
    *stream = nullptr;
    return 0;
}
std::int32_t onStream(lectern::kernels::Stream) {
    return 0;
}
std::int32_t fill(void*, int, std::size_t, lectern::kernels::Stream) {
    return 0;
}
/// The one kernel that is tried.
std::int32_t add(float*, const float*, std::size_t, lectern::kernels::Stream) {
    return told("foreign") ? -209 : 0;
}

/// What finding and trying devices needs; nothing else is there.
LecternCudaModule fakeTable() {
    LecternCudaModule table{};
    table.version = LECTERN_FAKE_VERSION;
    table.bytes = sizeof(LecternCudaModule);
    table.deviceCount = deviceCount;
    table.deviceInfo = deviceInfo;
    table.errorText = errorText;
    table.useDevice = useDevice;
    table.allocate = allocate;
    table.release = release;
    table.createStream = createStream;
    table.destroyStream = onStream;
    table.waitForStream = onStream;
    table.fill = fill;
    table.add = add;
    return table;
}

const LecternCudaModule kModule = fakeTable();

}  // namespace

extern "C" const LecternCudaModule* lecternCudaModule() {
    return &kModule;
}
