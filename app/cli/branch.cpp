// SPDX-License-Identifier: GPL-3.0-or-later
// lectern-cli branch: the conversations of a session.
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <ostream>

#include "app/cli/command.h"
#include "app/cli/exit_status.h"
#include "app/cli/fork_place.h"
#include "app/cli/json_text.h"
#include "app/cli/options.h"
#include "app/cli/text_table.h"
#include "engine/machine.h"

namespace lectern::cli {

namespace {

struct BranchFlags {
    std::string session, name, other, from = "main";
    EngineFlags engine;
    bool json = false;
};

using Change = Status (*)(const BranchFlags& flags, Session& session, CommandContext& context);
using RowChange = Status (*)(const BranchFlags& flags, SessionRows& session, CommandContext& context);

int list(const BranchFlags& flags, CommandContext& context) {
    const auto engine = context.make_engine({});
    if (!engine) return report(context, engine.error());
    const auto session = (*engine)->peekSession(flags.session);
    if (!session) return report(context, session.error());
    Json all = Json::array();
    TextTable table({"conversation", "from", "answers", "own tokens", ""});
    for (const bool deleted : {false, true}) {
        for (const BranchInfo& branch : deleted ? (*session)->deletedBranches() : (*session)->branches()) {
            all.push_back(branchJson(branch));
            all.back()["deleted"] = deleted;
            const std::string from = branch.parent.empty()
                                         ? "the documents"
                                         : oneLine(branch.parent, 40) + " after " + std::to_string(branch.turn);
            table.add({oneLine(branch.name, 40), from, std::to_string(branch.messages.size()), countText(branch.tokens),
                       deleted ? "deleted" : ""});
        }
    }
    if (flags.json)
        writeLine(context.io.out, {{"branches", std::move(all)}});
    else
        table.print(context.io.out);
    return kDone;
}

Status fork(const BranchFlags& flags, Session& session, CommandContext&) {
    const ForkPlace place = forkPlace(session, flags.from);
    return session.forkBranch(flags.name, place.branch, place.turns);
}

Status rename(const BranchFlags& flags, SessionRows& session, CommandContext&) {
    return session.renameBranch(flags.name, flags.other);
}

Status remove(const BranchFlags& flags, SessionRows& session, CommandContext& context) {
    Status done = session.deleteBranch(flags.name);
    if (done)
        say(context,
            "\"" + flags.name + "\" is deleted: branch undelete brings it back, branch gc removes it for good.");
    return done;
}

Status bringBack(const BranchFlags& flags, SessionRows& session, CommandContext& context) {
    const auto name = session.undeleteBranch(flags.name);
    if (!name) return name.error();
    if (*name != flags.name) say(context, "That name is taken: the conversation is \"" + *name + "\" now.");
    return {};
}

Status collect(const BranchFlags&, Session& session, CommandContext& context) {
    const auto count = session.removeDeleted();
    if (!count) return count.error();
    say(context, std::to_string(*count) + (*count == 1 ? " deleted conversation is" : " deleted conversations are") +
                     " gone for good.");
    return {};
}

Action work(std::shared_ptr<BranchFlags> flags, Change change) {
    return [flags, change](CommandContext& context) {
        return changeSession(context, flags->engine.options, flags->session, flags->engine.model,
                             [&](Session& session) { return change(*flags, session, context); });
    };
}

Action workOnRows(std::shared_ptr<BranchFlags> flags, RowChange change) {
    return [flags, change](CommandContext& context) {
        return changeRows(context, flags->session,
                          [&](SessionRows& session) { return change(*flags, session, context); });
    };
}

}  // namespace

Action declareBranch(CLI::App& app) {
    const auto flags = std::make_shared<BranchFlags>();
    const auto chosen = std::make_shared<Action>([flags](CommandContext& context) { return list(*flags, context); });
    app.require_subcommand(1);
    CLI::App* shown = app.add_subcommand("list", "All conversations, deleted ones too, and where they were forked");
    addSession(*shown, flags->session);
    addJson(*shown, flags->json);
    const auto declare = [&](const char* name, const char* meaning, Action action, bool needs_model) {
        CLI::App* sub = app.add_subcommand(name, meaning);
        addSession(*sub, flags->session);
        if (needs_model) addModel(*sub, flags->engine, "Where the session's model is now, if it was moved");
        sub->callback([chosen, action = std::move(action)] { *chosen = action; });
        return sub;
    };
    const auto named = [&](CLI::App* sub, std::string& value, const char* option, const char* meaning) {
        sub->add_option(option, value, meaning)->required()->type_name("");
    };
    CLI::App* forked =
        declare("fork", "Begin a conversation with what another one has so far", work(flags, fork), true);
    named(forked, flags->name, "NEW", "The name of the new conversation");
    forked->add_option("--from", flags->from, "The conversation to leave, after its answer number TURN or the last")
        ->type_name("NAME[:TURN]")
        ->capture_default_str();
    CLI::App* renamed = declare("rename", "Give a conversation another name", workOnRows(flags, rename), false);
    named(renamed, flags->name, "NAME", "The conversation");
    named(renamed, flags->other, "NEW", "Its new name");
    named(
        declare("delete", "Hide a conversation until it is brought back or removed", workOnRows(flags, remove), false),
        flags->name, "NAME", "The conversation");
    named(declare("undelete", "Bring back a deleted conversation", workOnRows(flags, bringBack), false), flags->name,
          "NAME", "The conversation");
    declare("gc", "Remove deleted conversations for good, except for what others stand on", work(flags, collect), true);
    return [chosen](CommandContext& context) { return (*chosen)(context); };
}

}  // namespace lectern::cli
