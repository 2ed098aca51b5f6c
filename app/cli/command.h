// SPDX-License-Identifier: GPL-3.0-or-later
// What a subcommand is: a row of a table, with one source file of its own.
#pragma once

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "engine/engine.h"

namespace CLI {
class App;
}

namespace lectern::cli {

/// Results go to `out` alone; messages, progress and questions to `err`. Not owned.
struct Streams {
    std::istream& in;
    std::ostream& out;
    std::ostream& err;
    bool err_is_terminal = false;  ///< progress bars are drawn only then
    int columns = 80;              ///< width of that terminal
};

/// Makes an engine; fills in what belongs to the installation (worker, built-in model, folders) itself.
using EngineFactory = std::function<Result<std::unique_ptr<Engine>>(EngineOptions)>;

/// Prints a page of HTML to a PDF file, the whole file or nothing. Errors: Failed.
using PdfPrinter = std::function<Status(const std::string& html, const std::filesystem::path& file)>;

struct CommandContext {
    const EngineFactory& make_engine;
    const PdfPrinter& print_pdf;  ///< empty where the program was built without Qt
    Streams& io;
    std::stop_token stop;  ///< triggered by the first Ctrl-C
};

/// Runs the command with the options it was parsed with; returns the exit status.
using Action = std::function<int(CommandContext&)>;

struct Command {
    std::string_view name, summary, examples;
    Action (*declare)(CLI::App&);  ///< adds the options; the action refers to values it owns
};

/// In the order of the help text.
std::span<const Command> commands();

Action declareIngest(CLI::App& app);
Action declareAsk(CLI::App& app);
Action declareSummarize(CLI::App& app);
Action declareBranch(CLI::App& app);
Action declareDocument(CLI::App& app);
Action declareInfo(CLI::App& app);
Action declareVerify(CLI::App& app);
Action declareExport(CLI::App& app);
Action declareCompact(CLI::App& app);
Action declareStrip(CLI::App& app);
Action declareWipe(CLI::App& app);
Action declareModel(CLI::App& app);
Action declareTokenize(CLI::App& app);
Action declareCalibrate(CLI::App& app);
Action declarePerplexity(CLI::App& app);
Action declareBench(CLI::App& app);
Action declareDevices(CLI::App& app);

/// Says one sentence on `err`; nothing where nobody reads the results any more.
void say(CommandContext& context, std::string_view sentence);
/// Says what went wrong and returns its exit status.
int report(CommandContext& context, const Error& error);
/// The same for work on a session file, with what to do about a session of another model.
int reportSession(CommandContext& context, const Error& error, std::string_view session);

/// Opens a session and changes it; `model` as Engine::openSession takes it. Reports errors; returns the exit status.
int changeSession(CommandContext& context, const EngineOptions& options, const std::string& session,
                  std::string_view model, const std::function<Status(Session&)>& change);

/// Changes what needs neither the model nor the cache of a session. Reports errors; returns the exit status.
int changeRows(CommandContext& context, const std::string& session, const std::function<Status(SessionRows&)>& change);

}  // namespace lectern::cli
