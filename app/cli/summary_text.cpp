// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/summary_text.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/cli/markup.h"
#include "app/cli/text_table.h"

namespace lectern::cli {

namespace {

constexpr std::string_view kBullet = "- ";
constexpr const char* kNothing = "Nothing in this section can be quoted as a sentence.";

std::string place(const Citation& citation) {
    return "[" + oneLine(citation.document, 60) + " p. " + oneLine(pageOf(citation), 12) + "]";
}

/// The sentences of a summary that quotes, without the marks of a list.
std::vector<std::string> sentencesOf(const std::string& text) {
    std::vector<std::string> sentences;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        sentences.push_back(line.starts_with(kBullet) ? line.substr(kBullet.size()) : line);
    return sentences;
}

std::string footer(const Summary& summary) {
    const std::string words = summary.quotes ? "Sentences of the text, chosen by " : "Written by ";
    const std::string cut = summary.finished ? ""
                                             : " Interrupted: " + std::to_string(summary.sections.size()) + " of " +
                                                   std::to_string(summary.planned) + " sections.";
    return words + oneLine(summary.model, 100) + ". Pages are those that the model attended to, not proofs." + cut;
}

void appendMarkdown(std::ostringstream& out, const Summary& summary, const std::string& text,
                    const std::vector<Citation>& citations) {
    if (!summary.quotes || text.empty()) {
        out << "\n" << (text.empty() ? kNothing : printable(text)) << "\n";
        if (!citations.empty()) out << "\n*" << plainMarkdown(citedPages(citations), 400) << "*\n";
        return;
    }
    const auto sentences = sentencesOf(text);
    out << "\n";
    for (std::size_t i = 0; i < sentences.size(); ++i) {
        out << (sentences.size() > 1 ? kBullet : "") << plainMarkdown(sentences[i], kPassageColumns);
        if (i < citations.size()) out << " *" << plainMarkdown(place(citations[i]), 100) << "*";
        out << "\n";
    }
}

void appendHtml(std::ostringstream& out, const Summary& summary, const std::string& text,
                const std::vector<Citation>& citations) {
    if (!summary.quotes || text.empty()) {
        out << "<p class=\"answer\">" << escapedHtml(text.empty() ? kNothing : text) << "</p>\n";
        if (!citations.empty()) out << "<p class=\"page\">" << escapedHtml(citedPages(citations)) << "</p>\n";
        return;
    }
    const auto sentences = sentencesOf(text);
    out << "<ul>\n";
    for (std::size_t i = 0; i < sentences.size(); ++i) {
        out << "<li>" << escapedHtml(sentences[i]);
        if (i < citations.size()) out << " <span class=\"page\">" << escapedHtml(place(citations[i])) << "</span>";
        out << "</li>\n";
    }
    out << "</ul>\n";
}

int headingLevel(const SummarySection& section) {
    return std::clamp(section.level, 1, 4) + 1;
}

bool severalDocuments(const Summary& summary) {
    return std::any_of(summary.sections.begin(), summary.sections.end(), [&](const SummarySection& section) {
        return section.document_id != summary.sections.front().document_id;
    });
}

/// Where a section of another document begins: its name, where there are several.
const std::string* opens(const Summary& summary, std::size_t index) {
    const auto& all = summary.sections;
    const bool first = index == 0 || all[index].document_id != all[index - 1].document_id;
    return first && severalDocuments(summary) ? &all[index].document : nullptr;
}

}  // namespace

std::string summaryTitle(const Summary& summary) {
    return summary.title.empty() ? "All documents" : summary.title;
}

std::string_view lengthName(SummaryLength length) {
    constexpr std::array<std::string_view, 3> kNames = {"short", "medium", "long"};
    return kNames[std::size_t(length)];
}

std::string pagesText(const SummarySection& section) {
    const auto printed = [](const std::string& label, int page) {
        return label.empty() ? std::to_string(page) : label;
    };
    const std::string first = printed(section.first_label, section.first_page);
    if (section.first_page == section.last_page) return "p. " + first;
    return "pp. " + first + "–" + printed(section.last_label, section.last_page);
}

std::string citedPages(const std::vector<Citation>& citations) {
    std::string line;
    for (const Citation& citation : citations)
        line += (line.empty() ? "" : ", ") + place(citation) + " " + percentText(citation.share, 0);
    return line;
}

std::string sentencesText(const std::string& text, const std::vector<Citation>& citations) {
    if (text.empty()) return std::string(kNothing) + "\n";
    const auto sentences = sentencesOf(text);
    std::string lines;
    for (std::size_t i = 0; i < sentences.size(); ++i) {
        lines += "- " + printable(sentences[i]);
        if (i < citations.size()) lines += " " + place(citations[i]);
        lines += "\n";
    }
    return lines;
}

std::string summaryMarkdown(const Summary& summary) {
    std::ostringstream out;
    out << "# Summary: " << plainMarkdown(summaryTitle(summary), 200) << "\n";
    if (!summary.lead.empty()) appendMarkdown(out, summary, summary.lead, summary.lead_citations);
    for (std::size_t i = 0; i < summary.sections.size(); ++i) {
        const SummarySection& section = summary.sections[i];
        if (const std::string* name = opens(summary, i)) out << "\n## " << plainMarkdown(*name, 200) << "\n";
        out << "\n"
            << std::string(std::size_t(headingLevel(section)) + (severalDocuments(summary) ? 1 : 0), '#') << " "
            << plainMarkdown(section.title, 200) << " (" << plainMarkdown(pagesText(section), 40) << ")\n";
        appendMarkdown(out, summary, section.text, section.citations);
    }
    out << "\n---\n\n" << plainMarkdown(footer(summary), 400) << "\n";
    return out.str();
}

std::string summaryHtml(const Summary& summary) {
    std::ostringstream out;
    out << htmlOpening("Summary: " + summaryTitle(summary));
    if (!summary.lead.empty()) appendHtml(out, summary, summary.lead, summary.lead_citations);
    for (std::size_t i = 0; i < summary.sections.size(); ++i) {
        const SummarySection& section = summary.sections[i];
        if (const std::string* name = opens(summary, i)) out << "<h2>" << escapedHtml(*name) << "</h2>\n";
        const std::string tag = "h" + std::to_string(headingLevel(section) + (severalDocuments(summary) ? 1 : 0));
        out << "<" << tag << ">" << escapedHtml(section.title) << " <span class=\"page\">("
            << escapedHtml(pagesText(section)) << ")</span></" << tag << ">\n";
        appendHtml(out, summary, section.text, section.citations);
    }
    out << "<hr>\n<p class=\"page\">" << escapedHtml(footer(summary)) << "</p>\n</body>\n</html>\n";
    return out.str();
}

Json sectionJson(const SummarySection& section) {
    Json citations = Json::array();
    for (const Citation& citation : section.citations) citations.push_back(citationJson(citation));
    return {{"document", section.document},   {"title", section.title},
            {"level", section.level},         {"first_page", section.first_page},
            {"last_page", section.last_page}, {"text", section.text},
            {"citations", citations},         {"cut", section.cut}};
}

Json summaryJson(const Summary& summary) {
    Json citations = Json::array();
    for (const Citation& citation : summary.lead_citations) citations.push_back(citationJson(citation));
    const SummaryLedger& ledger = summary.ledger;
    return {{"title", summaryTitle(summary)},
            {"length", lengthName(summary.request.length)},
            {"finished", summary.finished},
            {"sections", summary.sections.size()},
            {"planned", summary.planned},
            {"quotes", summary.quotes},
            {"lead", summary.lead},
            {"lead_citations", citations},
            {"model", summary.model},
            {"time", summary.time},
            {"ledger",
             {{"tokens_reused", ledger.tokens_reused},
              {"tokens_new", ledger.tokens_new},
              {"tokens_answer", ledger.tokens_answer},
              {"seconds", ledger.seconds},
              {"peak_bytes", ledger.peak_bytes}}}};
}

}  // namespace lectern::cli
