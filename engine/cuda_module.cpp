// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/cuda_module.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstring>

#include "engine/device/device.h"

namespace lectern {

namespace fs = std::filesystem;

namespace {

constexpr const char* kDriver = "libcuda.so.1";
constexpr const char* kModuleFile = "liblectern_cuda.so";
constexpr int kMostDevices = 64;
constexpr int kLeastCapability = 75;

/// The driver's library costs little to look for; the module with its CUDA runtime costs tens of milliseconds.
bool driverThere(const char* driver) {
    void* library = dlopen(driver, RTLD_LAZY | RTLD_LOCAL);
    if (library == nullptr) return false;
    dlclose(library);
    return true;
}

/// What the dynamic linker said, and what helps.
std::string linkerProblem() {
    const char* said = dlerror();
    const std::string text = said == nullptr ? "?" : said;
    const bool blas = text.find("libcublas") != std::string::npos;
    return "the CUDA module cannot be loaded (" + text + ")" + (blas ? "; install cuBLAS of CUDA 13" : "");
}

const LecternCudaModule* load(const fs::path& file, std::string& problem) {
    // Never unloaded: the CUDA runtime inside registers functions to run at exit.
    void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (library == nullptr) {
        problem = linkerProblem();
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

/// Runs the smallest kernel: a driver lists devices that the module has no code for, and some that are in no state to
/// work. Returns the failure.
std::int32_t tryKernel(const LecternCudaModule& table, int index) {
    constexpr std::size_t kFloats = 64;
    void* memory = nullptr;
    kernels::Stream stream = nullptr;
    Steps steps;
    steps << table.useDevice(index);
    if (steps.failure() == 0) steps << table.createStream(&stream);
    if (steps.failure() == 0) steps << table.allocate(kFloats * sizeof(float), &memory);
    if (steps.failure() == 0) {
        auto* x = static_cast<float*>(memory);
        steps << table.fill(x, 0, kFloats * sizeof(float), stream) << table.add(x, x + kFloats / 2, kFloats / 2, stream)
              << table.waitForStream(stream);
    }
    if (memory != nullptr) table.release(memory);
    if (stream != nullptr) table.destroyStream(stream);
    return steps.failure();
}

/// Why nothing is computed on a device, as a clause, or nothing.
std::string deviceProblem(const LecternCudaModule& table, const CudaDevice& device) {
    const int capability = device.capability_major * 10 + device.capability_minor;
    if (capability < kLeastCapability)
        return "its compute capability " + std::to_string(device.capability_major) + "." +
               std::to_string(device.capability_minor) + " is too old, 7.5 is the least";
    const std::int32_t failure = tryKernel(table, device.index);
    return failure == 0 ? std::string() : "a kernel does not run on it (" + errorText(table, failure) + ")";
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

CudaModule cudaModuleThrough(const char* driver, const std::vector<fs::path>& places) {
    CudaModule found;
    found.driver = driverThere(driver);
    if (!found.driver) {
        found.problem = "no NVIDIA driver (" + std::string(driver) + ") on this machine";
        return found;
    }
    std::error_code ignored;
    const auto there = std::find_if(places.begin(), places.end(),
                                    [&](const fs::path& place) { return fs::is_regular_file(place, ignored); });
    if (there == places.end())
        found.problem = "this Lectern was built without its CUDA module (" + std::string(kModuleFile) + ")";
    else
        found.table = load(*there, found.problem);
    return found;
}

CudaModule cudaModule() {
    return cudaModuleThrough(kDriver, cudaModulePlaces());
}

std::vector<CudaDevice> cudaDevicesOf(const LecternCudaModule& table, std::string& problem) {
    problem.clear();
    std::vector<CudaDevice> devices;
    const int count = table.deviceCount();
    if (count < 0) problem = "the NVIDIA driver refuses to work (" + errorText(table, count) + ")";
    if (count == 0) problem = "the NVIDIA driver knows of no device";
    for (int index = 0; index < std::min(count, kMostDevices); ++index) {
        LecternCudaDevice told{};
        CudaDevice device;
        device.index = index;
        if (const std::int32_t failure = table.deviceInfo(index, &told); failure != 0) {
            device.problem = "it does not answer (" + errorText(table, failure) + ")";
        } else {
            device.name.assign(told.name, strnlen(told.name, sizeof told.name));
            device.memory = told.memory;
            device.memory_free = told.memory_free;
            device.capability_major = told.capability_major;
            device.capability_minor = told.capability_minor;
            device.problem = deviceProblem(table, device);
        }
        devices.push_back(std::move(device));
    }
    return devices;
}

std::vector<CudaDevice> cudaDevices(std::string& problem) {
    const CudaModule module = cudaModule();
    problem = module.problem;
    return module.table == nullptr ? std::vector<CudaDevice>() : cudaDevicesOf(*module.table, problem);
}

}  // namespace lectern
