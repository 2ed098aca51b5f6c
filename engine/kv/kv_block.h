// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>

#include "engine/base/aligned_buffer.h"
#include "engine/kv/ledger.h"
#include "kernels/kv_layout.h"

namespace lectern {

/// The memory of one (layer, kind, page). Shared between branches; written by its only owner (copy on write in
/// KvCache).
class KvBlock {
public:
    explicit KvBlock(const kernels::KvBlockLayout& layout) : m_layout(layout), m_buffer(layout.bytes()) {}

    const kernels::KvBlockLayout& layout() const { return m_layout; }
    std::byte* data() { return m_buffer.data(); }
    const std::byte* data() const { return m_buffer.data(); }
    std::size_t bytes() const { return m_buffer.size(); }

    std::unique_ptr<KvBlock> clone() const {
        auto copy = std::make_unique<KvBlock>(m_layout);
        std::memcpy(copy->data(), data(), bytes());
        return copy;
    }

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

    /// Adds (sign = 1) or takes away (sign = -1) what is allocated for this block.
    void count(MemoryLedger& ledger, int sign) const {
        const auto add = [sign](std::uint64_t& field, std::size_t bytes) {
            field += std::uint64_t(sign * std::int64_t(bytes));
        };
        add(ledger.tables, sizeof(KvBlock) + 2 * sizeof(void*) + m_buffer.allocated() - m_buffer.size());
        if (m_layout.raw()) return add(ledger.raw, bytes());
        const bool key = m_layout.kind == kernels::KvKind::Key;
        add(key ? ledger.key_codes : ledger.value_codes, m_layout.headsAt());
        add(ledger.tables, m_layout.entriesAt() - m_layout.headsAt());
        add(ledger.corrections, bytes() - m_layout.entriesAt());
    }

private:
    kernels::KvBlockLayout m_layout;
    AlignedBuffer m_buffer;
};

}  // namespace lectern
