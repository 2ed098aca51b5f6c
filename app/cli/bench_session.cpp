// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/bench_session.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <ostream>

#include "app/cli/exit_status.h"
#include "app/cli/json_text.h"
#include "app/cli/measuring.h"
#include "app/cli/text_table.h"
#include "engine/machine.h"

namespace lectern::cli {

namespace {

struct SessionBenchFlags {
    EngineFlags engine;
    std::string kv = "nuq2";
    SessionSpeedRequest request;
    bool json = false;
};

double gbPerSecond(std::uint64_t bytes, double seconds) {
    return seconds > 0 ? double(bytes) / seconds / 1e9 : 0;
}

double writeAmplification(const SessionSpeedReport& report) {
    return report.payload_bytes == 0 ? 0 : double(report.written_bytes) / double(report.payload_bytes);
}

Json reportJson(const Engine& engine, const SessionBenchFlags& flags, const SessionSpeedReport& report) {
    const DeviceInfo cpu = engine.devices().front();
    Json rows = Json::array();
    for (const SessionSpeedRow& row : report.rows) {
        Json entry = {{"step", row.step}, {"bytes", row.bytes}, {"seconds", row.seconds}};
        if (row.bytes > 0) entry["gb_per_s"] = gbPerSecond(row.bytes, row.seconds);
        if (row.plain_seconds > 0) {
            entry["plain_gb_per_s"] = gbPerSecond(row.bytes, row.plain_seconds);
            entry["share_of_plain"] = row.plain_seconds / row.seconds;
        }
        rows.push_back(std::move(entry));
    }
    Json all = {{"machine", {{"name", cpu.name}, {"isa", cpu.isa}, {"threads", report.threads}}},
                {"kv", flags.kv},
                {"tokens", report.tokens},
                {"pages", report.pages},
                {"layers", report.layers},
                {"kv_heads", report.kv_heads},
                {"head_dim", report.head_dim},
                {"payload_bytes", report.payload_bytes},
                {"file_bytes", report.file_bytes}};
    if (report.written_bytes > 0) all["write_amplification"] = writeAmplification(report);
    all["rows"] = std::move(rows);
    return all;
}

void print(std::ostream& out, const SessionBenchFlags& flags, const SessionSpeedReport& report) {
    out << countText(report.tokens) << " tokens at " << flags.kv << ", " << report.layers << " layers of "
        << report.kv_heads << " heads of " << report.head_dim << ": " << byteText(report.payload_bytes) << " of cache, "
        << countText(std::uint64_t(report.pages)) << " pages of text, a file of " << byteText(report.file_bytes)
        << "\n";
    TextTable table({"step", "seconds", "GB/s", "plain file GB/s", "share of plain"});
    for (const SessionSpeedRow& row : report.rows) {
        const bool compared = row.plain_seconds > 0;
        table.add({row.step, numberText(row.seconds, 3),
                   row.bytes > 0 ? numberText(gbPerSecond(row.bytes, row.seconds), 2) : "-",
                   compared ? numberText(gbPerSecond(row.bytes, row.plain_seconds), 2) : "-",
                   compared ? percentText(row.plain_seconds / row.seconds) : "-"});
    }
    table.print(out);
    if (report.written_bytes > 0) out << "write amplification " << numberText(writeAmplification(report), 3) << "\n";
}

int benchSession(SessionBenchFlags& flags, CommandContext& context) {
    const auto settings = parseKvSettings(flags.kv);
    if (!settings) return report(context, settings.error());
    flags.request.kv = *settings;
    const auto engine = context.make_engine(flags.engine.options);
    if (!engine) return report(context, engine.error());
    const auto measured = withProgress(context, "measuring", [&](const auto& progress) {
        return (*engine)->sessionSpeed(flags.request, progress, context.stop);
    });
    if (!measured) return report(context, measured.error());
    if (flags.json)
        writeLine(context.io.out, reportJson(**engine, flags, *measured));
    else
        print(context.io.out, flags, *measured);
    return kDone;
}

}  // namespace

Action declareSessionBench(CLI::App& app) {
    const auto flags = std::make_shared<SessionBenchFlags>();
    app.add_option("--kv", flags->kv, "How the cache is kept")->type_name("NAME")->capture_default_str();
    app.add_option(
           "--tokens", flags->request.tokens,
           "Length of the context; 0 = a million, or what a quarter of the free disk and half of the memory hold")
        ->type_name("N")
        ->capture_default_str();
    app.add_option("--pages", flags->request.pages, "Pages of the document")
        ->type_name("N")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
    app.add_option("--runs", flags->request.runs, "Times that each step that reads is measured; the best counts")
        ->type_name("N")
        ->check(CLI::Range(1, 100))
        ->capture_default_str();
    app.add_option("--folder", flags->request.folder, "Where the files are made, and removed at the end")
        ->type_name("FOLDER")
        ->capture_default_str();
    addThreads(app, flags->engine);
    addJson(app, flags->json);
    return [flags](CommandContext& context) { return benchSession(*flags, context); };
}

}  // namespace lectern::cli
