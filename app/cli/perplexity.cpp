// SPDX-License-Identifier: GPL-3.0-or-later
// lectern-cli perplexity: what cache settings cost in quality, measured.
#include <CLI/CLI.hpp>
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

struct PerplexityFlags {
    EngineFlags engine;
    KvFlags kv;
    PerplexityRequest request;
    std::string text;
    bool json = false;
};

Json rowsJson(const PerplexityFlags& flags, const std::string& model, const std::vector<PerplexityRow>& rows) {
    Json settings = Json::array();
    for (const PerplexityRow& row : rows) {
        settings.push_back(perplexityJson(row));
    }
    return {{"model", model}, {"text", flags.text}, {"ctx", flags.request.context}, {"settings", std::move(settings)}};
}

void print(std::ostream& out, const std::vector<PerplexityRow>& rows) {
    TextTable table({"cache", "perplexity", "change", "KL mean", "KL 99%", "same top token", "bits a value",
                     "bytes a token", "tokens"});
    for (const PerplexityRow& row : rows) {
        table.add({row.kv, numberText(row.perplexity, 4), percentText(row.perplexity / row.fp16_perplexity - 1, 2),
                   numberText(row.kl_mean, 6), numberText(row.kl_p99, 5), percentText(row.top1_agreement),
                   numberText(row.bits_per_value, 2), numberText(row.bytes_per_token, 1), countText(row.tokens)});
    }
    table.print(out);
}

int perplexity(PerplexityFlags& flags, CommandContext& context) {
    // A window of 0 as in the paper: no token sees an unquantized one.
    const auto settings = kvSettingsList(flags.kv, 0, parseBenchSettings);
    if (!settings) return report(context, settings.error());
    flags.request.settings = *settings;
    flags.request.text = flags.text;
    const auto model = openModel(flags.engine, context);
    if (!model) return report(context, model.error());
    const auto rows = withProgress(context, "measuring", [&](const auto& progress) {
        return model->engine->perplexity(flags.engine.model, flags.request, progress, context.stop);
    });
    if (!rows) return report(context, rows.error());
    if (flags.json)
        writeLine(context.io.out, rowsJson(flags, model->info.name, *rows));
    else
        print(context.io.out, *rows);
    return kDone;
}

}  // namespace

Action declarePerplexity(CLI::App& app) {
    const auto flags = std::make_shared<PerplexityFlags>();
    flags->kv.kv = "fp16,nuq4,nuq3,nuq2";
    app.add_option("--text", flags->text, "The text to predict")->required()->type_name("FILE");
    addModel(app, flags->engine, "A model file, folder or name (default: the built-in model)");
    addKv(app, flags->kv,
          "Cache settings to compare, with commas between; here also q4 (plain 4-bit blocks of 32) and the endings "
          "+post-rope, +token-keys and +channel-values");
    app.get_option("--kv")->capture_default_str();
    app.get_option("--window")->description("Newest tokens kept in fp16, 0 to 1024 (default here 0, as in the paper)");
    app.add_option("--ctx", flags->request.context, "Tokens of context a chunk")
        ->type_name("N")
        ->check(CLI::Range(2, 1 << 24))
        ->capture_default_str();
    app.add_option("--chunks", flags->request.chunks, "Chunks to measure; 0 = all of the text")
        ->type_name("N")
        ->check(CLI::Range(0, 1 << 30))
        ->capture_default_str();
    addCalibration(app, flags->request.calibration);
    addDevice(app, flags->engine);
    addJson(app, flags->json);
    return [flags](CommandContext& context) { return perplexity(*flags, context); };
}

}  // namespace lectern::cli
