// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "engine/base/aligned_buffer.h"
#include "engine/kv/ledger.h"
#include "kernels/kv_layout.h"

namespace lectern {

/// Bytes of the blocks that are alive, each counted once however many caches share it. Any thread.
class BlockAccount {
public:
    /// Adds (sign = 1) or takes away (sign = -1) a block's part of a ledger.
    void add(const MemoryLedger& block, int sign) {
        const auto count = [sign](std::atomic<std::uint64_t>& sum, std::uint64_t bytes) {
            sum.fetch_add(std::uint64_t(sign) * bytes, std::memory_order_relaxed);
        };
        count(m_key_codes, block.key_codes);
        count(m_value_codes, block.value_codes);
        count(m_corrections, block.corrections);
        count(m_raw, block.raw);
        count(m_tables, block.tables);
    }
    MemoryLedger total() const {
        MemoryLedger ledger;
        ledger.key_codes = m_key_codes;
        ledger.value_codes = m_value_codes;
        ledger.corrections = m_corrections;
        ledger.raw = m_raw;
        ledger.tables = m_tables;
        return ledger;
    }

private:
    std::atomic<std::uint64_t> m_key_codes{0}, m_value_codes{0}, m_corrections{0}, m_raw{0}, m_tables{0};
};

/// What another memory (a device's) holds of a block. Whoever makes it keeps it alive.
class BlockCopy {
public:
    virtual ~BlockCopy() = default;
};

/// The memory of one (layer, kind, page). Shared between branches; written by its only owner (copy on write in
/// KvCache). Counted in `account`, where given, while it lives. Its bytes are its own, zeros at first, or lie in
/// `memory`, which has AlignedBuffer::allocated(layout.bytes()) of them for it, as aligned.
class KvBlock {
public:
    explicit KvBlock(const kernels::KvBlockLayout& layout, std::shared_ptr<BlockAccount> account = nullptr,
                     std::shared_ptr<std::byte> memory = nullptr)
        : m_layout(layout),
          m_buffer(memory ? 0 : layout.bytes()),
          m_memory(std::move(memory)),
          m_data(m_memory ? m_memory.get() : m_buffer.data()),
          m_account(std::move(account)) {
        if (m_account) m_account->add(parts(), 1);
    }
    ~KvBlock() {
        if (m_account) m_account->add(parts(), -1);
    }
    KvBlock(const KvBlock&) = delete;
    KvBlock& operator=(const KvBlock&) = delete;

    const kernels::KvBlockLayout& layout() const { return m_layout; }
    /// To write to it: what copies there were are out of date.
    std::byte* data() {
        m_copy.reset();
        return m_data;
    }
    const std::byte* data() const { return m_data; }
    std::size_t bytes() const { return m_layout.bytes(); }

    std::unique_ptr<KvBlock> clone() const {
        auto copy = std::make_unique<KvBlock>(m_layout, m_account);
        std::memcpy(copy->data(), data(), bytes());
        return copy;
    }

    /// The copy that holds the same bytes, or null. For the thread that computes with the caches that share this block.
    std::shared_ptr<BlockCopy> copy() const { return m_copy.lock(); }
    void setCopy(std::weak_ptr<BlockCopy> copy) const { m_copy = std::move(copy); }

    /// Stored corrections of the heads before `head` (of all: kv_heads). 0 for raw blocks.
    int entriesBefore(int head) const {
        if (m_layout.raw()) return 0;
        std::uint16_t count = 0;
        std::memcpy(&count, data() + m_layout.headsAt() + 2 * std::size_t(head), sizeof count);
        return count;
    }

    /// False where the table of corrections points outside the block: what a hostile file could do to the kernels.
    bool sane() const {
        if (m_layout.raw()) return true;
        const int heads = m_layout.shape.kv_heads;
        std::uint16_t last = 0;
        for (int head = 0; head <= heads; ++head) {
            std::uint16_t begin = 0;
            std::memcpy(&begin, data() + m_layout.headsAt() + 2 * std::size_t(head), sizeof begin);
            if (begin < last || begin > m_layout.slots * kernels::kPageTokens || (head == 0 && begin != 0))
                return false;
            last = begin;
        }
        for (int entry = 0; entry < last; ++entry) {
            kernels::SparseEntry e;
            std::memcpy(&e, data() + m_layout.entriesAt() + sizeof e * std::size_t(entry), sizeof e);
            if ((e.place >> 6) >= m_layout.shape.head_dim) return false;
        }
        return true;
    }

private:
    /// What is allocated for this block.
    MemoryLedger parts() const {
        MemoryLedger ledger;
        ledger.tables = sizeof(KvBlock) + 2 * sizeof(void*) + AlignedBuffer::allocated(bytes()) - bytes();
        if (m_layout.raw()) {
            ledger.raw = bytes();
            return ledger;
        }
        const bool key = m_layout.kind == kernels::KvKind::Key;
        (key ? ledger.key_codes : ledger.value_codes) = m_layout.headsAt();
        ledger.tables += m_layout.entriesAt() - m_layout.headsAt();
        ledger.corrections = bytes() - m_layout.entriesAt();
        return ledger;
    }

    kernels::KvBlockLayout m_layout;
    AlignedBuffer m_buffer;
    std::shared_ptr<std::byte> m_memory;  ///< in the place of the buffer
    std::byte* m_data;
    std::shared_ptr<BlockAccount> m_account;
    mutable std::weak_ptr<BlockCopy> m_copy;
};

}  // namespace lectern
