// SPDX-License-Identifier: GPL-3.0-or-later
// A CUDA module without CUDA: device 0 works, device 1 does not answer. LECTERN_FAKE_CUDA=none|broken changes that.
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
    device->capability_major = 8;
    device->capability_minor = 9;
    return 0;
}

const char* errorText(std::int32_t failure) {
    return failure == -35 ? "driver too old" : nullptr;
}

constexpr LecternCudaModule kModule = {LECTERN_FAKE_VERSION, sizeof(LecternCudaModule), deviceCount, deviceInfo,
                                       errorText};

}  // namespace

extern "C" const LecternCudaModule* lecternCudaModule() {
    return &kModule;
}
