// SPDX-License-Identifier: GPL-3.0-or-later
// lectern-cli document: the documents of a session.
#include <CLI/CLI.hpp>
#include <ostream>

#include "app/cli/command.h"
#include "app/cli/coverage.h"
#include "app/cli/exit_status.h"
#include "app/cli/ingest_report.h"
#include "app/cli/options.h"
#include "app/cli/text_table.h"

namespace lectern::cli {

namespace {

struct DocumentFlags {
    std::string session, name;
    int place = 1;  ///< 1-based
    EngineFlags engine;
};

using Change = Status (*)(const DocumentFlags& flags, Session& session, CommandContext& context);
using RowChange = Status (*)(const DocumentFlags& flags, SessionRows& session, CommandContext& context);

Status switchOn(const DocumentFlags& flags, SessionRows& session, CommandContext&) {
    return session.switchDocument(flags.name, true);
}

Status switchOff(const DocumentFlags& flags, SessionRows& session, CommandContext& context) {
    Status done = session.switchDocument(flags.name, false);
    if (done)
        say(context,
            "\"" + flags.name + "\" is off: questions do not read it. " + std::string(whatOffLeaves(session.mode())));
    return done;
}

/// Reads what a rearrangement has queued.
Status readOn(Session& session, CommandContext& context) {
    IngestReport report(context, false);
    Status read = session.ingest(report.events(), context.stop);
    report.clear();
    return read;
}

Status remove(const DocumentFlags& flags, Session& session, CommandContext& context) {
    const Status done = session.removeDocument(flags.name);
    return done ? readOn(session, context) : done;
}

Status move(const DocumentFlags& flags, Session& session, CommandContext& context) {
    const Status done = session.moveDocument(flags.name, flags.place - 1);
    return done ? readOn(session, context) : done;
}

Action work(std::shared_ptr<DocumentFlags> flags, Change change) {
    return [flags, change](CommandContext& context) {
        return changeSession(context, flags->engine.options, flags->session, flags->engine.model,
                             [&](Session& session) { return change(*flags, session, context); });
    };
}

Action workOnRows(std::shared_ptr<DocumentFlags> flags, RowChange change) {
    return [flags, change](CommandContext& context) {
        return changeRows(context, flags->session,
                          [&](SessionRows& session) { return change(*flags, session, context); });
    };
}

}  // namespace

Action declareDocument(CLI::App& app) {
    const auto flags = std::make_shared<DocumentFlags>();
    const auto chosen = std::make_shared<Action>();
    app.require_subcommand(1);
    const auto declare = [&](const char* name, const char* meaning, Action action, bool needs_model) {
        CLI::App* sub = app.add_subcommand(name, meaning);
        addSession(*sub, flags->session);
        sub->add_option("NAME", flags->name, "The document, as info names it")->required()->type_name("");
        if (needs_model) addModel(*sub, flags->engine, "Where the session's model is now, if it was moved");
        if (needs_model) addDevice(*sub, flags->engine);
        sub->callback([chosen, action = std::move(action)] { *chosen = action; });
        return sub;
    };
    declare("off", "Questions do not read it any more", workOnRows(flags, switchOff), false);
    declare("on", "Questions read it again", workOnRows(flags, switchOn), false);
    declare("remove", "Take it out of the session, and read what follows again without it", work(flags, remove), true);
    declare("move", "Put it at another place among the documents, and read again what follows", work(flags, move), true)
        ->add_option("--to", flags->place, "The place, from 1")
        ->required()
        ->type_name("N")
        ->check(CLI::Range(1, 1'000'000));
    return [chosen](CommandContext& context) { return (*chosen)(context); };
}

}  // namespace lectern::cli
