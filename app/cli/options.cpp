// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/options.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <cmath>

#include "app/cli/text_table.h"

namespace lectern::cli {

namespace {

std::string deviceProblem(const std::string& device) {
    if (device == "auto" || device == "cpu" || device == "cuda") return {};
    const bool numbered = device.size() > 5 && device.size() < 9 && device.starts_with("cuda:") &&
                          device.find_first_not_of("0123456789", 5) == std::string::npos;
    return numbered ? std::string() : "\"" + device + "\" is not a device: auto, cpu, cuda or cuda:N";
}

bool contradicts(const auto& given, auto fixed) {
    return given.has_value() && *given != fixed;
}

}  // namespace

void addModel(CLI::App& app, EngineFlags& flags, const std::string& meaning) {
    app.add_option("--model", flags.model, meaning)->type_name("MODEL");
}

void addDeviceAlone(CLI::App& app, EngineFlags& flags) {
    app.add_option(
           "--device", flags.options.device,
           "What to compute on: auto (a CUDA device that serves it, else the CPU), cpu, cuda or cuda:N; pages of the "
           "cache that a device has no room for stay on the CPU")
        ->type_name("DEVICE")
        ->check(deviceProblem)
        ->capture_default_str();
}

void addThreads(CLI::App& app, EngineFlags& flags) {
    app.add_option("--threads", flags.options.threads, "Compute threads (default: all cores)")
        ->type_name("N")
        ->check(CLI::Range(1, 1024));
}

void addDevice(CLI::App& app, EngineFlags& flags) {
    addDeviceAlone(app, flags);
    addThreads(app, flags);
    takeSize(*app.add_option("--memory-limit", flags.options.memory_limit,
                             "Most memory for weights and cache, as in 6GB or 512MiB (default: what is free)"));
}

void takeSize(CLI::Option& option) {
    option.type_name("SIZE")->transform(CLI::AsSizeValue(true).description(""));
}

void addJson(CLI::App& app, bool& json) {
    app.add_flag("--json", json, "Results as JSON on standard output");
}

void addSession(CLI::App& app, std::string& session) {
    app.add_option("SESSION", session, "The session file")->required()->type_name("");
}

void addCalibration(CLI::App& app, std::string& calibration) {
    app.add_option("--calibration", calibration,
                   "Thresholds and codebooks: a .kvq file; auto: the model's own, else the first tokens read; none")
        ->type_name("FILE")
        ->capture_default_str();
}

void addKv(CLI::App& app, KvFlags& flags, const std::string& meaning) {
    app.add_option("--kv", flags.kv, meaning)->type_name("NAME");
    app.add_option("--outliers", flags.outliers, "Share of each vector kept exactly, 0 to 0.05 (default 0.01)")
        ->type_name("SHARE")
        ->check([](const std::string& text) { return numberProblem(text, 0, 0.05); });
    app.add_option("--sinks", flags.sinks, "First tokens kept in fp16, 0 to 64 (default 5)")
        ->type_name("N")
        ->check(CLI::Range(0, kMaxSinks));
    app.add_option("--window", flags.window, "Newest tokens kept in fp16, 0 to 1024 (default 128)")
        ->type_name("N")
        ->check(CLI::Range(0, 1024));
    static const std::map<std::string, bool> kSwitch = {{"on", true}, {"off", false}};
    app.add_option("--qnorm", flags.qnorm,
                   "Q-Norm of nuq codebooks: on or off (default: on at 2 bits and without calibration)")
        ->type_name("on|off")
        ->transform(CLI::CheckedTransformer(kSwitch));
}

namespace {

/// `settings` with the options laid over it.
Result<KvSettings> laidOver(const KvFlags& flags, Result<KvSettings> settings) {
    if (!settings) return settings;
    if (flags.outliers && !settings->raw() && !settings->research.blocks) settings->outliers = *flags.outliers;
    if (flags.sinks) settings->sinks = *flags.sinks;
    if (flags.window) settings->window = *flags.window;
    if (flags.qnorm) settings->qnorm = *flags.qnorm ? QNorm::On : QNorm::Off;
    if (const Status fine = checkKvSettings(*settings); !fine) return fine.error();
    return settings;
}

const char* qnormText(QNorm qnorm) {
    return qnorm == QNorm::On ? "on" : qnorm == QNorm::Off ? "off" : "as it chose itself";
}

}  // namespace

Result<KvSettings> kvSettings(const KvFlags& flags, std::string_view name) {
    return laidOver(flags, parseKvSettings(name));
}

Result<std::vector<KvSettings>> kvSettingsList(const KvFlags& flags, int window, KvParser& parse) {
    std::vector<KvSettings> all;
    for (const std::string& name : CLI::detail::split(flags.kv, ',')) {
        auto settings = laidOver(flags, parse(name));
        if (!settings) return settings.error();
        settings->window = flags.window.value_or(window);
        all.push_back(*settings);
    }
    return all;
}

Status checkAgainst(const KvFlags& flags, const KvSettings& fixed, std::string_view session) {
    KvFlags shape_only;
    shape_only.outliers = flags.outliers;
    shape_only.qnorm = flags.qnorm;
    const auto wanted = kvSettings(shape_only, flags.kv.empty() ? fixed.name() : flags.kv);
    if (!wanted) return wanted.error();
    if (wanted->name() == fixed.name() && !contradicts(flags.sinks, fixed.sinks) &&
        !contradicts(flags.window, fixed.window) && (!flags.qnorm || wanted->qnorm == fixed.qnorm)) {
        return {};
    }
    return Error{ErrorCode::Usage, std::string(session) + " keeps its cache as " + fixed.name() + " with " +
                                       std::to_string(fixed.sinks) + " sinks and a window of " +
                                       std::to_string(fixed.window) + ", Q-Norm " + qnormText(fixed.qnorm) +
                                       ", which cannot change: leave the options out or begin a new session."};
}

std::string numberProblem(const std::string& text, double low, double high) {
    double value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool number = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() && std::isfinite(value);
    if (number && value >= low && value <= high) return {};
    const auto shown = [](double limit) {
        std::string digits = numberText(limit, 3);
        digits.erase(digits.find_last_not_of('0') + 1);
        if (digits.ends_with('.')) digits.pop_back();
        return digits;
    };
    return "\"" + text + "\" is not a number from " + shown(low) + " to " + shown(high);
}

}  // namespace lectern::cli
