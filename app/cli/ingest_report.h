// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "app/cli/command.h"
#include "app/cli/progress_line.h"

namespace lectern::cli {

/// Shows reading as it goes: JSON lines on `out`, or a progress bar and sentences on `err`. On the engine's thread.
class IngestReport {
public:
    IngestReport(CommandContext& context, bool json);

    IngestEvents events() {
        return [this](const IngestEvent& event) { show(event); };
    }
    void failed(const std::string& document, const std::string& problem);
    /// The plan before anything long starts.
    void plan(const IngestPlan& plan, const KvSettings& settings);
    /// The last line; `tokens` read by this run in `seconds`.
    void done(const Session& session, std::uint64_t tokens, double seconds);

    int failures() const { return m_failures; }
    void clear() { m_line.clear(); }

private:
    void show(const IngestEvent& event);
    void showParsing(const IngestEvent& event);
    void showProgress(const IngestEvent& event);
    void showDocument(const IngestEvent& event);
    void sentence(const std::string& text);

    CommandContext& m_context;
    bool m_json;
    int m_failures = 0;
    ProgressLine m_line;
};

}  // namespace lectern::cli
