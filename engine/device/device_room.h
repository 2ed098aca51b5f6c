// SPDX-License-Identifier: GPL-3.0-or-later
// What a device serves and has room for, asked before work starts.
#pragma once

#include <cstdint>

#include "engine/device/device.h"
#include "engine/kv/kv_settings.h"
#include "engine/model/model.h"

namespace lectern {

/// Left to the driver, to cuBLAS and to buffers that grow with the context, bytes.
inline constexpr std::uint64_t kDeviceReserve = std::uint64_t(512) << 20;

/// Errors: Usage, naming the setting, where the device's kernels do not serve a cache kept like this.
Status servesSettings(const Device& device, const ModelConfig& config, const KvSettings& settings);

/// Device memory that the pages of a context take while it is read and asked, in bytes: codes of all of it, and in fp16
/// the sinks, the recent window, the chunk being read and what is read before thresholds are fitted.
std::uint64_t contextBytes(const KvSettings& settings, const ModelConfig& config, std::uint64_t tokens);
/// The longest context whose pages take at most `bytes`.
std::uint64_t contextThatFits(const KvSettings& settings, const ModelConfig& config, std::uint64_t bytes);

}  // namespace lectern
