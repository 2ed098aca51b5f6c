// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <vector>

#include "engine/session/session_life.h"

namespace lectern {

/// What a quota asks for. Nothing is done by it: whoever has it asks a person first, then Engine::stripSession().
struct QuotaPlan {
    std::uint64_t bytes = 0;           ///< that all sessions take together
    std::uint64_t after = 0;           ///< about as much once the caches are gone; more than the quota where all went
    std::vector<SessionOnDisk> strip;  ///< sessions whose cache goes, the least recently used first; empty: none has to
};

/// The fewest of the least recently used sessions whose caches have to go so that all together take `quota` bytes.
inline QuotaPlan planQuota(std::vector<SessionOnDisk> sessions, std::uint64_t quota) {
    QuotaPlan plan;
    for (const auto& session : sessions) plan.bytes += session.bytes;
    plan.after = plan.bytes;
    std::stable_sort(sessions.begin(), sessions.end(),
                     [](const SessionOnDisk& a, const SessionOnDisk& b) { return a.used < b.used; });
    for (auto& session : sessions) {
        if (plan.after <= quota) break;
        if (session.cache_bytes == 0) continue;
        plan.after -= std::min(session.cache_bytes, session.bytes);
        plan.strip.push_back(std::move(session));
    }
    return plan;
}

}  // namespace lectern
