// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/cuda_module.h"
#include "engine/device/device.h"
#include "engine/engine_types.h"

namespace lectern {

/// The device that `--device` speaks of, looked for and opened when a model first wants to be computed on it. One
/// thread.
class ComputeDevice {
public:
    /// `options` outlive it. Tokenizing and the like never touch a device: nothing is loaded here.
    explicit ComputeDevice(const EngineOptions& options) : m_options(options) {}

    bool wanted() const { return m_options.device != "cpu"; }
    bool required() const { return wanted() && m_options.device != "auto"; }

    std::uint64_t memoryLimit() const { return m_options.memory_limit; }  ///< bytes for weights and cache; 0 = none

    /// "cuda:0"; empty until open() found it.
    std::string id() const { return m_device && *m_device ? (**m_device)->id() : std::string(); }
    /// Opened once; the first that works, or the one named. Errors: Usage, saying why there is none.
    Result<std::shared_ptr<Device>> open();
    /// Says that "auto" computes on the CPU and why, where a user may wonder; once for each reason. Returns the
    /// sentence, or nothing where there is no device that could compute.
    std::string fallBack(const Error& why);

    std::vector<DeviceInfo> infos() const;  ///< of all there are, or one that says why there is none

private:
    CudaModule module() const;
    Result<std::shared_ptr<Device>> find();

    const EngineOptions& m_options;
    std::optional<Result<std::shared_ptr<Device>>> m_device;
    bool m_expected = true;  ///< a machine that seems to have a device
    std::vector<std::string> m_told;
};

}  // namespace lectern
