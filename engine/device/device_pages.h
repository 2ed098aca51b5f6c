// SPDX-License-Identifier: GPL-3.0-or-later
// Which pages of which caches are in device memory, and where.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/base/thread_pool.h"
#include "engine/device/page_pool.h"
#include "engine/kv/kv_cache.h"

namespace lectern {

/// One page of all layers in device memory: blocks one after another as layouts say, layer by layer, keys first.
class PageCopy final : public BlockCopy {
public:
    PageCopy(std::shared_ptr<PagePool> pool, std::byte* at, std::size_t bytes)
        : m_pool(std::move(pool)), m_at(at), m_bytes(bytes) {}
    ~PageCopy() override { m_pool->giveBack(m_at, m_bytes); }
    PageCopy(const PageCopy&) = delete;
    PageCopy& operator=(const PageCopy&) = delete;

    std::byte* at() const { return m_at; }
    std::size_t bytes() const { return m_bytes; }

private:
    std::shared_ptr<PagePool> m_pool;
    std::byte* m_at;
    std::size_t m_bytes;
};

/// Neighbouring pages of one layer that are kept alike.
struct PageRun {
    int begin = 0, end = 0;
    bool there = true, key_raw = false,
         value_raw = false;  ///< not there: with the host, or a hole of a composed context
};

/// Addresses of the blocks of one context, on both sides. Keeps its pages in device memory, all but the oldest where it
/// has not the room: those are with the host alone.
class DeviceTable final : public KvDeviceTable {
public:
    int pages() const { return int(m_pages.size()); }
    int hostPages() const { return m_host_pages; }  ///< pages before this one are not in device memory
    /// [page] in device memory, and what it holds.
    std::byte* const* blocks(int layer, KvKind kind) const { return m_device.as<std::byte*>() + row(layer, kind); }
    std::byte* block(int layer, KvKind kind, int page) const {
        return m_host.as<std::byte*>()[row(layer, kind) + page];
    }
    const std::vector<PageRun>& runs(int layer) const { return m_runs[std::size_t(layer)]; }

private:
    friend class DevicePages;
    std::ptrdiff_t row(int layer, KvKind kind) const {
        return (std::ptrdiff_t(layer) * 2 + std::ptrdiff_t(kind)) * m_capacity;
    }

    std::vector<std::shared_ptr<PageCopy>> m_pages;  ///< null: with the host, or a hole
    std::vector<std::vector<PageRun>> m_runs;        ///< [layers]
    DeviceBuffer m_device;                           ///< [layers][2][capacity] addresses
    PinnedBuffer m_host;                             ///< the same
    int m_capacity = 0;
    int m_host_pages = 0;            ///< none of m_pages before this one
    std::uint64_t m_host_bytes = 0;  ///< of the blocks of the first m_counted pages
    int m_counted = 0;
    std::uint64_t m_short = 0;  ///< bytes of the budget that could not be had for this context
    int m_sent = 0;             ///< addresses of the pages before this one are the same on both sides
    std::uint64_t m_used = 0;   ///< when, in calls of bring()
};

/// Brings pages in and back. The host's blocks are the truth; a block knows the copy that equals it (KvBlock::copy), so
/// forks share copies. Where the pool is full, the contexts that were used longest ago leave; of a context that does
/// not fit by itself the oldest pages stay with the host, as many as splitContext() says: that depends on its length
/// and the budget, not on how it came about, so that reading it again divides it alike. One thread.
class DevicePages {
public:
    DevicePages(const std::shared_ptr<Device>& device, std::uint64_t budget, ThreadPool& pool)
        : m_device(device), m_memory(std::make_shared<PagePool>(device, budget)), m_pool(pool) {}

    /// The table of the pages of the first `tokens` tokens, in device memory from table->hostPages() on; pages after
    /// cache.tokens() have room and no content. Enqueued on the device's stream. Errors: NoRoom with numbers, where not
    /// even the pages that are written to have room; Failed.
    Result<std::shared_ptr<DeviceTable>> bring(KvCache& cache, std::uint64_t tokens);
    /// Host's blocks of raw pages [begin, end) from the device's. Waits.
    Status fetchRaw(KvCache& cache, const DeviceTable& table, int begin, int end);
    /// Device's blocks of one layer from the host's. Enqueued, and waited for.
    Status push(const KvCache& cache, const DeviceTable& table, int layer, int begin, int end);
    /// The host's blocks of pages [begin, end) were written with what the device has.
    void markEqual(const KvCache& cache, const DeviceTable& table, int begin, int end) const;

    /// True where the table's page holds what the cache's blocks do.
    static bool current(const KvCache& cache, const DeviceTable& table, int page);
    /// Copies that blocks know already and that the next bring() will find: they live until then.
    void expect(const std::vector<std::shared_ptr<PageCopy>>& copies) {
        m_expected.insert(m_expected.end(), copies.begin(), copies.end());
    }
    /// A piece of so many bytes for a page; null where there is no room once all contexts but `keep` are gone.
    std::shared_ptr<PageCopy> room(std::size_t bytes, const DeviceTable& keep);
    /// Where blocks of these layouts ([layers][2]) lie in their page, and behind the last one the page's bytes.
    static std::vector<std::size_t> places(const std::vector<KvBlockLayout>& layouts);

    std::uint64_t allocated() const { return m_memory->allocated(); }
    std::uint64_t budget() const { return m_memory->budget(); }
    std::uint64_t hostBytes() const {
        return m_host_bytes;
    }  ///< of pages that the last context had with the host alone

private:
    std::shared_ptr<DeviceTable> tableOf(const KvCache& cache, int& valid) const;
    Status makeRoom(DeviceTable& table, int layers, int pages);
    Result<int> divide(const KvCache& cache, DeviceTable& table, std::uint64_t tokens, int valid);
    Status fill(const KvCache& cache, DeviceTable& table, int host, int valid);
    Result<std::shared_ptr<PageCopy>> copyOf(const KvCache& cache, int page, const DeviceTable& keep);
    Status upload(const KvCache& cache, int page, const PageCopy& copy);
    Status send(DeviceTable& table, int layers, int pages) const;
    static void place(const KvCache& cache, DeviceTable& table, int page);
    bool evict(const DeviceTable& keep);
    Error noRoom(const KvCache& cache, std::size_t page_bytes) const;

    std::shared_ptr<Device> m_device;
    std::shared_ptr<PagePool> m_memory;
    ThreadPool& m_pool;
    PinnedBuffer m_staging;
    std::vector<DeviceEvent> m_arrived;  ///< of pages on their way back
    std::vector<std::weak_ptr<DeviceTable>> m_tables;
    std::vector<std::shared_ptr<PageCopy>> m_expected;
    std::uint64_t m_calls = 0, m_host_bytes = 0;
};

}  // namespace lectern
