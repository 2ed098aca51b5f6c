// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/device/device_pages.h"

#include <algorithm>
#include <cstring>

#include "engine/device/device_room.h"

namespace lectern {

namespace {

constexpr KvKind kKinds[] = {KvKind::Key, KvKind::Value};
constexpr std::size_t kAlignment = 64;

std::size_t padded(std::size_t bytes) {
    return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

/// Calls what(block, offset) for the blocks of a page in the order of their copy; returns its bytes, 0 for a hole.
template <class What>
std::size_t forBlocks(const KvCache& cache, int page, What what) {
    std::size_t at = 0;
    for (int layer = 0; layer < cache.layers(); ++layer)
        for (const KvKind kind : kKinds) {
            const KvBlock* block = cache.block(layer, kind, page);
            if (block == nullptr) return 0;
            what(*block, at);
            at += padded(block->bytes());
        }
    return (at + 255) / 256 * 256;
}

/// Of the blocks of pages 0 … end - 1.
std::uint64_t bytesOf(const KvCache& cache, int end) {
    std::uint64_t bytes = 0;
    for (int page = 0; page < end; ++page)
        forBlocks(cache, page, [&](const KvBlock& block, std::size_t) { bytes += block.bytes(); });
    return bytes;
}

/// The copy that all blocks of a page agree on, or null.
std::shared_ptr<PageCopy> sharedCopy(const KvCache& cache, int page) {
    const KvBlock* first = cache.block(0, KvKind::Key, page);
    auto copy = first == nullptr ? nullptr : first->copy();
    if (copy == nullptr) return nullptr;
    bool same = true;
    forBlocks(cache, page, [&](const KvBlock& block, std::size_t) { same = same && block.copy() == copy; });
    return same ? std::static_pointer_cast<PageCopy>(copy) : nullptr;
}

}  // namespace

/// The table to go on with: the cache's own, or one that begins as the one it shares with others.
std::shared_ptr<DeviceTable> DevicePages::tableOf(const KvCache& cache, int& valid) const {
    const auto& known = cache.deviceTable();
    valid = 0;
    if (known == nullptr) return std::make_shared<DeviceTable>();
    const bool own = known.use_count() == 1;
    auto table = std::static_pointer_cast<DeviceTable>(known);
    valid = std::min(cache.deviceTablePages(), table->pages());
    if (own) return table;
    auto twin = std::make_shared<DeviceTable>();
    twin->m_pages.assign(table->m_pages.begin(), table->m_pages.begin() + valid);
    twin->m_host_pages = table->m_host_pages;
    twin->m_host_bytes = table->m_host_bytes;
    twin->m_counted = table->m_counted;
    twin->m_short = table->m_short;
    return twin;
}

/// Capacity for `pages`; the addresses stay.
Status DevicePages::makeRoom(DeviceTable& table, int layers, int pages) {
    if (pages <= table.m_capacity) return {};
    const int capacity = std::max(64, pages + pages / 2);
    const std::size_t bytes = std::size_t(layers) * 2 * std::size_t(capacity) * sizeof(void*);
    auto host = PinnedBuffer::make(m_device, bytes, "A table of pages");
    if (!host) return host.error();
    auto device = DeviceBuffer::make(m_device, bytes, "A table of pages");
    if (!device) return device.error();
    table.m_host = std::move(*host);
    table.m_device = std::move(*device);
    table.m_capacity = capacity;
    table.m_sent = 0;
    return {};
}

Status DevicePages::upload(const KvCache& cache, int page, const PageCopy& copy) {
    if (auto grown = m_staging.grow(m_device, copy.bytes(), "A buffer for pages"); !grown) return grown;
    std::vector<std::pair<const KvBlock*, std::size_t>> blocks;
    forBlocks(cache, page, [&](const KvBlock& block, std::size_t at) { blocks.emplace_back(&block, at); });
    m_pool.run(int(blocks.size()), [&](int i, int) {
        const auto& [block, at] = blocks[std::size_t(i)];
        std::memcpy(m_staging.data() + at, block->data(), block->bytes());
    });
    Steps steps;
    steps << m_device->table().copyIn(copy.at(), m_staging.data(), copy.bytes(), m_device->stream())
          << m_device->wait();
    return steps.failure() == 0 ? Status() : m_device->error(steps.failure());
}

/// Lets the context go that was used longest ago. False where only `keep` is left.
bool DevicePages::evict(const DeviceTable& keep) {
    std::erase_if(m_tables, [](const auto& table) { return table.expired(); });
    std::shared_ptr<DeviceTable> oldest;
    for (const auto& weak : m_tables) {
        auto table = weak.lock();
        if (table.get() == &keep || table->m_pages.empty()) continue;
        if (oldest == nullptr || table->m_used < oldest->m_used) oldest = std::move(table);
    }
    if (oldest == nullptr) return false;
    oldest->m_pages.clear();
    oldest->m_short = 0;
    return true;
}

/// Not even for the pages that are written to.
Error DevicePages::noRoom(const KvCache& cache, std::size_t page_bytes) const {
    return {ErrorCode::NoRoom, "The tokens that are being read need more memory than " + m_device->id() +
                                   " has for pages, after " + std::to_string(cache.tokens()) +
                                   " tokens: " + std::to_string(page_bytes) + " bytes for each 64, and " +
                                   std::to_string(m_memory->budget()) + " bytes for all. Use --device cpu."};
}

bool DevicePages::current(const KvCache& cache, const DeviceTable& table, int page) {
    const auto copy = sharedCopy(cache, page);
    return copy != nullptr && copy == table.m_pages[std::size_t(page)];
}

std::vector<std::size_t> DevicePages::places(const std::vector<KvBlockLayout>& layouts) {
    std::vector<std::size_t> all(1, 0);
    for (const KvBlockLayout& layout : layouts) all.push_back(all.back() + padded(layout.bytes()));
    all.back() = (all.back() + 255) / 256 * 256;
    return all;
}

std::shared_ptr<PageCopy> DevicePages::room(std::size_t bytes, const DeviceTable& keep) {
    std::byte* at = m_memory->take(bytes);
    while (at == nullptr && evict(keep)) at = m_memory->take(bytes);
    return at == nullptr ? nullptr : std::make_shared<PageCopy>(m_memory, at, bytes);
}

Result<std::shared_ptr<PageCopy>> DevicePages::copyOf(const KvCache& cache, int page, const DeviceTable& keep) {
    if (auto copy = sharedCopy(cache, page)) return copy;
    const std::size_t bytes = forBlocks(cache, page, [](const KvBlock&, std::size_t) {});
    if (bytes == 0) return std::shared_ptr<PageCopy>();
    auto copy = room(bytes, keep);
    if (copy == nullptr) return noRoom(cache, bytes);
    if (cache.pageBegin(page) < cache.tokens()) {
        if (auto done = upload(cache, page, *copy); !done) return done.error();
    }
    forBlocks(cache, page, [&](const KvBlock& block, std::size_t) { block.setCopy(copy); });
    return copy;
}

/// Writes a page's addresses, and its part of the runs: pages come in ascending order.
void DevicePages::place(const KvCache& cache, DeviceTable& table, int page) {
    const PageCopy* copy = table.m_pages[std::size_t(page)].get();
    auto** addresses = table.m_host.as<std::byte*>();
    std::size_t at = 0;
    for (int layer = 0; layer < cache.layers(); ++layer) {
        PageRun run{page, page + 1, copy != nullptr, false, false};
        for (const KvKind kind : kKinds) {
            std::byte*& address = addresses[table.row(layer, kind) + page];
            std::byte* const now = copy == nullptr ? nullptr : copy->at() + at;
            if (address != now) table.m_sent = std::min(table.m_sent, page);
            address = now;
            if (copy == nullptr) continue;
            const KvBlock& block = *cache.block(layer, kind, page);
            at += padded(block.bytes());
            (kind == KvKind::Key ? run.key_raw : run.value_raw) = block.layout().raw();
        }
        auto& runs = table.m_runs[std::size_t(layer)];
        const bool apart = page == 1 && cache.sinkPage(0);  // sinks do not fill their page
        const bool same = !runs.empty() && !apart && runs.back().there == run.there &&
                          runs.back().key_raw == run.key_raw && runs.back().value_raw == run.value_raw;
        if (same)
            runs.back().end = page + 1;
        else
            runs.push_back(run);
    }
}

/// Copies of all pages from `host` on, the newest first. Pages before `valid` are as the table has them.
Status DevicePages::fill(const KvCache& cache, DeviceTable& table, int host, int valid) {
    auto& pages = table.m_pages;
    const auto bring = [&](int begin, int end) -> Status {
        for (int page = end - 1; page >= begin; --page) {
            if (pages[std::size_t(page)] != nullptr) continue;
            auto copy = copyOf(cache, page, table);
            if (!copy) return copy.error();
            pages[std::size_t(page)] = std::move(*copy);
        }
        return {};
    };
    if (auto brought = bring(std::max(valid, host), int(pages.size())); !brought) return brought;
    return bring(host, std::min(valid, table.m_host_pages));
}

/// fill() with as many pages as have room; returns how many are left to the host. What the budget promises and the
/// device does not give (other programs have memory too) is done without, a sixteenth at a time.
Result<int> DevicePages::divide(const KvCache& cache, DeviceTable& table, std::uint64_t tokens, int valid) {
    const int written = cache.pageCount(cache.tokens() + 1) - 1;  // the first page that has to be here
    for (int first = table.m_host_pages;;) {                      // no page before `first` is here

        const std::uint64_t room = budget() - std::min(budget(), table.m_short);
        const ContextSplit split = splitContext(cache.settings(), cache.layers(), cache.shape(), tokens, room);
        const int host = std::min(written, split.host_pages);
        for (int page = first; page < host; ++page) table.m_pages[std::size_t(page)] = nullptr;
        first = std::min(first, host);
        const auto filled = fill(cache, table, host, valid);
        if (filled) return host;
        if (filled.error().code != ErrorCode::NoRoom || host == written) return filled.error();
        table.m_short += std::max(budget() / 16, split.page);
    }
}

Result<std::shared_ptr<DeviceTable>> DevicePages::bring(KvCache& cache, std::uint64_t tokens) {
    const int pages = cache.pageCount(tokens);
    int valid = 0;
    auto table = tableOf(cache, valid);
    valid = std::min(valid, pages);
    const bool fresh = table->m_capacity < pages;  // all addresses are written again
    if (auto room = makeRoom(*table, cache.layers(), pages); !room) return room.error();
    table->m_used = ++m_calls;
    const bool known = std::any_of(m_tables.begin(), m_tables.end(), [&](const auto& t) { return t.lock() == table; });
    if (!known) m_tables.push_back(table);
    table->m_pages.resize(std::size_t(valid));
    table->m_pages.resize(std::size_t(pages));
    table->m_host_pages = std::min(table->m_host_pages, valid);
    const auto host = divide(cache, *table, tokens, valid);
    if (!host) {
        table->m_pages.clear(), table->m_short = 0;
        cache.setDeviceTable(table, 0);
        return host.error();
    }
    int from = fresh ? 0 : valid;
    if (*host != table->m_host_pages) from = std::min({from, *host, table->m_host_pages});
    if (from < *host || table->m_counted != *host) table->m_host_bytes = bytesOf(cache, *host);
    table->m_host_pages = table->m_counted = *host;
    m_host_bytes = table->m_host_bytes;
    table->m_runs.resize(std::size_t(cache.layers()));
    for (auto& runs : table->m_runs) {
        std::erase_if(runs, [&](const PageRun& run) { return run.begin >= from; });
        if (!runs.empty()) runs.back().end = std::min(runs.back().end, from);
    }
    for (int page = from; page < pages; ++page) place(cache, *table, page);
    cache.setDeviceTable(table, pages);
    m_expected.clear();
    if (auto sent = send(*table, cache.layers(), pages); !sent) return sent.error();
    return table;
}

/// The addresses that changed, to the device.
Status DevicePages::send(DeviceTable& table, int layers, int pages) const {
    if (table.m_sent >= pages) return {};
    const std::int32_t failure = m_device->table().copyRowsIn(
        table.m_device.as<std::byte*>() + table.m_sent, table.m_host.as<std::byte*>() + table.m_sent,
        std::size_t(table.m_capacity) * sizeof(void*), std::size_t(pages - table.m_sent) * sizeof(void*), 2 * layers,
        m_device->stream());
    if (failure != 0) return m_device->error(failure);
    table.m_sent = pages;
    return {};
}

Status DevicePages::fetchRaw(KvCache& cache, const DeviceTable& table, int begin, int end) {
    std::vector<std::size_t> at(1, 0);  // of each page in the buffer
    for (int page = begin; page < end; ++page) at.push_back(at.back() + table.m_pages[std::size_t(page)]->bytes());
    if (auto grown = m_staging.grow(m_device, at.back(), "A buffer for pages"); !grown) return grown;
    const auto& t = m_device->table();
    while (m_arrived.size() < at.size() - 1) {
        DeviceEvent event;
        if (const std::int32_t failure = event.make(m_device); failure != 0) return m_device->error(failure);
        m_arrived.push_back(std::move(event));
    }
    Steps steps;
    for (int page = begin; page < end; ++page) {
        const auto i = std::size_t(page - begin);
        const PageCopy& copy = *table.m_pages[std::size_t(page)];
        steps << t.copyOut(m_staging.data() + at[i], copy.at(), copy.bytes(), m_device->stream())
              << t.recordEvent(m_arrived[i].get(), m_device->stream());
    }
    for (int page = begin; page < end; ++page) {  // a page is filled while the next ones are on their way
        const auto i = std::size_t(page - begin);
        steps << t.waitForEvent(m_arrived[i].get());
        if (steps.failure() != 0) break;
        const std::byte* from = m_staging.data() + at[i];
        m_pool.run(cache.layers() * 2, [&](int k, int) {
            const KvKind kind = kKinds[k % 2];
            const auto place = table.block(k / 2, kind, page) - table.m_pages[std::size_t(page)]->at();
            cache.fillRaw(k / 2, kind, page, from + place);
        });
    }
    if (steps.failure() == 0) return {};
    m_device->wait();  // nothing may still come when the buffer is used again
    return m_device->error(steps.failure());
}

Status DevicePages::push(const KvCache& cache, const DeviceTable& table, int layer, int begin, int end) {
    for (int page = begin; page < end; ++page)
        for (const KvKind kind : kKinds) {
            const KvBlock& block = *cache.block(layer, kind, page);
            if (auto grown = m_staging.grow(m_device, block.bytes(), "A buffer for pages"); !grown) return grown;
            std::memcpy(m_staging.data(), block.data(), block.bytes());
            Steps steps;
            steps << m_device->table().copyIn(table.block(layer, kind, page), m_staging.data(), block.bytes(),
                                              m_device->stream())
                  << m_device->wait();
            if (steps.failure() != 0) return m_device->error(steps.failure());
        }
    return {};
}

void DevicePages::markEqual(const KvCache& cache, const DeviceTable& table, int begin, int end) const {
    for (int page = begin; page < end; ++page) {
        const auto& copy = table.m_pages[std::size_t(page)];
        forBlocks(cache, page, [&](const KvBlock& block, std::size_t) { block.setCopy(copy); });
    }
}

}  // namespace lectern
