// SPDX-License-Identifier: GPL-3.0-or-later
// lectern-cli devices: processors as the engine sees them.
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <ostream>

#include "app/cli/command.h"
#include "app/cli/exit_status.h"
#include "app/cli/json_text.h"
#include "app/cli/options.h"
#include "app/cli/text_table.h"
#include "engine/machine.h"

namespace lectern::cli {

namespace {

std::string kindText(const DeviceInfo& device) {
    if (!device.problem.empty()) return "cannot be used: " + device.problem;
    if (device.capability_major > 0)
        return "compute capability " + std::to_string(device.capability_major) + "." +
               std::to_string(device.capability_minor);
    return device.isa + (device.cores > 0 ? ", " + std::to_string(device.cores) + " cores" : "");
}

int devices(bool json, CommandContext& context) {
    const auto engine = context.make_engine({});
    if (!engine) return report(context, engine.error());
    Json all = Json::array();
    bool usable = false;
    TextTable table({"device", "name", "memory", "free", "use"});
    for (const DeviceInfo& device : (*engine)->devices()) {
        all.push_back(deviceJson(device));
        const bool known = device.memory > 0;
        usable = usable || (device.capability_major > 0 && device.problem.empty());
        table.add({device.id, oneLine(device.name, 60), known ? byteText(device.memory) : "-",
                   known ? byteText(device.memory_free) : "-", oneLine(kindText(device), 400)});
    }
    if (json) {
        writeLine(context.io.out, {{"devices", std::move(all)}});
        return kDone;
    }
    table.print(context.io.out);
    if (usable)
        context.io.out << "Pages of a context that a device has no room for stay on the CPU; ingest says how many.\n";
    return kDone;
}

}  // namespace

Action declareDevices(CLI::App& app) {
    const auto json = std::make_shared<bool>(false);
    addJson(app, *json);
    return [json](CommandContext& context) { return devices(*json, context); };
}

}  // namespace lectern::cli
