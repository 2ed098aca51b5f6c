// SPDX-License-Identifier: GPL-3.0-or-later
// lectern-cli summarize: a summary, section by section, with the pages it comes from.
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <ostream>

#include "app/cli/command.h"
#include "app/cli/exit_status.h"
#include "app/cli/options.h"
#include "app/cli/progress_line.h"
#include "app/cli/session_reading.h"
#include "app/cli/summary_text.h"
#include "app/cli/text_file.h"
#include "app/cli/text_table.h"

namespace lectern::cli {

namespace fs = std::filesystem;

namespace {

struct SummarizeFlags {
    std::string session, length = "medium", out;
    std::vector<std::string> documents, sections;
    SummaryRequest request;
    EngineFlags engine;
    bool json = false;
};

/// Before the work, so that it is not done for nothing. Errors: Usage.
Status checkOut(const CommandContext& context, const fs::path& out) {
    if (out.empty()) return {};
    const std::string kind = out.extension().string();
    if (kind == ".pdf") {
        if (auto possible = checkPdf(context, out); !possible) return possible;
    } else if (kind != ".md" && kind != ".html" && kind != ".htm") {
        return Error{ErrorCode::Usage, "\"" + out.string() + "\" must end in .md, .html or .pdf."};
    }
    std::error_code ignored;
    const fs::path folder = out.has_parent_path() ? out.parent_path() : fs::path(".");
    if (!fs::is_directory(folder, ignored))
        return Error{ErrorCode::Usage, "There is no folder \"" + folder.string() + "\" to write a summary in."};
    return {};
}

/// Shows a summary as it grows: as lines of JSON, or as text where no file was asked for.
class Shown {
public:
    Shown(CommandContext& context, const SummarizeFlags& flags)
        : m_context(context),
          m_io(context.io),
          m_json(flags.json),
          m_text(!flags.json && flags.out.empty()),
          m_line(context.io.err, context.io.err_is_terminal ? context.io.columns : 0) {}

    void operator()(const SummaryEvent& event) {
        if (event.kind == SummaryEvent::Kind::Begin) begin(event);
        if (event.kind == SummaryEvent::Kind::Text && m_text && !event.summary->quotes) grow(event);
        if (event.kind == SummaryEvent::Kind::Section) section(event);
        if (event.kind == SummaryEvent::Kind::Lead) lead(event);
        progress(event);
    }
    void clear() { m_line.clear(); }

private:
    void begin(const SummaryEvent& event) {
        Json sections = Json::array();
        for (const PlannedSection& planned : event.plan->sections) {
            sections.push_back({{"title", planned.title},
                                {"level", planned.level},
                                {"first_page", planned.first_page + 1},
                                {"last_page", planned.last_page + 1},
                                {"tokens", planned.token_end - planned.token_begin}});
        }
        const int kept = event.plan->kept;
        if (m_json)
            writeLine(m_io.out,
                      {{"event", "plan"}, {"sections", sections}, {"lead", event.plan->lead}, {"kept", kept}});
        if (kept > 0)
            say(m_context, "Going on after " + std::to_string(kept) + " of " +
                               std::to_string(event.plan->sections.size()) + " sections, which an earlier run kept.");
    }
    void heading(const SummaryEvent& event) {
        if (m_headed) return;
        m_headed = true;
        m_line.clear();
        const bool lead = event.done == event.total;
        m_io.out << (m_any ? "\n" : "")
                 << (lead ? "In short" : oneLine(event.plan->sections[std::size_t(event.done)].title, 200)) << "\n";
        m_any = true;
    }
    void grow(const SummaryEvent& event) {
        heading(event);
        m_io.out << printable(event.text) << std::flush;
    }
    void rest(const Summary& summary, const std::string& text, const std::vector<Citation>& citations) {
        if (summary.quotes) {
            m_io.out << sentencesText(text, citations);
        } else {
            m_io.out << (text.empty() ? "(nothing)\n" : "\n");
            if (!citations.empty()) m_io.out << "  " << citedPages(citations) << "\n";
        }
        m_io.out.flush();
        m_headed = false;
    }
    void section(const SummaryEvent& event) {
        const SummarySection& done = event.summary->sections.back();
        if (m_json) {
            Json line = {{"event", "section"}, {"index", event.done - 1}, {"of", event.total}};
            line.update(sectionJson(done));
            writeLine(m_io.out, line);
        }
        if (!m_text) return;
        SummaryEvent before = event;
        --before.done;
        heading(before);
        rest(*event.summary, done.text, done.citations);
    }
    void lead(const SummaryEvent& event) {
        const Summary& summary = *event.summary;
        if (!m_text || summary.lead.empty()) return;
        heading(event);
        rest(summary, summary.lead, summary.lead_citations);
    }
    void progress(const SummaryEvent& event) {
        if (event.total == 0 || (m_text && m_headed)) return;
        std::string text = std::to_string(event.done) + " of " + std::to_string(event.total) + " sections";
        if (event.seconds_left > 1) text += ", " + durationText(event.seconds_left) + " left";
        m_line.show(double(event.done) / double(event.total), text);
    }

