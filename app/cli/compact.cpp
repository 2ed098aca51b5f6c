// SPDX-License-Identifier: GPL-3.0-or-later
// lectern-cli compact: a session's file without what nothing uses.
#include <CLI/CLI.hpp>

#include "app/cli/command.h"
#include "app/cli/exit_status.h"
#include "app/cli/options.h"
#include "app/cli/session_sizes.h"

namespace lectern::cli {

namespace {

struct SizeFlags {
    std::string session;
    bool json = false;
};

using Change = Result<FileSizes> (Engine::*)(const std::filesystem::path&);

int compact(const SizeFlags& flags, CommandContext& context) {
    const auto engine = context.make_engine({});
    if (!engine) return report(context, engine.error());
    const auto sizes = (*engine)->compactSession(flags.session);
    if (!sizes) return reportSession(context, sizes.error(), flags.session);
    writeSizes(context.io.out, flags.session, *sizes, flags.json);
    return kDone;
}

}  // namespace

Action declareCompact(CLI::App& app) {
    const auto flags = std::make_shared<SizeFlags>();
    addSession(app, flags->session);
    addJson(app, flags->json);
    return [flags](CommandContext& context) { return compact(*flags, context); };
}

}  // namespace lectern::cli
