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
    double sample = 100;
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
    if (flags.sample < 100)
        out << "A sample: about " << numberText(flags.sample, 1) << "% of the cache was looked at.\n";
    if (report.computed > 0)
        out << countText(report.computed) << " computed again, " << countText(report.identical)
            << " of them to the checksum that was written once.\n";
    if (report.repaired > report.computed)
        out << countText(report.repaired - report.computed) << " of conversations will be computed when they go on.\n";
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
                                    : (*engine)->verifySession(flags.session, context.stop, flags.sample / 100);
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
    app.add_option("--sample", flags->sample, "Look at so many percent of the cache, chosen by chance; all of the rest")
        ->type_name("PERCENT")
        ->check([](const std::string& text) { return numberProblem(text, 0, 100); })
        ->excludes(repair);
    addModel(app, flags->engine, "Where the session's model is now, if it was moved");
    app.get_option("--model")->needs(repair);
    addDevice(app, flags->engine);
    for (const char* name : {"--device", "--threads", "--memory-limit"}) app.get_option(name)->needs(repair);
    addJson(app, flags->json);
    return [flags](CommandContext& context) { return verify(*flags, context); };
}

}  // namespace lectern::cli
