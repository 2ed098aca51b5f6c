// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/coverage.h"

#include <nlohmann/json.hpp>
#include <ostream>

#include "app/cli/text_table.h"
#include "engine/machine.h"

namespace lectern::cli {

namespace {

constexpr std::size_t kNameColumns = 48;

bool gap(const PageInfo& page) {
    return !page.in_context && page.state != PageState::Empty;
}

std::string stateText(const DocumentInfo& document) {
    std::string text(stateName(document.state));
    if (document.state == DocumentState::InContext) text = "in context";
    return document.on ? text : text + ", off";
}

/// "3, 7-9" for the pages (1-based) that are meant.
template <typename Meant>
std::string pageRanges(const std::vector<PageInfo>& pages, const Meant& meant) {
    std::string text;
    for (std::size_t first = 0; first < pages.size(); ++first) {
        if (!meant(pages[first])) continue;
        std::size_t last = first;
        while (last + 1 < pages.size() && meant(pages[last + 1])) ++last;
        text += (text.empty() ? "" : ", ") + std::to_string(first + 1);
        if (last > first) text += "-" + std::to_string(last + 1);
        first = last;
    }
    return text;
}

void printGaps(std::ostream& out, const DocumentInfo& document, const std::vector<PageInfo>& pages) {
    const std::string name = oneLine(document.name, kNameColumns);
    if (document.source_state == SourceState::Changed)
        out << "  " << name << ": its file has changed on disk; ingest --refresh reads it again\n";
    if (document.state == DocumentState::Failed) {
        out << "  " << name << ": " << printable(document.problem) << '\n';
        return;
    }
    const std::string recognized = pageRanges(pages, [](const PageInfo& p) { return p.isByOcr(); });
    if (!recognized.empty()) out << "  " << name << ": text by OCR: p. " << recognized << '\n';
    const std::string pictures = pageRanges(pages, [](const PageInfo& p) { return p.state == PageState::ImageOnly; });
    if (!pictures.empty())
        out << "  " << name << ": pictures without text (OCR is needed): p. " << pictures
            << "; ingest --ocr with its file reads them\n";
    const std::string broken = pageRanges(pages, [](const PageInfo& p) { return p.state == PageState::Unreadable; });
    if (!broken.empty()) out << "  " << name << ": could not be read: p. " << broken << '\n';
    for (const PageInfo& page : pages) {
        if (page.state == PageState::Read || page.problem.empty()) continue;
        out << "    " << printable(page.problem) << '\n';
        break;  // one reason is enough here; --json has them all
    }
}

}  // namespace

std::string_view whatOffLeaves(SessionMode mode) {
    return mode == SessionMode::Shelf
               ? "Earlier answers of a conversation may have used it."
               : "Documents read after it were read seeing it, and earlier answers of a conversation may have used it.";
}

Coverage coverageOf(const std::vector<PageInfo>& pages) {
    Coverage sum;
    sum.pages = static_cast<int>(pages.size());
    for (const PageInfo& page : pages) {
        sum.read += page.state == PageState::Read;
        sum.by_ocr += page.isByOcr();
        sum.empty += page.state == PageState::Empty;
        sum.image_only += page.state == PageState::ImageOnly;
        sum.unreadable += page.state == PageState::Unreadable;
        sum.in_context += page.in_context;
        if (page.in_context) sum.tokens += page.tokens;
    }
    return sum;
}

Json coverageJson(const std::vector<PageInfo>& pages) {
    const Coverage sum = coverageOf(pages);
    Json gaps = Json::array();
    for (std::size_t p = 0; p < pages.size(); ++p) {
        if (!gap(pages[p])) continue;
        gaps.push_back({{"page", p + 1},
                        {"page_label", pages[p].label},
                        {"state", stateName(pages[p].state)},
                        {"problem", pages[p].problem}});
    }
    return {{"read", sum.read},
            {"by_ocr", sum.by_ocr},
            {"empty", sum.empty},
            {"image_only", sum.image_only},
            {"unreadable", sum.unreadable},
            {"in_context", sum.in_context},
            {"gaps", std::move(gaps)}};
}

Json documentJson(const Session& session, const DocumentInfo& document) {
    const auto pages = session.pages(document.id);
    return {{"name", document.name},
            {"kind", document.kind},
            {"title", document.title},
            {"author", document.author},
            {"source", document.source.string()},
            {"pages", pages.size()},
            {"tokens", document.token_end - document.token_begin},
            {"state", stateName(document.state)},
            {"on", document.on},
            {"source_state", sourceName(document.source_state)},
            {"changed_on_disk", document.source_state == SourceState::Changed},
            {"problem", document.problem},
            {"coverage", coverageJson(pages)}};
}

void printCoverage(std::ostream& out, const Session& session) {
    TextTable table(
        {"document", "state", "pages", "read", "empty", "image only", "unreadable", "in context", "tokens"});
    const auto documents = session.documents();
    for (const DocumentInfo& document : documents) {
        const Coverage sum = coverageOf(session.pages(document.id));
        table.add({oneLine(document.name, kNameColumns), stateText(document), std::to_string(sum.pages),
                   std::to_string(sum.read), std::to_string(sum.empty), std::to_string(sum.image_only),
                   std::to_string(sum.unreadable), std::to_string(sum.in_context),
                   countText(document.token_end - document.token_begin)});
    }
    out << "Coverage\n";
    table.print(out);
    for (const DocumentInfo& document : documents) printGaps(out, document, session.pages(document.id));
}

void printMemory(std::ostream& out, const MemoryLedger& memory) {
    TextTable table;
    table.add({"weights", byteText(memory.weights)});
    table.add({"keys", byteText(memory.key_codes)});
    table.add({"values", byteText(memory.value_codes)});
    table.add({"outlier corrections", byteText(memory.corrections)});
    table.add({"fp16 tokens (sinks, window)", byteText(memory.raw)});
    table.add({"tables", byteText(memory.tables)});
    table.add({"cache in all", byteText(memory.kvBytes())});
    table.add({"an fp16 cache would take", byteText(memory.fp16_bytes)});
    table.add({"saved", numberText(memory.ratio(), 2) + " times"});
    table.add({"session file", byteText(memory.file_bytes)});
    out << "Memory\n";
    table.print(out);
}

}  // namespace lectern::cli
