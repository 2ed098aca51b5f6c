// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>
#include <vector>

namespace lectern {

/// Ends a streamed text at the first of some strings. What could be the beginning of one waits until it is decided.
/// Not thread safe.
class StopStrings {
public:
    /// Empty strings stop nothing.
    explicit StopStrings(std::span<const std::string> stops);

    /// The text that can be shown now; nothing once one was found.
    std::string push(const std::string& piece);
    std::string finish();  ///< what waited and is no stop string after all
    bool found() const { return m_found; }

private:
    std::vector<std::string> m_stops;
    std::string m_waiting;  ///< shorter than the longest stop string
    bool m_found = false;
};

}  // namespace lectern
