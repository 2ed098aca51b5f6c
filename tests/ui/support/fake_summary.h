// SPDX-License-Identifier: GPL-3.0-or-later
// Summaries of fake documents.
#pragma once

#include "tests/ui/fake_engine.h"

namespace lectern::test {

/// A section for each entry of the outline, or for the whole document. Errors: Usage where nothing is in the context.
Result<SummaryPlan> fakeSummaryPlan(const std::vector<FakeDocument>& documents, const SummaryRequest& request);

/// Goes through the plan, word by word; `wait` before each, false: stopped.
Summary makeFakeSummary(const SummaryPlan& plan, const SummaryRequest& request,
                        const std::vector<FakeDocument>& documents, const SummaryEvents& events,
                        const std::function<bool()>& wait);

std::string fakeSummaryText(const Summary& summary, ui::ConversationFormat format);

}  // namespace lectern::test
