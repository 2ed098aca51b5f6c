// SPDX-License-Identifier: GPL-3.0-or-later
// lectern-cli info: what a session holds.
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <ostream>

#include "app/cli/command.h"
#include "app/cli/coverage.h"
#include "app/cli/exit_status.h"
#include "app/cli/options.h"
#include "app/cli/progress_line.h"
#include "app/cli/text_table.h"
#include "engine/machine.h"

namespace lectern::cli {

namespace {

struct InfoFlags {
    std::string session;
    EngineFlags engine;
    bool json = false, fidelity = false, compare = false;
};

/// Whether the ledger and the thresholds are known: not where only the file was looked at.
bool cacheThere(const Session& session) {
    return session.tokens() == 0 || session.memory().kvBytes() > 0;
}

Json infoJson(const Session& session) {
    Json documents = Json::array();
    for (const DocumentInfo& document : session.documents()) documents.push_back(documentJson(session, document));
    Json branches = Json::array();
    for (const BranchInfo& branch : session.branches()) {
        branches.push_back(branchJson(branch));
    }
    Json layers = Json::array();
    const auto statistics = session.statistics();
    for (std::size_t i = 0; i < statistics.size(); ++i) layers.push_back(layerJson(static_cast<int>(i), statistics[i]));
    const KvSettings kv = session.kvSettings();
    const auto fidelity = session.fidelity();
    const auto comparison = session.comparison();
    return {{"model", session.modelName()},
            {"model_path", session.modelPath().string()},
            {"fingerprint", session.fingerprint()},
            {"tokens", session.tokens()},
            {"trained_context", session.trainedContext()},
            {"template", session.promptFrame().name},
            {"mode", modeName(session.mode())},
            {"kv", {{"name", kv.name()}, {"outliers", kv.outliers}, {"sinks", kv.sinks}, {"window", kv.window}}},
            {"calibrated", cacheThere(session) ? Json(session.calibrated()) : Json()},
            {"fidelity", fidelity ? fidelityJson(*fidelity, session.calibrated()) : Json()},
            {"comparison", comparison ? comparisonJson(*comparison) : Json()},
            {"documents", std::move(documents)},
            {"branches", std::move(branches)},
            {"memory", memoryJson(session.memory())},
            {"layers", std::move(layers)}};
}

std::string branchText(const BranchInfo& branch) {
    const std::size_t count = branch.messages.size();
    const std::string from =
        branch.parent.empty() ? ""
                              : ", forked from " + oneLine(branch.parent, 40) + " after " + std::to_string(branch.turn);
    return oneLine(branch.name, 40) + " (" + std::to_string(count) + (count == 1 ? " question, " : " questions, ") +
           countText(branch.tokens) + " tokens" + from + ")";
}

void printLayers(std::ostream& out, const std::vector<LayerStatistics>& statistics) {
    if (statistics.empty()) return;
    TextTable table({"layer", "key SNR (dB)", "key outliers", "key drift", "value SNR (dB)", "value outliers"});
    for (std::size_t i = 0; i < statistics.size(); ++i) {
        const LayerStatistics& layer = statistics[i];
        table.add({std::to_string(i), numberText(layer.keys.snr_db, 1), percentText(layer.keys.outlier_share),
                   percentText(layer.keys.drift), numberText(layer.values.snr_db, 1),
                   percentText(layer.values.outlier_share)});
    }
    out << "\nQuantization\n";
    table.print(out);
}

void printFidelity(std::ostream& out, const Session& session) {
    const auto fidelity = session.fidelity();
    if (!fidelity) return;
    const std::string warning = fidelityWarning(*fidelity, session.calibrated());
    out << "\nFidelity to an fp16 cache: " << gradeName(gradeOf(*fidelity)) << "; same likeliest token at "
        << percentText(fidelity->top1_agreement) << " of " << countText(fidelity->tokens) << " places, KL divergence "
        << numberText(fidelity->kl_mean, 4) << " (99%: " << numberText(fidelity->kl_p99, 3) << ")\n";
    if (!warning.empty()) out << warning << '\n';
}

/// A setting's name, and what else sets it apart from the session's own.
std::string settingText(const KvSettings& kv, const KvSettings& own) {
    std::string text = kv.name();
    if (kv.raw()) return text;
    if (kv.qnorm != own.qnorm && kv.qnorm != QNorm::Auto) text += kv.qnorm == QNorm::On ? ", Q-Norm" : ", no Q-Norm";
    if (kv.sinks != own.sinks) text += ", " + std::to_string(kv.sinks) + " sinks";
    return text;
}

void printComparison(std::ostream& out, const Session& session) {
    const auto comparison = session.comparison();
    if (!comparison) return;
    TextTable table({"setting", "perplexity", "KL mean", "KL 99%", "same top token", "bytes a token"});
    for (const ComparedSetting& one : comparison->settings)
        table.add({settingText(one.kv, session.kvSettings()), numberText(one.perplexity, 4), numberText(one.kl_mean, 6),
                   numberText(one.kl_p99, 5), percentText(one.top1_agreement), numberText(one.bytes_per_token, 1)});
    out << "\nSettings on this session's text (" << countText(comparison->tokens) << " places)\n";
    table.print(out);
}

void printInfo(std::ostream& out, const Session& session) {
    const KvSettings kv = session.kvSettings();
    TextTable head;
    head.add({"model", oneLine(session.modelName(), 60)});
    head.add({"fingerprint", session.fingerprint()});
    const char* thresholds = kv.raw() || session.calibrated() || !cacheThere(session) ? "" : ", not calibrated";
    head.add({"cache", kv.name() + ", " + std::to_string(kv.sinks) + " sinks, window of " + std::to_string(kv.window) +
                           thresholds});
    const auto trained = std::uint64_t(session.trainedContext());
    head.add({"tokens", countText(session.tokens()) +
                            (trained > 0 ? " (the model was trained for " + countText(trained) + ")" : "")});
    head.add({"template", session.promptFrame().name});
    head.add({"mode", session.mode() == SessionMode::Shelf ? "shelf: documents do not see each other"
                                                           : "joint: each document sees those before it"});
    out << oneLine(session.file().filename().string(), 100) << '\n';
    head.print(out);
    for (const BranchInfo& branch : session.branches()) out << "  conversation " << branchText(branch) << '\n';
    out << '\n';
    printCoverage(out, session);
    out << '\n';
    if (cacheThere(session))
        printMemory(out, session.memory());
    else
        out << "Session file " << byteText(session.memory().file_bytes) << '\n';
    printLayers(out, session.statistics());
    printFidelity(out, session);
    printComparison(out, session);
}

int show(Session& session, const InfoFlags& flags, CommandContext& context) {
    session.checkSources();
    if (flags.json)
        writeLine(context.io.out, infoJson(session));
    else
        printInfo(context.io.out, session);
    return kDone;
}

/// The ledger counts bytes really allocated, so the cache is loaded for it; where that cannot be, the rest is shown
/// and the reason said.
std::unique_ptr<Session> loaded(Engine& engine, std::unique_ptr<Session> peeked, const std::string& file,
                                CommandContext& context) {
    if (cacheThere(*peeked)) return peeked;
    auto whole = engine.openSession(file);
    const Status loaded = whole ? (*whole)->finishLoading() : Status(whole.error());
    if (loaded) return std::move(*whole);
    say(context, "The cache's memory is not shown: " + loaded.error().message);
    return peeked;
}

/// Opens the session and measures what was asked for, with progress; results are kept in its file.
Result<std::unique_ptr<Session>> checked(Engine& engine, const InfoFlags& flags, CommandContext& context) {
    auto session = engine.openSession(flags.session);
    if (!session) return session;
    ProgressLine line(context.io.err, context.io.err_is_terminal ? context.io.columns : 0);
    const auto progress = [&](double done) { line.show(done, "comparing with an fp16 cache"); };
    if (flags.fidelity)
        if (auto result = (*session)->checkFidelity(progress, context.stop); !result) return result.error();
    if (flags.compare) {
        const auto settings = settingsToCompare((*session)->kvSettings());
        if (auto result = (*session)->compareSettings(settings, progress, context.stop); !result) return result.error();
    }
    return session;
}

int info(const InfoFlags& flags, CommandContext& context) {
    const auto engine = context.make_engine(flags.engine.options);
    if (!engine) return report(context, engine.error());
    if (flags.fidelity || flags.compare) {
        const auto session = checked(**engine, flags, context);
        if (!session) return reportSession(context, session.error(), flags.session);
        return show(**session, flags, context);
    }
    auto peeked = (*engine)->peekSession(flags.session);
    if (!peeked) return report(context, peeked.error());
    const auto session = loaded(**engine, std::move(*peeked), flags.session, context);
    return show(*session, flags, context);
}

}  // namespace

Action declareInfo(CLI::App& app) {
    const auto flags = std::make_shared<InfoFlags>();
    addSession(app, flags->session);
    app.add_flag("--fidelity", flags->fidelity,
                 "First compare the cache setting with fp16 on samples of the session's own text, and keep the result");
    app.add_flag("--compare", flags->compare,
                 "First measure other settings (bits, outliers, Q-Norm, sinks) on the same text, and keep the result");
    addDeviceAlone(app, flags->engine);
    addJson(app, flags->json);
    return [flags](CommandContext& context) { return info(*flags, context); };
}

}  // namespace lectern::cli
