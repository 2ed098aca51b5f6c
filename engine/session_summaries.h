// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/session_data.h"

namespace lectern {

/// The part of a session that makes and keeps summaries: out of the documents' cache, which it leaves as it is. See
/// Session for threads and errors.
class SessionSummaries : public Session, protected SessionData {
public:
    Result<SummaryPlan> planSummary(const SummaryRequest& request) override;
    Result<Summary> summarize(const SummaryRequest& request, const SummaryEvents& events,
                              std::stop_token stop) override;
    std::vector<Summary> summaries() const override { return m_summaries; }
    Status removeSummary(int id) override;
    Status restoreSummary(const Summary& summary) override;

protected:
    using SessionData::SessionData;

private:
    struct Work;
    Result<std::vector<SummaryText>> textsOf(const SummaryRequest& request) const;
    Result<SummaryPlan> plan(const SummaryRequest& request) const;
    std::string basisOf(const SummaryPlan& plan, const SummaryRequest& request) const;
    Status addSection(Work& work, const PlannedSection& planned);
    void keepOn(Work& work, const Summary& old);
    Status quoteLead(Work& work);
    Status writeLead(Work& work);
    Status keep(const Summary& summary);
};

/// Between a summary and its value in the session's file (FORMAT.md).
std::string summaryText(const Summary& summary);
std::optional<Summary> summaryFromText(const std::string& text);  ///< nothing where it is damaged
/// Names of those values: this and the summary's id.
inline constexpr const char* kSummaryName = "summary/";

}  // namespace lectern
