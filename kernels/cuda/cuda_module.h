// SPDX-License-Identifier: GPL-3.0-or-later
// The seam between the engine and liblectern_cuda.so: a C table of functions, found by name after dlopen. Plain types
// only; both sides check version and size, so that a module of another build is refused and not guessed at.
#pragma once

#include <cstdint>

extern "C" {

constexpr std::uint32_t kLecternCudaVersion = 1;
constexpr const char* kLecternCudaSymbol = "lecternCudaModule";

/// One device as the driver describes it. Memory in bytes.
struct LecternCudaDevice {
    char name[256];  // ends with a zero
    std::uint64_t memory, memory_free;
    std::int32_t capability_major, capability_minor;
};

/// Functions may be called from any thread. A negative number is a failure; errorText() tells it in words.
struct LecternCudaModule {
    std::uint32_t version;  // kLecternCudaVersion
    std::uint32_t bytes;    // sizeof(LecternCudaModule)
    std::int32_t (*deviceCount)();
    std::int32_t (*deviceInfo)(std::int32_t index, LecternCudaDevice* device);  // 0 = done
    const char* (*errorText)(std::int32_t failure);                             // static storage
};

/// The type of the exported function; the table lives as long as the module is loaded.
using LecternCudaModuleFunction = const LecternCudaModule* (*)();
}
