// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/ablation.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <ostream>

#include "app/cli/exit_status.h"
#include "app/cli/json_text.h"
#include "app/cli/measuring.h"
#include "app/cli/text_table.h"

namespace lectern::cli {

namespace fs = std::filesystem;

namespace {

constexpr const char* kNoCalibration = "none";

struct AblationFlags {
    EngineFlags engine;
    std::string text, calibration_text;
    int bits = 3, context = 512, chunks = 0;
    bool json = false;
};

/// One more part of the method, or one in another's place.
struct Step {
    std::string name;
    KvSettings kv;
    std::string calibration;
    std::size_t against;  ///< number of the step it is compared with
};

/// The calibrations the steps need, in a folder of their own that goes away with this object.
class Calibrations {
public:
    Calibrations() : m_folder(fs::temp_directory_path() / ("lectern-ablation-" + std::to_string(::getpid()))) {
        std::error_code ignored;
        fs::create_directories(m_folder, ignored);
    }
    ~Calibrations() {
        std::error_code ignored;
        fs::remove_all(m_folder, ignored);
    }
    Calibrations(const Calibrations&) = delete;
    Calibrations& operator=(const Calibrations&) = delete;

    std::string file(std::string_view name) const { return (m_folder / (std::string(name) + ".kvq")).string(); }

    Status make(Engine& engine, const AblationFlags& flags, CommandContext& context) const {
        struct Kind {
            const char* name;
            int sinks;
            Sensitivity sensitivity;
        };
        const std::array kinds = {Kind{"plain", 0, Sensitivity::Fisher},
                                  Kind{"sinks", KvSettings{}.sinks, Sensitivity::Fisher},
                                  Kind{"g2", KvSettings{}.sinks, Sensitivity::GradientSquare}};
        for (const Kind& kind : kinds) {
            CalibrationRequest request;
            request.texts = {flags.calibration_text};
            request.out = file(kind.name);
            request.settings.sinks = kind.sinks;
            request.settings.sensitivity = kind.sensitivity;
            const auto made = withProgress(context, "calibrating", [&](const auto& progress) {
                return engine.calibrate(flags.engine.model, request, progress, context.stop);
            });
            if (!made) return made.error();
        }
        return {};
    }

private:
    fs::path m_folder;
};

std::vector<Step> stepsOf(int bits, const Calibrations& calibrations) {
    std::vector<Step> steps;
    KvSettings kv;
    kv.key_bits = kv.value_bits = bits;
    kv.outliers = 0;
    kv.sinks = kv.window = 0;
    kv.codebook = Codebook::Uniform;
    kv.qnorm = QNorm::Off;
    const auto add = [&](const char* name, const std::string& calibration) {
        steps.push_back({name, kv, calibration, steps.empty() ? 0 : steps.size() - 1});
    };
    kv.research.post_rope_keys = kv.research.token_keys = true;
    add("uniform levels, keys and values per token", kNoCalibration);
    kv.research.token_keys = false;
    add("keys per channel", kNoCalibration);
    kv.research.post_rope_keys = false;
    add("keys before RoPE", kNoCalibration);
    add("thresholds from the calibration text", calibrations.file("plain"));
    kv.codebook = Codebook::NormalFloat;
    add("nuq, weighted by g2*r2", calibrations.file("plain"));
    kv.outliers = 0.01;
    add("1% outliers kept apart", calibrations.file("plain"));
    kv.sinks = KvSettings{}.sinks;
    add("attention sinks in fp16", calibrations.file("sinks"));
    kv.qnorm = QNorm::On;
    add("Q-Norm", calibrations.file("sinks"));
    add("g2 in the place of g2*r2", calibrations.file("g2"));
    kv.codebook = Codebook::Uniform;
    steps.push_back({"uniform levels in the place of nuq", kv, calibrations.file("sinks"), steps.size() - 2});
    return steps;
}

/// Change of the log-perplexity against the step before, in nats.
double change(const std::vector<Step>& steps, const std::vector<PerplexityRow>& rows, std::size_t i) {
    return std::log(rows[i].perplexity / rows[steps[i].against].perplexity);
}

void print(std::ostream& out, const std::vector<Step>& steps, const std::vector<PerplexityRow>& rows) {
    TextTable table({"step", "perplexity", "change in nats", "KL mean", "same top token", "bits a value"});
    for (std::size_t i = 0; i < steps.size(); ++i)
        table.add({steps[i].name, numberText(rows[i].perplexity, 4),
                   i == 0 ? "-" : numberText(change(steps, rows, i), 5), numberText(rows[i].kl_mean, 6),
                   percentText(rows[i].top1_agreement), numberText(rows[i].bits_per_value, 2)});
    table.add({"fp16", numberText(rows.front().fp16_perplexity, 4), "-", "-", "-", "16.00"});
    table.print(out);
}

Json stepsJson(const std::vector<Step>& steps, const std::vector<PerplexityRow>& rows) {
    Json all = Json::array();
    for (std::size_t i = 0; i < steps.size(); ++i) {
        Json entry = perplexityJson(rows[i]);
        entry["step"] = steps[i].name;
        entry["change_nats"] = change(steps, rows, i);
        all.push_back(std::move(entry));
    }
    return all;
}

int ablation(const AblationFlags& flags, CommandContext& context) {
    const auto model = openModel(flags.engine, context);
    if (!model) return report(context, model.error());
    const Calibrations calibrations;
    if (auto made = calibrations.make(*model->engine, flags, context); !made) return report(context, made.error());
    const auto steps = stepsOf(flags.bits, calibrations);
    PerplexityRequest request;
    request.text = flags.text;
    request.fit_text = flags.calibration_text;
    request.context = flags.context;
    request.chunks = flags.chunks;
    for (const Step& step : steps) {
        request.settings.push_back(step.kv);
        request.calibrations.push_back(step.calibration);
    }
    const auto rows = withProgress(context, "measuring", [&](const auto& progress) {
        return model->engine->perplexity(flags.engine.model, request, progress, context.stop);
    });
    if (!rows) return report(context, rows.error());
    if (flags.json)
        writeLine(context.io.out, {{"model", model->info.name},
                                   {"text", flags.text},
                                   {"calibration_text", flags.calibration_text},
                                   {"bits", flags.bits},
                                   {"ctx", flags.context},
                                   {"steps", stepsJson(steps, *rows)}});
    else
        print(context.io.out, steps, *rows);
    return kDone;
}

}  // namespace

Action declareAblation(CLI::App& app) {
    const auto flags = std::make_shared<AblationFlags>();
    app.add_option("--text", flags->text, "The text to predict")->required()->type_name("FILE");
    app.add_option("--calibration-text", flags->calibration_text, "Another text of the same kind, to calibrate on")
        ->required()
        ->type_name("FILE");
    addModel(app, flags->engine, "A model file, folder or name (default: the built-in model)");
    app.add_option("--bits", flags->bits, "Bits of keys and values")
        ->type_name("N")
        ->check(CLI::Range(2, 4))
        ->capture_default_str();
    app.add_option("--ctx", flags->context, "Tokens of context a chunk")
        ->type_name("N")
        ->check(CLI::Range(16, 1 << 24))
        ->capture_default_str();
    app.add_option("--chunks", flags->chunks, "Chunks to measure; 0 = all of the text")
        ->type_name("N")
        ->check(CLI::Range(0, 1 << 30))
        ->capture_default_str();
    addDevice(app, flags->engine);
    addJson(app, flags->json);
    return [flags](CommandContext& context) { return ablation(*flags, context); };
}

}  // namespace lectern::cli
