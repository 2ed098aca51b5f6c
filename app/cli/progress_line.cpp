// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/progress_line.h"

#include <algorithm>
#include <cmath>
#include <ostream>
#include <string>

#include "app/cli/text_table.h"

namespace lectern::cli {

namespace {

constexpr int kBarColumns = 20;
constexpr int kNarrowest = 40;
constexpr auto kPause = std::chrono::milliseconds(100);

std::string bar(double done) {
    const int full = static_cast<int>(std::lround(done * kBarColumns));
    return "[" + std::string(static_cast<std::size_t>(full), '#') +
           std::string(static_cast<std::size_t>(kBarColumns - full), '.') + "] ";
}

}  // namespace

void ProgressLine::show(double done, std::string_view text) {
    const auto now = std::chrono::steady_clock::now();
    if (m_columns < kNarrowest || (m_drawn && done < 1 && now - m_last < kPause)) return;
    const double share = std::isfinite(done) ? std::clamp(done, 0.0, 1.0) : 0.0;
    const std::string percent = std::to_string(static_cast<int>(share * 100)) + "%  ";
    const auto room = static_cast<std::size_t>(m_columns - kBarColumns - 12);
    m_err << '\r' << bar(share) << percent << oneLine(text, room) << "\x1b[K" << std::flush;
    m_drawn = true;
    m_last = now;
}

void ProgressLine::clear() {
    if (m_drawn) m_err << "\r\x1b[K" << std::flush;
    m_drawn = false;
}

}  // namespace lectern::cli
