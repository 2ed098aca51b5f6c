// SPDX-License-Identifier: GPL-3.0-or-later
// Byte pair merging, the one machine behind both tokenizers: a linked list of symbols and a queue of possible joins.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

namespace lectern {

/// What two neighbours become: a token, and how early (0 first). id -1: they do not join.
struct Join {
    std::int32_t id = -1;
    std::uint32_t priority = 0;
};

/// A stretch of the spelled text. `next`, `prev`: indices of neighbours, kNone at the ends; length 0: joined away.
struct Symbol {
    std::uint32_t prev, next;
    std::uint32_t begin, length;  ///< bytes of the spelled text
    std::int32_t id;              ///< token, or -1 where the vocabulary lacks it
};

/// Merges symbols until no two neighbours join: best priority first, leftmost first among equals.
/// O(n log n) for n symbols. Reusable scratch memory; not thread safe.
class MergeMachine {
public:
    static constexpr std::uint32_t kNone = UINT32_MAX;

    void clear() { m_symbols.clear(); }

    /// Appends a symbol that follows the last one in the spelled text.
    void add(std::uint32_t length, std::int32_t id) {
        const auto index = std::uint32_t(m_symbols.size());
        const std::uint32_t begin = index == 0 ? 0 : m_symbols.back().begin + m_symbols.back().length;
        if (index != 0) m_symbols.back().next = index;
        m_symbols.push_back({index == 0 ? kNone : index - 1, kNone, begin, length, id});
    }

    /// join_of(left, right) → Join of two neighbouring symbols; it must depend on nothing else.
    template <typename JoinOf>
    void run(const JoinOf& join_of) {
        m_queue.clear();
        for (std::uint32_t i = 1; i < m_symbols.size(); ++i) consider(i - 1, i, join_of);
        while (!m_queue.empty()) {
            std::pop_heap(m_queue.begin(), m_queue.end(), std::greater<>());
            const Candidate best = m_queue.back();
            m_queue.pop_back();
            if (!stillThere(best)) continue;
            apply(best);
            const Symbol& joined = m_symbols[best.left];
            if (joined.prev != kNone) consider(joined.prev, best.left, join_of);
            if (joined.next != kNone) consider(best.left, joined.next, join_of);
        }
    }

    /// First symbol is symbols()[0]; follow `next`. Indices are those of add(), so callers can keep arrays beside them.
    const std::vector<Symbol>& symbols() const { return m_symbols; }

private:
    struct Candidate {
        std::uint32_t priority, left, right, length;
        std::int32_t id;
        bool operator>(const Candidate& other) const {
            return priority != other.priority ? priority > other.priority : left > other.left;
        }
    };

    template <typename JoinOf>
    void consider(std::uint32_t left, std::uint32_t right, const JoinOf& join_of) {
        const Join join = join_of(m_symbols[left], m_symbols[right]);
        if (join.id < 0) return;
        m_queue.push_back({join.priority, left, right, m_symbols[left].length + m_symbols[right].length, join.id});
        std::push_heap(m_queue.begin(), m_queue.end(), std::greater<>());
    }

    bool stillThere(const Candidate& candidate) const {
        const Symbol& left = m_symbols[candidate.left];
        const Symbol& right = m_symbols[candidate.right];
        return left.length != 0 && right.length != 0 && left.length + right.length == candidate.length;
    }

    void apply(const Candidate& candidate) {
        Symbol& left = m_symbols[candidate.left];
        Symbol& right = m_symbols[candidate.right];
        left.length += right.length;
        left.id = candidate.id;
        left.next = right.next;
        if (right.next != kNone) m_symbols[right.next].prev = candidate.left;
        right.length = 0;
    }

    std::vector<Symbol> m_symbols;
    std::vector<Candidate> m_queue;
};

}  // namespace lectern
