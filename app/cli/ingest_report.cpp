// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/ingest_report.h"

#include <nlohmann/json.hpp>
#include <ostream>

#include "app/cli/coverage.h"
#include "app/cli/text_table.h"
#include "engine/machine.h"

namespace lectern::cli {

namespace {

double share(std::uint64_t done, std::uint64_t all) {
    return all == 0 ? 0 : static_cast<double>(done) / static_cast<double>(all);
}

std::string pagesText(const IngestEvent& event) {
    return std::to_string(event.pages) + "/" + std::to_string(event.pages_total) + " pages";
}

/// "7.2 GB on cuda:0, 3.1 GB on the CPU"
std::string dividedText(const std::string& device, std::uint64_t there, std::uint64_t here) {
    return byteText(there) + " on " + device + ", " + byteText(here) + " on the CPU";
}

Json eventJson(const char* kind, const IngestEvent& event) {
    return {{"event", kind},
            {"document", event.document},
            {"pages", event.pages},
            {"pages_total", event.pages_total},
            {"tokens", event.tokens},
            {"tokens_total", event.tokens_total},
            {"tokens_per_s", event.tokens_per_s}};
}

}  // namespace

IngestReport::IngestReport(CommandContext& context, bool json)
    : m_context(context), m_json(json), m_line(context.io.err, context.io.err_is_terminal ? context.io.columns : 0) {}

void IngestReport::sentence(const std::string& text) {
    m_line.clear();
    say(m_context, text);
}

void IngestReport::show(const IngestEvent& event) {
    switch (event.kind) {
        case IngestEvent::Kind::Parsing:
            return showParsing(event);
        case IngestEvent::Kind::Progress:
            return showProgress(event);
        case IngestEvent::Kind::Document:
            return showDocument(event);
        case IngestEvent::Kind::Done:
            return;  // told by done(), with what the session holds
    }
}

void IngestReport::showParsing(const IngestEvent& event) {
    m_line.show(share(std::uint64_t(event.pages), std::uint64_t(event.pages_total)),
                "opening " + event.document + "  " + pagesText(event));
}

void IngestReport::showProgress(const IngestEvent& event) {
    if (m_json) {
        Json line = eventJson("progress", event);
        line["seconds_left"] = event.seconds_left;
        writeLine(m_context.io.out, line);
    }
    m_line.show(share(event.tokens, event.tokens_total),
                pagesText(event) + "  " + countText(event.tokens) + " tokens  " + numberText(event.tokens_per_s, 0) +
                    " tokens/s  " + durationText(event.seconds_left) + " left  " + event.document);
}

void IngestReport::showDocument(const IngestEvent& event) {
    if (!event.problem.empty()) return failed(event.document, event.problem);
    if (m_json) {
        Json line = eventJson("document", event);
        line["problem"] = "";
        writeLine(m_context.io.out, line);
    } else {
        sentence("Read \"" + event.document + "\": " + pagesText(event) + ".");
    }
}

void IngestReport::failed(const std::string& document, const std::string& problem) {
    ++m_failures;
    if (m_json) {
        IngestEvent event;
        event.document = document;
        Json line = eventJson("document", event);
        line["problem"] = problem;
        writeLine(m_context.io.out, line);
    }
    sentence(problem);
}

void IngestReport::plan(const IngestPlan& plan, const KvSettings& settings) {
    if (plan.tokens == 0) return;
    if (m_json)
        writeLine(m_context.io.out, {{"event", "plan"},
                                     {"tokens", plan.tokens},
                                     {"kv_bytes", plan.kv_bytes},
                                     {"fp16_bytes", plan.fp16_bytes},
                                     {"disk_bytes", plan.disk_bytes},
                                     {"free_memory", plan.free_memory},
                                     {"free_disk", plan.free_disk},
                                     {"device", plan.device.empty() ? "cpu" : plan.device},
                                     {"device_bytes", plan.device_bytes},
                                     {"host_bytes", plan.host_bytes}});
    sentence(countText(plan.tokens) + " tokens to read; the cache will take about " + byteText(plan.kv_bytes) + " at " +
             settings.name() + " (fp16: " + byteText(plan.fp16_bytes) + "), " + byteText(plan.free_memory) +
             " is free.");
    if (plan.host_bytes > 0)
        sentence("The context does not fit " + plan.device +
                 " as a whole: " + dividedText(plan.device, plan.device_bytes, plan.host_bytes) + ".");
}

void IngestReport::done(const Session& session, std::uint64_t tokens, double seconds) {
    m_line.clear();
    const MemoryLedger memory = session.memory();
    if (m_json) {
        writeLine(m_context.io.out, {{"event", "done"},
                                     {"tokens", session.tokens()},
                                     {"tokens_new", tokens},
                                     {"seconds", seconds},
                                     {"tokens_per_s", seconds > 0 ? static_cast<double>(tokens) / seconds : 0.0},
                                     {"kv_bytes", memory.kvBytes()},
                                     {"fp16_bytes", memory.fp16_bytes},
                                     {"file_bytes", memory.file_bytes},
                                     {"peak_bytes", memory.peak},
                                     {"device", session.processor().id},
                                     {"device_name", session.processor().name},
                                     {"device_bytes", memory.deviceBytes()},
                                     {"device_pages_bytes", memory.device_pages},
                                     {"host_pages_bytes", memory.host_pages}});
        return;
    }
    printCoverage(m_context.io.out, session);
    m_context.io.out << countText(tokens) << " tokens read in " << durationText(seconds) << "; the cache of all "
                     << countText(session.tokens()) << " tokens takes " << byteText(memory.kvBytes()) << " ("
                     << session.kvSettings().name() << ")";
    if (!session.kvSettings().raw())
        m_context.io.out << " where fp16 would take " << byteText(memory.fp16_bytes) << ": "
                         << (memory.ratio() > 1 ? numberText(memory.ratio(), 2) + " times less"
                                                : numberText(1 / memory.ratio(), 2) + " times as much");
    m_context.io.out << ".\n";
    if (memory.deviceBytes() > 0)
        m_context.io.out << "Computed on " << session.processor().id << " (" << oneLine(session.processor().name, 60)
                         << "): " << byteText(memory.device_weights) << " of weights, " << byteText(memory.device_pages)
                         << " for pages and " << byteText(memory.device_scratch) << " of work buffers there"
                         << (memory.host_pages > 0 ? ", " + byteText(memory.host_pages) + " of pages on the CPU" : "")
                         << ".\n";
}

}  // namespace lectern::cli
