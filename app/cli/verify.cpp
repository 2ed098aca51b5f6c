// SPDX-License-Identifier: GPL-3.0-or-later
// lectern-cli verify: is every byte of a session as it was written?
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

struct VerifyFlags {
    std::string session;
    EngineFlags engine;
    bool repair = false, json = false;
};

void print(std::ostream& out, const VerifyFlags& flags, const VerifyReport& report) {
    const std::string name = printable(flags.session);
    for (const auto& problem : report.problems) out << printable(problem) << '\n';
    for (const DamagedBlock& block : report.damaged) {
        out << "damaged: layer " << block.layer << ", " << block.kind << " block " << block.block << '\n';
    }
    out << name << (report.ok ? " is sound: " : " is damaged: ") << countText(report.blocks) << " blocks checked, "
        << countText(report.damaged.size()) << " damaged.\n";
    if (report.ok || flags.repair) return;
    if (report.problems.empty()) {
        out << "lectern-cli verify " << shellWord(flags.session) << " --repair computes what is damaged again.\n";
    } else {
        out << "This cannot be computed again; read the documents into a new session.\n";
    }
}

int verify(const VerifyFlags& flags, CommandContext& context) {
    const auto engine = context.make_engine(flags.engine.options);
    if (!engine) return report(context, engine.error());
    const auto found = flags.repair ? (*engine)->repairSession(flags.session, flags.engine.model, context.stop)
                                    : (*engine)->verifySession(flags.session, context.stop);
    if (!found) return reportSession(context, found.error(), flags.session);
    if (flags.json)
        writeLine(context.io.out, verifyJson(*found));
    else
        print(context.io.out, flags, *found);
    return found->ok ? kDone : kDamaged;
}

}  // namespace

Action declareVerify(CLI::App& app) {
    const auto flags = std::make_shared<VerifyFlags>();
    addSession(app, flags->session);
    CLI::Option* repair =
        app.add_flag("--repair", flags->repair, "Compute damaged blocks again from the stored tokens");
    addModel(app, flags->engine, "Where the session's model is now, if it was moved");
    app.get_option("--model")->needs(repair);
    addJson(app, flags->json);
    return [flags](CommandContext& context) { return verify(*flags, context); };
}

}  // namespace lectern::cli
