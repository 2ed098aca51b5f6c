// SPDX-License-Identifier: GPL-3.0-or-later
// lectern-cli model: what a model is, which there are, and writing one as GGUF.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "app/cli/command.h"
#include "app/cli/exit_status.h"
#include "app/cli/json_text.h"
#include "app/cli/measuring.h"
#include "app/cli/options.h"
#include "app/cli/text_table.h"
#include "engine/machine.h"

namespace lectern::cli {

namespace {

struct ModelFlags {
    EngineFlags engine;
    ConvertRequest convert;
    std::string out;
    bool json = false;
};

void printModel(std::ostream& out, const ModelInfo& model) {
    TextTable table;
    table.add({"name", oneLine(model.name, 80) + (model.built_in ? " (built in)" : "")});
    table.add({"file", oneLine(model.path.string(), 400)});
    table.add({"architecture", oneLine(model.architecture, 40)});
    table.add({"fingerprint", model.fingerprint});
    table.add({"tokenizer", oneLine(model.tokenizer, 60) + ", " + countText(std::uint64_t(model.vocab)) + " tokens"});
    table.add({"parameters", countText(model.parameters)});
    table.add({"weights", byteText(model.weights_bytes) + " (" + oneLine(model.weight_types, 60) + ")"});
    table.add({"layers", std::to_string(model.layers)});
    table.add({"hidden", std::to_string(model.hidden)});
    table.add({"heads", std::to_string(model.heads) + " query, " + std::to_string(model.kv_heads) + " key-value, of " +
                            std::to_string(model.head_dim)});
    if (model.experts > 0)
        table.add({"experts", std::to_string(model.experts) + " in each layer, " + std::to_string(model.experts_used) +
                                  " for each token"});
    if (model.text_alone) table.add({"left out", "what reads images"});
    table.add({"trained context",
               model.trained_context == 0 ? std::string("unknown") : countText(std::uint64_t(model.trained_context))});
    table.print(out);
}

void printFit(std::ostream& out, const std::vector<ContextFit>& fits) {
    const bool device =
        std::any_of(fits.begin(), fits.end(), [](const ContextFit& fit) { return fit.device_tokens > 0; });
    std::vector<std::string> head = {"cache", "bytes a token", "tokens that fit"};
    if (device) head.push_back("on the device");
    TextTable table(head);
    for (const ContextFit& fit : fits) {
        std::vector<std::string> row = {fit.kv, numberText(fit.bytes_per_token, 1), countText(fit.tokens)};
        if (device) row.push_back(countText(fit.device_tokens));
        table.add(row);
    }
    out << "\nContext that fits the free memory\n";
    table.print(out);
    if (device) out << "Of a longer context than fits the device, the pages it has no room for stay on the CPU.\n";
}

Json fitJson(const std::vector<ContextFit>& fits) {
    Json all = Json::array();
    for (const ContextFit& fit : fits) {
        all.push_back({{"kv", fit.kv},
                       {"bytes_per_token", fit.bytes_per_token},
                       {"tokens", fit.tokens},
                       {"device_tokens", fit.device_tokens}});
    }
    return all;
}

int modelInfo(const ModelFlags& flags, CommandContext& context) {
    const auto engine = context.make_engine(flags.engine.options);
    if (!engine) return report(context, engine.error());
    const auto model = (*engine)->modelInfo(flags.engine.model);
    if (!model) return report(context, model.error());
    if (!model->problem.empty()) return report(context, {ErrorCode::BadInput, model->problem});
    const auto fits = (*engine)->contextFit(flags.engine.model);
    if (!fits) return report(context, fits.error());
    if (!flags.json) {
        printModel(context.io.out, *model);
        printFit(context.io.out, *fits);
        return kDone;
    }
    Json all = modelJson(*model);
    all["context_fit"] = fitJson(*fits);
    writeLine(context.io.out, all);
    return kDone;
}

int convertModel(const ModelFlags& flags, CommandContext& context) {
    ConvertRequest request = flags.convert;
    request.out = flags.out;
    EngineOptions options;
    options.device = "cpu";
    const auto engine = context.make_engine(options);
    if (!engine) return report(context, engine.error());
    const auto info = withProgress(context, "converting", [&](const auto& progress) {
        return (*engine)->convertModel(flags.engine.model, request, progress, context.stop);
    });
    if (!info) return report(context, info.error());
    if (flags.json)
        writeLine(context.io.out, {{"file", info->file.string()}, {"bytes", info->bytes}, {"seconds", info->seconds}});
    else
        context.io.out << info->file.string() << ": " << byteText(info->bytes) << " in " << numberText(info->seconds, 1)
                       << " s\n";
    return kDone;
}

/// Tokens that fit at a cache setting; "-" where it is not known.
std::string fitText(const ModelInfo& model, std::string_view kv) {
    for (const ContextFit& fit : model.fits)
        if (fit.kv == kv) return countText(fit.tokens);
    return "-";
}

/// Most problems begin with the file.
std::string problemText(const ModelInfo& model) {
    const std::string path = model.path.string();
    return model.problem.starts_with(path) ? model.problem : path + ": " + model.problem;
}

int listModels(const ModelFlags& flags, CommandContext& context) {
    const auto engine = context.make_engine({});
    if (!engine) return report(context, engine.error());
    const auto models = (*engine)->listModels();
    Json all = Json::array();
    TextTable table({"model", "weights", "trained for", "fits at fp16", "nuq4", "nuq3", "nuq2", "file"});
    for (const ModelInfo& model : models) {
        all.push_back(modelJson(model));
        if (!model.fits.empty()) all.back()["context_fit"] = fitJson(model.fits);
        const bool fine = model.problem.empty();
        table.add({oneLine(model.name, 40) + (model.built_in ? " (built in)" : ""),
                   fine ? byteText(model.weights_bytes) : "-",
                   fine ? countText(std::uint64_t(model.trained_context)) : "-", fitText(model, "fp16"),
                   fitText(model, "nuq4"), fitText(model, "nuq3"), fitText(model, "nuq2"),
                   oneLine(fine ? model.path.string() : problemText(model), 400)});
    }
    if (flags.json)
        writeLine(context.io.out, {{"models", std::move(all)}});
    else
        table.print(context.io.out);
    return kDone;
}

}  // namespace

Action declareModel(CLI::App& app) {
    const auto flags = std::make_shared<ModelFlags>();
    app.require_subcommand(1);
    CLI::App* info = app.add_subcommand("info", "Architecture, tokenizer, sizes, and the context that fits");
    info->add_option("FILE", flags->engine.model, "A model file, folder or name (default: the built-in model)")
        ->type_name("");
    addDeviceAlone(*info, flags->engine);
    takeSize(*info->add_option("--memory-limit", flags->engine.options.memory_limit,
                               "Count with this much memory, as in 16GB (default: what is free)"));
    addJson(*info, flags->json);
    CLI::App* list = app.add_subcommand("list", "The built-in model and those in the folders of models");
    addJson(*list, flags->json);
    CLI::App* convert = app.add_subcommand("convert", "Writes a Hugging Face folder or GGUF file as one GGUF file");
    convert->add_option("MODEL", flags->engine.model, "A model file, folder or name")->type_name("")->required();
    convert->add_option("--out", flags->out, "The file to write; an existing one is replaced")
        ->type_name("FILE")
        ->required();
    convert
        ->add_option("--weights", flags->convert.weights,
                     "Of the matrices: F32, F16, BF16, Q8_0 (default), Q4_K or Q4_0")
        ->type_name("TYPE");
    addJson(*convert, flags->json);
    return [flags, info, convert](CommandContext& context) {
        if (convert->parsed()) return convertModel(*flags, context);
        return info->parsed() ? modelInfo(*flags, context) : listModels(*flags, context);
    };
}

}  // namespace lectern::cli
