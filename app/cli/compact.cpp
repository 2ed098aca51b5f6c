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

int finish(const SizeFlags& flags, CommandContext& context, const Result<FileSizes>& sizes) {
    if (!sizes) return reportSession(context, sizes.error(), flags.session);
    if (flags.json)
        writeLine(context.io.out, {{"bytes_before", sizes->before}, {"bytes_after", sizes->after}});
    else
        context.io.out << printable(flags.session) << ": " << byteText(sizes->before) << " before, "
                       << byteText(sizes->after) << " now.\n";
    return kDone;
}

}  // namespace

Action declareCompact(CLI::App& app) {
    const auto flags = std::make_shared<SizeFlags>();
    addSession(app, flags->session);
    addJson(app, flags->json);
    return [flags](CommandContext& context) {
        const auto engine = context.make_engine({});
        if (!engine) return report(context, engine.error());
        return finish(*flags, context, (*engine)->compactSession(flags->session));
    };
}

Action declareStrip(CLI::App& app) {
    const auto flags = std::make_shared<SizeFlags>();
    addSession(app, flags->session);
    addJson(app, flags->json);
    return [flags](CommandContext& context) {
        const auto engine = context.make_engine({});
        if (!engine) return report(context, engine.error());
        const int status = finish(*flags, context, (*engine)->stripSession(flags->session));
        if (status == kDone)
            say(context, "Texts and conversations are kept; the next ask or ingest reads the documents again.");
        return status;
    };
}

}  // namespace lectern::cli
