// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/disk_quota.h"

#include <algorithm>

namespace lectern {

QuotaPlan planQuota(std::vector<SessionOnDisk> sessions, std::uint64_t quota) {
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
