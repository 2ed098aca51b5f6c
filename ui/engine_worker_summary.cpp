// SPDX-License-Identifier: GPL-3.0-or-later
// Summaries on the engine's thread.
#include <algorithm>

#include "ui/conversation_export.h"
#include "ui/engine_worker.h"
#include "ui/format.h"
#include "ui/pace.h"

namespace lectern::ui {
namespace {

SummaryNews newsOf(const SummaryEvent& event) {
    SummaryNews news;
    news.kind = event.kind;
    news.done = event.done;
    news.total = event.total;
    news.seconds_left = event.seconds_left;
    if (event.kind == SummaryEvent::Kind::Begin) {
        news.summary = *event.summary;
        news.plan = *event.plan;
    }
    if (event.kind == SummaryEvent::Kind::Section) news.section = event.summary->sections.back();
    return news;
}

}  // namespace

void EngineWorker::planSummary(std::uint64_t id, const SummaryRequest& request) {
    if (!ready(id, Task::PlanSummary, true)) return;
    TaskResult result{.id = id, .task = Task::PlanSummary};
    auto plan = m_session->planSummary(request);
    if (plan)
        result.summary_plan = std::move(*plan);
    else
        result.error = std::move(plan.error());
    end(std::move(result));
}

void EngineWorker::summarize(std::uint64_t id, const SummaryRequest& request, const std::stop_token& stop) {
    if (!ready(id, Task::Summarize, true)) return;
    SummaryNews held;
    Pace pace(std::chrono::milliseconds(30));
    const auto release = [&] {
        if (!held.text.empty()) emit summaryGrew(id, held);
        held.text.clear();
    };
    auto made = m_session->summarize(
        request,
        [&](const SummaryEvent& event) {
            if (event.kind != SummaryEvent::Kind::Text) {
                release();
                emit summaryGrew(id, newsOf(event));
                return;
            }
            std::string text = std::move(held.text) + event.text;
            held = newsOf(event);
            held.text = std::move(text);
            if (pace.due()) release();
        },
        stop);
    TaskResult result{.id = id, .task = Task::Summarize};
    if (made)
        result.summary = made->id;
    else
        result.error = std::move(made.error());
    end(std::move(result));
}

void EngineWorker::removeSummary(std::uint64_t id, int summary) {
    if (!ready(id, Task::RemoveSummary, true)) return;
    TaskResult result{.id = id, .task = Task::RemoveSummary};
    if (auto removed = m_session->removeSummary(summary); !removed) result.error = std::move(removed.error());
    end(std::move(result));
}

void EngineWorker::exportSummary(std::uint64_t id, int summary, const std::filesystem::path& file) {
    if (!m_shown && !ready(id, Task::Export, true)) return;
    TaskResult result{.id = id, .task = Task::Export};
    const auto all = m_session ? m_session->summaries() : m_shown->summaries();
    const auto found = std::find_if(all.begin(), all.end(), [&](const Summary& s) { return s.id == summary; });
    if (found == all.end())
        return endWithError(id, Task::Export, {ErrorCode::Usage, "That summary is not in the session any more."});
    const QString name = fromPath(file);
    const ConversationFormat format = formatOf(name);
    if (auto written = writeConversation(m_services.summary_text(*found, format), name, format); written)
        result.exported = file;
    else
        result.error = std::move(written.error());
    end(std::move(result));
}

}  // namespace lectern::ui
