// SPDX-License-Identifier: GPL-3.0-or-later
// lectern-cli wipe: a session gone for good, as far as a program can see to that.
#include <CLI/CLI.hpp>
#include <istream>
#include <ostream>

#include "app/cli/command.h"
#include "app/cli/exit_status.h"
#include "app/cli/options.h"
#include "app/cli/text_table.h"

namespace lectern::cli {

namespace {

struct WipeFlags {
    std::string session;
    bool yes = false;
};

bool agreed(const WipeFlags& flags, CommandContext& context) {
    context.io.err << "Overwrite and delete " << printable(flags.session)
                   << " with its texts and conversations? This cannot be undone. [y/N] " << std::flush;
    std::string answer;
    return std::getline(context.io.in, answer) && (answer == "y" || answer == "Y" || answer == "yes");
}

int wipe(const WipeFlags& flags, CommandContext& context) {
    const auto engine = context.make_engine({});
    if (!engine) return report(context, engine.error());
    if (!flags.yes && !agreed(flags, context)) {
        say(context, "Nothing was changed; --yes deletes without asking.");
        return kUsage;
    }
    if (const auto wiped = (*engine)->wipeSession(flags.session); !wiped) return report(context, wiped.error());
    say(context,
        "Overwritten once and deleted. On an SSD, or on a file system that copies on write or keeps snapshots "
        "(Btrfs, ZFS), old bytes may still lie in other places, and backups and the documents themselves are "
        "untouched; only an encrypted disk makes sure of those.");
    return kDone;
}

}  // namespace

Action declareWipe(CLI::App& app) {
    const auto flags = std::make_shared<WipeFlags>();
    addSession(app, flags->session);
    app.add_flag("--yes", flags->yes, "Do not ask");
    return [flags](CommandContext& context) { return wipe(*flags, context); };
}

}  // namespace lectern::cli
