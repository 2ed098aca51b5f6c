// SPDX-License-Identifier: GPL-3.0-or-later
// lectern-cli strip: sessions without their cache; with a quota the least recently used of them, after a question.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <ctime>
#include <istream>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>

#include "app/cli/command.h"
#include "app/cli/exit_status.h"
#include "app/cli/json_text.h"
#include "app/cli/options.h"
#include "app/cli/session_sizes.h"
#include "app/cli/text_table.h"
#include "engine/disk_quota.h"
#include "engine/machine.h"

namespace lectern::cli {

namespace fs = std::filesystem;

namespace {

struct StripFlags {
    std::vector<std::string> names;
    std::optional<std::uint64_t> quota;
    bool yes = false, json = false;
};

/// Files as they were named, and of folders every session inside, at any depth.
Result<std::vector<fs::path>> sessionFiles(const std::vector<std::string>& names) {
    std::vector<fs::path> files;
    for (const auto& name : names) {
        std::error_code error;
        if (!fs::is_directory(name, error)) {
            files.emplace_back(name);
            continue;
        }
        fs::recursive_directory_iterator entry(name, fs::directory_options::skip_permission_denied, error);
        for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
            std::error_code ignored;
            const fs::path& file = entry->path();
            if (file.extension() == ".lectern" && !file.filename().string().starts_with('.') &&
                entry->is_regular_file(ignored))
                files.push_back(file);
        }
        if (error)
            return Error{ErrorCode::BadInput, "The folder \"" + name + "\" cannot be listed (" + error.message() +
                                                  "); check its permissions."};
    }
    std::sort(files.begin(), files.end());
    files.erase(std::unique(files.begin(), files.end()), files.end());
    return files;
}

std::string dayText(std::int64_t time) {
    const auto seconds = std::time_t(time);
    std::tm day{};
    std::string text(10, ' ');
    if (::localtime_r(&seconds, &day) == nullptr || std::strftime(text.data(), 11, "%Y-%m-%d", &day) != 10) return "?";
    return text;
}

bool agreed(CommandContext& context, const QuotaPlan& plan, std::uint64_t quota) {
    std::ostream& err = context.io.err;
    err << "All sessions take " << byteText(plan.bytes) << ", the quota is " << byteText(quota)
        << ". Longest not used:\n";
    TextTable table({"session", "bytes", "of them cache", "last used"});
    for (const auto& session : plan.strip)
        table.add({printable(session.file.string()), byteText(session.bytes), byteText(session.cache_bytes),
                   dayText(session.used)});
    table.print(err);
    if (plan.after > quota) err << "Even without these caches " << byteText(plan.after) << " stay.\n";
    err << "Drop the cache of " << (plan.strip.size() == 1 ? "this session" : "these sessions")
        << "? Texts and conversations stay; the documents are read again when they are needed. [y/N] " << std::flush;
    std::string answer;
    return std::getline(context.io.in, answer) && (answer == "y" || answer == "Y" || answer == "yes");
}

/// Each of them; one that cannot be stripped does not keep the others from it. Returns the status of the first that
/// could not.
int stripAll(Engine& engine, const std::vector<fs::path>& files, bool json, CommandContext& context) {
    int status = kDone;
    bool any = false;
    for (const auto& file : files) {
        if (context.stop.stop_requested()) return report(context, {ErrorCode::Interrupted, "Interrupted."});
        const auto sizes = engine.stripSession(file);
        if (!sizes) {
            const int failed = reportSession(context, sizes.error(), file.string());
            if (status == kDone) status = failed;
            continue;
        }
        any = true;
        writeSizes(context.io.out, file.string(), *sizes, json);
    }
    if (any) say(context, "Texts and conversations are kept; the next ask or ingest reads the documents again.");
    return status;
}

int stripToQuota(Engine& engine, const StripFlags& flags, const std::vector<fs::path>& files, CommandContext& context) {
    std::vector<SessionOnDisk> sessions;
    for (const auto& file : files) {
        const auto session = engine.sessionOnDisk(file);
        if (session)
            sessions.push_back(*session);
        else
            say(context, session.error().message + " It is left alone and not counted.");
    }
    const QuotaPlan plan = planQuota(std::move(sessions), *flags.quota);
    if (plan.strip.empty()) {
        say(context, "All sessions take " + byteText(plan.bytes) +
                         (plan.bytes <= *flags.quota ? ", no more than the quota: nothing has to go."
                                                     : " and have no cache to drop."));
        return kDone;
    }
    if (!flags.yes && !agreed(context, plan, *flags.quota)) {
        say(context, "Nothing was changed; --yes strips without asking.");
        return kUsage;
    }
    std::vector<fs::path> chosen;
    for (const auto& session : plan.strip) chosen.push_back(session.file);
    return stripAll(engine, chosen, flags.json, context);
}

int strip(const StripFlags& flags, CommandContext& context) {
    const auto engine = context.make_engine({});
    if (!engine) return report(context, engine.error());
    const auto files = sessionFiles(flags.names);
    if (!files) return report(context, files.error());
    if (flags.quota) return stripToQuota(**engine, flags, *files, context);
    const auto folder = std::find_if(flags.names.begin(), flags.names.end(),
                                     [](const std::string& name) { return fs::is_directory(name); });
    if (folder != flags.names.end())
        return report(context, {ErrorCode::Usage, "\"" + *folder +
                                                      "\" is a folder; name the sessions to strip, or a "
                                                      "--quota for those inside."});
    return stripAll(**engine, *files, flags.json, context);
}

}  // namespace

Action declareStrip(CLI::App& app) {
    const auto flags = std::make_shared<StripFlags>();
    app.add_option("session", flags->names, "Session files (.lectern); with --quota folders of them too")
        ->required()
        ->check(CLI::ExistingPath);
    takeSize(*app.add_option(
        "--quota", flags->quota,
        "Strip the least recently used until all of them together take no more, as in 20GB; asks first"));
    app.add_flag("--yes", flags->yes, "Do not ask");
    addJson(app, flags->json);
    return [flags](CommandContext& context) { return strip(*flags, context); };
}

}  // namespace lectern::cli
