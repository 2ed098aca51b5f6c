// SPDX-License-Identifier: GPL-3.0-or-later
// lectern-cli compact and strip: a session's file without what nothing uses, and without its cache.
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

struct SizeFlags {
    std::string session;
    bool json = false;
};

using Change = Result<FileSizes> (Engine::*)(const std::filesystem::path&);

/// `after`: said where it is done.
int run(const SizeFlags& flags, Change change, std::string_view after, CommandContext& context) {
    const auto engine = context.make_engine({});
    if (!engine) return report(context, engine.error());
    const auto sizes = (engine->get()->*change)(flags.session);
    if (!sizes) return reportSession(context, sizes.error(), flags.session);
    if (flags.json)
        writeLine(context.io.out, {{"bytes_before", sizes->before}, {"bytes_after", sizes->after}});
    else
        context.io.out << printable(flags.session) << ": " << byteText(sizes->before) << " before, "
                       << byteText(sizes->after) << " now.\n";
    if (!after.empty()) say(context, after);
    return kDone;
}

Action declare(CLI::App& app, Change change, std::string_view after) {
    const auto flags = std::make_shared<SizeFlags>();
    addSession(app, flags->session);
    addJson(app, flags->json);
    return [flags, change, after](CommandContext& context) { return run(*flags, change, after, context); };
}

}  // namespace

Action declareCompact(CLI::App& app) {
    return declare(app, &Engine::compactSession, {});
}

Action declareStrip(CLI::App& app) {
    return declare(app, &Engine::stripSession,
                   "Texts and conversations are kept; the next ask or ingest reads the documents again.");
}

}  // namespace lectern::cli
