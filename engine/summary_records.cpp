// SPDX-License-Identifier: GPL-3.0-or-later
// Summaries as values of the session's file.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/session_records.h"
#include "engine/session_summaries.h"
#include "engine/whole_number.h"

namespace lectern {

using nlohmann::json;

namespace {

json citationsJson(const std::vector<Citation>& citations) {
    return json::parse(citationsText(citations));
}

std::vector<Citation> citationsFrom(const json& j) {
    return citationsFromText(j.dump()).value_or(std::vector<Citation>());
}

json sectionJson(const SummarySection& s) {
    return {{"document_id", s.document_id},
            {"document", s.document},
            {"title", s.title},
            {"level", s.level},
            {"first_page", s.first_page},
            {"last_page", s.last_page},
            {"first_label", s.first_label},
            {"last_label", s.last_label},
            {"text", s.text},
            {"citations", citationsJson(s.citations)},
            {"cut", s.cut}};
}

SummarySection sectionFrom(const json& j) {
    SummarySection s;
    s.document_id = whole(j.at("document_id"));
    s.document = j.at("document");
    s.title = j.at("title");
    s.level = whole(j.at("level"));
    s.first_page = whole(j.at("first_page"));
    s.last_page = whole(j.at("last_page"));
    s.first_label = j.at("first_label");
    s.last_label = j.at("last_label");
    s.text = j.at("text");
    s.citations = citationsFrom(j.at("citations"));
    s.cut = j.at("cut");
    return s;
}

json ledgerJson(const SummaryLedger& l) {
    return {{"tokens_reused", l.tokens_reused},
            {"tokens_new", l.tokens_new},
            {"tokens_answer", l.tokens_answer},
            {"peak_bytes", l.peak_bytes},
            {"seconds", l.seconds}};
}

SummaryLedger ledgerFrom(const json& j) {
    return {whole(j.at("tokens_reused")), whole(j.at("tokens_new")), whole(j.at("tokens_answer")),
            whole(j.at("peak_bytes")), j.at("seconds")};
}

}  // namespace

std::string summaryText(const Summary& summary) {
    json parts = json::array(), sections = json::array();
    for (const auto& part : summary.request.parts) parts.push_back({{"document", part.document}, {"item", part.item}});
    for (const auto& section : summary.sections) sections.push_back(sectionJson(section));
    const json all = {{"id", summary.id},
                      {"title", summary.title},
                      {"parts", parts},
                      {"length", int(summary.request.length)},
                      {"max_tokens", summary.request.max_tokens},
                      {"planned", summary.planned},
                      {"sections", sections},
                      {"lead", summary.lead},
                      {"lead_citations", citationsJson(summary.lead_citations)},
                      {"quotes", summary.quotes},
                      {"finished", summary.finished},
                      {"basis", summary.basis},
                      {"model", summary.model},
                      {"time", summary.time},
                      {"ledger", ledgerJson(summary.ledger)}};
    return all.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<Summary> summaryFromText(const std::string& text) {
    try {
        const json j = json::parse(text);
        Summary s;
        s.id = whole(j.at("id"));
        s.title = j.at("title");
        for (const auto& part : j.at("parts")) s.request.parts.push_back({part.at("document"), whole(part.at("item"))});
        s.request.length = SummaryLength(std::clamp<int>(whole(j.at("length")), 0, int(SummaryLength::Long)));
        s.request.max_tokens = whole(j.at("max_tokens"));
        s.planned = whole(j.at("planned"));
        for (const auto& section : j.at("sections")) s.sections.push_back(sectionFrom(section));
        s.lead = j.at("lead");
        s.lead_citations = citationsFrom(j.at("lead_citations"));
        s.quotes = j.at("quotes");
        s.finished = j.at("finished");
        s.basis = j.value("basis", std::string());
        s.model = j.at("model");
        s.time = whole(j.at("time"));
        s.ledger = ledgerFrom(j.at("ledger"));
        return s;
    } catch (const json::exception&) {
        return std::nullopt;
    }
}

}  // namespace lectern
