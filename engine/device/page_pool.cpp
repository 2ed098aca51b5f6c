// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/device/page_pool.h"

#include <algorithm>

namespace lectern {

std::uint64_t PagePool::allocated() const {
    const std::lock_guard lock(m_mutex);
    return m_allocated;
}

std::byte* PagePool::take(std::size_t bytes) {
    const std::lock_guard lock(m_mutex);
    const auto roomy = [&] {
        return std::find_if(m_slabs.begin(), m_slabs.end(),
                            [&](const Slab& slab) { return slab.piece == bytes && !slab.free.empty(); });
    };
    auto slab = roomy();
    if (slab == m_slabs.end() && !addSlab(bytes)) {
        dropEmptySlabs();
        if (!addSlab(bytes)) return nullptr;
    }
    slab = roomy();
    std::byte* piece = slab->free.back();
    slab->free.pop_back();
    return piece;
}

/// As many pieces as a slab holds, fewer near the end of the budget.
bool PagePool::addSlab(std::size_t bytes) {
    const std::uint64_t left = m_budget - std::min(m_budget, m_allocated);
    std::size_t count = std::max<std::size_t>(1, std::min<std::uint64_t>(kSlabBytes, m_budget / 16) / bytes);
    count = std::min<std::size_t>(count, std::size_t(left / bytes));
    if (count == 0) return false;
    auto memory = DeviceBuffer::make(m_device, count * bytes, "A part of the cache");
    if (!memory) return false;
    Slab slab{std::move(*memory), bytes, count, {}};
    for (std::size_t i = count; i > 0; --i) slab.free.push_back(slab.memory.data() + (i - 1) * bytes);
    m_allocated += count * bytes;
    m_slabs.push_back(std::move(slab));
    return true;
}

void PagePool::dropEmptySlabs() {
    std::erase_if(m_slabs, [&](const Slab& slab) {
        const bool empty = slab.free.size() == slab.count;
        if (empty) m_allocated -= slab.count * slab.piece;
        return empty;
    });
}

void PagePool::giveBack(std::byte* piece, std::size_t bytes) {
    const std::lock_guard lock(m_mutex);
    for (Slab& slab : m_slabs) {
        if (slab.piece != bytes || piece < slab.memory.data() || piece >= slab.memory.data() + slab.count * bytes)
            continue;
        slab.free.push_back(piece);
        return;
    }
}

}  // namespace lectern
