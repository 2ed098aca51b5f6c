// SPDX-License-Identifier: GPL-3.0-or-later
// What graphics processors there are. The CUDA module is looked for, loaded and asked; nothing here needs it to be
// built or a driver to be there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace lectern {

struct CudaDevice {
    int index = 0;  ///< as in "cuda:N"
    std::string name;
    std::uint64_t memory = 0, memory_free = 0;  ///< bytes
    int capability_major = 0, capability_minor = 0;
};

/// The devices, or none and `problem`: why, as a clause without a full stop ("no NVIDIA driver (libcuda.so.1) on this
/// machine"). A module once loaded stays loaded. Any thread.
std::vector<CudaDevice> cudaDevices(std::string& problem);

/// Where the module is looked for, in this order: beside the executable, then in the library folders next to it.
std::vector<std::filesystem::path> cudaModulePlaces();

/// The same with the driver's library and the places of the module named.
std::vector<CudaDevice> cudaDevicesThrough(const char* driver, const std::vector<std::filesystem::path>& places,
                                           std::string& problem);

}  // namespace lectern
