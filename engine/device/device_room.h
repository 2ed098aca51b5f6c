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
/// Of these the bytes without which nothing can be computed: all but codes (of a cache at fp16, the chunk being read).
std::uint64_t leastContextBytes(const KvSettings& settings, const ModelConfig& config, std::uint64_t tokens);
/// The longest context whose pages take at most `bytes`, all of them on the device.
std::uint64_t contextThatFits(const KvSettings& settings, const ModelConfig& config, std::uint64_t bytes);

/// How the pages of a context are divided between a device and the host.
struct ContextSplit {
    int host_pages = 0;                  ///< the oldest, which stay with the host; 0: all of them fit
    std::uint64_t device = 0, host = 0;  ///< bytes of pages: on the device as contextBytes(), with the host alone
    std::uint64_t page = 0;              ///< bytes of one coded page
};
/// Of a context of `tokens` where the device has `room` bytes for pages. The oldest pages stay with the host: new ones
/// are written on the device, and where a sliding window has passed the old ones, the host has nothing to do. They
/// leave in steps of a sixteenth of the room, so that most tokens of a context that grows move none, and they depend on
/// the numbers given here alone. Where not even leastContextBytes() have room, all are the host's.
ContextSplit splitContext(const KvSettings& settings, int layers, const kernels::KvShape& shape, std::uint64_t tokens,
                          std::uint64_t room);

}  // namespace lectern
