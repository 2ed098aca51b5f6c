// SPDX-License-Identifier: GPL-3.0-or-later
// lectern-cli ask: a question, its answer as it is made, and the pages it attended to.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <iterator>
#include <nlohmann/json.hpp>
#include <ostream>
#include <random>

#include "app/cli/command.h"
#include "app/cli/coverage.h"
#include "app/cli/exit_status.h"
#include "app/cli/fork_place.h"
#include "app/cli/json_text.h"
#include "app/cli/options.h"
#include "app/cli/session_reading.h"
#include "app/cli/text_table.h"
#include "engine/machine.h"

namespace lectern::cli {

namespace {

constexpr std::size_t kPassageColumns = 160;

struct AskFlags {
    std::string session, from, prompt_template;
    AskRequest request;
    EngineFlags engine;
    std::optional<std::uint64_t> seed;
    bool json = false;
};

/// Names of the documents that an answer did not read.
std::vector<std::string> namesOff(const Session& session, const Message& message) {
    std::vector<std::string> names;
    for (const DocumentInfo& document : session.documents()) {
        if (std::find(message.without.begin(), message.without.end(), document.id) != message.without.end())
            names.push_back(document.name);
    }
    return names;
}

void printAnswerEnd(Streams& io, const Message& message) {
    io.out << "\n";
    if (!message.citations.empty()) io.out << "\nPages attended to, with their share of the attention:\n";
    for (const Citation& citation : message.citations) {
        const std::string page = citation.page_label.empty() ? std::to_string(citation.page) : citation.page_label;
        io.out << "  [" << oneLine(citation.document, 60) << " p. " << oneLine(page, 12) << "]  "
               << percentText(citation.share) << "\n      " << oneLine(citation.text, kPassageColumns) << "\n";
    }
    io.out.flush();
    const AnswerLedger& ledger = message.ledger;
    io.err << countText(ledger.tokens_reused) << " tokens reused, " << countText(ledger.tokens_new)
           << " new; first token after " << numberText(ledger.seconds_to_first_token, 2) << " s; "
           << numberText(ledger.decode_tokens_per_s, 1) << " tokens/s; seed " << ledger.seed << std::endl;
}

/// What opening the session spared: "812,344 tokens restored in 6.9 s; about 38 min of reading saved".
void printReceipt(Streams& io, const std::optional<Restored>& restored) {
    if (!restored) return;
    io.err << countText(restored->tokens) << " tokens restored in " << numberText(restored->seconds, 2) << " s";
    const double minutes = restored->reading_seconds / 60;
    if (restored->reading_seconds > restored->seconds && restored->reading_seconds >= 1)
        io.err << "; about "
               << (minutes < 1 ? numberText(restored->reading_seconds, 0) + " s" : numberText(minutes, 0) + " min")
               << " of reading saved";
    io.err << std::endl;
}

void writeAnswer(Streams& io, const std::string& branch, const Message& message, const std::vector<std::string>& off,
                 const std::optional<Restored>& restored) {
    Json line = {{"event", "answer"}, {"branch", branch}};
    line.update(messageJson(message));
    line["without"] = off;
    if (restored) line["ledger"]["restored"] = restoredJson(*restored);
    writeLine(io.out, line);
}

int ended(CommandContext& context, const Message& message) {
    if (message.stop == StopReason::Interrupted) {
        say(context, "Interrupted; the answer as far as it went is kept in the session.");
        return kInterrupted;
    }
    if (message.stop == StopReason::MaxTokens) say(context, "The answer was cut off at --max-tokens.");
    return kDone;
}

/// Errors: Usage where the session frames questions otherwise: what is read already stands in its frame.
Status checkTemplate(const AskFlags& flags, const Session& session) {
    const std::string own = session.promptFrame().name;
    if (flags.prompt_template.empty() || flags.prompt_template == own) return {};
    return Error{ErrorCode::Usage, "\"" + flags.session + "\" was begun with the template " + own +
                                       " and keeps it: leave --template out, or begin a new session with ingest "
                                       "--template."};
}

int ask(AskFlags& flags, CommandContext& context) {
    AskRequest& request = flags.request;
    if (request.question == "-") request.question.assign(std::istreambuf_iterator<char>(context.io.in), {});
    // Greedy answers need no seed; sampled ones get one that the ledger names.
    if (flags.seed || request.sampler.temperature > 0) {
        request.sampler.seed = flags.seed ? *flags.seed : std::random_device()();
    }
    const auto engine = context.make_engine(flags.engine.options);
    if (!engine) return report(context, engine.error());
    const auto session = (*engine)->openSession(flags.session, flags.engine.model);
    if (!session) return reportSession(context, session.error(), flags.session);
    if (auto same = checkTemplate(flags, **session); !same) return report(context, same.error());
    if (auto read = readStripped(context, **session); !read) return reportSession(context, read.error(), flags.session);
    if (!flags.from.empty()) {
        const ForkPlace place = forkPlace(**session, flags.from);
        const Status forked = (*session)->forkBranch(request.branch, place.branch, place.turns);
        if (!forked) return reportSession(context, forked.error(), flags.session);
    }
    warnAboutUnread(context, **session);
    if (const auto why = (*session)->readOnly(); !why.empty()) say(context, "The answer will not be saved: " + why);
    const auto on_text = [&](const std::string& text) {
        if (flags.json)
            writeLine(context.io.out, {{"event", "token"}, {"text", text}});
        else
            context.io.out << printable(text) << std::flush;
    };
    const auto message = (*session)->ask(request, on_text, context.stop);
    if (!message) return reportSession(context, message.error(), flags.session);
    const auto off = namesOff(**session, *message);
    if (flags.json)
        writeAnswer(context.io, request.branch, *message, off, (*session)->restored());
    else
        printAnswerEnd(context.io, *message);
    printReceipt(context.io, (*session)->restored());
    if (!off.empty()) {
        say(context,
            (off.size() == 1 ? "\"" + off.front() + "\" was" : std::to_string(off.size()) + " documents were") +
                " off for this question. " + std::string(whatOffLeaves((*session)->mode())));
    }
    return ended(context, *message);
}

std::string seedProblem(const std::string& text) {
    std::uint64_t seed = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), seed);
    const bool number = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
    return number ? "" : "\"" + text + "\" is not a whole number from 0 to 18446744073709551615";
}

