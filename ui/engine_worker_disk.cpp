// SPDX-License-Identifier: GPL-3.0-or-later
// What the worker does with session files that are not the open one.
#include "ui/engine_worker.h"

namespace lectern::ui {

/// The open session, or the one that is shown, keeps its cache.
bool EngineWorker::inUse(const std::filesystem::path& file) const {
    std::error_code ignored;
    const Session* known = m_session ? m_session.get() : m_shown.get();
    return known != nullptr && std::filesystem::equivalent(known->file(), file, ignored);
}

void EngineWorker::weighDisk(std::uint64_t id, const std::vector<SessionOnDisk>& sessions, std::uint64_t quota) {
    if (!ready(id, Task::WeighDisk, false)) return;
    std::vector<SessionOnDisk> known;
    for (const SessionOnDisk& session : sessions) {
        auto found = m_engine->sessionOnDisk(session.file);
        if (!found) continue;  // gone, or no session any more: nothing to make room with
        found->used = session.used;
        if (inUse(session.file)) found->cache_bytes = 0;
        known.push_back(std::move(*found));
    }
    end({.id = id, .task = Task::WeighDisk, .quota = planQuota(std::move(known), quota)});
}

void EngineWorker::strip(std::uint64_t id, const std::vector<std::filesystem::path>& files,
                         const std::stop_token& stop) {
    if (!ready(id, Task::Strip, false)) return;
    TaskResult result{.id = id, .task = Task::Strip};
    for (const auto& file : files) {
        if (stop.stop_requested()) break;
        if (inUse(file)) continue;
        auto sizes = m_engine->stripSession(file);
        if (sizes)
            result.stripped.push_back({file, *sizes});
        else if (!result.error)
            result.error = std::move(sizes.error());
    }
    end(std::move(result));
}

}  // namespace lectern::ui
