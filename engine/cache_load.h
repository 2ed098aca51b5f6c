// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "engine/base/reserved_memory.h"
#include "engine/kv/kv_cache.h"
#include "engine/session/block_reader.h"
#include "engine/session/session_store.h"
#include "engine/session_types.h"

namespace lectern {

/// In what order rows are read. Layer after layer, so that the first is there soon, where `free_memory` (bytes) holds
/// the cache and the file: the system reads ahead what other layers want later. Where it does not, what was read ahead
/// is gone by then and is read again: in the order of the file, which has all layers of some pages together.
void orderRows(std::vector<BlockRow>& rows, std::uint64_t free_memory);

/// Brings a branch's blocks from its file into a cache of its own (the shadow), checked block by block, with several
/// readers. Nothing of it reaches the session's cache before a layer is whole: a load that fails
/// changes nothing. wait() and the rest from any thread; the destructor stops the readers.
class CacheLoad final : public KvLayerSource {
public:
    /// Begins to load blocks of the first `tokens` tokens of `branch` into `shadow`, an empty cache that has the
    /// quantizer. Errors: Damaged where a list of blocks is; Failed where the file has gone.
    static Result<std::shared_ptr<CacheLoad>> begin(const SessionStore& store, int branch, std::uint64_t tokens,
                                                    KvCache shadow);
    static int readers();  ///< threads that load
    ~CacheLoad() override;
    CacheLoad(const CacheLoad&) = delete;
    CacheLoad& operator=(const CacheLoad&) = delete;

    Status wait(int layer) override;
    const KvCache& cache() const override { return m_shadow; }
    std::uint64_t bytes() const { return m_bytes; }
    double seconds() const;  ///< until the last layer was there, or until now
    bool failed() const;
    Loading state() const;

private:
    using Clock = std::chrono::steady_clock;

    CacheLoad(KvCache shadow, std::vector<BlockRow> rows, std::uint32_t pages);
    Status reserve();
    bool wanted(const StoredBlock& block) const { return blockPage(block.key) < m_pages; }
    void work(BlockReader& reader);
    Result<std::shared_ptr<std::byte>> memoryFor(std::size_t row) const;
    Status readRow(BlockReader& reader, std::size_t index);
    void rowDone(const BlockRow& row);
    void end(const Error& error);

    KvCache m_shadow;
    std::vector<BlockRow> m_rows;  ///< in the order in which they are read
    std::uint32_t m_pages;         ///< that are wanted
    std::uint64_t m_bytes = 0;
    std::shared_ptr<ReservedMemory> m_memory;  ///< for all blocks, row by row
    std::vector<std::size_t> m_at;             ///< [rows + 1]: where in it those of a row begin
    std::vector<BlockReader> m_readers;
    std::atomic<std::size_t> m_next{0};
    std::atomic<bool> m_stop{false};
    Clock::time_point m_begun = Clock::now();

    mutable std::mutex m_mutex;  ///< of what follows
    std::condition_variable m_changed;
    std::vector<int> m_rows_left;  ///< [layers]; -1: whole
    int m_layers_left = 0;
    std::uint64_t m_bytes_read = 0;
    std::optional<Error> m_error;
    Clock::time_point m_ended{};
    std::vector<std::thread> m_threads;
};

}  // namespace lectern
