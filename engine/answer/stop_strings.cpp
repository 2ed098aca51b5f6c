// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/answer/stop_strings.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace lectern {

StopStrings::StopStrings(std::span<const std::string> stops) {
    std::copy_if(stops.begin(), stops.end(), std::back_inserter(m_stops), [](const auto& s) { return !s.empty(); });
}

std::string StopStrings::push(const std::string& piece) {
    if (m_found) return {};
    m_waiting += piece;
    std::size_t first = std::string::npos;
    for (const auto& stop : m_stops) first = std::min(first, m_waiting.find(stop));
    m_found = first != std::string::npos;
    if (m_found) return std::exchange(m_waiting, {}).substr(0, first);
    std::size_t keep = 0;
    for (const auto& stop : m_stops) {
        std::size_t length = std::min(stop.size() - 1, m_waiting.size());
        while (length > keep && !m_waiting.ends_with(std::string_view(stop).substr(0, length))) --length;
        keep = std::max(keep, length);
    }
    std::string shown = m_waiting.substr(0, m_waiting.size() - keep);
    m_waiting.erase(0, shown.size());
    return shown;
}

std::string StopStrings::finish() {
    return std::exchange(m_waiting, {});
}

}  // namespace lectern
