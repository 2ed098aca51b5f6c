// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/support/fake_summary.h"

#include <algorithm>
#include <chrono>
#include <sstream>

namespace lectern::test {
namespace {

constexpr const char* kSaid[] = {"The light was lit on the first evening of the year and did not go out again.",
                                 "Ships from eleven countries called in the first summer, most of them for timber.",
                                 "The breakwater is four hundred metres long and was finished in the autumn."};

const FakeDocument* document(const std::vector<FakeDocument>& documents, int id) {
    const auto found =
        std::find_if(documents.begin(), documents.end(), [id](const FakeDocument& d) { return d.info.id == id; });
    return found == documents.end() ? nullptr : &*found;
}

Citation citationOf(const SummarySection& section, std::size_t sentence) {
    Citation citation;
    citation.document_id = section.document_id;
    citation.document = section.document;
    citation.page = section.first_page;
    citation.page_label = section.first_label;
    citation.share = sentence == 0 ? 0.62 : 0.38;
    citation.text = kSaid[sentence];
    return citation;
}

}  // namespace

Result<SummaryPlan> fakeSummaryPlan(const std::vector<FakeDocument>& documents, const SummaryRequest& request) {
    SummaryPlan plan;
    for (const FakeDocument& one : documents) {
        const auto part = std::find_if(request.parts.begin(), request.parts.end(),
                                       [&](const SummaryPart& p) { return p.document == one.info.name; });
        if (!request.parts.empty() && part == request.parts.end()) continue;
        if (one.pages.empty() || !one.pages.front().in_context) continue;
        const auto& outline = one.info.outline;
        const int last = int(one.pages.size()) - 1;
        const bool whole = request.parts.empty() || part->item < 0;
        if (whole && outline.empty()) plan.sections.push_back({one.info.id, one.info.name, 0, 0, last, 0, 900, 2});
        for (std::size_t i = 0; i < outline.size(); ++i) {
            if (!whole && int(i) != part->item) continue;
            const int first = std::max(0, outline[i].page);
            plan.sections.push_back({one.info.id, outline[i].title, 1, first, std::min(last, first + 2), 0, 900, 2});
        }
        if (!whole) plan.title = outline[std::size_t(part->item)].title + " (" + one.info.name + ")";
        if (whole && !request.parts.empty()) plan.title = one.info.name;
    }
    if (plan.sections.empty())
        return Error{ErrorCode::Usage, "No page of what is to be summarized is in the context: read it in first."};
    plan.lead = plan.sections.size() > 1;
    plan.seconds = 4;
    return plan;
}

Summary makeFakeSummary(const SummaryPlan& plan, const SummaryRequest& request,
                        const std::vector<FakeDocument>& documents, const SummaryEvents& events,
                        const std::function<bool()>& wait) {
    Summary summary;
    summary.title = plan.title;
    summary.request = request;
    summary.planned = int(plan.sections.size());
    summary.quotes = plan.quotes;
    summary.model = "Lectern Reader";
    summary.time = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    summary.ledger = {8200, 640, 180, 0, 3.4};
    const auto tell = [&](SummaryEvent::Kind kind, const std::string& text = {}) {
        if (events) events({kind, &summary, &plan, text, int(summary.sections.size()), summary.planned, 1, 3});
    };
    tell(SummaryEvent::Kind::Begin);
    for (const PlannedSection& planned : plan.sections) {
        SummarySection section;
        section.document_id = planned.document;
        section.document = document(documents, planned.document)->info.name;
        section.title = planned.title;
        section.level = planned.level;
        section.first_page = planned.first_page + 1;
        section.last_page = planned.last_page + 1;
        for (std::size_t i = 0; i < 2; ++i) {
            section.text += (i == 0 ? "- " : "\n- ") + std::string(kSaid[i]);
            section.citations.push_back(citationOf(section, i));
        }
        std::istringstream words(section.text);
        for (std::string word; std::getline(words, word, ' ');) {
            if (!wait()) return summary;
            tell(SummaryEvent::Kind::Text, word + " ");
        }
        summary.sections.push_back(section);
        tell(SummaryEvent::Kind::Section);
    }
    if (plan.lead) {
        summary.lead = std::string("- ") + kSaid[0] + "\n- " + kSaid[2];
        summary.lead_citations = {citationOf(summary.sections.front(), 0), citationOf(summary.sections.back(), 2)};
        tell(SummaryEvent::Kind::Lead);
    }
    summary.finished = true;
    return summary;
}

std::string fakeSummaryText(const Summary& summary, ui::ConversationFormat format) {
    const bool markdown = format == ui::ConversationFormat::Markdown;
    std::string text = markdown ? "# Summary\n" : "<title>Summary</title><h1>Summary 概要</h1>";
    for (const SummarySection& section : summary.sections)
        text += markdown ? "\n## " + section.title + "\n\n" + section.text + "\n"
                         : "<h2>" + section.title + "</h2><p>" + section.text + "</p>";
    return text;
}

}  // namespace lectern::test
