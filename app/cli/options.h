// SPDX-License-Identifier: GPL-3.0-or-later
// Options that several subcommands share.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/cli/command.h"

namespace CLI {
class Option;
}

namespace lectern::cli {

/// Which model, and what it is computed on.
struct EngineFlags {
    std::string model;  ///< a path or a name; empty = the built-in model, or the session's own
    EngineOptions options;
};

void addModel(CLI::App& app, EngineFlags& flags, const std::string& meaning);
void addDevice(CLI::App& app, EngineFlags& flags);       ///< --device --threads --memory-limit
void addDeviceAlone(CLI::App& app, EngineFlags& flags);  ///< --device
void addThreads(CLI::App& app, EngineFlags& flags);      ///< --threads
/// Reads a number of bytes, as in 16GB or 512MiB.
void takeSize(CLI::Option& option);
void addJson(CLI::App& app, bool& json);
void addSession(CLI::App& app, std::string& session);

/// How the cache is kept, as far as it was said.
struct KvFlags {
    std::string kv;
    std::optional<double> outliers;
    std::optional<int> sinks, window;
    std::optional<bool> qnorm;
};

/// --calibration: where thresholds and codebooks come from.
void addCalibration(CLI::App& app, std::string& calibration);

void addKv(CLI::App& app, KvFlags& flags, const std::string& meaning);

/// `name` with the options laid over it. Errors: Usage.
Result<KvSettings> kvSettings(const KvFlags& flags, std::string_view name);
/// Reads the name of a setting: parseKvSettings or parseBenchSettings.
using KvParser = Result<KvSettings>(std::string_view name);
/// One entry for each name in `flags.kv`, which commas part; `window` where none was given. Errors: Usage.
Result<std::vector<KvSettings>> kvSettingsList(const KvFlags& flags, int window, KvParser& parse);
/// Errors: Usage where an option given contradicts `fixed`, the settings of session `session`.
Status checkAgainst(const KvFlags& flags, const KvSettings& fixed, std::string_view session);

/// Accepts finite numbers from `low` to `high` only; named for the help text.
std::string numberProblem(const std::string& text, double low, double high);

}  // namespace lectern::cli
