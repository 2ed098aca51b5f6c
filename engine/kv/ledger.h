// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace lectern {

/// Bytes really allocated (never a formula), by what they hold.
struct MemoryLedger {
    std::uint64_t weights = 0;      ///< model weights, as mapped or converted
    std::uint64_t key_codes = 0;    ///< dense codes of keys
    std::uint64_t value_codes = 0;  ///< dense codes of values, with their per-token scales
    std::uint64_t corrections = 0;  ///< sparse outliers of both, all slots
    std::uint64_t raw = 0;          ///< fp16 tokens: sinks, recent window, or the whole cache at fp16
    std::uint64_t tables = 0;       ///< codebooks, thresholds, rotation tables, page directories, padding
    std::uint64_t activations = 0;  ///< work buffers of the engine
    std::uint64_t fp16_bytes = 0;   ///< what an fp16 cache of the same tokens would take
    std::uint64_t file_bytes = 0;   ///< session file on disk
    std::uint64_t peak = 0;         ///< highest weights + cache + activations so far
    std::uint64_t tokens = 0;

    // Of a device's memory, where one computes; the host's bytes above are there as well.
    std::uint64_t device_weights = 0;
    std::uint64_t device_pages = 0;    ///< slabs that pages of all contexts lie in, taken or not
    std::uint64_t device_scratch = 0;  ///< work buffers, with those of the host that they are copied through
    std::uint64_t host_pages = 0;      ///< of the context computed last: pages that the device has no room for

    std::uint64_t deviceBytes() const { return device_weights + device_pages + device_scratch; }
    std::uint64_t kvBytes() const { return key_codes + value_codes + corrections + raw + tables; }
    double ratio() const { return kvBytes() == 0 ? 1.0 : double(fp16_bytes) / double(kvBytes()); }
};

}  // namespace lectern
