// SPDX-License-Identifier: GPL-3.0-or-later
// Which pages of a context queries see: those that the device has, and whether any that the host has.
#include <algorithm>
#include <cstring>

#include "engine/device/device_attention.h"

namespace lectern {

/// The first position that the query at `position` sees.
std::uint64_t DeviceAttention::seenFrom(int layer, std::uint64_t position) const {
    const auto window = std::uint64_t(m_config.window(layer));
    return window > 0 && position + 1 > window ? position + 1 - window : 0;
}

/// Whether any query sees a page that the host has.
bool DeviceAttention::hostSees(const KvCache& cache, int layer) const {
    if (m_host.pages() == 0) return false;
    return !visible(cache, seenFrom(layer, m_first), cache.pageBegin(m_host.pages())).empty();
}

/// Positions [from, to) without those that the cache hides.
std::vector<DeviceAttention::Range> DeviceAttention::visible(const KvCache& cache, std::uint64_t from,
                                                             std::uint64_t to) {
    std::vector<Range> ranges;
    for (const TokenRange& hidden : cache.hidden()) {
        if (hidden.end <= from) continue;
        if (hidden.begin >= to) break;
        if (hidden.begin > from) ranges.push_back({from, hidden.begin});
        from = std::max(from, hidden.end);
    }
    if (from < to) ranges.push_back({from, to});
    return ranges;
}

/// The pages that the queries of a chunk see, for every layer.
Status DeviceAttention::pageLists(const KvCache& cache, const DeviceTable& table) {
    std::vector<kernels::PrefillPage> all;
    m_list_begin.assign(1, 0);
    const std::uint64_t end = m_first + std::uint64_t(m_tokens);
    for (int layer = 0; layer < m_config.layers; ++layer) {
        const std::uint64_t from = seenFrom(layer, m_first);
        auto run = table.runs(layer).begin();
        for (const Range& range : visible(cache, from, end)) {
            for (int page = cache.pageCount(range.begin + 1) - 1; page < cache.pageCount(range.end); ++page) {
                while (run->end <= page) ++run;
                if (!run->there) continue;
                const std::uint64_t begin = cache.pageBegin(page);
                const auto stop = std::min(range.end, begin + std::uint64_t(cache.pageCapacity(page)));
                const bool begun = begin < range.begin && range.begin > from;  // a hidden range ends in this page
                all.push_back({table.block(layer, KvKind::Key, page), table.block(layer, KvKind::Value, page),
                               int(begin), int(stop - begin), run->key_raw, run->value_raw,
                               begun ? int(range.begin - begin) : 0, page});
            }
        }
        m_list_begin.push_back(int(all.size()));
    }
    const std::size_t bytes = all.size() * sizeof all[0];
    if (auto grown = m_host_lists.grow(m_device, bytes, "Lists of pages"); !grown) return grown;
    if (auto grown = m_lists.grow(m_device, bytes, "Lists of pages"); !grown) return grown;
    std::memcpy(m_host_lists.data(), all.data(), bytes);
    const std::int32_t failure =
        m_device->table().copyIn(m_lists.data(), m_host_lists.data(), bytes, m_device->stream());
    return failure == 0 ? Status() : m_device->error(failure);
}

/// What the query at `position` sees, cut where pages are kept differently and where positions are hidden.
std::vector<DeviceAttention::Part> DeviceAttention::parts(const KvCache& cache, const DeviceTable& table, int layer,
                                                          std::uint64_t position) const {
    std::vector<Part> parts;
    for (const Range& range : visible(cache, seenFrom(layer, position), position + 1)) {
        const int last = cache.pageCount(range.end);
        for (const PageRun& run : table.runs(layer)) {
            const int first = std::max(run.begin, cache.pageCount(range.begin + 1) - 1), end = std::min(run.end, last);
            if (first >= end || !run.there) continue;
            const std::uint64_t origin = cache.pageBegin(first);
            const std::uint64_t begin = std::max(range.begin, origin);
            const std::uint64_t stop =
                std::min(range.end, cache.pageBegin(end - 1) + std::uint64_t(cache.pageCapacity(end - 1)));
            parts.push_back({first, end - first, int(begin - origin), int(stop - origin), run.key_raw, run.value_raw});
        }
    }
    return parts;
}

}  // namespace lectern
