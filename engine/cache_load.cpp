// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/cache_load.h"

#include <algorithm>
#include <new>
#include <tuple>

#include "engine/machine.h"

namespace lectern {

namespace {

constexpr int kMostReaders = 8;

Error pointsOutside(const StoredBlock& block) {
    return {ErrorCode::Damaged, block.called() + " points outside itself; verify the session."};
}

Error noMemory() {
    return {ErrorCode::NoRoom,
            "There is not enough memory for the session's cache; close other programs and try again."};
}

}  // namespace

void orderRows(std::vector<BlockRow>& rows, std::uint64_t free_memory) {
    std::uint64_t bytes = 0;
    for (const auto& row : rows) bytes += row.bytes();
    const bool by_layer = free_memory / 2 >= bytes;
    std::sort(rows.begin(), rows.end(), [=](const BlockRow& a, const BlockRow& b) {
        if (!by_layer) return a.payload < b.payload;
        return std::tuple(blockLayer(a.id), blockKind(a.id), a.payload) <
               std::tuple(blockLayer(b.id), blockKind(b.id), b.payload);
    });
}

CacheLoad::CacheLoad(KvCache shadow, std::vector<BlockRow> rows, std::uint32_t pages)
    : m_shadow(std::move(shadow)),
      m_rows(std::move(rows)),
      m_pages(pages),
      m_rows_left(std::size_t(m_shadow.layers())) {
    orderRows(m_rows, freeMemory());
    for (const auto& row : m_rows) {
        m_bytes += row.bytes();
        for (int layer = blockLayer(row.id); layer <= blockLayer(row.last); ++layer) ++m_rows_left[std::size_t(layer)];
    }
    m_layers_left = int(std::count_if(m_rows_left.begin(), m_rows_left.end(), [](int rows) { return rows > 0; }));
    m_ended = m_begun;
}

Result<std::shared_ptr<CacheLoad>> CacheLoad::begin(const SessionStore& store, int branch, std::uint64_t tokens,
                                                    KvCache shadow) {
    auto rows = store.blockRows(branch);
    if (!rows) return rows.error();
    const auto pages = std::uint32_t(shadow.pageCount(tokens));
    // Pages past the end were written ahead of a point that was never reached.
    std::erase_if(*rows, [&](const BlockRow& row) { return blockPage(row.id) >= pages; });
    for (const auto& row : *rows) {
        if (blockLayer(row.last) >= shadow.layers() || blockLayer(row.id) > blockLayer(row.last))
            return Error{ErrorCode::Damaged,
                         "The session has blocks of layers that its model does not have; verify it."};
    }
    shadow.reserve(tokens);
    std::shared_ptr<CacheLoad> load(new CacheLoad(std::move(shadow), std::move(*rows), pages));
    if (auto reserved = load->reserve(); !reserved) return reserved.error();
    const int readers = std::min(CacheLoad::readers(), std::max(1, int(load->m_rows.size())));
    for (int reader = 0; reader < readers; ++reader) {
        auto opened = store.blockReader();
        if (!opened) return opened.error();
        load->m_readers.push_back(std::move(*opened));
    }
    for (int layer = 0; layer < load->m_shadow.layers(); ++layer) {
        if (load->m_rows_left[std::size_t(layer)] == 0 && pages > 0)
            if (auto whole = load->m_shadow.whole(layer); !whole) return whole.error();
    }
    for (auto& reader : load->m_readers) load->m_threads.emplace_back([&load = *load, &reader] { load.work(reader); });
    return load;
}

/// More than processors: some wait for the disk while others check.
int CacheLoad::readers() {
    return std::clamp(2 * int(std::thread::hardware_concurrency()), 2, kMostReaders);
}

CacheLoad::~CacheLoad() {
    m_stop = true;
    for (auto& thread : m_threads) thread.join();
}

void CacheLoad::work(BlockReader& reader) {
    try {
        while (!m_stop) {
            const auto index = m_next.fetch_add(1);
            if (index >= m_rows.size()) return;
            if (auto read = readRow(reader, index); !read) return end(read.error());
            rowDone(m_rows[index]);
        }
    } catch (const std::bad_alloc&) {
        end(noMemory());
    }
}

/// Addresses for all blocks that are wanted. Memory follows row by row, once the row is known to be one of this cache.
Status CacheLoad::reserve() {
    m_at.reserve(m_rows.size() + 1);
    std::size_t at = 0;
    for (const auto& row : m_rows) {
        m_at.push_back(at);
        for (const auto& block : row.blocks) {
            if (wanted(block)) at += AlignedBuffer::allocated(block.bytes);
        }
    }
    m_at.push_back(at);
    m_memory = ReservedMemory::make(at);
    return m_memory ? Status() : Status(noMemory());
}

Result<std::shared_ptr<std::byte>> CacheLoad::memoryFor(std::size_t row) const {
    for (const auto& block : m_rows[row].blocks) {
        if (!wanted(block)) continue;
        const auto layout = m_shadow.layoutFor(blockLayer(block.key), KvKind(blockKind(block.key) != 0),
                                               int(blockPage(block.key)), block.bits, block.bytes);
        if (!layout) return layout.error();
    }
    auto memory = m_memory->piece(m_at[row], m_at[row + 1] - m_at[row]);
    if (!memory) return noMemory();
    return memory;
}

Status CacheLoad::readRow(BlockReader& reader, std::size_t index) {
    auto memory = memoryFor(index);
    if (!memory) return memory.error();
    std::byte* free = memory->get();
    std::unique_ptr<KvBlock> block;
    const auto place = [&](const StoredBlock& stored) -> Result<std::span<std::byte>> {
        if (!wanted(stored)) return std::span<std::byte>();
        auto made = m_shadow.blockFor(blockLayer(stored.key), KvKind(blockKind(stored.key) != 0),
                                      int(blockPage(stored.key)), stored.bits, stored.bytes, {*memory, free});
        if (!made) return made.error();
        free += AlignedBuffer::allocated(stored.bytes);
        block = std::move(*made);
        return std::span(block->data(), block->bytes());
    };
    const auto done = [&](const StoredBlock& stored) -> Status {
        if (!block->sane()) return pointsOutside(stored);
        m_shadow.put(blockLayer(stored.key), KvKind(blockKind(stored.key) != 0), int(blockPage(stored.key)),
                     std::move(block));
        return {};
    };
    return reader.read(m_rows[index], place, done);
}

void CacheLoad::rowDone(const BlockRow& row) {
    const std::lock_guard lock(m_mutex);
    m_bytes_read += row.bytes();
    for (int layer = blockLayer(row.id); layer <= blockLayer(row.last); ++layer) {
        int& left = m_rows_left[std::size_t(layer)];
        if (--left > 0) continue;
        if (auto whole = m_shadow.whole(layer); !whole) {
            if (!m_error) m_error = whole.error();
            m_stop = true;
        } else {
            left = -1;
            if (--m_layers_left == 0) m_ended = Clock::now();
        }
        m_changed.notify_all();
    }
}

void CacheLoad::end(const Error& error) {
    m_stop = true;
    const std::lock_guard lock(m_mutex);
    if (!m_error) m_error = error;
    m_changed.notify_all();
}

Status CacheLoad::wait(int layer) {
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [&] { return m_error || m_rows_left[std::size_t(layer)] <= 0; });
    return m_error ? Status(*m_error) : Status();
}

bool CacheLoad::failed() const {
    const std::lock_guard lock(m_mutex);
    return m_error.has_value();
}

Loading CacheLoad::state() const {
    const std::lock_guard lock(m_mutex);
    if (m_layers_left == 0) return {1, m_error};
    return {std::min(0.99, double(m_bytes_read) / double(std::max<std::uint64_t>(1, m_bytes))), m_error};
}

double CacheLoad::seconds() const {
    const std::lock_guard lock(m_mutex);
    return std::chrono::duration<double>((m_layers_left == 0 ? m_ended : Clock::now()) - m_begun).count();
}

}  // namespace lectern
