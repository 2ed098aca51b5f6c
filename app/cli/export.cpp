// SPDX-License-Identifier: GPL-3.0-or-later
// lectern-cli export: the conversations of a session.
#include <CLI/CLI.hpp>
#include <ostream>

#include "app/cli/command.h"
#include "app/cli/conversation_text.h"
#include "app/cli/exit_status.h"
#include "app/cli/options.h"
#include "app/cli/text_file.h"

namespace lectern::cli {

namespace fs = std::filesystem;

namespace {

struct ExportFlags {
    std::string session, format, out, branch;
    bool json = false;
};

std::string formatOf(const ExportFlags& flags) {
    if (flags.json) return "json";
    if (!flags.format.empty()) return flags.format;
    const std::string extension = fs::path(flags.out).extension().string();
    if (extension == ".html" || extension == ".htm") return "html";
    if (extension == ".pdf") return "pdf";
    return extension == ".json" ? "json" : "md";
}

/// All conversations, or the one asked for. Errors: Usage.
Result<std::vector<BranchInfo>> chosenBranches(const Session& session, const std::string& name) {
    auto all = session.branches();
    if (name.empty()) return all;
    for (BranchInfo& branch : all) {
        if (branch.name == name) return std::vector<BranchInfo>{std::move(branch)};
    }
    return Error{ErrorCode::Usage, "The session has no conversation \"" + name + "\"; lectern-cli info names them."};
}

Status checkFormat(const CommandContext& context, const std::string& format, const std::string& out) {
    if (format != "pdf") return {};
    if (out.empty() || out == "-") return Error{ErrorCode::Usage, "A PDF needs a file to go to: name it with --out."};
    return checkPdf(context, out);
}

int exportSession(const ExportFlags& flags, CommandContext& context) {
    const std::string format = formatOf(flags);
    if (auto possible = checkFormat(context, format, flags.out); !possible) return report(context, possible.error());
    const auto engine = context.make_engine({});
    if (!engine) return report(context, engine.error());
    const auto session = (*engine)->peekSession(flags.session);
    if (!session) return report(context, session.error());
    const auto branches = chosenBranches(**session, flags.branch);
    if (!branches) return report(context, branches.error());
    const auto write = format == "html" || format == "pdf" ? conversationsHtml
                       : format == "json"                  ? conversationsJson
                                                           : conversationsMarkdown;
    const std::string text = write(**session, *branches);
    if (format == "pdf") {
        const Status printed = context.print_pdf(text, flags.out);
        return printed ? kDone : report(context, printed.error());
    }
    if (flags.out.empty() || flags.out == "-") {
        context.io.out << text;
        return kDone;
    }
    const Status written = writeFile(flags.out, text);
    return written ? kDone : report(context, written.error());
}

}  // namespace

Action declareExport(CLI::App& app) {
    const auto flags = std::make_shared<ExportFlags>();
    addSession(app, flags->session);
    CLI::Option* format =
        app.add_option("--format", flags->format, "md, html, pdf or json (default: as --out ends, or md)")
            ->type_name("NAME")
            ->check(CLI::IsMember({"md", "html", "pdf", "json"}));
    app.add_option("--out", flags->out, "The file to write (default: standard output)")->type_name("FILE");
    app.add_option("--branch", flags->branch, "This conversation only (default: all)")->type_name("NAME");
    app.add_flag("--json", flags->json, "The same as --format json")->excludes(format);
    return [flags](CommandContext& context) { return exportSession(*flags, context); };
}

}  // namespace lectern::cli
