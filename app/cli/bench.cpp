// SPDX-License-Identifier: GPL-3.0-or-later
// lectern-cli bench: how fast this machine reads and answers, by length of context; what each part of KVQuant brings;
// how fast sessions are saved and opened.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "app/cli/ablation.h"
#include "app/cli/bench_session.h"
#include "app/cli/command.h"
#include "app/cli/exit_status.h"
#include "app/cli/json_text.h"
#include "app/cli/measuring.h"
#include "app/cli/text_table.h"
#include "engine/machine.h"

namespace lectern::cli {

namespace {

struct BenchFlags {
    EngineFlags engine;
    KvFlags kv;
    SpeedRequest request;
    bool decode = false, json = false;
};

Json machineJson(const Engine& engine, const SpeedReport& report) {
    const DeviceInfo cpu = engine.devices().front();
    return {{"name", cpu.name},
            {"isa", cpu.isa},
            {"threads", report.threads},
            {"read_gb_per_s", report.read_gb_per_s},
            {"device", report.device},
            {"device_name", report.device_name},
            {"device_gb_per_s", report.device_gb_per_s}};
}

/// Of the memory that decoding reads.
double bandwidth(const SpeedReport& report) {
    return report.device_gb_per_s > 0 ? report.device_gb_per_s : report.read_gb_per_s;
}

/// Compressed bytes that decoding reads a second, as a share of what memory can deliver.
double bandwidthShare(const SpeedReport& report, const SpeedRow& row) {
    return double(row.kv_bytes) * row.decode_tokens_per_s / 1e9 / bandwidth(report);
}

Json rowsJson(const BenchFlags& flags, const SpeedReport& report) {
    Json rows = Json::array();
    for (const SpeedRow& row : report.rows) {
        Json entry = {{"device", report.device_name},
                      {"kv", row.kv},
                      {"context_tokens", row.context},
                      {"kv_bytes", row.kv_bytes},
                      {"fp16_bytes", row.fp16_bytes}};
        entry["tokens_per_s"] = flags.decode ? row.decode_tokens_per_s : row.prefill_tokens_per_s;
        if (flags.decode) entry["share_of_bandwidth"] = bandwidthShare(report, row);
        rows.push_back(std::move(entry));
    }
    return rows;
}

void print(std::ostream& out, const BenchFlags& flags, const SpeedReport& report) {
    TextTable table(
        {"cache", "context", flags.decode ? "decode tokens/s" : "prefill tokens/s", "cache size", "fp16 would be"});
    for (const SpeedRow& row : report.rows) {
        table.add({row.kv, countText(std::uint64_t(row.context)),
                   numberText(flags.decode ? row.decode_tokens_per_s : row.prefill_tokens_per_s, 1),
                   byteText(row.kv_bytes), byteText(row.fp16_bytes)});
    }
    table.print(out);
    if (report.device_gb_per_s > 0)
        out << report.device << " (" << oneLine(report.device_name, 60) << ") moves "
            << numberText(report.device_gb_per_s, 0) << " GB/s of its memory\n";
    out << report.threads << " threads read memory at " << numberText(report.read_gb_per_s, 1) << " GB/s\n";
}

int bench(BenchFlags& flags, CommandContext& context) {
    const auto settings = kvSettingsList(flags.kv, KvSettings{}.window, parseKvSettings);
    if (!settings) return report(context, settings.error());
    flags.request.settings = *settings;
    if (!flags.decode) flags.request.decode_tokens = 1;
    const auto model = openModel(flags.engine, context);
    if (!model) return report(context, model.error());
    const auto measured = withProgress(context, "measuring", [&](const auto& progress) {
        return model->engine->speed(flags.engine.model, flags.request, progress, context.stop);
    });
    if (!measured) return report(context, measured.error());
    if (flags.json)
        writeLine(context.io.out, {{"machine", machineJson(*model->engine, *measured)},
                                   {"model", model->info.name},
                                   {"rows", rowsJson(flags, *measured)}});
    else
        print(context.io.out, flags, *measured);
    return kDone;
}

void declareSpeed(CLI::App& app, BenchFlags& flags) {
    addModel(app, flags.engine, "A model file, folder or name (default: the built-in model)");
    addKv(app, flags.kv, "Cache settings to compare, with commas between");
    app.get_option("--kv")->capture_default_str();
    app.add_option("--context", flags.request.contexts, "Lengths of context to measure at, with commas between")
        ->type_name("N,N…")
        ->delimiter(',')
        ->check(CLI::Range(1, 1 << 24))
        ->capture_default_str();
    if (flags.decode)
        app.add_option("--tokens", flags.request.decode_tokens, "Tokens decoded at each length")
            ->type_name("N")
            ->check(CLI::Range(1, 4096))
            ->capture_default_str();
    addDevice(app, flags.engine);
    addJson(app, flags.json);
}

}  // namespace

Action declareBench(CLI::App& app) {
    struct Mode {
        CLI::App* app;
        Action action;
    };
    std::vector<Mode> modes;
    for (const bool decode : {false, true}) {
        const auto flags = std::make_shared<BenchFlags>();
        flags->kv.kv = "fp16,nuq4,nuq3,nuq2";
        flags->decode = decode;
        CLI::App* mode = decode ? app.add_subcommand("decode", "Speed of answering, by length of context")
                                : app.add_subcommand("prefill", "Speed of reading, by length of context");
        declareSpeed(*mode, *flags);
        modes.push_back({mode, [flags](CommandContext& context) { return bench(*flags, context); }});
    }
    CLI::App* ablation = app.add_subcommand("ablation", "What each part of KVQuant brings to a model, on a text");
    modes.push_back({ablation, declareAblation(*ablation)});
    CLI::App* session = app.add_subcommand("session", "Speed of session files, against a plain file on the same disk");
    modes.push_back({session, declareSessionBench(*session)});
    app.require_subcommand(1);
    return [modes](CommandContext& context) {
        const auto chosen = std::find_if(modes.begin(), modes.end(), [](const Mode& m) { return m.app->parsed(); });
        return chosen->action(context);
    };
}

}  // namespace lectern::cli
