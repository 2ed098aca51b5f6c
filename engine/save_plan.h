// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <set>
#include <vector>

#include "engine/kv/kv_cache.h"

namespace lectern {

/// What reading hands to the writer, and when. Pages that have left the recent window are written once, as they come.
/// The window itself (in fp16, several times as large as what becomes of it) is needed only where reading may have to
/// go on: at *points*, far enough apart that all windows together are a small part of what is written, or kLongest
/// apart: a slower reading writes too little for windows to matter, and a crash costs it the chunk in flight or those
/// seconds, whichever is longer. Until the next point the pages of the last one's window stay as they are in the file.
/// Value type, one thread.
class SavePlan {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr int kWindowShare = 40;  ///< settled bytes for each byte of window between two points
    static constexpr std::chrono::seconds kLongest{8};

    SavePlan() = default;
    /// The file holds a point at `cache`'s length.
    explicit SavePlan(const KvCache& cache);
    bool pointDue(std::uint64_t tokens, Clock::time_point now) const;
    /// Pages to write now of those changed since the last call and those held back; all of them at a point.
    std::vector<int> pages(const KvCache& cache, const std::vector<int>& changed, bool point, Clock::time_point now);

private:
    std::uint64_t m_tokens_apart = 0, m_point = 0;  ///< tokens
    int m_point_pages = 0;                          ///< that the last point has
    Clock::time_point m_time{};
    std::set<int> m_held;
};

/// Pages before this one are full and have left the window of a cache of `tokens` tokens.
int settledPages(const KvCache& cache, std::uint64_t tokens);

}  // namespace lectern
