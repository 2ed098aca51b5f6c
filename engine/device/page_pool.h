// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "engine/device/device.h"

namespace lectern {

/// Device memory for pages of the cache: pieces of a few sizes, cut from slabs, at most `budget` bytes of them. Pieces
/// may be given back on any thread.
class PagePool {
public:
    PagePool(std::shared_ptr<Device> device, std::uint64_t budget) : m_device(std::move(device)), m_budget(budget) {}

    /// 256-byte aligned, or null where there is no room; `bytes` a multiple of 256. On the device's thread.
    std::byte* take(std::size_t bytes);
    void giveBack(std::byte* piece, std::size_t bytes);

    std::uint64_t budget() const { return m_budget; }
    std::uint64_t allocated() const;  ///< bytes of the slabs
    const std::shared_ptr<Device>& device() const { return m_device; }

private:
    static constexpr std::size_t kSlabBytes = std::size_t(128) << 20;

    struct Slab {
        DeviceBuffer memory;
        std::size_t piece = 0, count = 0;
        std::vector<std::byte*> free;
    };
    bool addSlab(std::size_t bytes);
    void dropEmptySlabs();

    std::shared_ptr<Device> m_device;
    std::uint64_t m_budget, m_allocated = 0;
    std::vector<Slab> m_slabs;
    mutable std::mutex m_mutex;
};

}  // namespace lectern
