// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/text/rewritten_text.h"

#include <algorithm>

namespace lectern {

void RewrittenText::add(std::string_view piece, std::string_view made) {
    const auto begin = std::uint32_t(m_text.size()), from = m_from;
    m_text += made;
    m_from += std::uint32_t(piece.size());
    if (made != piece) m_changes.push_back({begin, std::uint32_t(m_text.size()), from, m_from});
}

void RewrittenText::cutEnd(std::size_t size) {
    if (size >= m_text.size()) return;
    const auto end = std::uint32_t(size);
    const std::uint32_t from = origin(end);
    while (!m_changes.empty() && m_changes.back().begin >= end) m_changes.pop_back();
    if (!m_changes.empty() && m_changes.back().end > end) {
        m_changes.back().end = end;
        m_changes.back().from_end = m_from;
    } else {
        m_changes.push_back({end, end, from, m_from});
    }
    m_text.resize(size);
}

std::uint32_t RewrittenText::origin(std::uint32_t place) const {
    const auto after = std::upper_bound(m_changes.begin(), m_changes.end(), place,
                                        [](std::uint32_t p, const Change& change) { return p < change.begin; });
    if (after == m_changes.begin()) return place;
    const Change& change = *(after - 1);
    return place < change.end ? change.from_begin : place - change.end + change.from_end;
}

}  // namespace lectern
