// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/compute_device.h"

#include <algorithm>

namespace lectern {

CudaModule ComputeDevice::module() const {
    if (m_options.cuda == nullptr) return cudaModule();
    return {m_options.cuda, {}, true};
}

std::vector<DeviceInfo> ComputeDevice::infos() const {
    const CudaModule found = module();
    std::string problem = found.problem;
    std::vector<DeviceInfo> all;
    if (found.table != nullptr) {
        for (CudaDevice& device : cudaDevicesOf(*found.table, problem)) {
            DeviceInfo info;
            info.id = "cuda:" + std::to_string(device.index);
            info.name = std::move(device.name);
            info.problem = std::move(device.problem);
            info.memory = device.memory;
            info.memory_free = device.memory_free;
            info.capability_major = device.capability_major;
            info.capability_minor = device.capability_minor;
            all.push_back(std::move(info));
        }
    }
    if (all.empty()) {
        DeviceInfo none;
        none.id = "cuda";
        none.problem = problem;
        all.push_back(none);
    }
    return all;
}

Result<std::shared_ptr<Device>> ComputeDevice::find() {
    const auto unusable = [&](const std::string& problem) {
        return Error{ErrorCode::Usage, "The device \"" + m_options.device + "\" cannot be used: " + problem +
                                           "; use --device cpu, and lectern-cli devices to see what there is."};
    };
    const CudaModule found = module();
    m_expected = found.driver;
    if (found.table == nullptr) return unusable(found.problem);
    std::string problem;
    const auto devices = cudaDevicesOf(*found.table, problem);
    m_expected = !devices.empty() || found.table->deviceCount() < 0;
    const bool named = m_options.device.starts_with("cuda:");
    for (const CudaDevice& device : devices) {
        const std::string id = "cuda:" + std::to_string(device.index);
        if (named && id != m_options.device) continue;
        if (device.problem.empty()) return Device::open(*found.table, device.index);
        if (problem.empty()) problem = named ? device.problem : id + " (" + device.name + "): " + device.problem;
    }
    if (problem.empty()) problem = "there are " + std::to_string(devices.size()) + " devices, counted from cuda:0";
    return unusable(problem);
}

Result<std::shared_ptr<Device>> ComputeDevice::open() {
    if (!m_device) m_device = find();
    return *m_device;
}

std::string ComputeDevice::fallBack(const Error& why) {
    if (!m_expected) return {};
    std::string sentence = "Computing on the CPU. " + why.message;
    if (std::find(m_told.begin(), m_told.end(), why.message) == m_told.end()) {
        m_told.push_back(why.message);
        if (m_options.notice) m_options.notice(sentence);
    }
    return sentence;
}

}  // namespace lectern