    CommandContext& m_context;
    Streams& m_io;
    bool m_json, m_text, m_any = false, m_headed = false;
    ProgressLine m_line;
};

int ended(const SummarizeFlags& flags, CommandContext& context, const Summary& summary) {
    if (flags.json) {
        Json line = {{"event", "summary"}};
        line.update(summaryJson(summary));
        writeLine(context.io.out, line);
    }
    if (!flags.out.empty()) {
        const fs::path out = flags.out, kind = out.extension();
        const std::string text = kind == ".md" ? summaryMarkdown(summary) : summaryHtml(summary);
        const Status written = kind == ".pdf" ? context.print_pdf(text, out) : writeFile(out, text);
        if (!written) return report(context, written.error());
    }
    const SummaryLedger& ledger = summary.ledger;
    say(context, std::to_string(summary.sections.size()) + " of " + std::to_string(summary.planned) + " sections in " +
                     durationText(ledger.seconds) + "; " + std::to_string(ledger.tokens_reused) +
                     " tokens of documents reused, " + std::to_string(ledger.tokens_new) + " new.");
    if (summary.finished) return kDone;
    say(context,
        "Interrupted; the sections that were done are kept in the session, unless it has a finished summary "
        "of the same, and the same command goes on after them.");
    return kInterrupted;
}

int summarize(SummarizeFlags& flags, CommandContext& context) {
    SummaryRequest& request = flags.request;
    if (auto possible = checkOut(context, flags.out); !possible) return report(context, possible.error());
    request.length = flags.length == "short"  ? SummaryLength::Short
                     : flags.length == "long" ? SummaryLength::Long
                                              : SummaryLength::Medium;
    const auto engine = context.make_engine(flags.engine.options);
    if (!engine) return report(context, engine.error());
    const auto session = (*engine)->openSession(flags.session, flags.engine.model);
    if (!session) return reportSession(context, session.error(), flags.session);
    auto parts = summaryParts((*session)->documents(), flags.documents, flags.sections);
    if (!parts) return report(context, parts.error());
    request.parts = std::move(*parts);
    if (auto read = readStripped(context, **session); !read) return reportSession(context, read.error(), flags.session);
    warnAboutUnread(context, **session);
    if (const auto why = (*session)->readOnly(); !why.empty()) say(context, "The summary will not be saved: " + why);
    Shown shown(context, flags);
    const auto summary = (*session)->summarize(request, std::ref(shown), context.stop);
    shown.clear();
    if (!summary) return reportSession(context, summary.error(), flags.session);
    return ended(flags, context, *summary);
}

}  // namespace

Action declareSummarize(CLI::App& app) {
    const auto flags = std::make_shared<SummarizeFlags>();
    addSession(app, flags->session);
    app.add_option("--document", flags->documents,
                   "Summarize this document (default: all that are on); may be repeated")
        ->type_name("NAME")
        ->expected(1)
        ->take_all();
    app.add_option("--section", flags->sections,
                   "Summarize this entry of the outline, with those below it; may be repeated")
        ->type_name("TITLE")
        ->expected(1)
        ->take_all();
    app.add_option("--length", flags->length, "short, medium or long")
        ->type_name("LENGTH")
        ->check(CLI::IsMember({"short", "medium", "long"}))
        ->capture_default_str();
    app.add_option("--max-tokens", flags->request.max_tokens,
                   "Longest summary of a section (default: as the length asks)")
        ->type_name("N")
        ->check(CLI::Range(1, 1'000'000));
    app.add_option("--out", flags->out, "Write the summary to this file: .md, .html or .pdf (default: standard output)")
        ->type_name("FILE");
    addModel(app, flags->engine, "Where the session's model is now, if it was moved");
    addDevice(app, flags->engine);
    addJson(app, flags->json);
    return [flags](CommandContext& context) { return summarize(*flags, context); };
}

}  // namespace lectern::cli
