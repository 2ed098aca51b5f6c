// SPDX-License-Identifier: GPL-3.0-or-later
// What graphics processors there are. The CUDA module is looked for, loaded and asked; nothing here needs it to be
// built or a driver to be there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

struct LecternCudaModule;  // kernels/cuda/cuda_module.h

namespace lectern {

struct CudaDevice {
    int index = 0;  ///< as in "cuda:N"
    std::string name;
    std::uint64_t memory = 0, memory_free = 0;  ///< bytes
    int capability_major = 0, capability_minor = 0;
    std::string problem;  ///< why nothing is computed on it, as a clause; empty where it works
};

/// The module's table, or null and why as a clause without a full stop.
struct CudaModule {
    const LecternCudaModule* table = nullptr;
    std::string problem;
    bool driver = false;  ///< a driver is there, so that a user will wonder why nothing comes of it
};

/// Looks for the driver and the module. What was loaded once stays loaded. Any thread.
CudaModule cudaModule();
/// The same with the driver's library and the places of the module named.
CudaModule cudaModuleThrough(const char* driver, const std::vector<std::filesystem::path>& places);
/// Where the module is looked for, in this order: beside the executable, then in the library folders next to it.
std::vector<std::filesystem::path> cudaModulePlaces();

/// The devices that a table knows, each tried with a kernel; or none and `problem`: why, as a clause without a full
/// stop ("the NVIDIA driver knows of no device"). Any thread.
std::vector<CudaDevice> cudaDevicesOf(const LecternCudaModule& table, std::string& problem);
/// Of this machine's module.
std::vector<CudaDevice> cudaDevices(std::string& problem);

}  // namespace lectern
