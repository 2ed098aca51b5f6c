// SPDX-License-Identifier: GPL-3.0-or-later
// What the engine's thread is asked for, and how it ended.
#pragma once

#include "engine/disk_quota.h"
#include "ui/summary_news.h"
#include "ui/values.h"

namespace lectern::ui {

/// Where a conversation leaves another one: after its first `turns` questions and answers.
struct ForkPlace {
    std::string branch;
    int turns = 0;
};

/// A question and what happens to its conversation first.
struct Question {
    AskRequest request;
    bool undo_last = false;              ///< its last question and answer go
    std::string aside = {};              ///< under this name, among the deleted conversations
    std::optional<ForkPlace> fork = {};  ///< it is a new one that stands on another
};

/// How loading a session's cache ended.
struct LoadEnd {
    SessionSnapshot session;
    std::optional<Error> error = {};
};

enum class Task {
    Start,
    Open,
    Plan,
    Estimate,
    Read,
    Ask,
    Reread,
    Repair,
    Change,
    Weigh,
    CheckFidelity,
    Compare,
    Calibrate,
    Export,
    PlanSummary,
    Summarize,
    RemoveSummary,
    WeighDisk,
    Strip,
    ImportModel,
    RemoveModel,
    DescribeModel,
    Close
};

/// A session that has lost its cache.
struct StrippedSession {
    std::filesystem::path file;
    FileSizes sizes;
};

/// How a task ended; which parts are there depends on the task. `error` may come with a session: what was done is kept.
struct TaskResult {
    std::uint64_t id = 0;
    Task task = Task::Start;
    std::optional<Error> error = {};
    std::optional<EngineFacts> engine = {};
    std::optional<SessionSnapshot> session = {};
    std::optional<PlanFacts> plan = {};
    std::optional<ReadingEstimate> estimate = {};
    std::optional<KvSettings> estimated = {};  ///< what the estimate is of, or was to be
    std::optional<Message> answer = {};
    std::string aside = {};  ///< the deleted conversation that has the answer before; empty: there was none to keep
    std::optional<CalibrationInfo> calibration = {};
    std::optional<RereadPlan> reread = {};  ///< what was weighed would cost
    std::optional<VerifyReport> repair = {};
    std::optional<SummaryPlan> summary_plan = {};
    std::optional<int> summary = {};      ///< id of the one that was made and kept
    std::filesystem::path exported = {};  ///< the file that was written
    std::optional<QuotaPlan> quota = {};  ///< what a quota asks for
    std::vector<StrippedSession> stripped = {};
    std::filesystem::path model = {};  ///< where it is, or was
};

}  // namespace lectern::ui

Q_DECLARE_METATYPE(lectern::ui::TaskResult)
Q_DECLARE_METATYPE(lectern::ui::LoadEnd)
