// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <iosfwd>
#include <string_view>

namespace lectern::cli {

/// One line of progress that is drawn over itself, on a terminal only. One thread at a time.
class ProgressLine {
public:
    /// `columns`: width of the terminal; 0 where `err` is none: then nothing is ever drawn.
    ProgressLine(std::ostream& err, int columns) : m_err(err), m_columns(columns) {}
    ~ProgressLine() { clear(); }
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    /// A bar at `done` (0 … 1) with `text` after it; at most ten times a second unless it is complete.
    void show(double done, std::string_view text);
    void clear();  ///< before any other message

private:
    std::ostream& m_err;
    int m_columns;
    bool m_drawn = false;
    std::chrono::steady_clock::time_point m_last;
};

}  // namespace lectern::cli
