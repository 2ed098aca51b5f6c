// SPDX-License-Identifier: GPL-3.0-or-later
// lectern-cli calibrate: the offline part of KVQuant.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "app/cli/command.h"
#include "app/cli/exit_status.h"
#include "app/cli/json_text.h"
#include "app/cli/measuring.h"
#include "app/cli/text_table.h"
#include "engine/machine.h"

namespace lectern::cli {

namespace {

struct CalibrateFlags {
    EngineFlags engine;
    std::vector<std::string> texts;
    std::string out;
    CalibrationSettings settings;
    bool json = false;
};

void print(std::ostream& out, const CalibrationInfo& info) {
    std::string shares;
    for (const double share : info.outliers) shares += (shares.empty() ? "" : ", ") + outlierText(share);
    out << info.file.string() << ": " << countText(info.tokens) << " tokens in " << numberText(info.seconds, 1)
        << " s; 4, 3 and 2 bits at " << shares << " outliers\n";
}

int calibrate(CalibrateFlags& flags, CommandContext& context) {
    CalibrationRequest request;
    request.texts.assign(flags.texts.begin(), flags.texts.end());
    request.out = flags.out;
    request.settings = flags.settings;
    std::sort(request.settings.outliers.begin(), request.settings.outliers.end());
    const auto model = openModel(flags.engine, context);
    if (!model) return report(context, model.error());
    const auto info = withProgress(context, "calibrating", [&](const auto& progress) {
        return model->engine->calibrate(flags.engine.model, request, progress, context.stop);
    });
    if (!info) return report(context, info.error());
    if (flags.json) {
        writeLine(context.io.out, {{"file", info->file.string()},
                                   {"tokens", info->tokens},
                                   {"outliers", info->outliers},
                                   {"seconds", info->seconds}});
    } else {
        print(context.io.out, *info);
    }
    return kDone;
}

}  // namespace

Action declareCalibrate(CLI::App& app) {
    const auto flags = std::make_shared<CalibrateFlags>();
    app.add_option("--text", flags->texts,
                   "Plain text of the kind the model will read; several are read in turn (default: Lectern's own)")
        ->type_name("FILE");
    app.add_option("--out", flags->out, "The calibration file (default: beside the model, where ingest finds it)")
        ->type_name("FILE");
    addModel(app, flags->engine, "A model file, folder or name (default: the built-in model)");
    app.add_option("--outliers", flags->settings.outliers, "Shares of outliers to calibrate for, 0 to 0.05")
        ->type_name("SHARE")
        ->delimiter(',')
        ->check([](const std::string& text) { return numberProblem(text, 0, 0.05); })
        ->capture_default_str();
    app.add_option("--sinks", flags->settings.sinks, "First tokens of each sequence left out, 0 to 64")
        ->type_name("N")
        ->check(CLI::Range(0, kMaxSinks))
        ->capture_default_str();
    app.add_option("--sequences", flags->settings.sequences, "Sequences to read, as far as the text goes")
        ->type_name("N")
        ->check(CLI::Range(1, 4096))
        ->capture_default_str();
    app.add_option("--ctx", flags->settings.sequence_tokens, "Tokens of a sequence")
        ->type_name("N")
        ->check(CLI::Range(128, 65536))
        ->capture_default_str();
    addDevice(app, flags->engine);
    addJson(app, flags->json);
    return [flags](CommandContext& context) { return calibrate(*flags, context); };
}

}  // namespace lectern::cli