CLI::Option* addNumber(CLI::App& app, const char* name, double& value, const char* meaning, double low, double high) {
    return app.add_option(name, value, meaning)
        ->type_name("X")
        ->check([low, high](const std::string& text) { return numberProblem(text, low, high); })
        ->capture_default_str();
}

void addSampling(CLI::App& app, AskFlags& flags) {
    SamplerSettings& s = flags.request.sampler;
    addNumber(app, "--temperature", s.temperature, "0 takes the likeliest token each time", 0, 100);
    app.add_option("--top-k", s.top_k, "Sample from the K likeliest tokens; 0 = all")
        ->type_name("K")
        ->check(CLI::Range(0, 10'000'000))
        ->capture_default_str();
    addNumber(app, "--typical-p", s.typical_p,
              "Sample from the tokens of the most usual surprise that make up this share", 0, 1);
    addNumber(app, "--min-p", s.min_p, "Leave out tokens below this share of the likeliest", 0, 1);
    addNumber(app, "--top-p", s.top_p, "Sample from the likeliest tokens that make up this share", 0, 1);
    addNumber(app, "--repetition-penalty", s.repetition_penalty, "Above 1: fewer repetitions", 0.01, 100);
    addNumber(app, "--presence-penalty", s.presence_penalty, "Taken off the logit of what was said already", -100, 100);
    addNumber(app, "--frequency-penalty", s.frequency_penalty, "The same for each time it was said", -100, 100);
    addNumber(app, "--dry", s.dry_multiplier, "DRY: what saying a whole phrase again costs; 0 = off", 0, 100);
    addNumber(app, "--dry-base", s.dry_base, "How much more for each token that the phrase is longer", 1, 100);
    app.add_option("--dry-allowed-length", s.dry_allowed_length, "Tokens that may repeat before that")
        ->type_name("N")
        ->check(CLI::Range(0, 4096))
        ->capture_default_str();
    app.add_option("--seed", flags.seed, "Same seed, same answer (default: a new one each time)")
        ->type_name("N")
        ->check(seedProblem);
    app.add_option("--stop", flags.request.stop_strings, "End the answer before this text; may be repeated")
        ->type_name("TEXT")
        ->expected(1)
        ->check([](const std::string& text) { return text.empty() ? "a text is missing" : ""; })
        ->take_all();
}

}  // namespace

Action declareAsk(CLI::App& app) {
    const auto flags = std::make_shared<AskFlags>();
    AskRequest& request = flags->request;
    addSession(app, flags->session);
    app.add_option("QUESTION", request.question, "The question; - reads it from standard input")
        ->required()
        ->type_name("");
    app.add_option("--branch", request.branch, "The conversation; a new name begins a new one")
        ->type_name("NAME")
        ->capture_default_str();
    app.add_option("--from", flags->from,
                   "Begin the conversation of --branch with another one's, up to its answer number TURN or the last")
        ->type_name("NAME[:TURN]");
    app.add_option("--only", request.only, "Read this document alone for the question; may be repeated")
        ->type_name("NAME")
        ->expected(1)
        ->take_all();
    app.add_option("--without", request.without, "Do not read this document for the question; may be repeated")
        ->type_name("NAME")
        ->expected(1)
        ->take_all();
    app.add_option("--max-tokens", request.max_tokens, "Longest answer")
        ->type_name("N")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
    addSampling(app, *flags);
    app.add_option("--template", flags->prompt_template,
                   "The session's template must be this one; it is chosen when the session begins, by ingest "
                   "--template, and info names it")
        ->type_name("NAME");
    addModel(app, flags->engine, "Where the session's model is now, if it was moved");
    addDevice(app, flags->engine);
    addJson(app, flags->json);
    return [flags](CommandContext& context) { return ask(*flags, context); };
}

}  // namespace lectern::cli
