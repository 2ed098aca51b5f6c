// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/run.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <new>
#include <ostream>

#include "app/cli/exit_status.h"
#include "app/cli/text_table.h"

namespace lectern::cli {

namespace {

constexpr const char* kFooter =
    "\nExit status: 0 done; 1 failed while working; 2 wrong usage; 3 an input file cannot be read or is not what it\n"
    "claims to be; 4 would not fit the memory or disk limit; 5 the session is damaged; 130 interrupted (what was done\n"
    "is kept).\n"
    "Without --model the built-in model is used. LECTERN_MODELS names further folders of models, with colons between.\n"
    "\nlectern-cli COMMAND --help tells more about a command.";

struct Chosen {
    CLI::App* app;
    Action action;
};

std::vector<Chosen> declareAll(CLI::App& app) {
    std::vector<Chosen> chosen;
    for (const Command& command : commands()) {
        CLI::App* sub = app.add_subcommand(std::string(command.name), std::string(command.summary));
        sub->footer("\nExamples:\n" + std::string(command.examples));
        chosen.push_back({sub, command.declare(*sub)});
    }
    return chosen;
}

/// What CLI11 found wrong, as one sentence, and where to read on.
int usageError(const CLI::App& app, const CLI::ParseError& problem, Streams& io) {
    std::string name = "lectern-cli";
    for (auto used = app.get_subcommands(); !used.empty(); used = used.front()->get_subcommands())
        name += " " + used.front()->get_name();
    io.err << "lectern-cli: " << oneLine(problem.what(), 400) << "\nSee: " << name << " --help" << std::endl;
    return kUsage;
}

int parseAndRun(std::vector<std::string> arguments, const EngineFactory& make_engine, const PdfPrinter& print_pdf,
                Streams& io, std::stop_token stop) {
    CLI::App app("Lectern reads very long documents with a language model and answers with citations.", "lectern-cli");
    app.set_version_flag("--version", "lectern-cli " LECTERN_VERSION);
    app.footer(kFooter);
    app.require_subcommand(1);
    const auto chosen = declareAll(app);
    try {
        std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
        app.parse(std::move(arguments));
    } catch (const CLI::CallForHelp&) {
        io.out << app.help();
        return kDone;
    } catch (const CLI::CallForVersion&) {
        io.out << app.version() << '\n';
        return kDone;
    } catch (const CLI::ParseError& problem) {
        return usageError(app, problem, io);
    }
    const EngineFactory telling = [&](EngineOptions options) {
        options.notice = [&io](const std::string& sentence) {
            io.err << (io.err_is_terminal ? "\r\x1b[K" : "") << "lectern-cli: " << oneLine(sentence, 1000) << std::endl;
        };
        return make_engine(std::move(options));
    };
    CommandContext context{telling, print_pdf, io, stop};
    const auto one = std::find_if(chosen.begin(), chosen.end(), [](const Chosen& c) { return c.app->parsed(); });
    return one->action(context);
}

}  // namespace

int run(std::vector<std::string> arguments, const EngineFactory& make_engine, const PdfPrinter& print_pdf, Streams& io,
        std::stop_token stop) {
    try {
        const int status = parseAndRun(std::move(arguments), make_engine, print_pdf, io, std::move(stop));
        io.out.flush();
        return status;
    } catch (const std::bad_alloc&) {
        io.err << "lectern-cli: The machine's memory ran out; try fewer documents, a smaller model or a smaller --kv."
               << std::endl;
        return kNoRoom;
    } catch (const std::exception& problem) {
        io.err << "lectern-cli: Something went wrong that should not: " << oneLine(problem.what(), 400) << std::endl;
        return kFailed;
    }
}

}  // namespace lectern::cli
