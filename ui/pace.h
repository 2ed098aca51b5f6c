// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>

namespace lectern::ui {

/// Tells whether enough time has passed for another report. One thread.
class Pace {
public:
    explicit Pace(std::chrono::milliseconds interval) : m_interval(interval) {}

    bool due() {
        const auto now = std::chrono::steady_clock::now();
        if (now - m_last < m_interval) return false;
        m_last = now;
        return true;
    }

private:
    std::chrono::milliseconds m_interval;
    std::chrono::steady_clock::time_point m_last;
};

}  // namespace lectern::ui
