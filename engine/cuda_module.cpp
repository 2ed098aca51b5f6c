// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/cuda_module.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstring>

#include "kernels/cuda/cuda_module.h"

namespace lectern {

namespace fs = std::filesystem;

namespace {

constexpr const char* kDriver = "libcuda.so.1";
constexpr const char* kModuleFile = "liblectern_cuda.so";
constexpr int kMostDevices = 64;

/// The driver's library costs little to look for; the module with its CUDA runtime costs tens of milliseconds.
bool driverThere(const char* driver) {
    void* library = dlopen(driver, RTLD_LAZY | RTLD_LOCAL);
    if (library == nullptr) return false;
    dlclose(library);
    return true;
}

const LecternCudaModule* load(const fs::path& file, std::string& problem) {
    // Never unloaded: the CUDA runtime inside registers functions to run at exit.
    void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (library == nullptr) {
        problem = "the CUDA module cannot be loaded (" + std::string(dlerror()) + ")";
        return nullptr;
    }
    const auto function = reinterpret_cast<LecternCudaModuleFunction>(dlsym(library, kLecternCudaSymbol));
    const LecternCudaModule* module = function == nullptr ? nullptr : function();
    if (module == nullptr || module->version != kLecternCudaVersion || module->bytes != sizeof(LecternCudaModule)) {
        problem = "the CUDA module \"" + file.string() + "\" belongs to another version of Lectern";
        return nullptr;
    }
    return module;
}

std::string errorText(const LecternCudaModule& module, std::int32_t failure) {
    const char* text = module.errorText(failure);
    return text == nullptr ? "unknown error" : text;
}

std::vector<CudaDevice> ask(const LecternCudaModule& module, std::string& problem) {
    std::vector<CudaDevice> devices;
    const int count = module.deviceCount();
    if (count < 0) problem = "the NVIDIA driver refuses to work (" + errorText(module, count) + ")";
    if (count == 0) problem = "the NVIDIA driver knows of no device";
    for (int index = 0; index < std::min(count, kMostDevices); ++index) {
        LecternCudaDevice told{};
        if (const std::int32_t failure = module.deviceInfo(index, &told); failure != 0) {
            problem = "device cuda:" + std::to_string(index) + " does not answer (" + errorText(module, failure) + ")";
            continue;
        }
        CudaDevice device;
        device.index = index;
        device.name.assign(told.name, strnlen(told.name, sizeof told.name));
        device.memory = told.memory;
        device.memory_free = told.memory_free;
        device.capability_major = told.capability_major;
        device.capability_minor = told.capability_minor;
        devices.push_back(std::move(device));
    }
    if (!devices.empty()) problem.clear();
    return devices;
}

}  // namespace

std::vector<fs::path> cudaModulePlaces() {
    std::error_code ignored;
    const fs::path folder = fs::read_symlink("/proc/self/exe", ignored).parent_path();
    std::vector<fs::path> places;
    for (const char* relative : {".", "../lib", "../lib/lectern"}) {
        places.push_back((folder / relative / kModuleFile).lexically_normal());
    }
    return places;
}

std::vector<CudaDevice> cudaDevicesThrough(const char* driver, const std::vector<fs::path>& places,
                                           std::string& problem) {
    problem.clear();
    if (!driverThere(driver)) {
        problem = "no NVIDIA driver (" + std::string(driver) + ") on this machine";
        return {};
    }
    std::error_code ignored;
    const auto there = std::find_if(places.begin(), places.end(),
                                    [&](const fs::path& place) { return fs::is_regular_file(place, ignored); });
    if (there == places.end()) {
        problem = "this Lectern was built without its CUDA module (" + std::string(kModuleFile) + ")";
        return {};
    }
    const LecternCudaModule* module = load(*there, problem);
    return module == nullptr ? std::vector<CudaDevice>() : ask(*module, problem);
}

std::vector<CudaDevice> cudaDevices(std::string& problem) {
    return cudaDevicesThrough(kDriver, cudaModulePlaces(), problem);
}

}  // namespace lectern
